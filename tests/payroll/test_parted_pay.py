"""However a month is divided between departments, the parts sum to what one department would have paid."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import to_fen
from core.periods import days_between, last_of
from payroll.settlement.parted_pay import Part, parted_lines
from people.models import Department, Staff
from people.one_person import Part as Row
from people.services import proration_set, staff_transfer
from people.terms import PersonMonth, Span
from rules.provisions import Month, Timeline
from shifts.services import leave_record
from shifts.working_days import Worked
from tests.payroll.months import COMMISSION, LONG_AGO, OCTOBER, agent, amounts, department, settled

AMOUNTS = st.decimals(D(0), D(20000), places=2)
FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)
LEAVE = {
    "code": "t-leave",
    "title": "请假扣款",
    "kind": "leave",
    "params": {"types": {"personal": {"multiple": "1"}}},
}
FULL = {"code": "t-full", "title": "全勤奖", "kind": "full_attendance", "params": {"amount": "100.00"}}
MONTHS = st.dates(date(2026, 1, 1), date(2027, 12, 1)).map(lambda day: day.replace(day=1))


def moved(person: Staff, to: Department, on: date) -> Staff:
    return staff_transfer(staff=person, to=to, on=on, by=None, at=LONG_AGO)


def divided(month: date, cuts: set[int], amounts: list[tuple[D, D]], last: date) -> list[Part]:
    """The month up to `last`, cut before these days of it; each part with its base pay and bonus."""
    starts = [month, *(month.replace(day=cut) for cut in sorted(cuts))]
    starts = [start for start in starts if start <= last]
    ends = [*(start - timedelta(days=1) for start in starts[1:]), last]
    rows = [
        Row(number, number, f"部门{number}", first, end)
        for number, (first, end) in enumerate(zip(starts, ends, strict=True), 1)
    ]
    parts = []
    for row, (base, bonus) in zip(rows, amounts, strict=False):
        assert row.last is not None
        person = PersonMonth(
            staff_id=row.staff_id,
            number="1001",
            name="员工",
            hired_on=date(2020, 1, 1),
            month_first=month,
            month_last=last_of(month),
            first=row.first,
            last=row.last,
            spans=(Span(row.first, row.last, base_pay=base, performance_bonus=bonus),),
            others=tuple(other for other in rows if other is not row),
        )
        days = [day for day in days_between(row.first, row.last) if day.weekday() < 5]
        count = D(len(days))
        outside = [day for day in person.days_outside if day.weekday() < 5]
        worked = Worked(
            due=count,
            worked=count,
            is_prorated=last < last_of(month),
            paid=dict.fromkeys(days, D(1)),
            unpaid={},
            present={},
            to_work=count,
            outside=dict.fromkeys(outside, D(1)),
            calendar_paid={},
            there=count,
            away=D(0),
        )
        parts.append(Part(Month(row.department_id, month, last_of(month), {}, Timeline([])), person, worked))
    return parts


def paid(parts: list[Part], column: str) -> list[D]:
    return [
        sum((line.amount for line in parted_lines(parts, part.person) if line.column == column), D(0))
        for part in parts
    ]


@given(MONTHS, st.sets(st.integers(2, 28), max_size=4), AMOUNTS, AMOUNTS)
def test_parts_of_one_agreed_pay_sum_to_it(month: date, cuts: set[int], base: D, bonus: D) -> None:
    parts = divided(month, cuts, [(base, bonus)] * 5, last_of(month))
    for column, whole in (("base", base), ("performance", bonus)):
        shares = paid(parts, column)
        assert sum(shares) == whole
        assert min(shares) >= 0


@given(MONTHS, st.sets(st.integers(2, 28), max_size=4), st.lists(AMOUNTS, min_size=5, max_size=5))
def test_parts_at_different_pay_sum_to_their_days_of_it(
    month: date, cuts: set[int], amounts: list[D]
) -> None:
    parts = divided(month, cuts, [(amount, D(0)) for amount in amounts], last_of(month))
    exact = sum(
        (each.person.spans[0].base_pay or D(0)) * ((each.person.last - each.person.first).days + 1)
        for each in parts
    )
    assert sum(paid(parts, "base")) == to_fen(exact / last_of(month).day)


@given(MONTHS, st.sets(st.integers(2, 20), max_size=4), AMOUNTS, st.integers(21, 27))
def test_parts_of_who_leaves_sum_to_the_days_worked_and_never_to_more_than_the_month(
    month: date, cuts: set[int], base: D, left: int
) -> None:
    parts = divided(month, cuts, [(base, D(0))] * 5, month.replace(day=left))
    worked = sum(part.worked.worked for part in parts)
    assert sum(paid(parts, "base")) == min(base, to_fen(base / D("21.75") * worked))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("starts_on", "days", "taken"),
    # 10 days at 3,000.00 ÷ 21.75; away on 14 of 22 days there remain 8 days' share: 3,000.00 × 14/22
    [(date(2026, 3, 2), "10", ["-1379.31", "0"]), (date(2026, 3, 12), "14", ["-275.86", "-1633.23"])],
)
def test_leave_around_a_transfer_takes_what_it_takes_of_a_whole_month(
    starts_on: date, days: str, taken: list[str]
) -> None:
    of, to, one = department(LEAVE), department(LEAVE), department(LEAVE)
    for place in (of, one):
        person = agent(place)
        leave_record(staff=person, starts_on=starts_on, days=D(days), type="personal", by=None, at=LONG_AGO)
        if place == of:
            moved(person, to, date(2026, 3, 16))
    parts = [amounts(settled(each, MARCH)).get("t-leave", D(0)) for each in (of, to)]
    assert parts == [D(each) for each in taken]
    assert sum(parts) == amounts(settled(one, MARCH))["t-leave"]


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["earn", "deduct"])
@pytest.mark.parametrize("divisor", ["21.75", "due", "calendar"])
@pytest.mark.parametrize("moves", [False, True])
def test_a_whole_month_of_long_leave_pays_nothing_whatever_the_way(
    method: str, divisor: str, moves: bool
) -> None:
    """October has 18 days to work beside its paid holidays."""
    of, to = department(LEAVE), department(LEAVE)
    for each in (of, to):
        given = {"from_on": date(2020, 1, 1), "divisor": divisor, "method": method}
        proration_set(department=each, by=None, at=LONG_AGO, **given)
    person = agent(of)
    leave_record(staff=person, starts_on=OCTOBER, days=D(40), type="long", by=None, at=LONG_AGO)
    if moves:
        moved(person, to, date(2026, 10, 12))
    assert "base-pay" not in amounts(settled(of, OCTOBER)) | amounts(settled(to, OCTOBER))


@pytest.mark.django_db
def test_holidays_before_a_transfer_are_paid_to_who_works_after_it() -> None:
    """Long leave on 8 and 9 October, moved on the 10th: 16 of 18 working days and the three holidays."""
    of, to = department(), department()
    person = agent(of, base_pay="4350.00")
    leave_record(staff=person, starts_on=date(2026, 10, 8), days=D(2), type="long", by=None, at=LONG_AGO)
    moved(person, to, date(2026, 10, 10))
    before, after = (amounts(settled(each, OCTOBER))["base-pay"] for each in (of, to))
    assert (before, after) == (D("600.00"), D("3200.00"))  # 3 and 16 days of 200.00


@pytest.mark.django_db
def test_who_comes_back_within_the_month_hinders_nobody_who_stayed() -> None:
    of, to = department(COMMISSION, FULL), department(COMMISSION, FULL)
    agent(of, "1000")
    moved(moved(agent(of), to, date(2026, 2, 5)), of, date(2026, 2, 20))
    period = settled(of, FEBRUARY)
    assert not period.payslips.exclude(failure="").exists()
    assert amounts(period, "1000") == {"base-pay": D("3000.00"), "t-full": D("100.00")}


@pytest.mark.django_db
@pytest.mark.parametrize("newer_first", [False, True])
def test_long_leave_in_one_part_prorates_both_and_both_reckon_it_alike(newer_first: bool) -> None:
    """Away from 2 to 13 February; the 14th to the 28th are paid: 15 of 28 calendar days of 2,800.00."""
    of, to = department(COMMISSION, FULL), department(COMMISSION, FULL)
    for each in (of, to):
        given = {"from_on": date(2020, 1, 1), "divisor": "calendar", "method": "earn"}
        proration_set(department=each, by=None, at=LONG_AGO, **given)
    person = agent(of, base_pay="2800.00")
    leave_record(staff=person, starts_on=date(2026, 2, 2), days=D(10), type="long", by=None, at=LONG_AGO)
    moved(person, to, date(2026, 2, 14))
    places = (to, of) if newer_first else (of, to)
    slips = {place: amounts(settled(place, FEBRUARY)) for place in places}
    assert slips[of].get("base-pay", D(0)) == D("0.00")
    assert slips[to]["base-pay"] == D("1500.00")
