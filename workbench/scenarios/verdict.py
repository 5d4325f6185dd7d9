"""Comparing what came out of a month with what a scenario expects; only what it lists is compared."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.utils import timezone

from appraisals.quarters import quarter_of
from complaints.clocks import ClockState, states_of
from complaints.models import Case, Clock, ClockEvent
from core.money import plain
from core.periods import last_of, shift_months, window_start
from payroll.models import EmployerCost, PayLine, Payslip
from payroll.settlement.payslip_drafts import DEBT
from penalties.models import Proposal
from rules.provisions import Rules
from rules.selectors import timeline_of
from shifts.selectors.leave_balances import LeaveAccounts
from workbench.scenarios.careers import promotion_mismatches
from workbench.scenarios.document import as_decimal, as_flag
from workbench.scenarios.facts import in_shanghai
from workbench.scenarios.player import Play

LEDGER_ZERO = Decimal(0)


def mismatches(play: Play, month: date, expect: Mapping[str, Any]) -> Iterator[str]:
    """`where: expected X, got Y` for everything in the month that differs."""
    slips: dict[str, list[Payslip]] = defaultdict(list)  # of who was moved one a department
    for slip in Payslip.objects.filter(period__in=play.periods[month]).order_by("id"):
        slips[slip.number].append(slip)
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    held: dict[str, Decimal] = defaultdict(Decimal)
    for line in PayLine.objects.filter(payslip__period__in=play.periods[month]).select_related("payslip"):
        sums[line.payslip.number][line.code] += line.amount
        held[line.payslip.number] += line.amount - line.full_amount
    yield from _lines(play, month, expect, sums, slips)
    for number, wanted in (expect.get("points") or {}).items():
        own = slips[str(number)]
        yield from _differ(f"points.{number}", wanted, own[-1].points if own else None, own)
    for number, amounts in (expect.get("payslip") or {}).items():
        own = slips[str(number)]
        for name, wanted in amounts.items():
            got = sum((getattr(slip, name) for slip in own), LEDGER_ZERO) if own else None
            yield from _differ(f"payslip.{number}.{name}", wanted, got, own)
    for number, wanted in (expect.get("carried") or {}).items():
        yield from _differ(f"carried.{number}", wanted, held[str(number)], slips[str(number)])
    for number in map(str, expect.get("failed") or []):
        if not failure_of(slips[number]):
            yield f"failed.{number}: expected no settled payslip, got {'one' if slips[number] else 'nothing'}"
    for number, kinds in (expect.get("proposals") or {}).items():
        rows = play.cast.staff.get(str(number), [])
        found = Proposal.objects.filter(staff__in=rows, state=Proposal.State.OPEN)
        open_kinds = sorted(found.values_list("kind", flat=True))
        if open_kinds != sorted(map(str, kinds)):
            yield f"proposals.{number}: expected {sorted(kinds)}, got {open_kinds}"
    for number, days in (expect.get("balances") or {}).items():
        yield from _balances(play, month, str(number), days)
    yield from promotion_mismatches(play.cast, month, expect.get("promotion") or {})
    yield from _grades(play, month, expect.get("grades") or {})
    yield from _employer(play, month, expect.get("employer") or {}, slips)
    for name, wanted in (expect.get("case") or {}).items():
        yield from _case(play, month, str(name), wanted)


def _employer(
    play: Play, month: date, expect: Mapping[str, Any], slips: Mapping[str, Sequence[Payslip]]
) -> Iterator[str]:
    """What the employer pays beside, by number and provision code."""
    costs: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for cost in EmployerCost.objects.filter(payslip__period__in=play.periods[month]).select_related(
        "payslip"
    ):
        costs[cost.payslip.number, cost.code] += cost.amount
    for number, amounts in expect.items():
        for code, wanted in amounts.items():
            got = costs[str(number), str(code)]
            yield from _differ(f"employer.{number}.{code}", wanted, got, slips.get(str(number), []))


def _balances(play: Play, month: date, number: str, expect: Mapping[str, Any]) -> Iterator[str]:
    """The days of leave that somebody has left when the month is over, by type."""
    staff = play.cast.staff[number][-1]
    found = LeaveAccounts([staff.pk], last_of(month)).balances(staff.pk, last_of(month))
    left = {each.type: each.left for each in found}
    for type_, wanted in expect.items():
        yield from _differ(f"balances.{number}.{type_}", wanted, left.get(type_), [])


def _grades(play: Play, month: date, expect: Mapping[str, Any]) -> Iterator[str]:
    """The grades of the last quarter that is over when the month is: confirmed, else what the scores say."""
    quarter = shift_months(window_start("quarter", shift_months(month, 1)), -3)
    rows = {
        row.person.number: row
        for department in (play.cast.departments if expect else ())
        for row in quarter_of(department, quarter)
    }
    for number, wanted in expect.items():
        row = rows.get(str(number))
        got = (row.grade if row is not None else "") or "missing"
        if str(wanted) != got:
            why = f"（{row.why}）" if row is not None and got == "missing" else ""
            yield f"grades.{number}: expected {wanted}, got {got}{why}"


def _case(play: Play, month: date, name: str, expect: Mapping[str, Any]) -> Iterator[str]:
    """The clocks of a complaint as they stand when the month is over."""
    played = play.complaints.played.get(name)
    clocks = clocks_of(played.case) if played else []
    now = timezone.make_aware(datetime.combine(shift_months(month, 1), time()))
    first = [each for each in clocks if each[0].round == 1]
    main = {round: _main([each for each in clocks if each[0].round == round]) for round in (1, 2)}
    yield from _clock(f"case.{name}", expect, main[1], now)
    if expect.get("again"):
        yield from _clock(f"case.{name}.again", expect["again"], main[2], now)
    rules = played.rules if played else Rules([])
    for code, wanted in (expect.get("clocks") or {}).items():
        rule = rules.get(str(code))
        own = [state for clock, state in first if clock.code == (rule.code if rule else str(code))]
        yield from _clock(f"case.{name}.clocks.{code}", wanted, own[0] if own else ClockState(), now)


def clocks_of(case: Case) -> list[tuple[Clock, ClockState]]:
    """All clocks of a case, of every round, with where they stand."""
    told = ClockEvent.objects.filter(clock__case=case).order_by("clock", "id")
    states = dict(states_of(told.values_list("clock_id", "kind", "at", "due_at")))
    return [(each, states.get(each.pk, ClockState())) for each in case.clocks.order_by("id")]


def _main(clocks: list[tuple[Clock, ClockState]]) -> ClockState:
    """The clock from the receipt to the closing, else the first of the round."""
    whole = [
        state
        for clock, state in clocks
        if (clock.policy.get("from", "received"), clock.policy.get("until", "closed"))
        == ("received", "closed")
    ]
    return next(iter([*whole, *(state for _, state in clocks)]), ClockState())


def _clock(where: str, expect: Mapping[str, Any], state: ClockState, now: datetime) -> Iterator[str]:
    if "due_at" in expect:
        wanted = None if expect["due_at"] is None else in_shanghai(expect["due_at"], f"{where}.due_at")
        if wanted != state.due_at:
            due = "nothing" if state.due_at is None else f"{timezone.localtime(state.due_at):%Y-%m-%d %H:%M}"
            yield f"{where}.due_at: expected {expect['due_at']}, got {due}"
    if "breached" in expect:
        breached = state.is_breached(now)
        if as_flag(expect["breached"], f"{where}.breached") != breached:
            yield f"{where}.breached: expected {expect['breached']}, got {breached}"


def _lines(
    play: Play,
    month: date,
    expect: Mapping[str, Any],
    sums: Mapping[str, Mapping[str, Decimal]],
    slips: Mapping[str, Sequence[Payslip]],
) -> Iterator[str]:
    rules = timeline_of(play.department).on(last_of(month))

    def codes_of(name: str) -> set[str]:
        """The codes under which lines of a name stand: its own, and those of all that cover it."""
        return {name} | {rule.code for rule in rules if name in rule.covers}

    listed: dict[str, set[str]] = defaultdict(set)
    for number, lines in (expect.get("lines") or {}).items():
        for name, wanted in (lines or {}).items():
            codes = codes_of(str(name))
            listed[str(number)] |= codes
            of_person = sums.get(str(number), {})
            amount = sum((of_person.get(code, LEDGER_ZERO) for code in codes), LEDGER_ZERO)
            own = slips.get(str(number), [])
            # A payslip that failed has no lines: that there is none is right.
            where = f"lines.{number}.{name}"
            if not (failure_of(own) and not as_decimal(wanted or 0, where)):
                yield from _differ(where, wanted, amount, own)
    for number in map(str, expect.get("only") or []):
        for code, amount in sums.get(number, {}).items():
            if amount and code not in listed[number] and code != DEBT:
                yield f"only.{number}: expected no line {code}, got {plain(amount)}"


def failure_of(slips: Sequence[Payslip]) -> str:
    """Why one of somebody's payslips could not be settled; empty where all could."""
    return next((slip.failure for slip in slips if slip.failure), "")


def _differ(where: str, wanted: Any, got: Decimal | None, slips: Sequence[Payslip]) -> Iterator[str]:
    failure = failure_of(slips)
    if failure:
        yield f"{where}: expected {wanted}, got 未能结算（{failure}）"
    elif got is None or as_decimal(wanted, where) != got:
        yield f"{where}: expected {wanted}, got {'nothing' if got is None else plain(got)}"


def refusal_mismatches(play: Play, expected: list[Mapping[str, Any]]) -> Iterator[str]:
    """Facts that should have been refused and were not (or not in these words), and the other way round."""
    wanted = {str(each["fact"]): str(each["contains"]) for each in expected}
    for place, word in wanted.items():
        message = play.refused.get(place)
        if message is None:
            yield f"refused.{place}: expected a refusal with {word}, got none"
        elif word not in message:
            yield f"refused.{place}: expected a refusal with {word}, got {message}"
    for place, message in play.refused.items():
        if place not in wanted:
            yield f"facts.{place}: expected to be taken, got refused：{message}"
