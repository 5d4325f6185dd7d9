"""What people owe who have left or moved: the list with its history, paying back, writing off, a workbook."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.downloads import workbook_download
from core.paging import page_of
from payroll.exports import debts_export
from payroll.forms import DebtForm
from payroll.models import DebtEntry
from payroll.selectors.debts import debt_steps, debts_of_leavers, paid_now_in
from payroll.services.debts import ACTIONS, debt_settle
from people.models import Account
from people.selectors import departments_where
from people.web import account_of, do


def _rows(account: Account) -> Any:
    departments = departments_where(account, "view_pay")
    if not departments.exists():
        raise Http404
    return debts_of_leavers(departments, on=timezone.localdate()).select_related(
        "payslip__period__department", "payslip__staff"
    )


@require_safe
def debts(request: HttpRequest) -> HttpResponse:
    """The debts of the departments whose pay the account sees; first what is still owed."""
    account = account_of(request)
    is_open = request.GET.get("state") != "all"
    rows = _rows(account)
    page = page_of(request, rows.filter(rest__gt=0) if is_open else rows)
    lines = list(page.object_list)
    steps = debt_steps([line.pk for line in lines])
    now = paid_now_in([line.payslip.staff_id for line in lines], on=timezone.localdate())
    allowed = {
        kind: set(departments_where(account, action).values_list("pk", flat=True))
        for kind, action in ACTIONS.items()
    }
    for line in lines:
        line.steps, line.now = steps.get(line.pk, []), now.get(line.payslip.staff_id)
        department = line.payslip.period.department_id
        line.kinds = [(kind.value, kind.label) for kind, places in allowed.items() if department in places]
    shown = {"page": page, "is_open": is_open, "today": timezone.localdate()}
    return render(request, "payroll/debts.html", shown)


@require_POST
def debt_enter(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter what was paid back or is written off of one debt."""
    account = account_of(request)
    line = get_object_or_404(_rows(account), pk=pk)
    form = DebtForm(request.POST)
    if not form.is_valid():
        messages.error(request, "没有登记：请填种类、金额、日期和凭据或理由。")
        return redirect("debts")
    given = form.cleaned_data
    return do(
        request,
        lambda: debt_settle(line=line, **given, by=account, at=timezone.now()),
        f"已登记{line.payslip}的{DebtEntry.Kind(given['kind']).label}{given['amount']}元。",
        "debts",
    )


@require_safe
def debts_workbook(request: HttpRequest) -> FileResponse:
    """The list with its history, as a workbook."""
    return workbook_download("欠款.xlsx", partial(debts_export, _rows(account_of(request))))
