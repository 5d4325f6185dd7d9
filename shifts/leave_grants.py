"""What the rules grant somebody of a type of leave: from dates of employment, overtime and openings. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.money import plain
from core.periods import first_of, shift_months
from rules.kinds.leave_balance import (
    ANNUAL,
    MONTHLY,
    OVERTIME,
    LeaveBalance,
    Piece,
    days_of_month,
    days_of_year,
)
from shifts.leave_account import Grant, Limit

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Held:
    """Days of an employment, one after another, on which a rule about the type holds."""

    first: date
    last: date
    kind: LeaveBalance


@dataclass(frozen=True, slots=True)
class Opened:
    """Days that were left at the end of a day, by books kept elsewhere."""

    on: date
    days: Decimal
    note: str = ""


@dataclass(frozen=True, slots=True)
class Earned:
    """Hours of overtime that are made good by days off."""

    on: date
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Added:
    """Days that somebody added by hand; `until` as said, else by the rule."""

    on: date
    days: Decimal
    reason: str
    until: date | None = None


def kind_on(held: Sequence[Held], day: date) -> LeaveBalance | None:
    """The rule of a day, where there is one."""
    return next((each.kind for each in held if each.first <= day <= each.last), None)


def limits_of(held: Sequence[Held]) -> list[Limit]:
    """How much goes on at the end of each year."""
    years = {year for each in held for year in range(each.first.year, each.last.year + 1)}
    limits = []
    for eve in sorted(date(year, 12, 31) for year in years):
        kind = kind_on(held, eve)
        if kind is not None and kind.most_carried is not None:
            limits.append(Limit(eve, kind.most_carried))
    return limits


def grants_of(
    held: Sequence[Held],
    service_since: date,
    *,
    opened: Opened | None = None,
    earned: Iterable[Earned] = (),
    added: Iterable[Added] = (),
) -> list[Grant]:
    """Everything granted, by date. What was granted up to the day of an opening is in it already."""
    found = [*_annual(held, service_since), *_monthly(held)]
    for work in earned:
        kind = kind_on(held, work.on)
        if kind is not None and kind.accrual == OVERTIME:
            until = kind.until(work.on.year, work.on)
            what = f"加班{plain(work.hours)}小时换休"
            found.append(Grant(work.on, kind.days_for(work.hours), until, what))
    for each in added:
        kind = kind_on(held, each.on)
        if kind is not None:
            until = each.until or kind.until(each.on.year, each.on)
            found.append(Grant(each.on, each.days, until, f"更正：{each.reason}", each.until is not None))
    if opened is not None:
        found = [grant for grant in found if grant.on > opened.on]
        kind = kind_on(held, opened.on) or kind_on(held, opened.on + DAY)
        if kind is not None and opened.days:
            note = f"（{opened.note}）" if opened.note else ""
            until = kind.until(opened.on.year, opened.on)
            found.append(Grant(opened.on, opened.days, until, f"期初余额{note}"))
    return sorted((grant for grant in found if grant.days > 0), key=lambda grant: grant.on)


def _annual(held: Sequence[Held], service_since: date) -> Iterator[Grant]:
    spans = [each for each in held if each.kind.accrual in ANNUAL]
    for year in sorted({year for each in spans for year in range(each.first.year, each.last.year + 1)}):
        first, last = date(year, 1, 1), date(year, 12, 31)
        pieces, kind = _pieces(spans, first, last, service_since)
        due = [piece for piece in pieces if piece.rate]
        if kind is not None and due:
            start = due[0].first
            what = (
                f"{year}年应得" if len(due) == 1 and due[0].length >= 365 else f"{year}年应得，按日历天数折算"
            )
            yield Grant(start, days_of_year(pieces, year), kind.until(year, start), what)


def _monthly(held: Sequence[Held]) -> Iterator[Grant]:
    spans = [each for each in held if each.kind.accrual == MONTHLY]
    months: set[date] = set()
    for each in spans:
        month = first_of(each.first)
        while month <= each.last:
            months.add(month)
            month = shift_months(month, 1)
    for month in sorted(months):
        pieces, kind = _pieces(spans, month, shift_months(month, 1) - DAY, month)
        if kind is not None:
            start = pieces[0].first
            yield Grant(
                start, days_of_month(pieces, month), kind.until(month.year, start), f"{month:%Y年%m月}应得"
            )


def _pieces(
    spans: Sequence[Held], first: date, last: date, service_since: date
) -> tuple[list[Piece], LeaveBalance | None]:
    """The days of a year or a month on which something is due, and the last rule of it."""
    pieces: list[Piece] = []
    kind = None
    for each in spans:
        start, end = max(each.first, first), min(each.last, last)
        if start <= end:
            pieces += each.kind.pieces(start, end, service_since)
            kind = each.kind
    return pieces, kind
