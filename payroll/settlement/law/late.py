"""Contributions of frozen months that come to something else: a base or a rate that became known later.

The months are reckoned again by the bases and rules as they are now and compared with what frozen payslips
hold for them; each difference is a line of the next open month, and a cost of the employer. Tax needs nothing
of the kind, since it is reckoned on the whole year with every payment.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Min, Q, Sum

from core.money import ZERO
from core.periods import first_of, last_of
from payroll.models import EmployerCost, PayLine, SettlementPeriod
from payroll.settlement.adjustments import Adjustments
from payroll.settlement.law.facts import Late
from payroll.settlement.law.taken import Due, Law
from payroll.settlement.months import load_month
from payroll.settlement.payslip_drafts import CostDraft, DraftLine, Nature
from people.models import FactChange
from rules.kinds.labels import FUND
from rules.lines import Line, SettlementFailure
from rules.models import Version

Key = tuple[int, str]  # staff, provision code
FROZEN = SettlementPeriod.FROZEN
CONTRIBUTED = (PayLine.Column.SOCIAL, PayLine.Column.FUND)


def late_contributions(period: SettlementPeriod, adjusted: Adjustments) -> Late:
    """What frozen months before `period` still owe or are owed; one query where nothing changed.

    The number of queries depends on the months that are reckoned again.
    """
    late = Late()
    since = _changed_since(period, adjusted)
    for frozen in adjusted.frozen:
        if since is not None and frozen.month >= since:
            _reckon(frozen, late)
    return late


def _changed_since(period: SettlementPeriod, adjusted: Adjustments) -> date | None:
    """The first frozen month whose bases or rules changed since the last one was read."""
    if not adjusted.frozen:
        return None
    last = adjusted.frozen[-1]
    published = Version.objects.filter(
        department=period.department_id,
        published_at__gt=last.facts_read_at,
        effective_on__lte=last_of(last.month),
    ).aggregate(first=Min("effective_on"))["first"]
    months = [each.month for each in adjusted.unseen if each.source == FactChange.Source.CONTRIBUTION_BASE]
    if published is not None:
        months.append(first_of(published))
    return min(months, default=None)


def _reckon(frozen: SettlementPeriod, late: Late) -> None:
    """Compare one frozen month with what it comes to now; about twenty queries."""
    month = load_month(frozen.department, frozen.month)
    law = Law.of(frozen, month, is_taxed=False)
    lines, costs = _held_lines(frozen), _held_costs(frozen)
    employments = law.facts.employments if law.facts is not None else {}
    grosses = _grosses(frozen.month, [row for each in employments.values() for row in each.staff])
    now: dict[Key, Due] = {}
    for person in month.people.values() if employments else ():
        employment = employments[person.staff_id]
        rows = employment.rows_in(frozen.month)
        if not person.in_month or rows[-1].staff_id != person.staff_id:
            continue
        gross = sum((grosses.get(row.staff_id, ZERO) for row in rows), ZERO)
        try:
            now |= {(person.staff_id, due.rule.code): due for due in law.contributions(person, gross)}
        except SettlementFailure as failure:
            late.failures[person.staff_id] = failure.reason, failure.remedy
    for key in sorted({*now, *lines, *costs}):
        if key[0] in late.failures:
            continue
        due, held, cost = now.get(key), lines.get(key), costs.get(key)
        _compare_lines(frozen.month, key, due, held, late)
        _compare_costs(frozen.month, key, due, cost, late)


Held = tuple[str, str, Decimal]  # title, column or item, yuan


def _compare_lines(month: date, key: Key, due: Due | None, held: Held | None, late: Late) -> None:
    after = due.money.person if due else ZERO
    before = -held[2] if held else ZERO
    if after == before:
        return
    title = due.rule.title if due else held[0] if held else key[1]
    column = due.rule.kind.line_column if due else held[1] if held else PayLine.Column.SOCIAL
    line = Line(
        code=key[1],
        title=title,
        amount=before - after,
        column=column,
        basis="benefit",
        on=last_of(month),
        reason=_in_words(month, title, before, after, due),
        trace=_trace(month, before, after, due),
        provision_id=due.rule.id if due else None,
    )
    late.lines[key[0]].append(DraftLine(line, Nature.ADJUSTMENT, month, line.amount))


def _compare_costs(month: date, key: Key, due: Due | None, held: Held | None, late: Late) -> None:
    after = due.money.employer if due else ZERO
    before = held[2] if held else ZERO
    if after == before:
        return
    title = due.rule.title if due else held[0] if held else key[1]
    item = due.rule.kind.item if due else held[1] if held else FUND
    cost = CostDraft(item, key[1], title, month, after - before, _trace(month, before, after, due))
    late.costs[key[0]].append(cost)


def _in_words(month: date, title: str, before: Decimal, after: Decimal, due: Due | None) -> str:
    how = "补缴" if after > before else "退回"
    why = f"（{due.source}：{due.money.steps[1]}）" if due else "（不再缴纳）"
    return f"{month:%Y年%m月}“{title}”重算为{after}元，原为{before}元，{how}{abs(after - before)}元{why}"


def _trace(month: date, before: Decimal, after: Decimal, due: Due | None) -> dict[str, Any]:
    adjustment = {"month": f"{month:%Y-%m}", "before": str(-before), "after": str(-after), "sources": "缴费"}
    return {**(due.trace if due else {}), "adjustment": adjustment}


def _held_lines(frozen: SettlementPeriod) -> dict[Key, Held]:
    """What frozen payslips hold of contributions for a month, adjustments included; one query."""
    rows = PayLine.objects.filter(
        payslip__period__department=frozen.department_id,
        payslip__period__state__in=FROZEN,
        for_month=frozen.month,
        column__in=CONTRIBUTED,
    )
    sums = rows.values_list("payslip__staff_id", "code", "title", "column").annotate(total=Sum("full_amount"))
    return _by_key(sums.order_by("payslip__staff_id", "code"))


def _held_costs(frozen: SettlementPeriod) -> dict[Key, Held]:
    rows = EmployerCost.objects.filter(
        payslip__period__department=frozen.department_id,
        payslip__period__state__in=FROZEN,
        for_month=frozen.month,
    )
    sums = rows.values_list("payslip__staff_id", "code", "title", "item").annotate(total=Sum("amount"))
    return _by_key(sums.order_by("payslip__staff_id", "code"))


def _by_key(rows: Iterable[Any]) -> dict[Key, Held]:
    found: dict[Key, Held] = {}
    for staff_id, code, title, where, total in rows:
        before = found.get((staff_id, code))
        found[staff_id, code] = (title, where, total + (before[2] if before else ZERO))
    return found


def _grosses(month: date, staff: list[int]) -> Mapping[int, Decimal]:
    """The gross of the payslips of a month, as contributions looked at it; one query."""
    earned = Q(amount__gt=0) & ~Q(nature=Nature.DEBT) & ~Q(column__in=PayLine.STATUTORY)
    rows = PayLine.objects.filter(payslip__staff__in=staff, payslip__period__month=month)
    sums = rows.filter(earned).order_by().values_list("payslip__staff_id").annotate(gross=Sum("amount"))
    return dict(sums)
