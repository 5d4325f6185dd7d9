"""Reads of duties: who owes what by when, what became of it, whose turn it is. Two queries for any number
of people: the duty provisions in force, and the people with all that happened."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from duties.models import DutyRecord, DutyTurn, DutyWaiver, HandoverItem, Memo
from duties.obligations import EXTENSION, LOOK_BACK, DutyHolder, Owed, Work, owed
from people.models import Department, Role, Staff, Term
from people.selectors import not_left
from rules.kinds.base import Kind
from rules.kinds.leave import leave_dates
from rules.kinds.work import Duty
from rules.models import Provision, Version
from rules.provisions import Rule, Rules, Timeline, rule_from
from shifts.models import Punch, Roster, RosterDay
from shifts.selectors.leave import leaves_near

FIELDS = ("id", "code", "title", "clause", "kind", "params", "roles", "window", "basis", "confirm", "covers")


@dataclass(frozen=True, slots=True)
class Obligation:
    """A duty of a person who is at hand, with what became of it at the moment of looking."""

    staff: Staff
    owed: Owed
    state: str


def duty_timeline(department: Department) -> Timeline:
    """The duty provisions of the department's published versions; one query."""
    duties = Provision.objects.filter(version=OuterRef("pk"), kind=Duty.name).order_by("position")
    rows = Version.objects.filter(department=department, published_at__isnull=False).annotate(
        duties=ArraySubquery(duties.values(json=JSONObject(**{name: name for name in FIELDS})))
    )
    return Timeline(
        (row.effective_on, row.number, Rules(_rule(row, each) for each in row.duties)) for row in rows
    )


def _rule(version: Version, fields: Mapping[str, Any]) -> Rule[Kind]:
    return rule_from(Provision(**fields), version=f"第{version.number}版")


def people_owing(
    department: Department, first: date, last: date, *, only: Iterable[int] | None = None
) -> tuple[list[DutyHolder], dict[int, Staff], frozenset[str]]:
    """Everybody employed from `first` to `last` with what decides their duties; one query.

    Also their rows, by number, and the roles that the department's published rosters of the time list, none
    where there is no roster. A roster that was published after a shift had ended obliges nobody.
    """
    start = first - LOOK_BACK
    employed = Q(joined_on__lte=last) & not_left(start)
    rows = Staff.objects.filter(employed, department=department).order_by("number")
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    listed = RosterDay.objects.filter(roster__state=Roster.State.PUBLISHED, work_date__range=(start, last))
    of_department = listed.filter(roster__department=department)
    rows = rows.annotate(
        **_facts(start, last),
        is_rostered=Exists(listed.filter(staff=OuterRef("pk"))),
        has_roster=Exists(of_department),
        listed_roles=ArraySubquery(
            Term.objects.filter(staff__in=of_department.values("staff"), valid__contains=last)
            .order_by()
            .values_list("role")
            .distinct()
        ),
    )
    found: list[Any] = list(rows)
    roles: frozenset[str] = frozenset()
    if found and found[0].has_roster:
        roles = frozenset({Role.AGENT, *found[0].listed_roles})
    return [_person(row) for row in found], {row.pk: row for row in found}, roles


def _facts(start: date, last: date) -> dict[str, Any]:
    own = {"staff": OuterRef("pk")}
    span = (start, last)
    works = RosterDay.objects.filter(
        **own,
        roster__state=Roster.State.PUBLISHED,
        roster__published_at__lt=F("ends_at"),
        work_date__range=span,
        pattern__isnull=False,
    ).annotate(
        out=Punch.objects.filter(
            staff=OuterRef("staff"),
            at__gt=OuterRef("ends_at") - EXTENSION,
            at__lte=OuterRef("ends_at") + EXTENSION,
        )
        .order_by("-at")
        .values("at")[:1]
    )
    leaves = leaves_near(start, last).filter(**own, approved=True)
    # Of days of rest only those count that a leave may reach over, from the first such leave on.
    since = (
        leaves_near(start, last).filter(staff=OuterRef(OuterRef("pk")), approved=True).order_by("starts_on")
    )
    rest = RosterDay.objects.filter(
        **own,
        roster__state=Roster.State.PUBLISHED,
        work_date__gte=since.values("starts_on")[:1],
        work_date__lte=last,
        pattern__isnull=True,
    )
    turns = DutyTurn.objects.filter(**own, on__range=span)
    deeds = DutyRecord.objects.filter(**own, due_on__range=span)
    waivers = DutyWaiver.objects.filter(**own, due_on__range=span)
    # What was written before the shift began is no handover of it.
    during = Q(shift_starts_at__isnull=True) | Q(at__gte=F("shift_starts_at"))
    handed = HandoverItem.objects.filter(during, author=OuterRef("pk"), work_date__range=span).order_by("at")
    memos = Memo.objects.filter(**own, at__date__range=span).order_by("at")
    of_pattern = {"shift": "pattern__name", "extends": "pattern__extends"}
    return {
        "found_terms": _rows(Term.objects.filter(**own).order_by("-valid"), "valid", "role"),
        "found_works": _rows(works, "work_date", "starts_at", "ends_at", "out", **of_pattern),
        "found_leaves": _rows(leaves, "starts_on", "days"),
        "found_rest": _rows(rest, "work_date"),
        "found_turns": _rows(turns, "code", "on"),
        "found_deeds": _rows(deeds, "code", "due_on", "done_at", "id"),
        "found_waivers": _rows(waivers, "code", "due_on"),
        "found_handed": _rows(handed, "work_date", "at"),
        "found_memos": _rows(memos, "at"),
    }


def _rows(rows: QuerySet[Any], *names: str, **renamed: str) -> ArraySubquery:
    return ArraySubquery(rows.values(json=JSONObject(**{name: name for name in names}, **renamed)))


def _person(row: Any) -> DutyHolder:
    works = {work.on: work for work in map(_work, row.found_works)}
    rest = {_day(each["work_date"]) for each in row.found_rest}
    handed: dict[date, datetime] = {}
    for each in row.found_handed:
        handed.setdefault(_day(each["work_date"]), _moment(each["at"]))
    return DutyHolder(
        staff_id=row.pk,
        joined_on=row.joined_on,
        left_on=row.left_on,
        roles=[(_first_day(each["valid"]), each["role"]) for each in row.found_terms],
        works=works,
        is_rostered=row.is_rostered,
        away=frozenset(_away(row.found_leaves, rest)),
        turns=frozenset((each["code"], _day(each["on"])) for each in row.found_turns),
        deeds={
            (each["code"], _day(each["due_on"])): (_moment(each["done_at"]), each["id"])
            for each in row.found_deeds
        },
        handed=handed,
        memos=[_moment(each["at"]) for each in row.found_memos],
        waived=frozenset((each["code"], _day(each["due_on"])) for each in row.found_waivers),
    )


def _work(each: Mapping[str, Any]) -> Work:
    return Work(
        on=_day(each["work_date"]),
        shift=each["shift"],
        starts_at=_moment(each["starts_at"]),
        ends_at=_moment(each["ends_at"]),
        extends=each["extends"],
        clock_out=_moment(each["out"]) if each["out"] else None,
    )


def _away(leaves: Iterable[Mapping[str, Any]], rest: Set[date]) -> Iterable[date]:
    """The days that leave takes whole; a part of a day frees nobody. Days of rest are no days of leave."""
    for leave in leaves:
        for on, part in leave_dates(_day(leave["starts_on"]), Decimal(str(leave["days"])), rest=rest):
            if part == 1:
                yield on


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _first_day(valid: str) -> date:
    """The first day of a range of dates as PostgreSQL writes it: `[2026-01-01,)`."""
    lower = valid[1:].partition(",")[0]
    return _day(lower) if lower else date.min


def _moment(text: str) -> datetime:
    return timezone.localtime(datetime.fromisoformat(text))


def owed_between(
    department: Department,
    first: date,
    last: date,
    *,
    timeline: Timeline | None = None,
    only: Iterable[int] | None = None,
) -> list[tuple[Staff, Owed]]:
    """Every duty that falls due from `first` to `last`, by day and number; two queries, one with `timeline`.

    `only`: the ids of the people in question.
    """
    timeline = timeline or duty_timeline(department)
    people, rows, rostered = people_owing(department, first, last, only=only)
    found = []
    for begin, end, rules in timeline.segments(first, last):
        for person in people:
            theirs = owed(person, rules, begin, end, rostered=rostered)
            found += [(rows[person.staff_id], each) for each in theirs]
    return sorted(found, key=lambda pair: (pair[1].due_at, pair[0].number, pair[1].rule.code))


def duties_of(staff: Staff, first: date, last: date, *, at: datetime) -> list[Obligation]:
    """One person's duties that fall due from `first` to `last`, seen at a moment; two queries."""
    found = owed_between(staff.department, first, last, only=[staff.pk])
    return [Obligation(staff, each, each.state(at)) for _, each in found]


def duties_due_today(staff: Staff, *, at: datetime) -> list[Obligation]:
    """What a person owes today, last night's shift included, done or not; two queries."""
    today = timezone.localdate(at)
    found = duties_of(staff, today - timedelta(days=1), today, at=at)
    return [
        each for each in found if timezone.localdate(each.owed.due_at) >= today or each.owed.due_on == today
    ]
