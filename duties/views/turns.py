"""The rota of turns: filling it, changing a turn by hand, and exchanging turns on the own pages."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import Refused
from core.paging import page_of
from core.periods import last_of, shift_months
from duties.forms.turns import TurnsForm
from duties.models import DutySwap, DutyTurn
from duties.selectors.duties import duty_timeline
from duties.selectors.turns import turn_rule, turn_takers, turns_between
from duties.services import turns as services
from duties.views.common import place_asked
from people.models import Account, Department, Staff
from people.selectors import departments_where
from people.web import account_of, do, id_from, month_asked, own_staff
from rules.kinds.work import Duty
from rules.provisions import Rule

DAY = timedelta(days=1)
AHEAD = timedelta(days=60)
CHOICES = 50


@require_http_methods(["GET", "HEAD", "POST"])
def turns(request: HttpRequest) -> HttpResponse:
    """Whose turn it is in a month; filling the days to come that have nobody yet, changing one of them."""
    account, now = account_of(request), timezone.now()
    place, places = place_asked(request)
    may_fill = _filled_by(account).filter(pk=place.pk).exists()
    if request.method == "POST" and not may_fill:
        raise Http404
    tomorrow = timezone.localdate(now) + DAY
    month = month_asked(request, timezone.localdate(now))
    rules = _rules(place, month)
    first = max(month, tomorrow)
    form = TurnsForm(rules, request.POST or None, initial={"first": first, "last": last_of(first)})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.turns_generate(department=place, by=account, at=now, **form.cleaned_data)
            messages.success(request, f"已排 {len(made)} 天；已有的没有改动。")
            return redirect(_rota(place, form.cleaned_data["last"]))
        except Refused as refused:
            form.add_error(None, f"{refused}。")
    shown = {
        "place": place,
        "places": places,
        "month": month,
        "before": shift_months(month, -1),
        "after": shift_months(month, 1),
        "page": page_of(request, turns_between(place, month, last_of(month))),
        "titles": {rule.code: rule.title for rule in rules},
        "rules": rules,
        "form": form,
        "may_fill": may_fill,
        "tomorrow": tomorrow,
        **(_changing(request, place, tomorrow) if may_fill else {}),
    }
    return render(request, "duties/turns.html", shown)


def _filled_by(account: Account) -> "QuerySet[Department]":
    """Where an account fills the rota: it is the department's, so no lead does for the own team."""
    return departments_where(account, "plan_rosters", whole=True)


def _changing(request: HttpRequest, place: Department, tomorrow: date) -> dict[str, Any]:
    """The turn to come that the address names, with whom it may be given to."""
    asked = id_from(request.GET.get("turn", ""))
    if asked is None:
        return {}
    rows = DutyTurn.objects.select_related("department", "staff")
    turn = rows.filter(pk=asked, department=place, on__gte=tomorrow).first()
    return {"turn": turn, "takers": turn_takers(turn)} if turn else {}


def _rota(place: Department, month: date) -> str:
    return f"{reverse('turns')}?department={place.code}&month={month:%Y-%m}"


@require_POST
def turn_give(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one turn to somebody else."""
    account = account_of(request)
    rows = DutyTurn.objects.filter(department__in=_filled_by(account)).select_related("department")
    turn = get_object_or_404(rows, pk=pk)
    staff = get_object_or_404(Staff, pk=id_from(request.POST.get("staff", "")), department=turn.department)
    return do(
        request,
        lambda: services.turn_give(turn=turn, staff=staff, by=account, at=timezone.now()),
        f"{turn.on:%m月%d日}的值日改为{staff.name}。",
        _rota(turn.department, turn.on),
        refused_as="没有改：",
    )


def _rules(place: Department, month: date) -> list[Rule[Duty]]:
    rules = duty_timeline(place).on(last_of(month))
    return [rule for each in rules if (rule := turn_rule(each)) is not None]


@require_http_methods(["GET", "HEAD", "POST"])
def me_turn_swap(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a colleague to take one's turn and give theirs."""
    staff, now = own_staff(request), timezone.now()
    today = timezone.localdate(now)
    turn = get_object_or_404(DutyTurn, pk=pk, staff=staff, on__gt=today)
    others = turns_between(staff.department, today + timedelta(days=1), today + AHEAD)
    others = others.filter(code=turn.code).exclude(staff=staff)
    if request.method == "POST":
        theirs = get_object_or_404(others, pk=id_from(request.POST.get("offered", "")))
        return do(
            request,
            lambda: services.swap_ask(turn=turn, offered=theirs, staff=staff, at=now),
            f"已问{theirs.staff.name}，对方同意后就换好了。",
            "me_duties",
        )
    return render(request, "duties/me_turn_swap.html", {"turn": turn, "others": others[:CHOICES]})


@require_POST
def me_turn_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to an exchange, refuse it, or take one's own back."""
    staff, now = own_staff(request), timezone.now()
    mine = DutySwap.objects.filter(asker=staff) | DutySwap.objects.filter(partner=staff)
    swap = get_object_or_404(mine, pk=pk)
    answer = request.POST.get("answer", "")
    if answer == "withdraw":
        return do(
            request, lambda: services.swap_withdraw(swap=swap, staff=staff, at=now), "已撤回。", "me_duties"
        )
    if answer not in ("agree", "refuse"):
        raise Http404
    agree = answer == "agree"
    return do(
        request,
        lambda: services.swap_answer(swap=swap, staff=staff, agree=agree, at=now),
        "已换好。" if agree else "已答复不换。",
        "me_duties",
    )
