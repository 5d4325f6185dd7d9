"""Bundles for arbitration, as archives: of one payslip line, of one complaint case."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from complaints.selectors.cases import cases_visible_to, sees_whole
from core.downloads import zip_download
from payroll.bundles.cases import case_bundle
from payroll.bundles.lines import line_bundle
from payroll.models import PayLine
from payroll.views.payslips import slip_of
from people.models import AccessLog
from people.selectors import may
from people.services import access_log
from people.web import account_of

RELATED = (
    "payslip__period__department",
    "payslip__period__prepared_by",
    "payslip__period__approved_by",
    "payslip__period__paid_by",
    "payslip__staff",
    "provision__version",
)


@require_safe
def pay_slip_bundle(request: HttpRequest, code: str, month: date, number: str, line: int) -> HttpResponse:
    """Everything about one line of an approved month; 404 for a draft, whose lines still change."""
    pay_month, slip = slip_of(request, code, month, number)
    if not pay_month.period.is_frozen:
        raise Http404
    row = get_object_or_404(PayLine.objects.select_related(*RELATED), payslip=slip, pk=line)
    name, content = line_bundle(row, by=pay_month.account, at=timezone.now())
    return zip_download(f"仲裁材料-{name}.zip", content)


@require_safe
def case_bundle_zip(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one case, for who sees it whole and the department's pay; whose pay is noted."""
    account, now = account_of(request), timezone.now()
    rows = cases_visible_to(account).select_related("department", "provision__version", "about", "order")
    case = get_object_or_404(rows.select_related("recorded_by"), pk=pk)
    if not (sees_whole(account, case.department) and may(account, "view_pay", case.department)):
        raise Http404
    name, content, lines = case_bundle(case, by=account, at=now)
    for slip in {each.payslip_id: each.payslip for each in lines}.values():
        access_log(
            what=AccessLog.What.PAYSLIP,
            department=slip.period.department,
            month=slip.period.month,
            staff=slip.staff,
            payslip=slip.pk,
            by=account,
            at=now,
        )
    return zip_download(f"仲裁材料-{name}.zip", content)
