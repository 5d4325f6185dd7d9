"""Leave: asking on the own page, deciding on that of leads and managers, and who is away in a month."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.downloads import workbook_download
from core.errors import Refused
from core.paging import PAGE, page_of
from core.periods import days_between, first_of, last_of, shift_months
from people.approvals import requests_decidable_by, requests_of
from people.web import account_of, month_asked, own_staff, typed
from sheets.writing import Sheet, SheetColumn, write_workbook
from shifts.forms.leave import CertificateForm, LeaveFilterForm, LeaveForm
from shifts.models import LeaveRequest
from shifts.selectors.leave import LeaveInMonth, away_in, departments_with_leave_shown, leaves_shown_to
from shifts.selectors.leave_balances import LeaveAccounts, leave_account_of
from shifts.selectors.leave_rules import LeaveRules, facts_of, outlook_of
from shifts.services.leave_requests import (
    acts_for_department,
    check_asked,
    days_asked,
    leave_approve,
    leave_cancel,
    leave_certificate_add,
    leave_certificate_check,
    leave_refuse,
    may_cancel,
)

NAMES_A_DAY = 6  # of a calendar's day; how many more is said
COLUMNS = (
    SheetColumn("工号"),
    SheetColumn("姓名"),
    SheetColumn("类型"),
    SheetColumn("开始日期", format="date"),
    SheetColumn("天数", format="number"),
    SheetColumn("本月天数", format="number"),
    SheetColumn("哪半天"),
    SheetColumn("证明"),
    SheetColumn("批准"),
    SheetColumn("说明", format="wrapped"),
)


@require_http_methods(["GET", "HEAD", "POST"])
def me_leave(request: HttpRequest) -> HttpResponse:
    """The own leave: ask for some, what became of what was asked for, the free times of this month."""
    account, staff, now = account_of(request), own_staff(request), timezone.now()
    today = timezone.localdate(now)
    rules = LeaveRules(staff)
    form = LeaveForm(
        request.POST or None,
        request.FILES or None,
        written=rules.types(today),
        initial={"starts_on": request.GET.get("date") or f"{today}"},
    )
    if request.method == "POST" and form.is_valid():
        asked = form.ask(staff=staff, by=account, at=now)
        if asked is not None:
            _tell_asked(request, asked)
            return redirect("me_leave")
    rows = requests_of(account, LeaveRequest).select_related(
        "decided_by", "first_by", "cancelled_by", "certificate"
    )
    shown = {
        "form": form,
        "allowances": rules.allowances(today, facts_of(staff, today)),
        "balances": LeaveAccounts([staff.pk], today, {staff.department_id: rules.timeline}).balances(
            staff.pk, today
        ),
        "today": today,
        "page": page_of(request, rows),
        "certificate_form": CertificateForm(),
    }
    return render(request, "shifts/me_leave.html", shown)


def _tell_asked(request: HttpRequest, asked: LeaveRequest) -> None:
    messages.success(request, f"已提交：{asked.details}，等待审批。")
    if asked.is_late:
        messages.warning(
            request,
            f"制度要求提前{asked.notice_days.normalize():f}天申请，这次晚了：审批人不接受紧急情况的，视为未获批准。",
        )


@require_safe
def me_leave_outlook(request: HttpRequest) -> HttpResponse:
    """Part of the form: what the leave that is being filled in would come to."""
    staff, now = own_staff(request), timezone.now()
    rules = LeaveRules(staff)
    form = LeaveForm(request.GET, written=rules.types(timezone.localdate(now)))
    form.is_valid()
    given = form.cleaned_data
    outlook, refused = None, ""
    if all(given.get(name) for name in ("type", "starts_on")) and (given.get("days") or given.get("hours")):
        hours = given.get("hours")
        try:
            days = days_asked(staff, given["starts_on"], given.get("days"), hours)
            asked = given["type"], given["starts_on"], days
            check_asked(staff, *asked, given.get("half", ""), now, by_hours=hours is not None)
            outlook = outlook_of(rules, *asked, at=now)
        except Refused as error:
            refused = f"{error}。"
    return render(request, "shifts/leave_outlook.html", {"outlook": outlook, "refused": refused})


@require_POST
def me_leave_certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand in the certificate of the own request."""
    account = account_of(request)
    row = get_object_or_404(requests_of(account, LeaveRequest), pk=pk)
    content = request.FILES.get("certificate")
    if content is None:
        messages.error(request, "没有上传：请先选择图片或 PDF。")
        return redirect("me_leave")
    try:
        leave_certificate_add(request=row, content=content, by=account, at=timezone.now())
        messages.success(request, "证明已上传，审批人核对后生效。")
    except Refused as refused:
        messages.error(request, f"没有上传：{refused}。")
    return redirect("me_leave")


@require_safe
def leave_request(request: HttpRequest, pk: int) -> HttpResponse:
    """One request for who decides: what is asked for, what it comes to, who else is away."""
    account = account_of(request)
    row = _decidable(request, pk)
    rules = LeaveRules(row.staff)
    staff = row.staff
    away = [
        each
        for each in away_in(row.starts_on, leaves_shown_to(account).exclude(staff=staff))
        if any(row.starts_on <= day <= row.ends_on for day, _ in each.days)
    ]
    left = leave_account_of(staff, row.type, row.starts_on, rules.timeline)
    shown = {
        "each": row,
        "allowances": rules.allowances(row.starts_on, facts_of(staff, row.starts_on)),
        "conditions": rules.conditions(row.type, row.starts_on, row.days),
        "balance": left.balance(row.starts_on) if left else None,
        "away": away[:PAGE],
        "is_whole": acts_for_department(row, account),
        "may_cancel": row.state == LeaveRequest.State.APPROVED and may_cancel(row, account),
    }
    return render(request, "shifts/leave_request.html", shown)


@require_POST
def leave_request_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant, refuse or take back; accept a certificate or hand it back."""
    row, account = _decidable(request, pk), account_of(request)
    answer, emergency = (typed(request, name)[:200] for name in ("answer", "emergency"))
    ways: dict[str, Callable[..., LeaveRequest]] = {
        "approve": partial(leave_approve, answer=answer, emergency=emergency),
        "refuse": partial(leave_refuse, answer=answer),
        "cancel": partial(leave_cancel, reason=answer),
        "certificate": partial(leave_certificate_check, is_good=True),
        "no_certificate": partial(leave_certificate_check, is_good=False),
    }
    decision = request.POST.get("decision", "")
    if decision not in ways:
        raise Http404
    try:
        done = ways[decision](request=row, by=account, at=timezone.now())
        messages.success(request, _told(done, decision))
    except Refused as refused:
        messages.error(request, f"没有决定：{refused}。")
    return redirect("leave_request", pk)


def _told(done: LeaveRequest, decision: str) -> str:
    if decision == "certificate":
        return "证明已核对。"
    if decision == "no_certificate":
        return "证明已退回，本人可以重新上传。"
    if done.waits_for_second:
        return f"{done}：您已同意，等主管或经理批准。"
    return f"{done}：{done.get_state_display()}。"


@require_safe
def shift_leave(request: HttpRequest) -> HttpResponse:
    """Who is away in a month, as a list or day by day."""
    account, month = account_of(request), month_asked(request, timezone.localdate())
    if not departments_with_leave_shown(account).exists():
        raise Http404
    form = LeaveFilterForm({**request.GET.dict(), "month": f"{month:%Y-%m}"})
    away = away_in(month, form.apply(leaves_shown_to(account)))
    is_calendar = request.GET.get("view") == "calendar"
    shown = {
        "form": form,
        "month": month,
        "before": f"{shift_months(month, -1):%Y-%m}",
        "after": f"{shift_months(month, 1):%Y-%m}",
        "is_calendar": is_calendar,
        "page": page_of(request, away),
        "days": _by_day(month, away) if is_calendar else [],
        "waiting": requests_decidable_by(account, LeaveRequest)
        .filter(state=LeaveRequest.State.ASKED)
        .count(),
        "is_filtered": any(request.GET.get(name) for name in ("who", "type", "department")),
    }
    return render(request, "shifts/leave.html", shown)


def _by_day(month: date, away: list[LeaveInMonth]) -> list[dict[str, Any]]:
    found: dict[date, list[LeaveInMonth]] = {day: [] for day in days_between(first_of(month), last_of(month))}
    for each in away:
        for day, _ in each.days:
            found[day].append(each)
    return [
        {"on": day, "away": here[:NAMES_A_DAY], "count": len(here), "more": max(len(here) - NAMES_A_DAY, 0)}
        for day, here in found.items()
    ]


@require_safe
def shift_leave_export(request: HttpRequest) -> FileResponse:
    """The month's leave under the filter, as a workbook."""
    account, month = account_of(request), month_asked(request, timezone.localdate())
    if not departments_with_leave_shown(account).exists():
        raise Http404
    form = LeaveFilterForm(request.GET)
    away = away_in(month, form.apply(leaves_shown_to(account)))
    rows = (
        (
            each.leave.staff.number,
            each.leave.staff.name,
            each.leave.get_type_display(),
            each.leave.starts_on,
            each.leave.days,
            each.in_month,
            each.leave.get_half_display(),
            "有" if each.leave.certificate else "",
            "是" if each.leave.approved else "否",
            each.leave.note,
        )
        for each in away
    )
    title = f"请假 {month:%Y-%m}"
    sheet = Sheet(title, COLUMNS, rows, heading=title)
    return workbook_download(f"{title}.xlsx", lambda target: write_workbook(target, [sheet]))


def _decidable(request: HttpRequest, pk: int) -> LeaveRequest:
    rows = requests_decidable_by(account_of(request), LeaveRequest).select_related(
        "staff__department", "decided_by", "first_by", "certificate", "certificate_checked_by", "cancelled_by"
    )
    row: LeaveRequest = get_object_or_404(rows, pk=pk)
    return row
