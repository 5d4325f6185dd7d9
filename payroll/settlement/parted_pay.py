"""Base pay and performance bonus of a month that somebody spent in several departments.

The month is worth what it would be worth in one department. Each pays the share of its own days, and because
every department reckons all shares in the same order, they sum to the whole whoever settles first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from core.money import ZERO, plain, to_fen
from payroll.settlement.base_pay import (
    Rate,
    Way,
    base_pay_of,
    monthly_lines,
    pay_table,
    performance_bonus_of,
    proration_of,
    with_tables,
)
from people.terms import PersonMonth, Span
from rules.lines import Line
from rules.provisions import Month
from shifts.working_days import Worked


@dataclass(frozen=True, slots=True)
class Part:
    """What one department has of the month."""

    month: Month
    person: PersonMonth
    worked: Worked

    def rates(self, column: str) -> list[tuple[Span, Rate | None]]:
        """The part's spans with their monthly rates; of base pay cut where another pay table begins."""
        if column == "performance":
            return [(span, performance_bonus_of(span)) for span in self.person.spans]
        table = pay_table(self.month, self.person)
        cut = with_tables(self.month, self.person)
        return [(span, base_pay_of(self.person, span, table(span.first))) for span in cut.spans]


@dataclass(frozen=True, slots=True)
class Share:
    """The yuan that fall to one span, for so many days; `staff_id` is the row that it belongs to."""

    staff_id: int
    span: Span
    rate: Rate
    days: Decimal
    amount: Decimal


def parted_lines(parts: Sequence[Part], person: PersonMonth) -> list[Line]:
    """The lines of one of the parts, `person`; `parts` are all of the month in the order of the days."""
    whole = whole_month(parts)
    lines = []
    for column in ("base", "performance"):
        total = sum((line.amount for line in whole if line.column == column), ZERO)
        shares = list(_shares(parts, column, total))
        own: dict[str, list[Share]] = {}
        for share in shares:
            if share.staff_id == person.staff_id:
                own.setdefault(share.rate.code, []).append(share)
        lines += [_line(person, column, total, same, shares) for same in own.values()]
    return [line for line in lines if line.amount]


def whole_month(parts: Sequence[Part]) -> list[Line]:
    """The lines that the month would have in the department of the last day, at each part's own rates."""
    spans = []
    for part in parts:
        spans += [replace(span, base_pay=rate.amount if rate else ZERO) for span, rate in part.rates("base")]
    last = parts[-1]
    person = replace(last.person, first=parts[0].person.first, spans=tuple(spans), others=())
    worked = replace(
        last.worked,
        due=sum((part.worked.due for part in parts), ZERO),
        worked=sum((part.worked.worked for part in parts), ZERO),
        is_prorated=_is_prorated(parts),
        paid={day: paid for part in parts for day, paid in part.worked.paid.items()},
        unpaid={day: unpaid for part in parts for day, unpaid in part.worked.unpaid.items()},
        present={day: present for part in parts for day, present in part.worked.present.items()},
        to_work=sum((part.worked.to_work for part in parts), ZERO),
        calendar_paid={day: paid for part in parts for day, paid in part.worked.calendar_paid.items()},
    )
    return monthly_lines(last.month, person, worked)


def _shares(parts: Sequence[Part], column: str, total: Decimal) -> Iterator[Share]:
    """`total` over all spans, by their days and rates; rounded so that the shares sum to it."""
    weighed = []
    for part in parts:
        for span, rate in part.rates(column):
            if rate is not None:
                weighed.append((part.person.staff_id, span, rate, _days(parts, part, span)))
    everything = sum((rate.amount * days for _, _, rate, days in weighed), ZERO)
    if not _is_prorated(parts):  # days weigh by the calendar, so the whole is known before it is rounded
        total = everything / sum((part.person.last - part.person.first).days + 1 for part in parts)
    reached, given = ZERO, ZERO
    for staff_id, span, rate, days in weighed:
        reached += rate.amount * days
        share = to_fen(total * reached / everything) - given if everything else ZERO
        given += share
        yield Share(staff_id, span, rate, days, share)


def _days(parts: Sequence[Part], part: Part, span: Span) -> Decimal:
    if _is_prorated(parts):
        by_calendar = _way(parts).by_calendar
        return part.worked.paid_between(span.first, span.last, by_calendar=by_calendar)
    return Decimal((span.last - span.first).days + 1)


def _way(parts: Sequence[Part]) -> Way:
    """How the month is paid: as in the department of the last day."""
    last = parts[-1]
    table = pay_table(last.month, last.person)
    return proration_of(last.month, last.person, last.worked, table(last.person.last))


def _is_prorated(parts: Sequence[Part]) -> bool:
    return any(part.worked.is_prorated for part in parts)


def _line(
    person: PersonMonth, column: str, total: Decimal, own: Sequence[Share], shares: Sequence[Share]
) -> Line:
    rate = own[-1].rate
    others = "、".join(part.department for part in person.elsewhere)
    words = f"{_in_words(total, own, shares)}，其余在{others}"
    return Line(
        code=rate.code,
        title=rate.title,
        amount=sum((share.amount for share in own), ZERO),
        column=column,
        basis="benefit",
        on=person.last,
        reason=f"{rate.title}：{words}",
        trace={"arithmetic": [words]} | ({"provision": rate.rule.cite()} if rate.rule else {}),
        provision_id=rate.rule.id if rate.rule else None,
    )


def _in_words(total: Decimal, own: Sequence[Share], shares: Sequence[Share]) -> str:
    """The own share alone: at which rates the other departments pay is not told."""
    everything = sum((share.days for share in shares), ZERO)
    if len({share.rate.amount for share in shares}) == 1:
        days = sum((share.days for share in own), ZERO)
        held = f"{own[0].span.first:%m-%d}至{own[-1].span.last:%m-%d}"
        return f"全月{total}元×{plain(days)}/{plain(everything)}天（{held}）"
    return "＋".join(
        f"{share.span.first:%m-%d}至{share.span.last:%m-%d} {share.rate.amount}元"
        f"按全月{plain(everything)}天中的{plain(share.days)}天计{share.amount}元"
        for share in own
    )
