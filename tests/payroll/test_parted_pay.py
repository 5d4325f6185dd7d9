"""However a month is divided between departments, the parts sum to what one department would have paid."""

from datetime import date, timedelta
from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from core.money import to_fen
from core.periods import days_between, last_of
from payroll.settlement.parted_pay import Part, parted_lines
from people.terms import PersonMonth, Span
from people.transfers import Part as Row
from rules.provisions import Month, Timeline
from shifts.working_days import Worked

AMOUNTS = st.decimals(D(0), D(20000), places=2)
MONTHS = st.dates(date(2026, 1, 1), date(2027, 12, 1)).map(lambda day: day.replace(day=1))


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
