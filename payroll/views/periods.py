"""The list of months, the page of a month, its progress, its buttons, its workbook."""

from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from core.downloads import workbook_download
from core.paging import PAGE, page_of
from payroll.errors import PeriodRefused
from payroll.exports import payroll_export
from payroll.forms import MonthForm, PaidForm, PayDayForm, ReasonForm, WaiverForm
from payroll.models import SettlementPeriod, SettlementRun
from payroll.selectors.payslips import SORTS, failures_of, payslips_listed, periods_with_totals, totals_of
from payroll.selectors.periods import periods_visible_to
from payroll.selectors.readiness import stale_periods
from payroll.selectors.ways_out import ways_out
from payroll.services import pay_day as pay_days
from payroll.services.pay_day import paid_on_of
from payroll.services.steps import PAY, SETTLE, STEPS, stamp, step_take, steps_offered
from payroll.settlement.runner import runs_check
from payroll.settlement.status import PeriodStatus, period_status
from payroll.views.common import PayMonth, begun, looked_at_month, pay_month_of
from people.models import AccessLog
from people.selectors import departments_where
from people.web import account_of, sought_in

LOOKS = 30  # how often a page looks for a run that was queued, every two seconds, before it gives up


@require_safe
def pay(request: HttpRequest) -> HttpResponse:
    """Months of the departments whose pay the account sees, the latest first; or straight to one of them."""
    departments = departments_where(account_of(request), "view_pay")
    if not departments.exists():
        raise Http404
    form = MonthForm(request.GET if "month" in request.GET else None, departments=departments)
    if form.is_valid():
        given = form.cleaned_data
        return redirect("pay_period", given["department"].code, f"{given['month']:%Y-%m}")
    periods = periods_with_totals(periods_visible_to(account_of(request))).order_by(
        "-month", "department__code"
    )
    return render(request, "payroll/periods.html", {"form": form, "page": page_of(request, periods)})


@require_safe
def pay_period(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """A department's month: how it stands, who failed, what can be done, everybody's payslip."""
    pay_month = pay_month_of(request, code, month)
    period = pay_month.period
    status = _status(period)
    totals = totals_of(period)
    sought, sort = sought_in(request, "q"), request.GET.get("sort", "number")
    slips = payslips_listed(period, sought=sought, sort=sort)
    looked_at_month(pay_month)
    shown = {
        "pay_month": pay_month,
        "tab": "payslips",
        "period": period,
        "totals": totals,
        "failures": ways_out(period, list(failures_of(period)[:PAGE]), pay_month.actions)
        if totals.failed and not sought
        else [],
        "offers": steps_offered(period, pay_month.account, pay_month.actions),
        "reason_form": ReasonForm(),
        "paid_form": PaidForm(initial={"on": paid_on_of(period, timezone.now())}, auto_id="paid-%s"),
        "pay_day_form": PayDayForm(initial={"on": period.pays_on}, auto_id="pay-day-%s")
        if pay_days.ACTION in pay_month.actions and not period.is_frozen
        else None,
        "is_pay_day_moved": pay_days.pay_day_moved(period),
        "is_stale": period.pk in stale_periods([period]),
        "waivers": period.waivers.select_related("by") if period.is_frozen else [],
        "waiver_form": WaiverForm(auto_id="waiver-%s"),
        "stamp": stamp(period.state, period.facts_read_at),
        "page": page_of(request, slips, count=None if sought else totals.people),
        "sought": sought,
        "sort": sort,
        "sorts": {key: label for key, (label, _) in SORTS.items()},
        **_progress(request, pay_month, status),
    }
    return render(request, "payroll/period.html", shown)


@require_safe
def pay_progress(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Part of the month's page while a run is awaited or under way; when it is over the page comes anew."""
    pay_month = pay_month_of(request, code, month)
    shown = _progress(request, pay_month, _status(pay_month.period))
    response = render(
        request, "payroll/progress.html", {"pay_month": pay_month, "period": pay_month.period, **shown}
    )
    if not shown["poll_url"]:
        seen_run = _number(request.GET.get("seen_run", ""))
        response["HX-Redirect"] = (
            _waiting(pay_month.url, seen_run, 1) if shown["nobody_came"] else pay_month.url
        )
    return response


@require_POST
def pay_step(request: HttpRequest, code: str, month: date, key: str) -> HttpResponse:
    """Press a button of the month's page."""
    step = STEPS.get(key)
    pay_month = pay_month_of(request, code, month)
    period = pay_month.period
    if step is None or (period.pk is None and step is not SETTLE):
        raise Http404
    seen_run = period.runs.first() if period.pk else None
    paid_form = PaidForm(request.POST)
    if step is PAY and not paid_form.is_valid():
        messages.error(request, f"没有标为已发放：{' '.join(map(str, paid_form.errors['on']))}")
        return redirect(pay_month.url)
    try:
        step_take(
            step=step,
            period=period,
            seen=request.POST.get("seen", ""),
            reason=request.POST.get("reason", ""),
            on=paid_form.cleaned_data["on"] if step is PAY else None,
            by=pay_month.account,
            at=timezone.now(),
        )
    except PermissionDenied:
        raise Http404 from None
    except PeriodRefused as refused:
        messages.error(request, str(refused))
        return redirect(pay_month.url)
    messages.success(request, f"{step.done}。")
    return redirect(_waiting(pay_month.url, seen_run, LOOKS) if step is SETTLE else pay_month.url)


@require_safe
def pay_export(request: HttpRequest, code: str, month: date) -> HttpResponse | FileResponse:
    """The workbook as a download."""
    pay_month = begun(pay_month_of(request, code, month))
    period = pay_month.period
    runs_check(period, at=timezone.now())
    name = f"工资表-{period.department.name}-{period.month:%Y-%m}.xlsx"
    try:
        response = workbook_download(name, partial(payroll_export, period=period))
    except PeriodRefused as refused:
        messages.error(request, str(refused))
        return redirect(pay_month.url)
    looked_at_month(pay_month, AccessLog.What.EXPORT)
    return response


def _status(period: SettlementPeriod) -> PeriodStatus:
    return PeriodStatus(period, None) if period.pk is None else period_status(period, at=timezone.now())


def _progress(request: HttpRequest, pay_month: PayMonth, status: PeriodStatus) -> dict[str, Any]:
    """What the page says of runs, and where it asks again; `poll_url` is empty when nothing is awaited."""
    seen_run, looks = (_number(request.GET.get(name, "")) for name in ("seen_run", "looks"))
    looks = min(looks, LOOKS)
    has_begun = status.run is not None and status.run.pk > seen_run
    is_waiting = bool(looks) and not has_begun and not status.is_computing
    poll_url = ""
    if status.is_computing or (looks > 1 and is_waiting):
        seen = seen_run if is_waiting else (status.run.pk if status.run else 0)
        base = reverse("pay_progress", args=pay_month.args)
        poll_url = _waiting(base, seen, looks - 1) if is_waiting else base
    run = status.run
    return {
        "status": status,
        "run": run,
        "run_failed": run is not None and run.state == SettlementRun.State.FAILED,
        "poll_url": poll_url,
        "is_waiting": is_waiting,
        "nobody_came": is_waiting and looks == 1,
    }


def _waiting(url: str, seen: SettlementRun | int | None, looks: int) -> str:
    number = seen.pk if isinstance(seen, SettlementRun) else seen or 0
    return f"{url}?{urlencode({'seen_run': number, 'looks': looks})}"


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0
