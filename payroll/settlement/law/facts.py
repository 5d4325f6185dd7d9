"""What contributions and tax of a month are reckoned from, read set-wise: a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from core.money import ZERO
from core.periods import first_of, last_of
from payroll.models import PayLine, Payslip, SettlementPeriod, Withholding
from payroll.settlement.law.differences import NOTHING, Held, held_of
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
from rules.selectors import kinds_on
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
        """Both together; what waits is what the one that was reckoned later left."""
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
    """What an earlier payslip of the same month says of somebody who was transferred.

    `is_taxed`: it was approved with a tax computation of its own, before the transfer was known.
    """

    lines: tuple[DraftLine, ...]
    failure: str
    is_taxed: bool = False


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
    paid: Mapping[int, list[tuple[tuple[datetime, int], Paid]]] = field(default_factory=dict)
    paid_before: Mapping[int, Paid] = field(default_factory=dict)  # in the year before
    slips: Mapping[int, Slip] = field(default_factory=dict)
    held: Held = NOTHING  # of the month, on slips of who was in another department of the employer in it
    kinds: Mapping[int, set[str]] = field(default_factory=dict)  # by department that people went to


def load_facts_of_law(
    period: SettlementPeriod,
    month: Month,
    *,
    others: Mapping[int, int] | None = None,
    is_taxed: bool = True,
) -> Facts:
    """Sixteen queries at most, whatever the number of people. `is_taxed`: those that only tax needs too.

    `others`: what `other_rows` gave for the month's people, where it was asked already.
    """
    if others is None:
        others = other_rows(month.people)
    departments = departments_of_employer(period.department)
    employments = employments_of(month.people, others, departments)
    rows = sorted({row for each in employments.values() for row in each.person})
    facts = Facts(employments, bases=_bases(rows, month.first))
    _read_transfers(facts, period, month)
    if is_taxed:
        _read_year(facts, rows, period, departments, period.pays_on)
    return facts


def facts_of_year(facts: Facts, period: SettlementPeriod, paid_on: date) -> Facts:
    """What tax needs of the same people for a payment in another tax year; seven queries."""
    found = Facts(facts.employments)
    rows = sorted({row for each in facts.employments.values() for row in each.person})
    _read_year(found, rows, period, departments_of_employer(period.department), paid_on)
    return found


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


def _read_year(
    facts: Facts, rows: list[int], period: SettlementPeriod, departments: list[int], paid_on: date
) -> None:
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
    through = _through(facts, facts.openings)
    facts.paid = _paid(rows, period, departments, ends, through, with_bonuses=False)
    before = (date(year - 1, 1, 1), date(year - 1, 12, 31))
    through = _through(facts, facts.openings_before)
    of_before = _paid(rows, period, departments, before, through, with_bonuses=True)
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


# By row of staff: all kinds of income; what waits is that of the payment of wages that was approved last,
# since each was reckoned from what those approved before it had left.
_PAID = """
    SELECT s.staff_id, max(p.approved_at), max(w.id), sum(w.income), sum(w.social + w.fund), sum(w.tax),
        coalesce(
            (array_agg(w.shortfall ORDER BY p.approved_at DESC, w.id DESC)
                FILTER (WHERE w.kind = 'wages'))[1],
            0
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
    *,
    with_bonuses: bool,
) -> dict[int, list[tuple[tuple[datetime, int], Paid]]]:
    """What frozen months of the employer paid within these days, by row of staff; one query.

    Of the year of payment bonuses taxed apart are no part; of the year before they count (2020年第19号).
    """
    found: dict[int, list[tuple[tuple[datetime, int], Paid]]] = {}
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
                "with_bonuses": with_bonuses,
            },
        )
        for (
            staff_id,
            approved_at,
            last_id,
            income,
            contributions,
            tax,
            shortfall,
            months,
        ) in cursor.fetchall():
            paid = Paid(income, contributions, tax, shortfall, frozenset(months))
            found[staff_id] = [((approved_at, last_id), paid)]
    return found


def _read_transfers(facts: Facts, period: SettlementPeriod, month: Month) -> None:
    """Of who was in several departments of the employer in the month; six queries, none where nobody was."""
    movers = [rows for each in facts.employments.values() if len(rows := each.rows_in(month.first)) > 1]
    there = {row.staff_id for rows in movers for row in rows if row.department_id != month.department_id}
    if not there:
        return
    facts.slips = _slips(there, month)
    of_movers = Q(payslip__staff__in={row.staff_id for rows in movers for row in rows})
    facts.held = held_of(of_movers & ~Q(payslip__period=period.pk), month.first)
    facts.kinds = kinds_on(month.last, {rows[-1].department_id for rows in movers} - {month.department_id})


def _slips(staff: Collection[int], month: Month) -> dict[int, Slip]:
    """The stored payslips of the month of these rows; two queries."""
    own_tax = Withholding.objects.filter(payslip=OuterRef("pk"), kind=Withholding.Kind.WAGES)
    slips = Payslip.objects.filter(staff__in=staff, period__month=month.first).annotate(
        is_taxed=Exists(own_tax.filter(payslip__period__state__in=SettlementPeriod.FROZEN))
    )
    found = {each.pk: each for each in slips}
    lines: dict[int, list[DraftLine]] = defaultdict(list)
    for row in PayLine.objects.filter(payslip__in=found).order_by("payslip", "position"):
        lines[row.payslip_id].append(draft_line_of(row))
    return {each.staff_id: Slip(tuple(lines[pk]), each.failure, each.is_taxed) for pk, each in found.items()}


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
