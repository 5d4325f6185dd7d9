"""Parts of a month with a page of their own: differences, control totals, history, manual lines."""

from datetime import date

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.paging import page_of
from payroll.errors import ManualLineRefused
from payroll.forms import ManualLineForm
from payroll.models import ManualLine, Objection, SettlementPeriod
from payroll.selectors.appeals import appeals_of_month
from payroll.selectors.differences import Differences, period_before
from payroll.selectors.reconciliation import checks
from payroll.services.manual_lines import manual_line_add, manual_line_withdraw
from payroll.views.common import PayMonth, begun, looked_at_month, pay_month_of
from payroll.workflow import period_open
from people.web import sought_in

RUNS_SHOWN, EVENTS = 10, 40


@require_safe
def pay_differences(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Per person and line what differs from the month before, the largest first, with the reasons."""
    pay_month = begun(pay_month_of(request, code, month))
    before = period_before(pay_month.period)
    sought = sought_in(request, "q")
    has_both = before is not None and pay_month.period.facts_read_at is not None
    rows = Differences(pay_month.period, before, sought) if before is not None and has_both else []
    looked_at_month(pay_month)
    shown = {
        "pay_month": pay_month,
        "tab": "differences",
        "period": pay_month.period,
        "before": before,
        "has_both": has_both,
        "sought": sought,
        "page": page_of(request, rows),
    }
    return render(request, "payroll/differences.html", shown)


@require_safe
def pay_checks(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """The control totals of the stored draft against the ledgers and orders it came from."""
    pay_month = begun(pay_month_of(request, code, month))
    found = checks(pay_month.period) if pay_month.period.facts_read_at is not None else []
    wrong = [each for each in found if each.difference]
    looked_at_month(pay_month)
    shown = {
        "pay_month": pay_month,
        "tab": "checks",
        "period": pay_month.period,
        "checks": found,
        "wrong": wrong,
        "open_appeals": [] if pay_month.period.is_frozen else appeals_of_month(pay_month.period),
    }
    return render(request, "payroll/checks.html", shown)


@require_safe
def pay_history(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Who moved the month when and why, and every run."""
    pay_month = begun(pay_month_of(request, code, month))
    shown = {
        "pay_month": pay_month,
        "tab": "history",
        "period": pay_month.period,
        "page": page_of(request, pay_month.period.events.select_related("by"), size=EVENTS),
        "runs": pay_month.period.runs.select_related("by")[:RUNS_SHOWN],
    }
    return render(request, "payroll/history.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def pay_manual(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """The month's manual lines, and a form for one more."""
    action = "add_manual_lines" if request.method == "POST" else "view_pay"
    pay_month = pay_month_of(request, code, month, action=action)
    department = pay_month.period.department
    form = ManualLineForm(
        request.POST or None, department=department, initial={"seen": _last(pay_month.period)}
    )
    if request.method == "POST" and form.is_valid():
        try:
            _check_idle(pay_month.period)
            line = _add(pay_month, form)
        except ManualLineRefused as refused:
            form.add_error(None, f"{refused}。")
            form.data = {**request.POST.dict(), "seen": _last(pay_month.period)}
        else:
            messages.success(request, f"已记下“{line.title}”，重新结算后出现在{line.staff}的工资条上。")
            return redirect("pay_manual", *pay_month.args)
    begun(pay_month)
    looked_at_month(pay_month)
    lines = pay_month.period.manual_lines.select_related("staff", "by", "withdrawn_by").order_by("-id")
    may_add = "add_manual_lines" in pay_month.actions and not pay_month.period.is_frozen
    shown = {
        "pay_month": pay_month,
        "tab": "manual",
        "period": pay_month.period,
        "page": page_of(request, lines),
        "form": form if may_add else None,
        "may_add": may_add,
    }
    return render(request, "payroll/manual.html", shown)


@require_POST
def pay_manual_withdraw(request: HttpRequest, code: str, month: date, pk: int) -> HttpResponse:
    """Take a manual line out of the next draft."""
    pay_month = begun(pay_month_of(request, code, month, action="add_manual_lines"))
    line = get_object_or_404(
        ManualLine.objects.select_related("period", "staff"), pk=pk, period=pay_month.period
    )
    try:
        _check_idle(pay_month.period)
        is_answer = Objection.objects.filter(manual_line=line).exists()
        manual_line_withdraw(line=line, by=pay_month.account, at=timezone.now())
        again = "它所答复的异议重新待答复，已告诉本人。" if is_answer else ""
        messages.success(request, f"已撤回“{line.title}”，重新结算后不再计入。{again}")
    except ManualLineRefused as refused:
        messages.error(request, str(refused))
    return redirect("pay_manual", *pay_month.args)


@transaction.atomic
def _add(pay_month: PayMonth, form: ManualLineForm) -> ManualLine:
    """Add the line unless the list has changed since the form was shown: then it may be there already."""
    assert form.staff is not None
    period = pay_month.period
    if period.pk is None:
        period = period_open(department=period.department, month=period.month)
    period = SettlementPeriod.objects.select_for_update().get(pk=period.pk)
    given = form.cleaned_data
    if given["seen"] != _last(period):
        raise ManualLineRefused(
            "没有记下：打开页面以后手工项目有变化，可能是同一项提交了两次",
            "请核对下面的列表，确要再加请再提交一次",
        )
    return manual_line_add(
        period=period,
        staff=form.staff,
        title=given["title"],
        amount=given["amount"],
        reason=given["reason"],
        by=pay_month.account,
        at=timezone.now(),
    )


def _check_idle(period: SettlementPeriod) -> None:
    """A settlement under way holds the month: nobody waits for it in the browser."""
    if period.state == SettlementPeriod.State.COMPUTING:
        raise ManualLineRefused(f"{period}正在结算", "等它完成后再登记或撤回")


def _last(period: SettlementPeriod) -> str:
    """The number of the latest manual line."""
    if period.pk is None:
        return "0"
    return str(period.manual_lines.order_by("-id").values_list("id", flat=True).first() or 0)
