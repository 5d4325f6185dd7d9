"""Fixing the day on which a month is paid."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from payroll.errors import PeriodRefused
from payroll.forms import PayDayForm
from payroll.services.pay_day import ACTION, pay_day_moved, pay_day_set
from payroll.views.common import pay_month_of


@require_POST
def pay_day(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Set the day from the month's page, also of a month that is not begun yet."""
    pay_month = pay_month_of(request, code, month, action=ACTION)
    form = PayDayForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"没有改发薪日：{' '.join(map(str, form.errors['on']))}")
        return redirect(pay_month.url)
    try:
        period = pay_day_set(
            period=pay_month.period, on=form.cleaned_data["on"], by=pay_month.account, at=timezone.now()
        )
    except PeriodRefused as refused:
        messages.error(request, f"没有改发薪日：{refused}。")
    else:
        again = "草稿是按原来的发薪日算的，请重新结算。" if pay_day_moved(period) else ""
        messages.success(request, f"发薪日定为 {period.pays_on}。{again}")
    return redirect(pay_month.url)
