"""The first page after signing in: what waits for the role. An agent's is the own page."""

from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from commissions.contributions import load
from core.templatetags.ui import Bar
from home.cards import cards_of
from home.tiles import Viewer
from payroll.settlement.months import load_month
from people.selectors import departments_where, groups_of
from people.web import account_of
from rules.kinds.sales import Commission
from rules.lines import SettlementFailure
from rules.provisions import Month

BEST = 20


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The cards of the role; whoever has none is an agent and goes to the own page."""
    account = account_of(request)
    groups = groups_of(account)
    if not groups - {"agent"}:
        return redirect("me")
    viewer = Viewer(account, groups, timezone.now())
    return render(request, "home.html", {"cards": cards_of(viewer), "today": viewer.today})


@require_safe
def commission_so_far(request: HttpRequest, code: str) -> HttpResponse:
    """The commission of this month's orders so far, the best twenty; at most eleven queries at any size.

    What earlier months left over is settled at the month's end and not counted here.
    """
    department = get_object_or_404(departments_where(account_of(request), "view_pay"), code=code)
    bars, failures = _commissions(load_month(department, _this_month()))
    shown = {
        "department": department,
        "bars": bars[:BEST],
        "left_out": max(len(bars) - BEST, 0),
        "total": sum((bar.value for bar in bars), Decimal(0)),
        "failures": failures[:BEST],
        "failed": len(failures),
    }
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, "home/commission_chart.html" if is_part else "home/commission.html", shown)


def _this_month() -> date:
    return timezone.localdate().replace(day=1)


def _commissions(month: Month) -> tuple[list[Bar], list[str]]:
    """Everybody's commission of the month, the largest first, and why somebody has none yet.

    Guarantees are left out: they fill up what the whole month lacks.
    """
    facts = load(month, {})
    codes = month.timeline.codes_of_kind(Commission)
    bars, failures = [], []
    for person in month.people.values():
        try:
            lines = facts.lines(person)
        except SettlementFailure as failure:
            failures.append(f"{person.number} {person.name}：{failure}")
            continue
        amount = sum((line.amount for line in lines if line.code in codes), Decimal(0))
        if amount:
            bars.append(Bar(f"{person.number} {person.name}", amount))
    bars.sort(key=lambda bar: (-bar.value, bar.label))
    return bars, failures
