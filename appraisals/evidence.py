"""What a month has for appraisal schemes: metrics, points, attendance, supervisors' marks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from appraisals.models import ItemScore
from commissions.metrics import read_metrics
from commissions.order_sums import Sums, plain_reader, read_orders
from core.money import ZERO, plain
from core.periods import last_of
from penalties import contributions as penalties
from penalties.openings import Opening, opening_points
from penalties.points_scale import points_scale
from people.models import Department
from people.terms import PersonMonth, people_of_month
from rules.kinds.appraisal import ABSENCE, LATE, METRIC, POINTS, SUPERVISOR, Evaluation, EvaluationItem
from rules.kinds.base import PayBasis
from rules.kinds.fines_and_awards import Points
from rules.kinds.labels import metric_label
from rules.kinds.sales import COMPUTED
from rules.kinds.target import Target
from rules.provisions import Month, Rule, Rules, has_kind
from rules.selectors import timeline_of
from shifts import contributions as shifts

# Points are asked of what prices attendance; what it would take of the pay is nothing here.
NO_PAY = PayBasis(
    base_pay=lambda _: ZERO,
    performance_bonus=lambda _: ZERO,
    gross=lambda: ZERO,
    performance_bonus_paid=lambda: ZERO,
    minimum_wage=ZERO,
)


@dataclass(frozen=True, slots=True)
class Found:
    """A value and how it reads; `value` None: missing, and `words` say what is to be done."""

    value: Decimal | None
    words: str


@dataclass(frozen=True)
class MonthEvidence:
    """One department's month in memory, made by `load`. Nothing here queries."""

    month: Month
    metrics: Mapping[tuple[int, str], Decimal]
    orders: Mapping[int | None, Sums]
    attendance: shifts.AttendanceFacts | None
    penalties: penalties.PenaltyFacts | None
    openings: Mapping[tuple[int, date], Opening]
    scores: Mapping[tuple[int, str], ItemScore] = field(default_factory=dict)  # by staff and item

    def schemes(self, person: PersonMonth) -> list[Rule[Evaluation]]:
        """The schemes that bind somebody on the last day of the month: one, unless the rules are wrong.

        None for who was transferred on within the month, and for the tiers that a scheme leaves out.
        """
        if not person.in_month or not person.is_last_part:
            return []
        at_end = person.at_end
        return [
            rule
            for rule in self.month.rules_for(person).of_kind(Evaluation)
            if rule.binds(at_end.role) and at_end.tier not in rule.kind.except_tiers
        ]

    def values(self, person: PersonMonth, kind: Evaluation) -> dict[str, Found]:
        """What somebody has in each item of a scheme, by the item's name."""
        return {item.name: self.value(person, item) for item in kind.items or ()}

    def value(self, person: PersonMonth, item: EvaluationItem) -> Found:
        if item.source == METRIC:
            return self._metric(person.staff_id, item)
        if item.source == SUPERVISOR:
            return self._scored(person.staff_id, item)
        return self._points(person) if item.source == POINTS else self._times(person, item)

    def _metric(self, staff_id: int, item: EvaluationItem) -> Found:
        """What was brought wins, else what orders give: nothing where there are no orders at all."""
        code = item.metric or ""
        value = self.metrics.get((staff_id, code))
        if value is None and code in COMPUTED and self.orders:
            value = (self.orders.get(staff_id) or Sums()).value(code)
        if value is None:
            return Found(None, f"缺指标{metric_label(code)}；导入或登记后再看")
        return Found(value, item.figure(value))

    def _scored(self, staff_id: int, item: EvaluationItem) -> Found:
        """The newest marks; given out of other full marks they are converted to those of today."""
        row = self.scores.get((staff_id, item.name))
        if row is None:
            return Found(None, "缺主管评分；由组长、主管或经理评分")
        value = row.score if row.scale == item.scale else row.score / row.scale * item.scale
        return Found(value, f"{plain(row.score)}/{plain(row.scale)}，{row.by}：{row.reason}")

    def _points(self, person: PersonMonth) -> Found:
        """The month's points as settlement has them: what incidents and attendance left of the base.

        What settlement alone can tell is missing here: the month's part in another department, and what
        targets take.
        """
        rules = self.month.rules_for(person)
        scale = points_scale(rules)
        opening = self.openings.get((person.staff_id, self.month.first))
        if opening is not None:
            return Found(opening.value, f"{plain(opening.value)}（期初带入）")
        if scale is None or self.attendance is None or self.penalties is None:
            return Found(None, "制度里没有扣分条款；改考评方案或增加扣分条款")
        if where := _earlier_in_month(person):
            return Found(None, f"本月在{where}的扣分由结算合计；改考评方案，这一项用指标或主管评分")
        if taking := _targets_taking_points(rules, person):
            named = "、".join(f"{rule.code} {rule.title}" for rule in taking)
            return Found(None, f"{named}是否扣分由结算判断；改考评方案，这一项用指标或主管评分")
        deducted = sum((each.points for each in self.penalties.points(person)), Decimal(0))
        charges = self.attendance.charges(person, NO_PAY, self._absences(person))
        deducted += sum((charge.points for _, charge in charges), Decimal(0))
        left = scale.left(deducted)
        return Found(left, f"{plain(left)}（{plain(scale.base)}－{plain(deducted)}）")

    def _times(self, person: PersonMonth, item: EvaluationItem) -> Found:
        times = self.attendance.times(person) if self.attendance is not None else None
        if times is None or self.penalties is None:
            return Found(None, "缺考勤；导入当月考勤后再看")
        if where := _earlier_in_month(person):
            return Found(None, f"本月在{where}的次数不在这里；改考评方案，这一项用指标或主管评分")
        late, absent = times
        absent += sum(each.quantity for _, each in self.penalties.absences(person))
        count = late if item.source == LATE else absent
        return Found(Decimal(count), f"{count}次")

    def _absences(self, person: PersonMonth) -> shifts.Recorded:
        assert self.penalties is not None
        return [*self.penalties.absences_before(person), *self.penalties.absences(person)]


def _earlier_in_month(person: PersonMonth) -> str:
    """The departments of the month's parts before this one, whose incidents and attendance are not read."""
    return "、".join(part.department for part in person.elsewhere if part.first < person.first)


def _targets_taking_points(rules: Rules, person: PersonMonth) -> list[Rule[Target]]:
    """The person's targets of which one of the outcomes takes points."""

    def takes(name: str) -> bool:
        named = rules.get(name)
        return named is not None and has_kind(named, Points) and named.binds(person.at_end.role)

    binding = (rule for rule in rules.of_kind(Target) if rule.binds(person.at_end.role))
    return [rule for rule in binding if any(map(takes, rule.kind.names))]


def load(department: Department, first: date, *, only: Collection[int] | None = None) -> MonthEvidence:
    """The month that begins on `first`, of everybody or of some rows of staff.

    As many queries for a thousand people as for one: what no scheme of the month asks for is not read.
    """
    last = last_of(first)
    people = people_of_month(department, first, last, only=only)
    if only is not None:
        people = [person for person in people if person.staff_id in only]
    month = Month(
        department_id=department.pk,
        first=first,
        last=last,
        people={person.staff_id: person for person in people},
        timeline=timeline_of(department),
    )
    items = [
        item
        for _, _, rules in month.timeline.segments(first, last)
        for rule in rules.of_kind(Evaluation)
        for item in rule.kind.items or ()
    ]
    sources = {item.source for item in items}
    codes = {item.metric for item in items if item.source == METRIC}
    attends = bool(sources & {POINTS, LATE, ABSENCE})
    return MonthEvidence(
        month=month,
        metrics=read_metrics(month, first).get(first, {}) if codes else {},
        orders=read_orders(month, [], plain_reader).whole if codes & set(COMPUTED) else {},
        attendance=shifts.load(month) if attends else None,
        penalties=penalties.load(month) if attends else None,
        openings=opening_points(month.people, [first]) if POINTS in sources else {},
        scores=_scores(month) if SUPERVISOR in sources else {},
    )


def _scores(month: Month) -> dict[tuple[int, str], ItemScore]:
    """The newest marks of everybody in each item; one query."""
    rows = (
        ItemScore.objects.filter(sheet__staff__in=list(month.people), sheet__month=month.first)
        .select_related("sheet", "by")
        .order_by("id")
    )
    return {(row.sheet.staff_id, row.item): row for row in rows}
