"""Shift patterns: taken over from the adopted rulebook, or written by whoever plans rosters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from people.models import Department
from rules.kinds.labels import WEEKDAYS
from rules.kinds.work import DAY, ShiftHours, ShiftPatternKind
from rules.selectors import timeline_of
from shifts.errors import RosterRefused
from shifts.models import PatternHours, RosterDay, ShiftPattern
from shifts.selectors.rosters import hours_on

NAME_LENGTH = 32
EVENING_FROM = 15 * 60  # a shift that starts then or later counts as an evening shift


@dataclass(frozen=True, slots=True)
class HoursGiven:
    """Hours from a day of every year on; the break is left out or whole."""

    starts_at: time
    ends_at: time
    from_: tuple[int, int] = (1, 1)
    break_starts_at: time | None = None
    break_ends_at: time | None = None


@dataclass(frozen=True, slots=True)
class PatternsAdopted:
    """What taking over did: patterns made, and those that there were already."""

    made: list[ShiftPattern] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@transaction.atomic
def patterns_adopt(*, department: Department, on: date) -> PatternsAdopted:
    """Make the shifts of the rulebook in force on the day that the department does not have yet.

    A pattern is known by its name and stays as it is, whatever the rulebook says: the department may have
    changed it. Doing it again makes nothing. RosterRefused where the rulebook names no shift.
    """
    rules = timeline_of(department).on(on).of_kind(ShiftPatternKind)
    extended: set[str] = set()
    offered: dict[str, tuple[str, ShiftPatternKind, list[ShiftHours]]] = {}
    for rule in rules:
        extended |= set(rule.kind.extends)
        for name, hours in _by_name(rule.kind.shifts).items():
            offered.setdefault(name, (rule.code, rule.kind, hours))
    if not offered:
        raise RosterRefused(f"{department}在{on:%Y-%m-%d}采用的制度没有写班次；请手工添加班次")
    Department.objects.select_for_update().get(pk=department.pk)
    known = set(department.shift_patterns.values_list("name", flat=True))
    codes = set(department.shift_patterns.values_list("code", flat=True))
    result = PatternsAdopted()
    for place, (name, (code, kind, hours)) in enumerate(offered.items()):
        if name in known:
            result.kept.append(name)
            continue
        pattern = ShiftPattern(
            department=department,
            code=free_code(name, codes),
            name=name,
            colour=(len(known) + place) % ShiftPattern.COLOURS + 1,
            extends=name in extended,
            minimum_staff=kind.minimum_staff,
            maximum_staff=kind.maximum_staff,
            is_evening=(hours[0].start or 0) >= EVENING_FROM,
            provision_code=code,
        )
        codes.add(pattern.code)
        _store(pattern, [_given(each) for each in hours])
        result.made.append(pattern)
    return result


@transaction.atomic
def pattern_save(*, pattern: ShiftPattern, hours: Sequence[HoursGiven]) -> ShiftPattern:
    """Store a pattern, new or changed, with its hours in place of those that it had.

    What was rostered keeps its hours. RosterRefused for a code or name that is taken, hours that are
    missing, or two that begin on the same day, and for another number of punches or part of a day once it
    was rostered.
    """
    stored = ShiftPattern.objects.filter(pk=pattern.pk).exclude(day_part=pattern.day_part)
    if stored.exists() and RosterDay.objects.filter(pattern=pattern).exists():
        raise RosterRefused(f"{pattern.name}已经排过，不能改“算几天”；另建一个班次")
    if not hours:
        raise RosterRefused("至少填写一行上下班时间")
    starts = [each.from_ for each in hours]
    if len(set(starts)) < len(starts):
        raise RosterRefused("两行时间自同一天起；各季的起始日期应不同")
    for each in hours:
        if (each.break_starts_at is None) != (each.break_ends_at is None):
            raise RosterRefused("中断的起止时间须同时填写")
        if each.break_starts_at is not None and not _is_inside(each):
            raise RosterRefused("中断应在上班与下班之间")
        if pattern.punches == ShiftPattern.Punches.PARTS and each.break_starts_at is None:
            raise RosterRefused("两段各打两次卡的班没有中断时间；填写中断的起止，或改为全天两次")
    _check_punches(pattern)
    _store(pattern, hours)
    return pattern


@transaction.atomic
def pattern_retire(*, pattern: ShiftPattern, is_retired: bool) -> None:
    """Offer a pattern for rosters no more, or again; what was rostered stays."""
    ShiftPattern.objects.select_for_update().filter(pk=pattern.pk).update(is_retired=is_retired)
    pattern.is_retired = is_retired


def _check_punches(pattern: ShiftPattern) -> None:
    """Days that were rostered are judged by the pattern's punches, so those stay as they are."""
    former = ShiftPattern.objects.filter(pk=pattern.pk).exclude(punches=pattern.punches)
    if former.exists() and RosterDay.objects.filter(pattern=pattern).exists():
        raise RosterRefused(f"{pattern.name}已经排过班，打卡次数不能改；停用它，另建一个班次")


def free_code(name: str, taken: Iterable[str]) -> str:
    """A short code for a shift's name that nobody uses yet: 白 for 白班, else more of it, else a figure."""
    taken = set(taken)
    short = name.removesuffix("班") or name
    candidates = [short[:length] for length in range(1, min(len(short), 16) + 1)]
    candidates += [f"{short[:12]}{number}" for number in range(2, len(taken) + 3)]
    return next(each for each in candidates if each not in taken)


def _by_name(shifts: Sequence[ShiftHours]) -> dict[str, list[ShiftHours]]:
    """The hours of each shift by season; what holds on some weekdays only is a shift of its own."""
    found: dict[str, list[ShiftHours]] = {}
    for each in shifts:
        days = f"（{'、'.join(WEEKDAYS[day] for day in each.weekdays)}）" if each.weekdays else ""
        found.setdefault(f"{each.name}{days}"[:32], []).append(each)
    return found


def _given(hours: ShiftHours) -> HoursGiven:
    assert hours.start is not None and hours.end is not None  # else the provision is inert
    return HoursGiven(
        starts_at=_time(hours.start),
        ends_at=_time(hours.end),
        from_=hours.from_ or (1, 1),
        break_starts_at=None if hours.break_start is None else _time(hours.break_start),
        break_ends_at=None if hours.break_end is None else _time(hours.break_end),
    )


def _time(minutes: int) -> time:
    hour, minute = divmod(minutes % DAY, 60)
    return time(hour, minute)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _is_inside(hours: HoursGiven) -> bool:
    assert hours.break_starts_at is not None and hours.break_ends_at is not None
    start = _minutes(hours.starts_at)
    length = (_minutes(hours.ends_at) - start) % DAY or DAY
    first, last = ((_minutes(at) - start) % DAY for at in (hours.break_starts_at, hours.break_ends_at))
    return 0 < first < last < length


def _store(pattern: ShiftPattern, hours: Sequence[HoursGiven]) -> None:
    try:
        pattern.full_clean()
    except ValidationError as error:
        raise RosterRefused("；".join(error.messages)) from error
    pattern.save()
    pattern.hours.all().delete()
    PatternHours.objects.bulk_create(
        PatternHours(
            pattern=pattern,
            from_month=each.from_[0],
            from_day=each.from_[1],
            starts_at=each.starts_at,
            ends_at=each.ends_at,
            break_starts_at=each.break_starts_at,
            break_ends_at=each.break_ends_at,
        )
        for each in hours
    )


@transaction.atomic
def patterns_join(*, first: ShiftPattern, second: ShiftPattern) -> ShiftPattern:
    """One pattern of two shifts that somebody works on one day, each a part that is clocked by itself.

    A roster has one shift a day, so that what is late, missed or leave is judged once for the day. Joined
    again the pattern is the one that there is. RosterRefused for the same shift twice, for shifts of two
    parts, for hours that overlap, and where the one that there is was retired or has other hours.
    """
    Department.objects.select_for_update().get(pk=first.department_id)
    if first.pk == second.pk or first.department_id != second.department_id:
        raise RosterRefused("要选本部门的两个不同班次")
    early, late = sorted((first, second), key=lambda each: _earliest(each).starts_at)
    name = f"{early.name}＋{late.name}"
    if len(name) > NAME_LENGTH:
        raise RosterRefused(f"{name}的名称太长；先把班次的名称改短")
    seasons = sorted({(each.from_month, each.from_day) for row in (early, late) for each in row.hours.all()})
    hours = [_both(early, late, from_) for from_ in seasons]
    known = ShiftPattern.objects.filter(department=first.department_id, name=name).first()
    if known is not None:
        if known.is_retired:
            raise RosterRefused(f"{name}已经停用；先恢复它再排班")
        if [_stored(each) for each in known.hours.order_by("from_month", "from_day")] != hours:
            raise RosterRefused(f"{name}已有，时间与现在的两个班不同；先改它的时间，或给它换个名称")
        return known
    codes = first.department.shift_patterns.values_list("code", flat=True)
    joined = ShiftPattern(
        department=first.department,
        code=free_code(f"{early.code}{late.code}", codes),
        name=name,
        colour=late.colour,
        extends=early.extends or late.extends,
        punches=ShiftPattern.Punches.PARTS,
        day_part=min(early.day_part + late.day_part, Decimal(1)),
        is_evening=early.is_evening or late.is_evening,
    )
    return pattern_save(pattern=joined, hours=hours)


def _stored(hours: PatternHours) -> HoursGiven:
    return HoursGiven(
        starts_at=hours.starts_at,
        ends_at=hours.ends_at,
        from_=(hours.from_month, hours.from_day),
        break_starts_at=hours.break_starts_at,
        break_ends_at=hours.break_ends_at,
    )


def _earliest(pattern: ShiftPattern) -> PatternHours:
    hours = list(pattern.hours.all())
    if not hours or any(each.break_starts_at is not None for each in hours):
        raise RosterRefused(f"{pattern.name}没有时间或已经分两段；只能合成两个不分段的班")
    return hours[0]


def _both(early: ShiftPattern, late: ShiftPattern, from_: tuple[int, int]) -> HoursGiven:
    """The hours of both from a day of every year on: the time between them is the break."""
    day = date(2024, *from_)  # of any year that has all days
    one, other = hours_on(early, day), hours_on(late, day)
    length = (_minutes(one.ends_at) - _minutes(one.starts_at)) % DAY or DAY
    until = (_minutes(other.ends_at) - _minutes(one.starts_at)) % DAY or DAY
    if not length < (_minutes(other.starts_at) - _minutes(one.starts_at)) % DAY < until:
        raise RosterRefused(f"{early.name}与{late.name}的时间重叠或相接；两段之间要有间隔")
    return HoursGiven(
        starts_at=one.starts_at,
        ends_at=other.ends_at,
        from_=from_,
        break_starts_at=one.ends_at,
        break_ends_at=other.starts_at,
    )
