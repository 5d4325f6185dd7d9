"""Writing rosters: cells, publishing, and changes afterwards. Rows are written set-wise."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from core.periods import first_of, last_of
from people.models import Account, Department, Staff, Team
from people.terms import people_of_month
from shifts.errors import RosterRefused
from shifts.models import Roster, RosterChange, RosterDay, ShiftPattern, Swap
from shifts.planning.plan import REST, Plan, PlannedPerson, collisions
from shifts.selectors.plans import days_in_team, plan_of
from shifts.selectors.rosters import patterns_of, span_on
from shifts.services.derive import attendance_derive
from shifts.services.notifications import roster_notify

MOST_NAMED = 5  # of the cells in a refusal


@dataclass(frozen=True, slots=True)
class CellChange:
    """What somebody's day becomes, and what the writer saw there: a pattern's id, REST, or None (open)."""

    staff_id: int
    day: date
    was: int | None
    becomes: int | None


def roster_open(*, department: Department, team: Team | None, month: date) -> Roster:
    """The roster of a team's month (`team` None: of who has none), made as a draft if there is none."""
    if team is not None and team.department_id != department.pk:
        raise RosterRefused(f"{team}不属于{department}")
    return Roster.objects.get_or_create(department=department, team=team, month=first_of(month))[0]


@transaction.atomic
def roster_assign(
    *,
    roster: Roster,
    changes: Collection[CellChange],
    by: Account | None,
    at: datetime,
    reason: str = "",
    swap: Swap | None = None,
) -> Roster:
    """Write some cells of a roster, all or none; what is published needs a reason and keeps a history.

    So does in a draft a day that another roster has published, of somebody who came from its team; it stays
    in that roster.

    RosterRefused where a cell is not what the writer saw (somebody else changed it meanwhile), the person is
    not of the roster on the day, the pattern is not the department's or retired, or somebody would be on two
    shifts at once. Returns the roster as it is now.
    """
    roster = _locked(roster)
    plan = plan_of(roster)
    wanted = _effective(plan, changes)
    if not wanted:
        return roster
    held = {cell: plan.published[cell] for cell in wanted if cell in plan.published}
    public = wanted if roster.state == Roster.State.PUBLISHED else {cell: wanted[cell] for cell in held}
    if public and not reason.strip():
        raise RosterRefused("排班表已公布，改动须写明理由")
    others = Roster.objects.in_bulk({each for each in held.values() if each != roster.pk})
    cells_write(
        plan=plan,
        wanted=wanted,
        rosters={cell: others.get(held.get(cell, 0), roster) for cell in wanted},
        department=roster.department,
    )
    if public:
        changes_keep(plan=plan, wanted=public, reason=reason.strip(), by=by, at=at, swap=swap)
        days_changed(roster.department, public.keys(), by=by, at=at)
    return version_raise(roster)


@transaction.atomic
def roster_publish(*, roster: Roster, version: int, by: Account | None, at: datetime) -> Roster:
    """Make a draft known as `version`, which the publisher saw. RosterRefused where it has changed since,
    where it is published already, or where nothing is in it.

    Days of its people that still lie in the draft of another team, from which they came, become its own.
    """
    roster = _locked(roster)
    if roster.state == Roster.State.PUBLISHED:
        raise RosterRefused(f"{roster}已由{roster.published_by or '系统'}公布，无须再公布")
    if roster.version != version:
        raise RosterRefused("没有公布：排班表在您打开页面以后有人改过；请核对下面的最新排班，再公布一次")
    _gather(roster)
    cells = list(roster.days.values_list("staff_id", "work_date"))
    if not cells:
        raise RosterRefused("没有公布：排班表还是空的；先排班")
    roster.state, roster.published_by, roster.published_at = Roster.State.PUBLISHED, by, at
    roster.version += 1
    roster.save(update_fields=["state", "published_by", "published_at", "version"])
    days_changed(roster.department, cells, by=by, at=at)
    roster_notify(roster, at=at)
    return roster


def _gather(roster: Roster) -> None:
    last = last_of(roster.month)
    people = people_of_month(roster.department, roster.month, last)
    ours = {each.staff_id: days_in_team(each, roster.team_id) for each in people}
    elsewhere = RosterDay.objects.filter(
        roster__state=Roster.State.DRAFT, staff__in=ours, work_date__range=(roster.month, last)
    ).exclude(roster=roster)
    rows = elsewhere.values_list("pk", "staff_id", "work_date")
    astray = [pk for pk, staff_id, day in rows if day in ours[staff_id]]
    RosterDay.objects.filter(pk__in=astray).update(roster=roster)


def roster_fill(
    *,
    roster: Roster,
    slots: Mapping[int, Mapping[date, int]],
    by: Account | None,
    at: datetime,
    seen: Plan | None = None,
    replace: bool = False,
) -> tuple[Roster, int]:
    """Put what was copied, rotated or solved into a draft; returns the roster and how many cells changed.

    Only days still open are filled unless `replace`. Days of leave, days on which somebody is not of the
    roster, and days that another roster has published stay as they are. `seen`: the plan from which the slots
    were made; where somebody has written into one of its open days since, nothing is filled. RosterRefused
    for a published roster: that is changed cell by cell.
    """
    plan = seen if seen is not None else plan_of(roster)
    changes = [
        CellChange(person.id, day, plan.slot(person, day), slot)
        for person in plan.people
        for day, slot in sorted(slots.get(person.id, {}).items())
        if person.is_there(day)
        and plan.first <= day <= plan.last
        and plan.slot(person, day) != slot
        and (replace or plan.slot(person, day) is None)
        and (person.id, day) not in plan.published
    ]
    with transaction.atomic():
        if _locked(roster).state == Roster.State.PUBLISHED:
            raise RosterRefused("排班表已公布，不能整月改写；请逐格改动并写明理由")
        return roster_assign(roster=roster, changes=changes, by=by, at=at), len(changes)


@transaction.atomic
def roster_clear(*, roster: Roster, by: Account | None, at: datetime) -> Roster:
    """Empty a draft."""
    roster = _locked(roster)
    if roster.state == Roster.State.PUBLISHED:
        raise RosterRefused("排班表已公布，不能清空")
    roster.days.all().delete()
    return version_raise(roster)


# What swaps share


def cells_write(
    *,
    plan: Plan,
    wanted: Mapping[tuple[int, date], int | None],
    rosters: Mapping[tuple[int, date], Roster],
    department: Department,
) -> None:
    """Replace the rows of these cells; three statements. RosterRefused for two shifts at once."""
    after = plan.with_slots(slots_after(plan, wanted))
    patterns = {each.pk: each for each in patterns_of(department)}
    _refuse_collisions(after, {staff_id for staff_id, _ in wanted})
    days = {day for _, day in wanted}
    touched = RosterDay.objects.filter(staff__in={staff_id for staff_id, _ in wanted}, work_date__in=days)
    stale = [
        pk for pk, staff_id, day in touched.values_list("pk", "staff_id", "work_date")
        if (staff_id, day) in wanted
    ]  # fmt: skip
    try:
        with transaction.atomic():
            RosterDay.objects.filter(pk__in=stale).delete()
            RosterDay.objects.bulk_create(
                _row(rosters[staff_id, day], staff_id, day, patterns.get(slot) if slot else None)
                for (staff_id, day), slot in wanted.items()
                if slot is not None
            )
    except IntegrityError as error:
        raise RosterRefused("有人刚改过同一人的排班，或同一人的两个班时间重叠；请刷新后再排") from error


def changes_keep(
    *,
    plan: Plan,
    wanted: Mapping[tuple[int, date], int | None],
    reason: str,
    by: Account | None,
    at: datetime,
    swap: Swap | None = None,
) -> None:
    """Keep what was changed in a published roster: from which shift to which."""
    slots = plan.slots
    RosterChange.objects.bulk_create(
        RosterChange(
            staff_id=staff_id,
            work_date=day,
            before_id=slots.get(staff_id, {}).get(day) or None,
            after_id=slot or None,
            reason=reason[:200],
            swap=swap,
            by=by,
            at=at,
        )
        for (staff_id, day), slot in sorted(wanted.items())
    )


def days_changed(
    department: Department, cells: Collection[tuple[int, date]], *, by: Account | None, at: datetime
) -> None:
    """Derive the attendance of days of published rosters that have begun; settlement is told what changed.

    Until today: where a day of rest comes or goes, leave around it ends on another day.
    """
    today = timezone.localdate(at)
    past = [day for _, day in cells if day <= today]
    if past:
        attendance_derive(
            department=department,
            first=min(past),
            last=today,
            now=at,
            by=by,
            at=at,
            staff=list(Staff.objects.filter(pk__in={staff_id for staff_id, day in cells if day <= today})),
        )


def slots_after(plan: Plan, wanted: Mapping[tuple[int, date], int | None]) -> dict[int, dict[date, int]]:
    """The plan's slots with these cells as they become."""
    slots = {staff_id: dict(days) for staff_id, days in plan.slots.items()}
    for (staff_id, day), slot in wanted.items():
        days = slots.setdefault(staff_id, {})
        if slot is None:
            days.pop(day, None)
        else:
            days[day] = slot
    return slots


def version_raise(roster: Roster) -> Roster:
    roster.version += 1
    roster.save(update_fields=["version"])
    return roster


def _locked(roster: Roster) -> Roster:
    related = Roster.objects.select_related("department", "team", "published_by")
    return related.select_for_update(of=("self",)).get(pk=roster.pk)


def _effective(plan: Plan, changes: Collection[CellChange]) -> dict[tuple[int, date], int | None]:
    """The cells that become something else, checked."""
    people = {person.id: person for person in plan.people}
    wanted: dict[tuple[int, date], int | None] = {}
    stale: list[str] = []
    for change in changes:
        person = people.get(change.staff_id)
        if person is None or change.day not in person.days:
            raise RosterRefused(f"{person or '此人'} {change.day:%m-%d}不在职或不在本组；检查人员与日期")
        now = plan.slot(person, change.day)
        if now == change.becomes:
            continue
        if now != change.was:
            stale.append(f"{person} {change.day:%m-%d}已是“{slot_words(plan, now)}”")
            continue
        _refuse_pattern(plan, change.becomes)
        wanted[change.staff_id, change.day] = change.becomes
    if stale:
        more = f"等{len(stale)}处" if len(stale) > MOST_NAMED else ""
        raise RosterRefused(
            f"没有保存：别人刚改过，{'、'.join(stale[:MOST_NAMED])}{more}；请看最新排班后再改"
        )
    return wanted


def _refuse_pattern(plan: Plan, slot: int | None) -> None:
    if slot is None or slot == REST:
        return
    shift = plan.shifts.get(slot)
    if shift is None:
        raise RosterRefused("没有这个班次；请刷新页面")
    if shift.is_retired:
        raise RosterRefused(f"{shift.name}已停用；请另选班次")


def slot_words(plan: Plan, slot: int | None) -> str:
    """A slot as people read it."""
    if slot is None:
        return "未排"
    return plan.shifts[slot].name if slot else "休"


def _refuse_collisions(plan: Plan, staff_ids: set[int]) -> None:
    for person in plan.people:
        if person.id in staff_ids:
            for former, day in collisions(plan, person):
                raise RosterRefused(collision_words(plan, person, former, day))


def collision_words(plan: Plan, person: PlannedPerson, former: date, day: date) -> str:
    one, other = plan.shift(person, former), plan.shift(person, day)
    assert one is not None and other is not None
    return f"{person} {former:%m-%d}的{one.name}与{day:%m-%d}的{other.name}时间重叠；一人不能同时上两个班"


def _row(roster: Roster, staff_id: int, day: date, pattern: ShiftPattern | None) -> RosterDay:
    row = RosterDay(roster=roster, staff_id=staff_id, work_date=day, pattern=pattern)
    if pattern is not None:
        span = span_on(pattern, day)
        row.starts_at, row.ends_at = span.starts_at, span.ends_at
        row.break_starts_at, row.break_ends_at = span.break_starts_at, span.break_ends_at
    return row
