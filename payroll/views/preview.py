"""The page that shows what a draft of rules would have cost, for whoever publishes it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.paging import PAGE, page_of
from payroll.settlement.preview import preview
from people.models import AccessLog
from people.selectors import departments_visible_to, may
from people.services import access_log
from people.web import account_of
from rules.selectors import draft_of


@require_safe
def rules_preview(request: HttpRequest, code: str) -> HttpResponse:
    """Last month under the draft and under the version before it, who differs most first, 50 to a page."""
    account = account_of(request)
    department = get_object_or_404(departments_visible_to(account), code=code)
    if not (may(account, "publish_rules", department) and may(account, "view_pay", department)):
        raise PermissionDenied("预览要有发布制度和查看工资的权限。")
    draft = draft_of(department)
    if draft is None:
        raise Http404("没有草案")
    found = preview(draft, on=timezone.localdate())
    access_log(
        what=AccessLog.What.PERIOD, department=department, month=found.month, by=account, at=timezone.now()
    )
    shown = {
        "department": department,
        "draft": draft,
        "preview": found,
        "provisions": found.provisions[:PAGE],
        "page": page_of(request, found.changed),
    }
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, "payroll/preview_part.html" if is_part else "payroll/preview.html", shown)
