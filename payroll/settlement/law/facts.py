"""What contributions and tax of a month are reckoned from, read set-wise: a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import connection

from core.money import ZERO
from core.periods import first_of, last_of
from payroll.models import PayLine, Payslip, SettlementPeriod
from payroll.settlement.law.employments import (
    Employment,
    departments_of_employer,
    employments_of,
    year_of,
)
from payroll.settlement.payslip_drafts import CostDraft, DraftLine
from people.one_person import other_rows
from rules.lines import Line
from rules.provisions import Month
from statutory.models import ContributionBase, FirstJob, TaxDeduction, TaxHistory, TaxOpening


@dataclass(frozen=True, slots=True)
class Paid:
    """What payments of a year came to, in yuan; `shortfall`: what still waits of one below zero."""

    income: Decimal = ZERO
    contributions: Decimal = ZERO
    tax: Decimal = ZERO
    shortfall: Decimal = ZERO
    months: frozenset[date] = frozenset()  # those of payment

    def __add__(self, other: "Paid") -> "Paid":
        """Both together; what waits is what the later one left."""
        return Paid(
            self.income + other.income,
            self.contributions + other.contributions,
            self.tax + other.tax,
            other.shortfall,
            self.months | other.months,
        )


@dataclass(frozen=True, slots=True)
class Deduction:
    """A declared deduction, yuan a month; months are their first days."""

    kind: str
    amount: Decimal
    since: date
    until: date | None

    def holds(self, month: date) -> bool:
        return self.since <= month and (self.until is None or month <= self.until)


@dataclass(frozen=True, slots=True)
class Base:
    """A declared base in yuan a month, of one item or of all (`*`)."""

    item: str
    base: Decimal
    since: date


@dataclass(frozen=True, slots=True)
class Slip:
    """What another department's payslip of the same month says of somebody who was transferred."""

    lines: tuple[DraftLine, ...]
    failure: str


@dataclass(slots=True)
class Late:
    """What contributions of frozen months come to otherwise, by row of staff; whose cannot be reckoned."""

    lines: dict[int, list[DraftLine]] = field(default_factory=lambda: defaultdict(list))
    costs: dict[int, list[CostDraft]] = field(default_factory=lambda: defaultdict(list))
    failures: dict[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def staff(self) -> set[int]:
        return {*self.lines, *self.costs, *self.failures}


@dataclass(slots=True)
class Facts:
    """Employments by row of the month; what was declared and paid by whichever row of the person it is on."""

    employments: dict[int, Employment]
    bases: Mapping[int, list[Base]] = field(default_factory=dict)
    deductions: Mapping[int, list[Deduction]] = field(default_factory=dict)
    openings: Mapping[int, TaxOpening] = field(default_factory=dict)
    openings_before: Mapping[int, TaxOpening] = field(default_factory=dict)  # of the year before
    histories: Mapping[int, TaxHistory] = field(default_factory=dict)
    first_jobs: Collection[int] = frozenset()
    paid: Mapping[int, list[tuple[tuple[date, int], Paid]]] = field(default_factory=dict)
    paid_before: Mapping[int, Paid] = field(default_factory=dict)  # in the year before
    slips: Mapping[int, Slip] = field(default_factory=dict)


def load_facts_of_law(
    period: SettlementPeriod,
    month: Month,
    *,
    others: Mapping[int, int] | None = None,
    is_taxed: bool = True,
) -> Facts:
    """Twelve queries at most, whatever the number of people. `is_taxed`: those that only tax needs too.

    `others`: what `other_rows` gave for the month's people, where it was asked already.
    """
    if others is None:
        others = other_rows(month.people)
    departments = departments_of_employer(period.department)
    employments = employments_of(month.people, others, departments)
    rows = sorted({row for each in employments.values() for row in each.staff})
    facts = Facts(employments, bases=_bases(rows, month.first), slips=_slips(employments, month))
    if is_taxed:
        _read_year(facts, rows, period, departments)
    return facts


def _bases(rows: list[int], month: date) -> Mapping[int, list[Base]]:
    held = ContributionBase.objects.filter(
        staff__in=rows, withdrawn_at__isnull=True, since__lte=month
    ).exclude(until__lt=month)
    found: dict[int, list[Base]] = defaultdict(list)
    for staff_id, item, base, since in held.order_by("since").values_list(
        "staff_id", "item", "base", "since"
    ):
        found[staff_id].append(Base(item, base, since))
    return found


def _read_year(facts: Facts, rows: list[int], period: SettlementPeriod, departments: list[int]) -> None:
    paid_on = period.pays_on
    year = paid_on.year
    standing = {"staff__in": rows, "withdrawn_at__isnull": True}
    deductions: dict[int, list[Deduction]] = defaultdict(list)
    declared = TaxDeduction.objects.filter(**standing, since__lte=paid_on).exclude(until__lt=year_of(paid_on))
    for staff_id, kind, amount, since, until in declared.order_by("kind", "since").values_list(
        "staff_id", "kind", "amount", "since", "until"
    ):
        deductions[staff_id].append(Deduction(kind, amount, since, until))
    facts.deductions = deductions
    openings = list(TaxOpening.objects.filter(**standing, year__in=(year - 1, year)))
    facts.openings = {each.staff_id: each for each in openings if each.year == year}
    facts.openings_before = {each.staff_id: each for each in openings if each.year == year - 1}
    histories = TaxHistory.objects.filter(**standing, year=year - 1)
    facts.histories = {each.staff_id: each for each in histories}
    facts.first_jobs = set(FirstJob.objects.filter(**standing, year=year).values_list("staff_id", flat=True))
    ends = (year_of(paid_on), last_of(first_of(paid_on)))
    facts.paid = _paid(rows, period, departments, ends, _through(facts, facts.openings))
    before = (date(year - 1, 1, 1), date(year - 1, 12, 31))
    of_before = _paid(rows, period, departments, before, _through(facts, facts.openings_before))
    facts.paid_before = {staff_id: _sum(paid) for staff_id, paid in of_before.items()}


def _sum(paid: Iterable[tuple[object, Paid]]) -> Paid:
    return sum((each for _, each in paid), Paid())


def _through(facts: Facts, openings: Mapping[int, TaxOpening]) -> dict[int, date]:
    """Up to which month figures were brought along, by each row of the person."""
    found = {}
    for employment in facts.employments.values():
        ends = [openings[row].through for row in employment.staff if row in openings]
        if ends:
            found.update(dict.fromkeys(employment.staff, max(ends)))
    return found


# By row of staff: all kinds of income; what waits is that of the last payment of wages.
_PAID = """
    SELECT s.staff_id, max(w.paid_on), max(w.id), sum(w.income), sum(w.social + w.fund), sum(w.tax),
        coalesce(
            (array_agg(w.shortfall ORDER BY w.paid_on DESC, w.id DESC) FILTER (WHERE w.kind = 'wages'))[1], 0
        ),
        array_agg(DISTINCT date_trunc('month', w.paid_on)::date)
    FROM payroll_withholding w
    JOIN payroll_payslip s ON s.id = w.payslip_id
    JOIN payroll_settlementperiod p ON p.id = s.period_id
    LEFT JOIN unnest(%(brought)s::bigint[], %(through)s::date[]) AS o(staff_id, through)
        ON o.staff_id = s.staff_id
    WHERE s.staff_id = ANY(%(rows)s) AND p.department_id = ANY(%(departments)s)
        AND p.state IN ('approved', 'paid') AND p.id <> %(period)s
        AND w.paid_on BETWEEN %(first)s AND %(last)s
        AND (o.through IS NULL OR w.paid_on >= o.through + interval '1 month')
        AND (w.kind = 'wages' OR %(with_bonuses)s)
    GROUP BY s.staff_id
"""


def _paid(
    rows: list[int],
    period: SettlementPeriod,
    departments: list[int],
    ends: tuple[date, date],
    through: Mapping[int, date],
) -> dict[int, list[tuple[tuple[date, int], Paid]]]:
    """What frozen months of the employer paid within these days, by row of staff; one query.

    Of the year of payment bonuses taxed apart are no part; of the year before they count (2020年第19号).
    """
    found: dict[int, list[tuple[tuple[date, int], Paid]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _PAID,
            {
                "rows": rows,
                "departments": departments,
                "period": period.pk or 0,
                "first": ends[0],
                "last": ends[1],
                "brought": list(through),
                "through": list(through.values()),
                "with_bonuses": ends[0].year < period.pays_on.year,
            },
        )
        for staff_id, paid_on, last_id, income, contributions, tax, shortfall, months in cursor.fetchall():
            paid = Paid(income, contributions, tax, shortfall, frozenset(months))
            found[staff_id] = [((paid_on, last_id), paid)]
    return found


def _slips(employments: Mapping[int, Employment], month: Month) -> dict[int, Slip]:
    """The stored payslips of the month of who was in another department of the employer before; two queries,
    none where nobody was.
    """
    wanted = {
        row.staff_id
        for employment in employments.values()
        for row in employment.rows_in(month.first)
        if row.department_id != month.department_id
    }
    if not wanted:
        return {}
    slips = Payslip.objects.filter(staff__in=wanted, period__month=month.first)
    found = {each.pk: each for each in slips}
    lines: dict[int, list[DraftLine]] = defaultdict(list)
    for row in PayLine.objects.filter(payslip__in=found).order_by("payslip", "position"):
        lines[row.payslip_id].append(draft_line_of(row))
    return {each.staff_id: Slip(tuple(lines[pk]), each.failure) for pk, each in found.items()}


def draft_line_of(row: PayLine) -> DraftLine:
    """A stored line as it was drafted."""
    line = Line(
        code=row.code,
        title=row.title,
        amount=row.amount,
        column=row.column,
        basis=row.basis,
        on=row.on,
        reason=row.reason,
        trace=row.trace,
    )
    return DraftLine(line, row.nature, row.for_month, row.full_amount)
