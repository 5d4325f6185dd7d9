"""The rota of turns: filling it, and exchanging turns on the own pages."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from people.models import Department
from people.requests import account_of
from rules.kinds.base import FactRefused
from rules.periods import last_of, shift_months
from rules.provisions import Rule
from shifts.duty_forms import TurnsForm
from shifts.models import DutySwap, DutyTurn
from shifts.selectors.duties import duty_timeline, turns_between
from shifts.services import turns as services
from shifts.services.turns import turn_rule
from shifts.views.clock import month_asked, own_staff
from shifts.views.common import do, page_of, place_asked

AHEAD = timedelta(days=60)
CHOICES = 50


@require_http_methods(["GET", "HEAD", "POST"])
def turns(request: HttpRequest) -> HttpResponse:
    """Whose turn it is in a month; filling the days that have nobody yet."""
    now = timezone.now()
    place, places = place_asked(request)
    month = month_asked(request, timezone.localdate(now))
    first, last = month, last_of(month)
    rules = _rules(place, month)
    form = TurnsForm(rules, request.POST or None, initial={"first": first, "last": last})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.turns_generate(
                department=place, by=account_of(request), at=now, **form.cleaned_data
            )
            messages.success(request, f"已排 {len(made)} 天；已有的没有改动。")
            return redirect(f"{reverse('turns')}?department={place.code}&month={month:%Y-%m}")
        except FactRefused as refused:
            form.add_error(None, f"{refused}。")
    shown = {
        "place": place,
        "places": places,
        "month": month,
        "before": shift_months(month, -1),
        "after": shift_months(month, 1),
        "page": page_of(request, turns_between(place, first, last)),
        "titles": {rule.code: rule.title for rule in rules},
        "form": form if rules else None,
    }
    return render(request, "shifts/turns.html", shown)


def _rules(place: Department, month: date) -> list[Rule]:
    rules = duty_timeline(place).on(last_of(month))
    return [rule for rule in rules if turn_rule(rule) is not None]


@require_http_methods(["GET", "HEAD", "POST"])
def me_turn_swap(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a colleague to take one's turn and give theirs."""
    staff, now = own_staff(request), timezone.now()
    today = timezone.localdate(now)
    turn = get_object_or_404(DutyTurn, pk=pk, staff=staff, on__gt=today)
    others = turns_between(staff.department, today + timedelta(days=1), today + AHEAD)
    others = others.filter(code=turn.code).exclude(staff=staff)
    if request.method == "POST":
        offered = request.POST.get("offered", "")
        if not offered.isdecimal() or len(offered) > 18:
            raise Http404
        theirs = get_object_or_404(others, pk=offered)
        return do(
            request,
            lambda: services.swap_ask(turn=turn, offered=theirs, staff=staff, at=now),
            f"已问{theirs.staff.name}，对方同意后就换好了。",
            "me_duties",
        )
    return render(request, "shifts/me_turn_swap.html", {"turn": turn, "others": others[:CHOICES]})


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
