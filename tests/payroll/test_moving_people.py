"""Whoever moves, leaves, falls ill and offends in whatever month: parts sum to wholes and nothing is lost."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from hypothesis import HealthCheck, Phase, example, given, settings

from commissions.models import Order, Refund
from core.money import ZERO
from core.periods import last_of, shift_months
from payroll.models import PayLine, Payslip, SettledOrders, SettlementPeriod
from payroll.selectors.debts import debts, debts_of_leavers
from payroll.selectors.reconciliation import checks
from people.models import Department
from tests.examples import examples
from tests.payroll import months
from tests.payroll.moves import (
    FIXED,
    LONG,
    LOSS,
    MARCH,
    OCTOBER,
    PERSONAL,
    STEPS,
    STORIES,
    Person,
    Sale,
    Story,
    World,
)

pytestmark = [pytest.mark.django_db(transaction=False), pytest.mark.long]
Nature = PayLine.Nature
FEN = D("0.01")
AWAY = ("t-absence", "t-leave")
PAY = {"base_pay": D("3000.01"), "bonus": D("500.01")}
STAYS = Person(**PAY, late=(5, 6), sales=(Sale(3, D("900.00")),))
BACK_WITHIN_THE_MONTH = Story(
    MARCH, (STAYS, Person(**PAY, moves=(11, 21), fines=((3, STEPS, D(1)), (25, STEPS, D(1)))))
)
COUNTED_ON_AFTER_COMING_BACK = Story(
    MARCH,
    (
        Person(
            **PAY,
            moves=(11, 21),
            late=(3, 25),
            fines=((4, STEPS, D(1)), (12, STEPS, D(1)), (26, STEPS, D(1))),
        ),
        Person(**PAY, moves=(8, 18), late=(2, 10, 24), absent=((4, D("0.5")), (25, D("0.5")))),
    ),
)
AWAY_AROUND_THE_MOVE = Story(MARCH, (Person(**PAY, moves=(16,), leaves=((12, D(30), PERSONAL),)),))
AWAY_BEFORE_THE_MOVE = Story(
    OCTOBER, (Person(**PAY, moves=(12,), leaves=((8, D(2), LONG),)),), method="deduct"
)
RETURNED_AFTER_LEAVING = Story(
    MARCH,
    (
        Person(**PAY, left=20, moves=(10,), sales=(Sale(3, D("90000.00"), ((40, D("90000.00")),)),)),
        Person(**PAY, moves=(31,), fines=((7, LOSS, D("6000.00")),)),
    ),
    unequal=True,
    later=((0, "leaves", 12, D(1)), (1, "raise", 8, D(1)), (1, "refund", 9, D("500.00"))),
)


def told(*, few: int) -> settings:
    return settings(
        max_examples=examples(few),
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
        derandomize=True,
    )


@contextmanager
def world(story: Story) -> Iterator[World]:
    """The story told; nothing of it is left afterwards."""
    with transaction.atomic():
        yield World(story)
        transaction.set_rollback(True)


def by_code(lines: Iterable[PayLine]) -> dict[tuple[str, str], D]:
    """What lines come to before limits, by staff number and code."""
    found: dict[tuple[str, str], D] = defaultdict(lambda: ZERO)
    for line in lines:
        found[line.payslip.number, line.code] += line.full_amount
    return {key: amount for key, amount in found.items() if amount}


def regular(lines: Iterable[PayLine]) -> Iterator[PayLine]:
    return (line for line in lines if line.nature == Nature.REGULAR)


@told(few=4)
@example(story=BACK_WITHIN_THE_MONTH)
@example(story=COUNTED_ON_AFTER_COMING_BACK)
@example(story=AWAY_AROUND_THE_MOVE)
@example(story=AWAY_BEFORE_THE_MOVE)
@given(story=STORIES)
def test_a_month_in_two_departments_comes_to_what_it_would_in_one(story: Story) -> None:
    story = replace(story, unequal=False)
    with world(story) as played:
        periods = played.settle(story.month)
        once = [months.rows(period) for period in periods]
        assert [months.rows(period) for period in played.settle(story.month, newer_first=True)] == once
        assert not list(Payslip.objects.exclude(failure=""))
        parts = by_code(regular(played.lines(story.month)))
        check_orders(played, story.month)
        check_days(played)
        check_fines(played)
    with world(story.without_transfers()) as unmoved:
        unmoved.settle(story.month)
        whole = by_code(regular(unmoved.lines(story.month)))
    for number, code in sorted({*parts, *whole}):
        both = parts.get((number, code), ZERO), whole.get((number, code), ZERO)
        if code in AWAY:
            assert abs(both[0] - both[1]) <= FEN, (number, code, both)
        elif code not in ("t-comm", "t-lead", "t-floor"):
            assert both[0] == both[1], (number, code, both)


def check_orders(played: World, month: date) -> None:
    """Every order and refund of the month is on one slip: under a commission, with its whole base."""
    last = last_of(month)
    for of in played.departments:
        sold = Order.objects.filter(department=of, paid_at__date__range=(month, last))
        back = Refund.objects.filter(order__department=of, refunded_at__date__range=(month, last))
        net = _total(sold) - _total(back)
        based = sum(
            (
                D(line.trace["facts"]["base"])
                for line in regular(played.lines(month))
                if line.payslip.period.department_id == of.pk and "base" in line.trace.get("facts", {})
            ),
            ZERO,
        )
        assert based == net
        stored = SettledOrders.objects.filter(period__department=of, period__month=month)
        events = [each for row in stored for each in row.amounts]
        assert sum(events, ZERO) == net and len(events) == sold.count() + back.count()
        for check in checks(SettlementPeriod.objects.get(department=of, month=month)):
            assert not check.difference, check


def check_days(played: World) -> None:
    """No day owed costs more than its pay, and nothing is taken that was not paid."""
    lines = list(regular(played.lines(played.story.month)))
    for rows in played.rows:
        own = [line for line in lines if line.payslip.number == rows[0].number]
        paid = sum((line.amount for line in own if line.column == "base"), ZERO)
        taken = -sum((line.amount for line in own if line.code in AWAY), ZERO)
        assert 0 <= taken <= paid


def check_fines(played: World) -> None:
    """Each incident is charged once, by its place in the year and the version of its day."""
    story = played.story
    found = by_code(regular(played.lines(story.month)))
    for rows, person in zip(played.rows, story.people, strict=True):
        number = rows[0].number
        fines = [each for each in person.fines if played.on(each[0]) < played.next]
        fines = [each for each in fines if played.row(rows, played.on(each[0]))]
        fixed = sum(
            15 if story.version_on and day >= story.version_on else 10
            for day, code, _ in fines
            if code == FIXED
        )
        loss = sum((amount for _, code, amount in fines if code == LOSS), ZERO)
        steps = ZERO
        for employment in (rows[:-1], rows[-1:]) if rows[-1].hired_on > rows[0].hired_on else (rows,):
            times = sum(
                code == STEPS and bool(played.row(employment, played.on(day))) for day, code, _ in fines
            )
            steps += max(100 * times - 50, 0)
        charged = [-found.get((number, code), ZERO) for code in (STEPS, FIXED, LOSS)]
        assert charged == [steps, fixed, loss]


@told(few=2)
@example(story=BACK_WITHIN_THE_MONTH)
@example(story=RETURNED_AFTER_LEAVING)
@given(story=STORIES)
def test_what_becomes_known_later_comes_to_what_it_would_in_time_and_nothing_is_lost(story: Story) -> None:
    later = shift_months(story.month, 1)
    with world(story) as played:
        played.approve(story.month)
        played.learn()
        played.approve(later)
        lines = [*played.lines(story.month), *played.lines(later)]
        known_late = {month: by_code(of_month(lines, month)) for month in (story.month, later)}
        check_money(played, lines)
    with world(story) as informed:
        informed.learn()
        informed.approve(story.month)
        informed.approve(later)
        lines = [*informed.lines(story.month), *informed.lines(later)]
        in_time = {month: by_code(of_month(lines, month)) for month in (story.month, later)}
        check_money(informed, lines)
    assert known_late == in_time


def of_month(lines: Iterable[PayLine], month: date) -> Iterator[PayLine]:
    own = (Nature.REGULAR, Nature.ADJUSTMENT)
    return (line for line in lines if line.for_month == month and line.nature in own)


def check_money(played: World, lines: list[PayLine]) -> None:
    """What was charged is paid out, taken or owed; who owes is asked for it, in pay or in the list."""
    for slip in Payslip.objects.filter(period__department__in=played.departments):
        assert slip.net >= 0 and slip.gross - slip.deductions == slip.net
        assert slip.net == _total(slip.lines.all())
    owed = debts(Q(payslip__period__department__in=played.departments))
    charged = sum(
        (line.full_amount for line in lines if line.nature in (Nature.REGULAR, Nature.ADJUSTMENT)), ZERO
    )
    net = sum((line.amount for line in lines), ZERO)
    assert charged == net - sum((debt.rest for debt in owed), ZERO)
    assert all(0 < debt.rest <= debt.owed for debt in owed)
    after = shift_months(played.next, 1)
    played.settle(after)
    asked = {line.origin_id for line in played.lines(after) if line.nature == Nature.CARRY}
    listed = debts_of_leavers(Department.objects.all(), on=after)
    assert {debt.origin.pk for debt in owed} == asked | {line.pk for line in listed if line.rest}
    for rows in played.rows:  # who works on is asked in pay, in whatever department
        own = {debt.origin.pk for debt in owed if debt.staff_id in {row.pk for row in rows}}
        assert own <= asked or not any(row.is_employed_on(after) for row in rows)


def _total(rows: QuerySet[Any]) -> D:
    return rows.aggregate(total=Sum("amount"))["total"] or ZERO
