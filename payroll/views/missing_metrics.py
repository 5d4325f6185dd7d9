"""Typing in the figure without which a payslip could not be settled."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
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
    slip = get_object_or_404(slips, period=pay_month.period, number=number)
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
