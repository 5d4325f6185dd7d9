"""Pages of cases: the list, its workbook, one case, what is attached to it."""

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from complaints.exports import cases_export
from complaints.forms.cases import PLAIN, CaseFilter
from complaints.models import Case
from complaints.selectors.board import rows_of
from complaints.selectors.cases import attachments_of, cases_visible_to
from complaints.selectors.types import PLAIN_TITLE, types_seen
from complaints.views.page import case_asked, case_page
from core.downloads import workbook_download
from core.paging import page_of
from files.views import served
from people.selectors import departments_where
from people.web import account_of


@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """The cases that the account sees, 50 to a page, what ends first on top; eleven queries."""
    account, now = account_of(request), timezone.now()
    rows, form = _found(request)
    page = page_of(request, rows)
    shown = {
        "form": form,
        "page": page,
        "rows": list(rows_of(list(page.object_list), now)),
        "plain_title": PLAIN_TITLE,
        "may_record": departments_where(account, "record_cases").exists(),
        "sees_whole": departments_where(account, "view_cases").exists(),
    }
    return render(request, "complaints/cases.html", shown)


@require_safe
def cases_workbook(request: HttpRequest) -> FileResponse:
    """The same cases as a workbook, without who complained."""
    rows, _ = _found(request)
    today, now = timezone.localdate(), timezone.now()
    return workbook_download(
        f"投诉案件 {today}.xlsx", lambda target: cases_export(cases=rows, now=now, target=target)
    )


def _found(request: HttpRequest) -> tuple[QuerySet[Case], CaseFilter]:
    account = account_of(request)
    seen = cases_visible_to(account)
    types = [(code or PLAIN, title) for code, title in types_seen(seen)]
    form = CaseFilter(request.GET.dict(), types=types)
    rows = form.apply(seen, account=account, now=timezone.now())
    return rows.select_related("department", "provision", "holder", "order"), form


@require_safe
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One case: where it stands, its clocks with their arithmetic, the step to take, what has happened."""
    return case_page(request, case_asked(request, pk))


@require_safe
def case_file(request: HttpRequest, pk: int, name: str) -> FileResponse:
    """What is attached to a case: pictures are shown, a PDF is downloaded."""
    rows = attachments_of(case_asked(request, pk), account_of(request))
    return served(get_object_or_404(rows, stored_name=name))
