"""A month's roster gathered as plain data for checks, grids and the solver."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal

from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet, Value

from core.periods import first_of, last_of
from people.models import Account, Department, Role, Staff, Term
from people.permissions import EVERYWHERE, IN_OWN_EMPLOYMENT
from people.selectors import departments_where, granted, not_left
from people.terms import PersonMonth, people_of_month
from rules.kinds.work import Rest, ShiftPatternKind
from rules.models import Provision, Version
from rules.provisions import Rules, Timeline, rule_from
from shifts.models import PatternHours, Roster, RosterDay
from shifts.planning.holidays import calendar_of
from shifts.planning.plan import (
    MINUTES_A_DAY,
    REST,
    Plan,
    PlannedLeave,
    PlannedPerson,
    PlannedShift,
    RestRule,
    SeasonHours,
    ServiceRule,
    takes_the_day,
)
from shifts.selectors.days_owed import days_owed_of, notices
from shifts.selectors.leave import leaves_near

DAYS_BEFORE, DAYS_AFTER = 35, 7  # of a month's roster that are looked at as well
DAYS_AROUND = 28  # of a swap: four weeks must balance


@dataclass(frozen=True, slots=True)
class Planner:
    """Where in a department an account makes rosters: all of it, or the teams that it leads."""

    department: Department
    teams: frozenset[int] | None  # None: every team, and who has none

    def may(self, team_id: int | None) -> bool:
        return self.teams is None or team_id in self.teams


def planner_of(account: Account, code: str, *, on: date, action: str = "plan_rosters") -> Planner | None:
    """Where the account does the action in the department of that code; nothing where it does not.

    Two queries, three for a lead: of a lead only the teams led on the day.
    """
    if not account.is_active:
        return None
    managed = Exists(account.departments.filter(pk=OuterRef("pk")))
    department = Department.objects.filter(code=code).annotate(is_managed=managed).first()
    if department is None:
        return None
    groups = {group for group, actions in granted(account).items() if action in actions}
    if account.is_superuser or groups & EVERYWHERE:
        return Planner(department, None)
    if groups - IN_OWN_EMPLOYMENT and department.is_managed:
        return Planner(department, None)
    if "lead" not in groups:
        return None
    teams = frozenset(_teams_led(account, department, on))
    return Planner(department, teams) if teams else None


def _teams_led(account: Account, department: Department, day: date) -> Iterable[int]:
    led = Term.objects.filter(
        not_left(day, of="staff"),
        staff__account=account,
        staff__department=department,
        staff__joined_on__lte=day,
        role=Role.LEAD,
        valid__contains=day,
        team__isnull=False,
    )
    return led.values_list("team_id", flat=True)


def plan_of(roster: Roster) -> Plan:
    """The roster of a team's month, which need not be stored yet; seven or eight queries."""
    people = people_of_month(roster.department, roster.month, last_of(roster.month))
    return plan_among(roster, people)


def plan_among(roster: Roster, people: Sequence[PersonMonth]) -> Plan:
    """The same, of the department's people that are known already; five queries, six under service hours."""
    first, last = roster.month, last_of(roster.month)
    since, until = first - timedelta(days=DAYS_BEFORE), last + timedelta(days=DAYS_AFTER)
    ours = [each for each in people if days_in_team(each, roster.team_id)]
    ids = [each.staff_id for each in ours]
    timeline = timeline_of(roster.department, last)
    service = service_of(timeline, first, last)
    others = others_rostered(roster.department, ids, first, last) if service else []
    leave = leave_of([*ids, *{staff_id for staff_id, _, _ in others}], since, until)
    slots, published = slots_of(ids, since, until)
    return Plan(
        first=first,
        last=last,
        people=[
            PlannedPerson(
                each.staff_id,
                each.number,
                each.name,
                each.at_end.role,
                days_in_team(each, roster.team_id),
                leave[each.staff_id],
            )
            for each in ours
        ],
        shifts=shifts_of(roster.department),
        slots=slots,
        calendar=calendar_of(first, last, notices()),
        rules=rest_rules_of(timeline, first, last),
        service=service,
        elsewhere=shifts_by_day(others, leave),
        published=published,
    )


def plan_around(staff: Sequence[Staff], days: Collection[date]) -> Plan:
    """Some people of one department with four weeks on each side of these days, drafts included.

    The months of the days are there whole: rest may be due by the month.
    """
    first = min(first_of(min(days)), min(days) - timedelta(days=DAYS_AROUND))
    last = max(last_of(max(days)), max(days) + timedelta(days=DAYS_AROUND))
    ids = [each.pk for each in staff]
    terms = {
        term.staff_id: term
        for term in Term.objects.filter(staff__in=ids, valid__contains=min(days)).only("staff_id", "role")
    }
    span = frozenset(first + timedelta(days=i) for i in range((last - first).days + 1))
    leave = leave_of(ids, first, last)
    people = [
        PlannedPerson(
            each.pk,
            each.number,
            each.name,
            terms[each.pk].role if each.pk in terms else Role.AGENT,
            frozenset(day for day in span if each.is_employed_on(day)),
            leave[each.pk],
        )
        for each in staff
    ]
    department = staff[0].department
    return Plan(
        first=first,
        last=last,
        people=people,
        shifts=shifts_of(department),
        slots=slots_of(ids, first, last)[0],
        calendar=calendar_of(first, last, notices()),
        rules=rest_rules_of(timeline_of(department, last), first, last),
    )


def days_in_team(person: PersonMonth, team_id: int | None) -> frozenset[date]:
    """The days of the month on which somebody is employed and in the team."""
    if not person.in_month:
        return frozenset()
    return frozenset(
        span.first + timedelta(days=i)
        for span in person.spans
        if span.team_id == team_id
        for i in range((span.last - span.first).days + 1)
    )


def slots_of(
    staff_ids: Collection[int], first: date, last: date
) -> tuple[dict[int, dict[date, int]], dict[tuple[int, date], int]]:
    """What is rostered for these people, drafts included, and which published roster holds it; one query."""
    slots: dict[int, dict[date, int]] = {each: {} for each in staff_ids}
    published = {}
    rows = RosterDay.objects.filter(staff__in=staff_ids, work_date__range=(first, last)).order_by()
    for staff_id, day, pattern_id, roster_id, state in rows.values_list(
        "staff_id", "work_date", "pattern_id", "roster_id", "roster__state"
    ):
        slots[staff_id][day] = pattern_id or REST
        if state == Roster.State.PUBLISHED:
            published[staff_id, day] = roster_id
    return slots, published


def leave_of(
    staff_ids: Collection[int], first: date, last: date
) -> dict[int, dict[date, tuple[PlannedLeave, ...]]]:
    """Approved leave of these people by day, as attendance counts it: a day that is not owed is none.

    Three queries, one where nobody is on leave.
    """
    found: dict[int, dict[date, tuple[PlannedLeave, ...]]] = defaultdict(dict)
    near = leaves_near(first, last).filter(staff__in=staff_ids, approved=True)
    rows = list(near.order_by("starts_on", "id"))
    owed = days_owed_of({row.staff_id for row in rows}, rows[0].starts_on) if rows else {}
    for row in rows:
        words = row.get_type_display()
        for day, part in owed[row.staff_id].leave(row.starts_on, row.days, natural=row.natural):
            if first <= day <= last:
                away = found[row.staff_id]
                away[day] = (*away.get(day, ()), PlannedLeave(Decimal(part), words))
    return found


def shifts_of(department: Department) -> dict[int, PlannedShift]:
    """The department's patterns by id, retired ones included; one query."""
    hours: dict[int, list[SeasonHours]] = defaultdict(list)
    patterns = {}
    rows = PatternHours.objects.filter(pattern__department=department).select_related("pattern")
    for row in rows.order_by("pattern", "from_month", "from_day"):
        patterns[row.pattern_id] = row.pattern
        hours[row.pattern_id].append(hours_from(row))
    return {
        each.pk: PlannedShift(
            id=each.pk,
            code=each.code,
            name=each.name,
            hours=tuple(hours[each.pk]),
            colour=each.colour,
            minimum=each.minimum_staff,
            maximum=each.maximum_staff,
            is_evening=each.is_evening,
            is_retired=each.is_retired,
        )
        for each in patterns.values()
    }


def hours_from(row: PatternHours) -> SeasonHours:
    """Stored hours in minutes."""
    start, end = _minutes(row.starts_at), _minutes(row.ends_at)
    end += MINUTES_A_DAY if end <= start else 0
    pause = 0
    if row.break_starts_at is not None and row.break_ends_at is not None:
        pause = (_minutes(row.break_ends_at) - _minutes(row.break_starts_at)) % MINUTES_A_DAY
    return SeasonHours(row.from_month, row.from_day, start, end, pause)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def timeline_of(department: Department, last: date) -> Timeline:
    """The versions in force until a day with what they say about rest and shifts; one query."""
    fields = [field.attname for field in Provision._meta.concrete_fields]
    ours = FilteredRelation(
        "provisions", condition=Q(provisions__kind__in=[Rest.name, ShiftPatternKind.name])
    )
    rows = (
        Version.objects.filter(department=department, published_at__isnull=False, effective_on__lte=last)
        .annotate(ours=ours)
        .order_by("effective_on", "number", "ours__position")
        .values_list("effective_on", "number", *(f"ours__{each}" for each in fields))
    )
    versions: dict[tuple[date, int], list[Provision]] = defaultdict(list)
    for effective_on, number, *values in rows:
        here = versions[effective_on, number]
        if values[0] is not None:
            here.append(Provision(**dict(zip(fields, values, strict=True))))
    return Timeline(
        (effective_on, number, Rules(rule_from(row, version=f"第{number}版") for row in provisions))
        for (effective_on, number), provisions in versions.items()
    )


def rest_rules_of(timeline: Timeline, first: date, last: date) -> list[RestRule]:
    """The provisions on rest in force from `first` to `last`, each with its days."""
    return [
        RestRule(rule.code, rule.title, rule.kind, begin, end, rule.roles)
        for begin, end, rules in timeline.segments(first, last)
        for rule in rules.of_kind(Rest)
    ]


def service_of(timeline: Timeline, first: date, last: date) -> list[ServiceRule]:
    """The same of the provisions on service hours."""
    return [
        ServiceRule(rule.code, rule.kind.service, begin, end)
        for begin, end, rules in timeline.segments(first, last)
        for rule in rules.of_kind(ShiftPatternKind)
        if rule.kind.service
    ]


def others_rostered(
    department: Department, staff_ids: Collection[int], first: date, last: date
) -> list[tuple[int, date, int]]:
    """The shifts of everybody else in the department's rosters: person, day, pattern; one query.

    With the days before and after. A draft counts: who plans one team sees what the others plan.
    """
    around = first - timedelta(days=1), last + timedelta(days=1)
    rows = RosterDay.objects.filter(
        roster__department=department, work_date__range=around, pattern__isnull=False
    )
    return list(
        rows.exclude(staff__in=staff_ids).order_by().values_list("staff_id", "work_date", "pattern_id")
    )


def shifts_by_day(
    rostered: Iterable[tuple[int, date, int]], leave: Mapping[int, Mapping[date, tuple[PlannedLeave, ...]]]
) -> dict[date, set[int]]:
    """The shifts that somebody has on each day who is not on leave for all of it."""
    found: dict[date, set[int]] = defaultdict(set)
    for staff_id, day, pattern_id in rostered:
        if not takes_the_day(leave[staff_id].get(day, ())):
            found[day].add(pattern_id)
    return dict(found)


def teams_of(people: Iterable[PersonMonth], planner: Planner) -> list[tuple[int | None, str]]:
    """The teams of a month that an account plans, by name; who has none comes last."""
    names = {span.team_id: span.team for each in people if each.in_month for span in each.spans}
    known = sorted(
        ((team_id, name) for team_id, name in names.items() if team_id and planner.may(team_id)),
        key=lambda each: each[1],
    )
    without = [(None, "未分组")] if None in names and planner.may(None) else []
    return [*known, *without]


def rosters_planned_by(account: Account, day: date) -> tuple[list[Department], QuerySet[Roster]]:
    """The departments in which an account plans rosters, and those rosters, the latest first.

    Of a lead those of the teams led on the day; `is_managed` of a department: the account plans all of it.
    """
    managed_here = Exists(account.departments.filter(pk=OuterRef("pk"))) | Value(account.is_superuser)
    departments = departments_where(account, "plan_rosters").annotate(is_managed=managed_here)
    groups = {group for group, actions in granted(account).items() if "plan_rosters" in actions}
    rows = Roster.objects.filter(department__in=departments.values("pk"))
    if not account.is_superuser and not groups & EVERYWHERE:
        managed = Q(department__in=account.departments.all()) if groups - IN_OWN_EMPLOYMENT else Q(pk__in=[])
        led = Term.objects.filter(staff__account=account, role=Role.LEAD, valid__contains=day)
        rows = rows.filter(managed | Q(team__in=led.values("team")))
    return list(departments.order_by("code")), rows.select_related(
        "department", "team", "published_by"
    ).order_by("-month", "department__code", "team__name")
