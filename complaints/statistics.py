"""The complaint figures of a month from what happened in it; pure.

A receipt counts in the month in which the complaint came, everything else of a case in the month of its first
closing; a clock in the month in which the thing happened that it waits for.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from operator import attrgetter
from statistics import mean, median

from core.money import ZERO
from core.periods import shift_months

MONTHS = 12
A_DAY = timedelta(days=1)
TENTH = Decimal("0.1")
NOT_SAID = "未填"
GROUPINGS = ("cause", "product", "type", "channel")


@dataclass(frozen=True, slots=True)
class Sorts:
    """By what cases are told apart."""

    cause: str
    product: str
    type: str
    channel: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A complaint that came in; `customer` is empty where nobody knows whose it is."""

    case: int
    number: str
    month: date
    sorts: Sorts
    customer: str = ""
    is_merged: bool = False


@dataclass(frozen=True, slots=True)
class Closing:
    """The first closing of a case, `took` after the receipt."""

    case: int
    month: date
    sorts: Sorts
    took: timedelta
    is_upheld: bool


@dataclass(frozen=True, slots=True)
class ClockEnd:
    """A clock whose event happened, or that came to an end after its time."""

    month: date
    code: str
    title: str
    round: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class UnitShare:
    """What a unit is held responsible for of a case, in yuan."""

    case: int
    unit: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CallbackMade:
    case: int
    satisfaction: int | None


@dataclass(frozen=True)
class Happened:
    """What happened in twelve months. `counts`: cases by (figure, month), `losses`: yuan by case."""

    receipts: Sequence[Receipt] = ()
    closings: Sequence[Closing] = ()
    counts: Counter[tuple[str, date]] = field(default_factory=Counter)
    clocks: Sequence[ClockEnd] = ()
    losses: dict[int, Decimal] = field(default_factory=dict)
    shares: Sequence[UnitShare] = ()
    callbacks: Sequence[CallbackMade] = ()
    overdue: int = 0


@dataclass
class InTime:
    """How many clocks were met in time and how many late."""

    on_time: int = 0
    late: int = 0

    def add(self, is_late: bool) -> None:
        if is_late:
            self.late += 1
        else:
            self.on_time += 1

    @property
    def share(self) -> Decimal | None:
        """Per cent in time, None where there was none."""
        return per_cent(self.on_time, self.on_time + self.late)


@dataclass
class MonthFigures:
    """One month of a department. `again`: what second and later rounds of reopened cases come to."""

    month: date
    received: int = 0
    accepted: int = 0
    declined: int = 0
    merged: int = 0
    reopened: int = 0
    closed: int = 0
    upheld: int = 0
    closed_again: int = 0
    clocks: InTime = field(default_factory=InTime)
    clocks_again: InTime = field(default_factory=InTime)
    losses: Decimal = ZERO
    called: int = 0
    reached: int = 0
    scores: list[int] = field(default_factory=list)
    took: list[timedelta] = field(default_factory=list)

    @property
    def average_days(self) -> Decimal | None:
        return in_days(mean(each.total_seconds() for each in self.took)) if self.took else None

    @property
    def median_days(self) -> Decimal | None:
        return in_days(median(each.total_seconds() for each in self.took)) if self.took else None

    @property
    def longest_days(self) -> Decimal | None:
        return in_days(max(self.took).total_seconds()) if self.took else None

    @property
    def upheld_share(self) -> Decimal | None:
        return per_cent(self.upheld, self.closed)

    @property
    def called_share(self) -> Decimal | None:
        """Per cent of the closed cases whose customer was reached afterwards."""
        return per_cent(self.reached, self.closed)

    @property
    def satisfaction(self) -> Decimal | None:
        """The mean of the last score that each customer gave, 1 to 5."""
        return tenths(Decimal(sum(self.scores)) / len(self.scores)) if self.scores else None


@dataclass
class GroupRow:
    """One cause, product, type or channel; `before`: how many came in in the month before."""

    label: str
    received: int = 0
    before: int = 0
    closed: int = 0
    upheld: int = 0
    took: list[timedelta] = field(default_factory=list)
    losses: Decimal = ZERO

    @property
    def average_days(self) -> Decimal | None:
        return in_days(mean(each.total_seconds() for each in self.took)) if self.took else None


@dataclass
class UnitRow:
    """What a unit is held responsible for: of how many cases, and what it bears."""

    label: str
    cases: int
    before: int
    losses: Decimal


@dataclass
class ClockRow:
    title: str
    code: str
    first: InTime = field(default_factory=InTime)
    again: InTime = field(default_factory=InTime)


@dataclass(frozen=True)
class Repeat:
    """A customer who had complained before: the numbers of all cases of the twelve months, in order."""

    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Statistics:
    """The figures of a month with those of the eleven before it, oldest first."""

    months: list[MonthFigures]
    groups: dict[str, list[GroupRow]]
    units: list[UnitRow]
    clocks: list[ClockRow]
    repeats: list[Repeat]
    overdue: int

    @property
    def this(self) -> MonthFigures:
        return self.months[-1]

    @property
    def before(self) -> MonthFigures:
        return self.months[-2]


def statistics_from(month: date, happened: Happened) -> Statistics:
    """The figures of a month; a merged case counts as received and has no closing of its own after that."""
    months = {start: MonthFigures(start) for start in months_up_to(month)}
    for receipt in happened.receipts:
        months[receipt.month].received += 1
    for closing in happened.closings:
        figures = months[closing.month]
        figures.closed += 1
        figures.upheld += closing.is_upheld
        figures.took.append(closing.took)
        figures.losses += happened.losses.get(closing.case, ZERO)
    for end in happened.clocks:
        figures = months[end.month]
        (figures.clocks if end.round == 1 else figures.clocks_again).add(end.is_late)
    for (kind, start), count in happened.counts.items():
        setattr(months[start], kind, count)
    _callbacks(months, happened)
    return Statistics(
        months=list(months.values()),
        groups={name: _groups(happened, month, attrgetter(name)) for name in GROUPINGS},
        units=_units(happened, month),
        clocks=_clocks(happened, month),
        repeats=_repeats(happened, month),
        overdue=happened.overdue,
    )


def months_up_to(month: date) -> list[date]:
    """The twelve months that end with one, oldest first."""
    return [shift_months(month, back) for back in range(1 - MONTHS, 1)]


def _callbacks(months: dict[date, MonthFigures], happened: Happened) -> None:
    """Of each case the last score counts, whenever it was given; the month is that of its first closing."""
    last: dict[int, int | None] = {}
    for each in happened.callbacks:
        last[each.case] = each.satisfaction if each.satisfaction is not None else last.get(each.case)
    for closing in happened.closings:
        if closing.case in last:
            figures, score = months[closing.month], last[closing.case]
            figures.called += 1
            if score is not None:
                figures.reached += 1
                figures.scores.append(score)


def _groups(happened: Happened, month: date, of: Callable[[Sorts], str]) -> list[GroupRow]:
    rows: dict[str, GroupRow] = {}
    last = shift_months(month, -1)

    def row(sorts: Sorts) -> GroupRow:
        label = of(sorts) or NOT_SAID
        return rows.setdefault(label, GroupRow(label))

    for receipt in happened.receipts:
        if receipt.month == month:
            row(receipt.sorts).received += 1
        elif receipt.month == last:
            row(receipt.sorts).before += 1
    for closing in happened.closings:
        if closing.month == month:
            found = row(closing.sorts)
            found.closed += 1
            found.upheld += closing.is_upheld
            found.took.append(closing.took)
            found.losses += happened.losses.get(closing.case, ZERO)
    return sorted(rows.values(), key=lambda each: (-each.received, -each.closed, -each.before, each.label))


def _units(happened: Happened, month: date) -> list[UnitRow]:
    month_of = {closing.case: closing.month for closing in happened.closings}
    cases: dict[str, dict[date, set[int]]] = defaultdict(lambda: defaultdict(set))
    losses: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for share in happened.shares:
        closed_in = month_of.get(share.case)
        if closed_in is None:
            continue
        cases[share.unit][closed_in].add(share.case)
        if closed_in == month:
            losses[share.unit] += share.amount
    last = shift_months(month, -1)
    rows = [
        UnitRow(unit, len(found[month]), len(found[last]), losses[unit])
        for unit, found in cases.items()
        if month in found or last in found
    ]
    return sorted(rows, key=lambda each: (-each.cases, -each.losses, each.label))


def _clocks(happened: Happened, month: date) -> list[ClockRow]:
    rows: dict[tuple[str, str], ClockRow] = {}
    for end in happened.clocks:
        if end.month == month:
            row = rows.setdefault((end.code, end.title), ClockRow(end.title, end.code))
            (row.first if end.round == 1 else row.again).add(end.is_late)
    return [rows[key] for key in sorted(rows)]


def _repeats(happened: Happened, month: date) -> list[Repeat]:
    """Whose complaint of the month is not the first of the twelve months; a merged duplicate is none."""
    known: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in happened.receipts:
        if receipt.customer and not receipt.is_merged:
            known[receipt.customer].append(receipt)
    found = [
        tuple(each.number for each in sorted(receipts, key=lambda each: (each.month, each.number)))
        for receipts in known.values()
        if len(receipts) > 1 and any(each.month == month for each in receipts)
    ]
    return [Repeat(numbers) for numbers in sorted(found, key=lambda each: (-len(each), each))]


def per_cent(part: int, whole: int) -> Decimal | None:
    """Per cent with one place; None of nothing."""
    return tenths(Decimal(part * 100) / whole) if whole else None


def in_days(seconds: float) -> Decimal:
    return tenths(Decimal(round(seconds)) / Decimal(A_DAY.total_seconds()))


def tenths(number: Decimal) -> Decimal:
    return number.quantize(TENTH, rounding=ROUND_HALF_UP)
