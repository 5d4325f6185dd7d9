"""Giving a month's payslips to its people: who confirmed theirs, reminding the others, printing them."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.downloads import pdf_shown
from core.paging import page_of
from payroll.errors import ConfirmationRefused, PaperRefused
from payroll.forms import MOST_PAPERS, PaperForm
from payroll.models import Payslip, SettlementPeriod
from payroll.papers import Options, payslips_paper, slips_to_print
from payroll.selectors.confirmations import confirmation_progress, unconfirmed
from payroll.services.confirmations import ACTION, confirmations_remind
from payroll.views.common import begun, looked_at_month, pay_month_of
from people.models import AccessLog
from people.services import access_log
from people.web import id_from


@require_safe
def pay_handout(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Who has not confirmed the own payslip, and what to print; nothing before the month is approved."""
    pay_month = begun(pay_month_of(request, code, month))
    period = pay_month.period
    looked_at_month(pay_month)
    shown = {
        "pay_month": pay_month,
        "tab": "handout",
        "period": period,
        "progress": confirmation_progress(period) if period.is_frozen else None,
        "page": page_of(request, unconfirmed(period)) if period.is_frozen else None,
        "may_remind": ACTION in pay_month.actions,
        "form": PaperForm(period=period) if period.is_frozen else None,
    }
    return render(request, "payroll/handout.html", shown)


@require_POST
def pay_remind(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Remind everybody who has not confirmed."""
    pay_month = begun(pay_month_of(request, code, month, action=ACTION))
    try:
        told = confirmations_remind(period=pay_month.period, by=pay_month.account, at=timezone.now())
    except ConfirmationRefused as refused:
        messages.error(request, f"没有提醒：{refused}。")
    else:
        said = f"已提醒 {told} 人。" if told else "没有新的提醒：没有确认的人今天都提醒过，或者没有账号。"
        messages.success(request, said)
    return redirect("pay_handout", *pay_month.args)


@require_safe
def pay_papers(request: HttpRequest, code: str, month: date) -> HttpResponseBase:
    """The month's payslips as a PDF: everybody's, a team's or one person's (`number`), so many a file."""
    pay_month = begun(pay_month_of(request, code, month))
    period = pay_month.period
    try:
        slips, options = _asked(request, period)
    except PaperRefused as refused:
        messages.error(request, f"没有打印：{refused}。")
        return redirect("pay_handout", *pay_month.args)
    if len(slips) == 1:
        access_log(
            what=AccessLog.What.PAYSLIP,
            department=period.department,
            month=period.month,
            staff=slips[0].staff,
            payslip=slips[0].pk,
            by=pay_month.account,
            at=timezone.now(),
        )
    else:
        looked_at_month(pay_month, AccessLog.What.EXPORT)
    name = f"工资条-{period.department.name}-{period.month:%Y-%m}.pdf"
    return pdf_shown(name, payslips_paper(slips, options=options, at=timezone.now()))


def _asked(request: HttpRequest, period: SettlementPeriod) -> tuple[list[Payslip], Options]:
    """The payslips that the address asks for. PaperRefused where there are none, or not yet."""
    if not period.is_frozen:
        raise PaperRefused(f"{period}还没有批准，工资条还会变", "批准以后再打印")
    form = PaperForm(request.GET, period=period)
    if not form.is_valid():
        raise PaperRefused("没有这样的小组、工号或册数", "在这里重新选")
    given = form.cleaned_data
    wanted = {key: given[key] for key in ("team", "number") if given[key]}
    if employment := id_from(request.GET.get("employment", "")):
        wanted["staff"] = employment
    start = MOST_PAPERS * ((given["part"] or 1) - 1)
    slips = period.payslips.filter(failure="", **wanted).order_by("team", "number", "pk")
    found = list(slips_to_print(slips)[start : start + MOST_PAPERS])
    if not found:
        raise PaperRefused("没有这样的工资条", "换一个小组、工号或分册")
    return found, Options(given["with_lines"], given["with_trace"])
