"""Points as people read them: month by month what is left and what took of it, and how far bands are met."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Least, TruncMonth

from core.money import plain
from core.periods import last_of, shift_months
from payroll.models import Payslip, SettlementPeriod
from penalties.models import Incident, PointsEntry, Proposal
from penalties.openings import Opening, opening_points
from penalties.points_scale import PointsScale, points_scale
from people.models import Account, Department, Role, Staff, Term
from people.selectors import not_left, staff_visible_to
from rules.kinds.fines_and_awards import PointsBand
from rules.provisions import Rule, Rules
from rules.selectors import timeline_of

MONTHS = 12


@dataclass(frozen=True, slots=True)
class PointsMonth:
    """A person's points of a month: settled, or so far by what was confirmed; `deducted` as in the trace.

    `points` is None for a settled month in which nothing spoke of points. An opening balance says in `note`
    who brought it.
    """

    month: date
    points: Decimal | None
    base: str
    deducted: Sequence[Mapping[str, Any]]
    is_settled: bool
    is_opening: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class BandState:
    """A band and how many months in a row, this one included, somebody's points were not above it.

    Months up to its last proposal do not count again; `is_lowest`: of the bands for one month the lowest that
    is met, the only one of them that suggests something.
    """

    rule: Rule[PointsBand]
    months: int
    is_lowest: bool = False

    @property
    def words(self) -> str:
        return self.rule.kind.in_words()

    @property
    def is_met(self) -> bool:
        return self.is_lowest or 1 < self.rule.kind.months <= self.months


@dataclass(frozen=True, slots=True)
class PersonPoints:
    """A person's months, the latest first, and the bands that bind them as the latest month has it."""

    staff: Staff
    months: list[PointsMonth]
    bands: list[BandState]

    @property
    def latest(self) -> PointsMonth:
        return self.months[0]

    @property
    def near(self) -> list[BandState]:
        """The bands that are met, and those for several months that are on the way."""
        return [each for each in self.bands if each.is_met or (each.months and each.rule.kind.months > 1)]


def people_with_points(account: Account, department: Department, month: date) -> QuerySet[Staff]:
    """Whom the account sees and who worked in the department in the month: by team of then, then number.

    With `team_name` (None: no team) and `role` of the month's last day of work.
    """
    last_day = Least(Coalesce(OuterRef("left_on"), last_of(month)), last_of(month))
    term = Term.objects.filter(staff=OuterRef("pk")).alias(day=last_day).filter(valid__contains=F("day"))
    return (
        staff_visible_to(account)
        .filter(not_left(month), department=department, joined_on__lte=last_of(month))
        .annotate(
            team_name=Subquery(term.values("team__name")[:1]),
            role=Coalesce(Subquery(term.values("role")[:1]), Value(Role.AGENT)),
        )
        .order_by(F("team_name").asc(nulls_last=True), "number")
    )


def points_of(
    staff: Sequence[Staff], department: Department, month: date, *, months: int = MONTHS
) -> list[PersonPoints]:
    """The points of people of one department up to `month`, in their order; eight queries for any number.

    `staff` with `role`, as `people_with_points` gives them. Months after the last that is settled are told as
    far as they are known; a month before it that was settled without the person is not told at all.
    """
    ids = [each.pk for each in staff]
    back = [shift_months(month, -i) for i in range(months)]
    timeline = timeline_of(department)
    rules = {each: timeline.on(last_of(each)) for each in back}
    settled = _settled(ids, back)
    running = _running(ids, back[-1], last_of(month))
    openings = opening_points(ids, back)
    under_way = _under_way(department, month)
    proposed = _proposed(ids, back)
    found = []
    for person in staff:
        told = []
        for each in back:
            scale = points_scale(rules[each])
            slip = settled.get((person.pk, each))
            opening = openings.get((person.pk, each))
            if slip is not None:
                told.append(slip)
            elif opening is not None:
                told.append(_brought(each, opening))
            elif scale is not None and each >= under_way and person.joined_on <= last_of(each):
                told.append(_so_far(each, scale, running.get((person.pk, each), [])))
        shown = told or [PointsMonth(month, None, "", [], is_settled=False)]
        found.append(PersonPoints(person, shown, _bands(rules[month], person, shown, month, proposed)))
    return found


def _under_way(department: Department, month: date) -> date:
    """The first month up to `month` that is not settled: after the last that is, else the first opened."""
    found = SettlementPeriod.objects.filter(department=department, month__lte=month).aggregate(
        settled=Max("month", filter=Q(state__in=SettlementPeriod.FROZEN)), opened=Min("month")
    )
    return shift_months(found["settled"], 1) if found["settled"] else found["opened"] or month


def _settled(ids: Collection[int], months: Sequence[date]) -> dict[tuple[int, date], PointsMonth]:
    rows = Payslip.objects.filter(
        staff__in=ids, period__month__in=months, period__state__in=SettlementPeriod.FROZEN, failure=""
    ).values_list("staff_id", "period__month", "points", "points_trace")
    return {
        (who, month): PointsMonth(
            month, points, trace.get("base", ""), trace.get("deducted", []), is_settled=True
        )
        for who, month, points, trace in rows
    }


def _running(
    ids: Collection[int], first: date, last: date
) -> dict[tuple[int, date], list[Mapping[str, Any]]]:
    """What confirmed incidents have taken so far, by person and month, incident by incident; two queries."""
    sums = (
        PointsEntry.objects.filter(staff__in=ids, work_date__range=(first, last))
        .annotate(month=TruncMonth("work_date"))
        .order_by("work_date", "source_id")
        .values_list("staff_id", "month", "work_date", "provision__code", "provision__title", "source_id")
        .annotate(total=Sum("points"))
        .exclude(total=0)
    )
    rows = list(sums)
    notes = dict(Incident.objects.filter(pk__in=[row[5] for row in rows]).values_list("pk", "note"))
    found: dict[tuple[int, date], list[Mapping[str, Any]]] = defaultdict(list)
    for who, month, on, code, title, source, total in rows:
        said = f"{on:%Y-%m-%d}" + (f"：{notes[source]}" if notes.get(source) else "")
        told = {"code": code, "title": title, "points": plain(total), "reason": said}
        found[who, month].append(told)
    return found


def _brought(month: date, opening: Opening) -> PointsMonth:
    note = f"期初带入，{opening.source}。"
    return PointsMonth(month, opening.value, "", [], is_settled=True, is_opening=True, note=note)


def _so_far(month: date, scale: PointsScale, deducted: list[Mapping[str, Any]]) -> PointsMonth:
    taken = sum((Decimal(each["points"]) for each in deducted), Decimal(0))
    return PointsMonth(month, scale.left(taken), plain(scale.base), deducted, is_settled=False)


def _proposed(ids: Collection[int], back: Sequence[date]) -> dict[tuple[int, str], int]:
    """By person and code how many months ago, this one left out, something was suggested last."""
    rows = Proposal.objects.filter(staff__in=ids, month__in=back[1:]).exclude(state=Proposal.State.WITHDRAWN)
    return {
        (who, code): back.index(month)
        for who, code, month in rows.order_by("month").values_list("staff_id", "code", "month")
        if month is not None
    }


def _bands(
    rules: Rules,
    person: Staff,
    told: Sequence[PointsMonth],
    month: date,
    proposed: Mapping[tuple[int, str], int],
) -> list[BandState]:
    points = {each.month: each.points for each in told}
    found = []
    for rule in rules.of_kind(PointsBand):
        line = rule.kind.at_or_below
        if line is None or not rule.binds(person.role):  # type: ignore[attr-defined]
            continue
        length = 0
        while (left := points.get(shift_months(month, -length))) is not None and left <= line:
            length += 1
        if not rule.kind.again:
            length = min(length, proposed.get((person.pk, rule.code), length))
        found.append(BandState(rule, length))
    found.sort(key=lambda each: (each.rule.kind.months, each.rule.kind.at_or_below))
    if found and found[0].rule.kind.months == 1:
        # They come from the lowest up: the first that is met is the lowest.
        met = next((each for each in found if each.rule.kind.months == 1 and each.months), None)
        found = [replace(each, is_lowest=each is met) for each in found]
    return found
