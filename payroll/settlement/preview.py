"""What a draft of rules would have made of a month's pay: the month under both versions, nothing stored.

The month is computed twice in memory from the same facts: under the version that the draft changes and under
the draft, each as if it had held from the month's first day. Incidents are priced anew by the provision of
the same code. What earlier months left over is the same under both and taken from the stored draft.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from core.money import ZERO
from core.periods import first_of, shift_months
from payroll.models import ManualLine, PayLine, SettlementPeriod
from payroll.settlement.caps import apply_caps
from payroll.settlement.carry import carried_bases
from payroll.settlement.loss_cap import apply_loss_caps
from payroll.settlement.months import load_month
from payroll.settlement.payslip_drafts import DraftLine, Nature, PersonDraft
from payroll.settlement.sources import load_facts, settle_person
from penalties.reassessment import reassessed
from people.models import Department
from rules.kinds.cases import LossShare
from rules.lines import Line
from rules.models import Version
from rules.provisions import Month, Rules
from rules.selectors import rules_of_version

State = SettlementPeriod.State


@dataclass(frozen=True, slots=True)
class LineChange:
    """What one provision comes to under both versions, for one person; yuan, with the reasons."""

    code: str
    title: str
    before: Decimal
    after: Decimal
    reason_before: str
    reason_after: str

    @property
    def difference(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class PersonChange:
    """One person whose month comes out otherwise: net pay, points and the lines that differ."""

    number: str
    name: str
    before: Decimal
    after: Decimal
    points_before: Decimal | None
    points_after: Decimal | None
    failure_before: str
    failure_after: str
    lines: tuple[LineChange, ...]

    @property
    def difference(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class ProvisionChange:
    """What one provision comes to over all people, under both versions."""

    code: str
    title: str
    people: int
    difference: Decimal


@dataclass(frozen=True, slots=True)
class Preview:
    """A month under both versions: totals, per provision, and who is concerned, the largest first.

    `state` is that of the month's pay, empty where nobody has settled it; `costs` what each provision of the
    draft comes to by its code.
    """

    month: date
    state: str
    people: int
    costs: Mapping[str, Decimal]
    before: Decimal
    after: Decimal
    provisions: tuple[ProvisionChange, ...]
    changed: tuple[PersonChange, ...]

    @property
    def difference(self) -> Decimal:
        return self.after - self.before

    @property
    def is_approved(self) -> bool:
        return self.state in SettlementPeriod.FROZEN

    @property
    def state_label(self) -> str:
        return State(self.state).label if self.state else "还没有结算"

    def cost_of(self, codes: Sequence[str]) -> Decimal:
        """What some provisions come to together under the draft, in yuan."""
        return sum((self.costs.get(code, ZERO) for code in codes), ZERO)


def preview_months(department: Department) -> list[date]:
    """The months on which a draft may be tried: those that pay was made for, the last first."""
    periods = SettlementPeriod.objects.filter(department=department)
    return list(periods.order_by("-month").values_list("month", flat=True))


def preview_period(department: Department, on: date, month: date | None = None) -> SettlementPeriod:
    """The month that was chosen, else the last approved one, else the last computed one.

    Where there is none the last full month before the day, as an unsaved period.
    """
    periods = SettlementPeriod.objects.filter(department=department).select_related("department")
    if month is not None:
        found = periods.filter(month=month).first()
        return found or SettlementPeriod(department=department, month=month)
    for states in (SettlementPeriod.FROZEN, [State.COMPUTED]):
        found = periods.filter(state__in=states).order_by("-month").first()
        if found is not None:
            return found
    return SettlementPeriod(department=department, month=shift_months(first_of(on), -1))


def preview(draft: Version, *, on: date, month: date | None = None) -> Preview:
    """The month of `preview_period` under the draft and under the version that it changes.

    Reads only; the number of queries depends on neither people nor incidents.
    """
    period = preview_period(draft.department, on, month)
    manual = list(
        ManualLine.objects.filter(
            period__department=period.department_id, period__month=period.month, withdrawn_at__isnull=True
        )
        .select_related("by")
        .order_by("id")
    )
    left_over = _left_over(period)
    also = {*left_over, *(line.staff_id for line in manual)}
    loaded = load_month(draft.department, period.month, also=also)
    carried = carried_bases(period, {})
    versions = (rules_of_version(draft.base) if draft.base else Rules([]), rules_of_version(draft))
    before, after = (
        _computed(draft.department, loaded, rules, carried, manual, left_over) for rules in versions
    )
    changed = [
        change
        for staff_id in loaded.people
        if (change := _change(before[staff_id], after[staff_id])) is not None
    ]
    changed.sort(key=lambda each: (-abs(each.difference), each.number))
    return Preview(
        month=period.month,
        state=period.state if period.pk else "",
        people=len(loaded.people),
        costs=_costs(after),
        before=sum((each.net for each in before.values()), ZERO),
        after=sum((each.net for each in after.values()), ZERO),
        provisions=_by_provision(changed),
        changed=tuple(changed),
    )


def _costs(drafts: Mapping[int, PersonDraft]) -> dict[str, Decimal]:
    """The sum of each provision's lines over everybody."""
    costs: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for draft in drafts.values():
        for each in draft.lines:
            costs[each.line.code] += each.line.amount
    return dict(costs)


def _left_over(period: SettlementPeriod) -> Mapping[int, list[PayLine]]:
    """The stored lines of earlier months' adjustments and carry-over; one query."""
    rows = PayLine.objects.filter(
        payslip__period__department=period.department_id,
        payslip__period__month=period.month,
        nature__in=(Nature.ADJUSTMENT, Nature.CARRY),
    )
    lines: dict[int, list[PayLine]] = defaultdict(list)
    for row in rows.select_related("payslip").order_by("payslip", "position"):
        lines[row.payslip.staff_id].append(row)
    return lines


def _computed(
    department: Department,
    month: Month,
    rules: Rules,
    carried: Mapping[tuple[int, str], Decimal],
    manual: list[ManualLine],
    left_over: Mapping[int, list[PayLine]],
) -> dict[int, PersonDraft]:
    """Everybody's month as if `rules` had held from its first day."""
    month = replace(month, timeline=month.timeline.with_rules(month.first, rules))
    facts = load_facts(month, carried=carried, manual=manual)
    facts.penalties = reassessed(month, facts.penalties)
    drafts = {}
    for staff_id, person in month.people.items():
        draft = drafts[staff_id] = settle_person(facts, person)
        if draft.failure:
            continue
        draft.lines += [_draft_line(row) for row in left_over.get(staff_id, ())]
        apply_loss_caps(draft.lines, month.timeline.latest_of_kind(LossShare, person.last))
        if department.caps and department.minimum_wage is not None:
            apply_caps(draft.lines, department.minimum_wage, facts.loss_percent)
    return drafts


def _draft_line(row: PayLine) -> DraftLine:
    line = Line(
        code=row.code,
        title=row.title,
        amount=row.full_amount,
        column=row.column,
        basis=row.basis,
        on=row.on,
        reason=row.reason,
    )
    return DraftLine(line, row.nature, row.for_month, row.full_amount)


def _change(before: PersonDraft, after: PersonDraft) -> PersonChange | None:
    """What is otherwise for a person; None where nothing is."""
    old, new = _by_code(before), _by_code(after)
    lines = []
    for code in dict.fromkeys([*new, *old]):
        was, now = _sum(old.get(code, [])), _sum(new.get(code, []))
        if was != now:
            title = (new.get(code) or old[code])[-1].title
            lines.append(LineChange(code, title, was, now, _reasons(old, code), _reasons(new, code)))
    same = (before.points, before.failure) == (after.points, after.failure)
    if same and not lines:
        return None
    lines.sort(key=lambda each: -abs(each.difference))
    return PersonChange(
        number=after.person.number,
        name=after.person.name,
        before=before.net,
        after=after.net,
        points_before=before.points,
        points_after=after.points,
        failure_before=before.failure,
        failure_after=after.failure,
        lines=tuple(lines),
    )


def _by_code(draft: PersonDraft) -> dict[str, list[Line]]:
    lines: dict[str, list[Line]] = defaultdict(list)
    for each in draft.lines:
        lines[each.line.code].append(each.line)
    return dict(lines)


def _sum(lines: list[Line]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)


def _reasons(lines: Mapping[str, list[Line]], code: str) -> str:
    return "\n".join(line.reason for line in lines.get(code, ()))


def _by_provision(changed: list[PersonChange]) -> tuple[ProvisionChange, ...]:
    found: dict[str, list[LineChange]] = defaultdict(list)
    for person in changed:
        for line in person.lines:
            found[line.code].append(line)
    changes = [
        ProvisionChange(code, lines[-1].title, len(lines), sum((line.difference for line in lines), ZERO))
        for code, lines in found.items()
    ]
    return tuple(sorted(changes, key=lambda each: (-abs(each.difference), each.code)))
