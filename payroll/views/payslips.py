"""A payslip with the trace of every line, and its orders, for those who see the department's pay."""

from datetime import date

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from payroll.models import Objection, Payslip
from payroll.selectors.statement import statement_settled
from payroll.selectors.statement_terms import with_facts
from payroll.selectors.ways_out import ways_out
from payroll.trace_parts import sheet_of
from payroll.views.common import PayMonth, begun, pay_month_of
from payroll.views.statement import asked_of, statement_shown
from people.models import AccessLog
from people.services import access_log
from people.web import id_from


@require_safe
def pay_slip(request: HttpRequest, code: str, month: date, number: str) -> HttpResponse:
    """One payslip; looking at somebody else's is noted."""
    pay_month, slip = slip_of(request, code, month, number)
    objections = Objection.objects.filter(period=pay_month.period, staff=slip.staff_id).select_related(
        "answered_by", "manual_line__period"
    )
    shown = {
        "pay_month": pay_month,
        "period": pay_month.period,
        "slip": slip,
        "sheet": sheet_of(slip, objections),
        "way": ways_out(pay_month.period, [slip], pay_month.actions)[0] if slip.failure else None,
        "may_answer": "answer_objections" in pay_month.actions,
        "others": slips_beside(slip),
    }
    return render(request, "payroll/slip.html", shown)


@require_safe
def pay_slip_orders(request: HttpRequest, code: str, month: date, number: str) -> HttpResponseBase:
    """The statement of the orders that the payslip was settled on."""
    pay_month, slip = slip_of(request, code, month, number)
    shown = {
        "pay_month": pay_month,
        "period": pay_month.period,
        "slip": slip,
        "others": slips_beside(slip),
    }
    statement = statement_settled([slip], **asked_of(request))
    return statement_shown(request, statement, "payroll/slip_orders.html", shown)


def slips_beside(slip: Payslip) -> QuerySet[Payslip]:
    """The month's other payslips with the same number, of who came back within it."""
    others = Payslip.objects.filter(period=slip.period_id, number=slip.number).exclude(pk=slip.pk)
    return others.select_related("staff")


def slip_of(request: HttpRequest, code: str, month: date, number: str) -> tuple[PayMonth, Payslip]:
    """The payslip of the address where the account sees the pay, else 404; looking at another's is noted.

    Who came back within the month has two with one number: the last, or the one of `?employment=`.
    """
    pay_month = begun(pay_month_of(request, code, month))
    found = Payslip.objects.filter(period=pay_month.period, number=number)
    slips = with_facts(found.select_related("period", "staff__department"))
    if employment := id_from(request.GET.get("employment", "")):
        slips = slips.filter(staff=employment)
    slip = slips.order_by("staff__joined_on").last()
    if slip is None:
        raise Http404
    if slip.staff.account_id != pay_month.account.pk:
        access_log(
            what=AccessLog.What.PAYSLIP,
            department=pay_month.period.department,
            month=pay_month.period.month,
            staff=slip.staff,
            payslip=slip.pk,
            by=pay_month.account,
            at=timezone.now(),
        )
    return pay_month, slip
