"""What earlier months left for this one: bases below zero, deductions that caps held back or that were
brought along from before the department began here.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from core.money import ZERO
from core.periods import first_of, shift_months
from core.text import shortened
from payroll.models import REASON_LENGTH, PayLine, SettlementPeriod
from payroll.selectors.debts import Debt, debts
from payroll.settlement.payslip_drafts import DEBT, DraftLine, Nature
from penalties.models import OpeningBalance
from penalties.openings import Opening, openings_of
from rules.kinds import Kind
from rules.kinds.sales import StreakAward
from rules.lines import Line
from rules.models import ProvisionFields
from rules.provisions import Month, Rule

Bases = Mapping[tuple[int, str], Decimal]


def carried_bases(period: SettlementPeriod, recomputed: Mapping[date, Bases]) -> Bases:
    """Negative bases that the month before left, by person and provision.

    A month that was recomputed for adjustments leaves what it leaves now, not what it left when frozen.
    """
    before = shift_months(period.month, -1)
    return recomputed[before] if before in recomputed else stored_bases(period, before)


def stored_bases(period: SettlementPeriod, month: date) -> Bases:
    """The bases that frozen payslips say `month` left; an adjustment's word is later than the month's own."""
    return _bases(month, payslip__period__department=period.department_id)


def bases_elsewhere(month: Month) -> Bases:
    """What the month before left in other departments to those who spent a part of this one there."""
    rows = {staff_id for other in month.elsewhere.values() for staff_id in other.people}
    return _bases(shift_months(month.first, -1), payslip__staff__in=rows) if rows else {}


def streaks_before(month: Month) -> Mapping[tuple[int, str, date], int]:
    """How long the streaks were that people had in the departments that they came from.

    By the row here, code and month, as frozen payslips have it; no query where nobody was transferred.
    """
    came = {row: own for row, own in month.last_rows.items() if row != own}
    codes = month.timeline.codes_of_kind(StreakAward) if came else set()
    if not codes:
        return {}
    rows = PayLine.objects.filter(
        payslip__staff__in=list(came),
        payslip__period__state__in=SettlementPeriod.FROZEN,
        nature=Nature.REGULAR,
        code__in=codes,
    )
    found = rows.values_list("payslip__staff_id", "code", "for_month", "trace__facts__months")
    return {(came[row], code, in_month): length for row, code, in_month, length in found if length}


def _bases(month: date, **whose: Any) -> Bases:
    rows = (
        PayLine.objects.filter(
            payslip__period__state__in=SettlementPeriod.FROZEN,
            for_month=month,
            state_carried__isnull=False,
            **whose,
        )
        .order_by("id")
        .values_list("payslip__staff_id", "code", "state_carried")
    )
    return {(staff_id, code): base for staff_id, code, base in rows if base is not None}


def left_with(bases: Bases) -> set[int]:
    """Whose months left a base below zero; who has left meanwhile settles it in money."""
    return {staff_id for (staff_id, _), base in bases.items() if base}


def outstanding_lines(
    period: SettlementPeriod, month: Month, rows: Mapping[int, int]
) -> dict[int, list[DraftLine]]:
    """What frozen months did not take and nothing since has, oldest first; three queries.

    A debt follows the person: who works here has those of the own rows of other departments too (`rows`, as
    `other_rows` gives them).
    """
    own = month.people
    others = {other: row for other, row in rows.items() if other not in own}
    where = Q(payslip__period__department=period.department_id, payslip__period__month__lt=period.month)
    if others:
        ended = Q(payslip__staff__in=others, payslip__staff__left_on__lt=period.month)
        where |= ended & Q(payslip__period__month__lte=period.month)
    lines: dict[int, list[DraftLine]] = defaultdict(list)
    for debt in debts(where):
        staff_id = debt.staff_id if debt.staff_id in own else others.get(debt.staff_id)
        if staff_id is not None:
            lines[staff_id].append(_carry_line(debt))
    return lines


def _carry_line(debt: Debt) -> DraftLine:
    origin = debt.origin
    where = f"{debt.month:%Y年%m月}"
    if origin.code == DEBT:
        title, reason = "欠款", f"{where}的欠款（{origin.reason}），转入{debt.rest}元"
    else:
        title, reason = origin.title, f"{where}“{origin.title}”因限额未扣完，转入{debt.rest}元"
    line = Line(
        code=origin.code,
        title=title,
        amount=-debt.rest,
        column=origin.column,
        basis=origin.basis,
        on=origin.on,
        reason=shortened(reason, REASON_LENGTH),
        trace={
            "carried_from": {"line": origin.pk, "month": f"{debt.month:%Y-%m}"},
            **_told_of(origin.trace),
        },
        provision_id=origin.provision_id,
    )
    return DraftLine(line, Nature.CARRY, origin.for_month, -debt.rest, origin_id=origin.pk)


def opening_lines(period: SettlementPeriod, month: Month) -> dict[int, list[DraftLine]]:
    """Losses from before the department began here that no frozen month has taken up; two queries.

    Each comes in whole, once; what caps hold back of it waits like any other deduction. A corrected one
    brings the difference.
    """
    openings = openings_of(OpeningBalance.Kind.LOSS, staff__in=list(month.people), on__lt=month.last)
    if not openings:
        return {}
    entered = dict(
        PayLine.objects.filter(
            payslip__period__department=period.department_id,
            payslip__period__state__in=SettlementPeriod.FROZEN,
            nature=Nature.CARRY,
            origin__isnull=True,
            trace__opening__opening_balance__in=[each.id for each in openings],
        )
        .order_by()
        .values_list("trace__opening__opening_balance")
        .annotate(total=Sum("full_amount"))
    )
    lines: dict[int, list[DraftLine]] = defaultdict(list)
    for each in openings:
        rest = -each.value - entered.get(each.id, ZERO)
        if rest:
            line = _opening_line(each, rest, month.timeline.on(month.last).get(each.code))
            lines[each.staff_id].append(DraftLine(line, Nature.CARRY, first_of(each.on), line.amount))
    return lines


def _opening_line(opening: Opening, rest: Decimal, rule: Rule[Kind] | None) -> Line:
    """The loss as a line; under a provision that is not in force any more by its bare code."""
    title = rule.title if rule else opening.code
    return Line(
        code=opening.code,
        title=title,
        amount=rest,
        column=rule.kind.column if rule else "other",
        basis=rule.basis if rule else ProvisionFields.Basis.LOSS,
        on=opening.on,
        reason=f"期初未扣的“{title}”{opening.value}元（{opening.source}）"
        + ("" if rest == -opening.value else f"，补差额{rest}元"),
        trace={"opening": opening.in_trace(), **({"provision": rule.cite()} if rule else {})},
        provision_id=rule.id if rule else None,
    )


def _told_of(trace: Mapping[str, Any]) -> dict[str, Any]:
    """What a line that waited says of its origin, so that each month leads back to what it is for."""
    facts = trace.get("facts") or [
        fact for line in trace.get("lines", ()) for fact in _listed(line.get("facts") or [])
    ]
    told = {"provision": trace.get("provision"), "facts": facts, "opening": trace.get("opening")}
    return {key: value for key, value in told.items() if value}


def _listed(facts: Any) -> list[Any]:
    return facts if isinstance(facts, list) else [facts]
