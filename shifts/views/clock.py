"""Clocking in and out, and what the own days came to."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.errors import Refused
from core.periods import shift_months
from people.web import account_of, address_of, month_asked, own_staff
from shifts.selectors.clock import clock_now, month_of
from shifts.services.clock import Punched, punch_record


@require_POST
def me_clock(request: HttpRequest) -> HttpResponse:
    """Clock in or out now; with htmx the clock is shown anew, without scripts the own days are."""
    staff, now = own_staff(request), timezone.now()
    try:
        punched = punch_record(
            staff=staff,
            ip=address_of(request),
            is_meant=request.POST.get("meant") == "1",
            by=account_of(request),
            at=now,
        )
        tell = messages.warning if punched.asks else messages.success
        tell(request, told(punched))
    except Refused as refused:
        messages.error(request, f"没有打卡：{refused}。")
    if getattr(request, "htmx", False):
        return render(request, "shifts/clock.html", {"clock": clock_now(staff, now), "is_part": True})
    return redirect("me_attendance")


def told(punched: Punched) -> str:
    if punched.is_repeated:
        return f"{_clock(punched.punch.at)} 已经打过卡，不用再打。"
    if punched.asks:
        return f"{_clock(punched.punch.at)} 刚打过卡，这一次没有记；确实要再打，请按“再打一次”。"
    return f"{_clock(punched.punch.at)} 已打卡。"


@require_safe
def me_attendance(request: HttpRequest) -> HttpResponse:
    """The own days of a month: shift, punches, what they came to. At most ten queries."""
    staff, now = own_staff(request), timezone.now()
    month = month_asked(request, timezone.localdate(now))
    shown = {
        "clock": clock_now(staff, now),
        "days": month_of(staff, month),
        "month": month,
        "before": shift_months(month, -1),
        "after": shift_months(month, 1),
        "today": timezone.localdate(now),
    }
    return render(request, "shifts/attendance.html", shown)


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"
