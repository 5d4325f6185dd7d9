"""What a draft of rules would have made of a month's pay: the month under both versions, nothing stored.

The month is computed twice in memory from the same facts: under the version that the draft changes and under
the draft, each as if it had held from the month's first day. Incidents are priced anew by the provision of
the same code. What earlier months left over is the same under both and taken from the stored draft.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from core.money import ZERO
from core.periods import first_of, shift_months
from payroll.models import ManualLine, PayLine, SettlementPeriod
from payroll.settlement.caps import apply_floor, apply_limits
from payroll.settlement.carry import carried_bases, left_with
from payroll.settlement.law.facts import Late
from payroll.settlement.law.taken import Law, bonuses_of, in_turn
from payroll.settlement.months import load_month
from payroll.settlement.payslip_drafts import DraftLine, Nature, PersonDraft
from payroll.settlement.sources import MonthFacts, load_facts, settle_person
from penalties.reassessment import reassessed
from people.models import Department
from rules.lines import Line
from rules.models import Version
from rules.provisions import Month, Rules, Timeline
from rules.selectors import rules_of_version
from statutory.models import AnnualBonus

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
    tried = Trial.of(period)
    versions = (rules_of_version(draft.base) if draft.base else Rules([]), rules_of_version(draft))
    before, after = (
        tried.computed(tried.month.timeline.with_rules(period.month, rules)) for rules in versions
    )
    return compared(period, before, after)


@dataclass(frozen=True)
class Trial:
    """A month's facts, to be settled in memory under one timeline after another."""

    period: SettlementPeriod
    month: Month
    carried: Mapping[tuple[int, str], Decimal]
    manual: Sequence[ManualLine]
    left_over: Mapping[int, list[PayLine]]
    bonuses: Mapping[int, list[AnnualBonus]]

    @classmethod
    def of(cls, period: SettlementPeriod, *, published_by: datetime | None = None) -> "Trial":
        """What is read once; `published_by` as in `load_month`."""
        manual = ManualLine.objects.filter(
            period__department=period.department_id, period__month=period.month, withdrawn_at__isnull=True
        )
        rows = list(manual.select_related("by").order_by("id"))
        left_over, carried = _left_over(period), carried_bases(period, {})
        bonuses = bonuses_of(period)
        also = {*left_over, *left_with(carried), *bonuses, *(line.staff_id for line in rows)}
        month = load_month(period.department, period.month, also=also, published_by=published_by)
        return cls(period, month, carried, rows, left_over, bonuses)

    def computed(
        self,
        timeline: Timeline,
        *,
        reprices: bool = True,
        change: Callable[[MonthFacts], None] = lambda facts: None,
    ) -> dict[int, PersonDraft]:
        """Everybody's month under a timeline; `reprices`: incidents are priced anew by it. `change` may put
        other facts in the place of what was read."""
        month = replace(self.month, timeline=timeline)
        facts = load_facts(month, carried=self.carried, manual=self.manual)
        change(facts)
        if reprices:
            facts.penalties = reassessed(month, facts.penalties)
        late = Late(lines=self._left_over(by_law=True))
        law = Law.of(self.period, month, bonuses=self.bonuses, late=late)
        left_over = self._left_over(by_law=False)
        drafts = {}
        for person in in_turn(month):
            draft = drafts[person.staff_id] = settle_person(facts, person)
            if draft.failure:
                continue
            draft.lines += left_over.get(person.staff_id, [])
            law.add_bonuses(draft)
            apply_limits(draft, self.period.department, month.timeline, facts.loss_percent)
            law.take(draft)
            apply_floor(draft)
        return {staff_id: drafts[staff_id] for staff_id in month.people}

    def _left_over(self, *, by_law: bool) -> dict[int, list[DraftLine]]:
        """What earlier months left, before limits: contributions made up for, or all the rest."""
        found: dict[int, list[DraftLine]] = defaultdict(list)
        for staff_id, rows in self.left_over.items():
            for row in rows:
                if (row.column in PayLine.STATUTORY) is by_law:
                    found[staff_id].append(_draft_line(row))
        return found


def compared(
    period: SettlementPeriod, before: Mapping[int, PersonDraft], after: Mapping[int, PersonDraft]
) -> Preview:
    """Both results of one month side by side."""
    changed = [change for who in after if (change := _change(before[who], after[who])) is not None]
    changed.sort(key=lambda each: (-abs(each.difference), each.number))
    return Preview(
        month=period.month,
        state=period.state if period.pk else "",
        people=len(after),
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


def _draft_line(row: PayLine) -> DraftLine:
    line = Line(
        code=row.code,
        title=row.title,
        amount=row.full_amount,
        column=row.column,
        basis=row.basis,
        on=row.on,
        reason=row.reason,
        trace=row.trace,
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
