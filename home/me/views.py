"""Everybody's own pages: today, the month, what was asked for, and the way to all others."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.periods import first_of, shift_months
from duties.forms.memos import MemoForm
from home.me.month import calendar_of
from home.me.requests import WAYS, own_requests
from home.me.selectors import own_with_figures
from home.me.today import today_of
from payroll.selectors.objections import objection_deadline
from payroll.views.me import own_slips
from penalties.fund import own_fines_due
from people.web import account_of, month_asked

ALL = (
    ("工资条", "me_pay"),
    ("社保个税", "me_declarations"),
    ("台账：奖罚与扣分", "me_ledger"),
    ("得分", "me_points"),
    ("晋升", "me_ladder"),
    ("考评单与季度等级", "me_appraisals"),
    ("投诉", "cases"),
    ("投诉损失的承担与申诉", "me_charges"),
    ("处分与陈述", "discipline"),
    ("评奖与证书", "me_awards"),
    ("再有一次会怎样", "me_next"),
    ("提成与订单", "me_commission"),
    ("认领无人的订单", "me_unclaimed"),
    ("我的异议", "me_objections"),
    ("考勤与打卡", "me_attendance"),
    ("假期余额", "me_leave_balances"),
    ("职责", "me_duties"),
    ("备忘录", "me_memos"),
    ("培训", "me_training"),
    ("我带的新人", "me_newcomers"),
    ("查交接本", "me_handover_book"),
    ("职级、评审与投票", "me_grades"),
    ("我的考试", "me_exams"),
    ("我的制度", "me_rules"),
    ("证件与银行账号", "me_identity"),
    ("通知", "notices"),
)


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Today, then what the month came to so far; eighteen queries."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    staff = own_with_figures(account, today, now=now)
    if staff is None:
        return render(request, "home/me/nobody.html")
    latest = own_slips(account).select_related("period__department").order_by("-period__month").first()
    deadline = objection_deadline(latest.period) if latest else None
    shown = {
        "staff": staff,
        "day": today_of(staff, at=now),
        "cash": own_fines_due(account, on=today),
        "memo": MemoForm(),
        "latest": latest,
        "deadline": deadline if deadline and today <= deadline else None,
        "today": today,
    }
    return render(request, "home/me/today.html", shown)


@require_safe
def me_month(request: HttpRequest) -> HttpResponse:
    """A month as a calendar of roster, attendance and leave, with what it came to; twelve queries."""
    account, now = account_of(request), timezone.now()
    today = timezone.localdate(now)
    month = month_asked(request, today)
    staff = own_with_figures(account, month, now=now)
    if staff is None:
        return render(request, "home/me/nobody.html")
    shown = {
        "staff": staff,
        "calendar": calendar_of(staff, month, today=today),
        "slip": own_slips(account).filter(period__month=month).order_by("-staff__joined_on").first(),
        "month": month,
        "before": shift_months(month, -1),
        "after": shift_months(month, 1),
        "today": today,
        "counts_commission": _counts_commission(month, today),
    }
    return render(request, "home/me/month.html", shown)


@require_safe
def me_requests_all(request: HttpRequest) -> HttpResponse:
    """Everything that the account asked for, and what colleagues ask of it; eleven queries."""
    asked, offered = own_requests(account_of(request))
    return render(request, "home/me/requests.html", {"asked": asked, "offered": offered, "ways": WAYS})


@require_safe
def me_all(request: HttpRequest) -> HttpResponse:
    """The way to every page of one's own."""
    return render(request, "home/me/all.html", {"places": ALL})


def _counts_commission(month: date, today: date) -> bool:
    """Whether the commission so far is told of a month: of this one and the last."""
    return shift_months(first_of(today), -1) <= month <= first_of(today)
