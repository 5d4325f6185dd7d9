"""The page that shows what a draft of rules would have cost, for whoever publishes it."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.paging import PAGE, page_of
from core.periods import parse_month
from payroll.settlement.preview import preview, preview_months
from people.models import AccessLog
from people.selectors import departments_visible_to, may
from people.services import access_log
from people.web import account_of
from rules.collisions import new_collisions
from rules.models import Provision, Version
from rules.selectors import draft_of


@require_safe
def rules_preview(request: HttpRequest, code: str) -> HttpResponse:
    """A month under the draft and under the version before it, who differs most first, 50 to a page.

    The last approved month, or the one that `month` names (`2026-10`).
    """
    account = account_of(request)
    department = get_object_or_404(departments_visible_to(account), code=code)
    if not (may(account, "publish_rules", department) and may(account, "view_pay", department)):
        raise PermissionDenied("预览要有发布制度和查看工资的权限。")
    draft = draft_of(department)
    if draft is None:
        raise Http404("没有草案")
    found = preview(draft, on=timezone.localdate(), month=_chosen(request))
    access_log(
        what=AccessLog.What.PERIOD, department=department, month=found.month, by=account, at=timezone.now()
    )
    shown = {
        "department": department,
        "draft": draft,
        "preview": found,
        "months": preview_months(department),
        "collisions": [
            (each, [(one, found.cost_of(one.codes)) for one in each.regulations])
            for each in new_collisions(_sourced(draft), _sourced(draft.base))
        ],
        "provisions": found.provisions[:PAGE],
        "page": page_of(request, found.changed),
    }
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, "payroll/preview_part.html" if is_part else "payroll/preview.html", shown)


def _chosen(request: HttpRequest) -> date | None:
    try:
        return parse_month(request.GET.get("month", ""))
    except ValueError:
        return None


def _sourced(version: Version | None) -> list[Provision]:
    rows = Provision.objects.filter(version=version) if version else Provision.objects.none()
    return list(rows.select_related("source__edition__rulebook").order_by("position"))
