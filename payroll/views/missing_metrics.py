"""Typing in the figure without which a payslip could not be settled."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from commissions.errors import CommissionRefused
from payroll.forms import MissingMetricForm
from payroll.models import Payslip
from payroll.services.missing_metrics import missing_metric_record
from payroll.views.common import begun, pay_month_of


@require_POST
def pay_slip_metric(request: HttpRequest, code: str, month: date, number: str) -> HttpResponse:
    """Record what a failed payslip lacks; back to the month, where it is settled again."""
    pay_month = begun(pay_month_of(request, code, month, action="import_data"))
    slips = Payslip.objects.select_related("staff__department", "period__department")
    # Of who came back within the month it is the payslip that failed.
    slip = slips.filter(period=pay_month.period, number=number).order_by("failure").last()
    if slip is None:
        raise Http404
    form = MissingMetricForm(request.POST, code=slip.failure_cause.get("metric", ""))
    if not form.is_valid():
        wrong = " ".join(str(each) for each in form.errors["value"])
        messages.error(request, f"没有记下{slip}的指标：{wrong}")
        return redirect(pay_month.url)
    try:
        metric = missing_metric_record(
            slip=slip, value=form.cleaned_data["value"], by=pay_month.account, at=timezone.now()
        )
        messages.success(request, f"已记下“{metric}”，重新结算后计入。")
    except CommissionRefused as refused:
        messages.error(request, f"没有记下：{refused}。")
    return redirect(pay_month.url)
