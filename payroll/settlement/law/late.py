"""Contributions of frozen months that come to something else: a base, a rate or an employment that became
known later.

The months are reckoned again by the bases and rules as they are now and compared with what frozen payslips
hold for them; each difference is a line of the next open month, and a cost of the employer. Tax needs nothing
of the kind, since it is reckoned on the whole year with every payment.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from django.db.models import Min, Q, QuerySet, Sum

from core.money import ZERO
from core.periods import first_of, last_of
from payroll.models import PayLine, Payslip, SettlementPeriod
from payroll.settlement.adjustments import Adjustments
from payroll.settlement.law.differences import Due, held_of, rest_of
from payroll.settlement.law.facts import Late
from payroll.settlement.law.taken import Law
from payroll.settlement.months import load_month
from payroll.settlement.payslip_drafts import DraftLine, Nature
from people.models import FactChange
from rules.kinds.statutory import Contribution
from rules.lines import SettlementFailure
from rules.models import Provision, Version

# Whose base it is, and whether somebody was there at all.
SOURCES = (FactChange.Source.CONTRIBUTION_BASE, FactChange.Source.STAFF)


def late_contributions(period: SettlementPeriod, adjusted: Adjustments) -> Late:
    """What frozen months before `period` still owe or are owed; one query where nothing changed.

    The number of queries depends on the months that are reckoned again.
    """
    late = Late()
    since = _changed_since(period, adjusted)
    if since is None or not _contributes(period):
        return late
    for frozen in adjusted.frozen:
        if frozen.month >= since:
            _reckon(frozen, adjusted, late)
    return late


def _changed_since(period: SettlementPeriod, adjusted: Adjustments) -> date | None:
    """The first frozen month whose bases, rules or people changed since the last one was read."""
    if not adjusted.frozen:
        return None
    last = adjusted.frozen[-1]
    published = Version.objects.filter(
        department=period.department_id,
        published_at__gt=last.facts_read_at,
        effective_on__lte=last_of(last.month),
    ).aggregate(first=Min("effective_on"))["first"]
    months = [each.month for each in adjusted.unseen if each.source in SOURCES]
    if published is not None:
        months.append(first_of(published))
    return min(months, default=None)


def _contributes(period: SettlementPeriod) -> bool:
    """Whether the department ever had contributions at all."""
    rules = Provision.objects.filter(version__department=period.department_id, kind=Contribution.name)
    return rules.exists()


def _reckon(frozen: SettlementPeriod, adjusted: Adjustments, late: Late) -> None:
    """Compare one frozen month with what it comes to now; about twenty queries."""
    month = load_month(frozen.department, frozen.month)
    law = Law.of(frozen, month, is_taxed=False)
    employments = law.facts.employments if law.facts is not None else {}
    rows_in = {who: each.rows_in(frozen.month) for who, each in employments.items()}
    rows = {row.staff_id for each in rows_in.values() for row in each}
    grosses = _grosses(frozen.month, rows, adjusted)
    of_department = Q(payslip__period__department=frozen.department_id)
    held = held_of(of_department | Q(payslip__staff__in=rows), frozen.month)
    # Whoever was not there in the month at all is due nothing of it.
    now: dict[int, dict[str, Due]] = {who: {} for who in held.staff - rows}
    for person in month.people.values() if employments else ():
        of_person = rows_in[person.staff_id]
        if not person.in_month or of_person[-1].staff_id != person.staff_id:
            continue
        gross = sum((grosses.get(row.staff_id, ZERO) for row in of_person), ZERO)
        try:
            dues = {due.rule.code: due for due in law.contributions(person, gross)}
        except SettlementFailure as failure:
            late.failures[person.staff_id] = failure.reason, failure.remedy
        else:
            now[person.staff_id] = dues
    for who, dues in now.items():
        of_all = held.of([row.staff_id for row in rows_in.get(who, ())] or [who])
        lines, costs = rest_of(frozen.month, dues, of_all, Nature.ADJUSTMENT)
        if lines:
            late.lines[who] += lines
        if costs:
            late.costs[who] += costs


def _grosses(month: date, staff: Iterable[int], adjusted: Adjustments) -> Mapping[int, Decimal]:
    """The gross of the payslips of a month, as contributions looked at it; three queries at most.

    Who had none, since the employment became known later, has what was paid for the month since.
    """
    rows = set(staff)
    lines = PayLine.objects.exclude(nature=Nature.DEBT).exclude(column__in=PayLine.STATUTORY).order_by()
    slips = lines.filter(payslip__staff__in=rows, payslip__period__month=month, amount__gt=0)
    found = dict(slips.values_list("payslip__staff_id").annotate(gross=Sum("amount")))
    without = rows - set(
        Payslip.objects.filter(staff__in=rows, period__month=month).values_list("staff", flat=True)
    )
    if without:
        found |= _paid_since(month, without, lines, adjusted.lines)
    return found


def _paid_since(
    month: date,
    staff: set[int],
    lines: QuerySet[PayLine],
    adjusted: Mapping[int, list[DraftLine]],
) -> dict[int, Decimal]:
    """What adjustments pay people for a month, frozen ones and those of now; one query."""
    frozen = lines.filter(
        payslip__staff__in=staff, payslip__period__state__in=SettlementPeriod.FROZEN, for_month=month
    )
    paid: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for who, code, amount in frozen.values_list("payslip__staff_id", "code", "amount"):
        paid[who, code] += amount
    for who in staff & adjusted.keys():
        for each in adjusted[who]:
            if each.for_month == month:
                paid[who, each.line.code] += each.line.amount
    found: dict[int, Decimal] = defaultdict(Decimal)
    for (who, _), amount in paid.items():
        found[who] += max(amount, ZERO)
    return found
