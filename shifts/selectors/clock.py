"""What the clock says of one person: the shift that is on, and a month day by day."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from core.periods import days_between, last_of
from people.models import Staff
from rules.kinds.leave import leave_dates
from shifts.derivation import Clock, RosteredShift, clocks_by_day
from shifts.models import Attendance, Leave, Punch, RosterDay, ShiftPattern
from shifts.selectors.leave import leaves_near
from shifts.selectors.rosters import roster_days_of

DAY = timedelta(days=1)
SOON = timedelta(minutes=10)  # after which a press is another punch without a question


@dataclass(frozen=True, slots=True)
class ClockNow:
    """The shift to which a punch made now belongs, if there is one, and its punches so far."""

    work_date: date
    shift: RosterDay | None
    punches: list[Punch]
    just_before: Punch | None = None  # a punch after which another one is asked about

    @property
    def press(self) -> str:
        """What the next punch is: of a shift whose parts are clocked apart every other one is a coming."""
        if self.shift is None and not self.punches:
            return "打卡"
        parts = self.shift is not None and self.shift.pattern and self.shift.pattern.punches
        is_coming = len(self.punches) % 2 == 0 if parts == ShiftPattern.Punches.PARTS else not self.punches
        return "上班打卡" if is_coming else "下班打卡"

    @property
    def question(self) -> str:
        """What somebody who clocked only minutes ago is asked before another punch; empty for others."""
        if self.just_before is None:
            return ""
        return f"{timezone.localtime(self.just_before.at):%H:%M} 刚打过卡，再打一次？"


@dataclass(slots=True)
class DayShown:
    """A day of somebody's month as the page shows it."""

    on: date
    roster: RosterDay | None = None
    attendance: Attendance | None = None
    punches: list[Punch] = field(default_factory=list)
    leaves: list[Leave] = field(default_factory=list)

    @property
    def is_rest(self) -> bool:
        return self.roster is not None and self.roster.pattern_id is None


def clock_now(staff: Staff, now: datetime) -> ClockNow:
    """What the clock page shows somebody at a moment; two queries."""
    today = timezone.localdate(now)
    days = {
        row.work_date: row
        for row in roster_days_of([staff.pk], today - DAY, today + DAY)
        if row.pattern_id is not None
    }
    since = timezone.make_aware(datetime.combine(today - DAY, datetime.min.time()))
    punches = list(Punch.objects.filter(staff=staff, at__gte=since, at__lte=now).order_by("at"))
    by_day = _by_day(list(days.values()), [*punches, Punch(at=now)])
    work_date = next(day for day, each in by_day.items() if any(punch.pk is None for punch in each))
    made = [punch for punch in by_day[work_date] if punch.pk is not None]
    since = now.replace(second=0, microsecond=0) - SOON
    lately = [punch for punch in punches if punch.source == Punch.Source.PAGE and punch.at >= since]
    return ClockNow(work_date, days.get(work_date), made, lately[-1] if lately else None)


def month_of(staff: Staff, month: date) -> list[DayShown]:
    """Every day of somebody's month that has something to show; four queries."""
    first, last = month, last_of(month)
    shown = {day: DayShown(day) for day in days_between(first, last)}
    taken = list(leaves_near(first, last).filter(staff=staff).order_by("starts_on", "id"))
    # Leave that began earlier has its days of rest there.
    begin = min([first - DAY, *(leave.starts_on for leave in taken)])
    rosters = list(roster_days_of([staff.pk], begin, last + DAY))
    shifts = sorted((row for row in rosters if row.pattern_id is not None), key=_start)
    for row in rosters:
        if row.work_date in shown:
            shown[row.work_date].roster = row
    for attendance in Attendance.objects.filter(staff=staff, work_date__range=(first, last)):
        shown[attendance.work_date].attendance = attendance
    since, until = (
        timezone.make_aware(datetime.combine(day, datetime.min.time()))
        for day in (first - DAY, last + 3 * DAY)
    )
    punches = list(Punch.objects.filter(staff=staff, at__range=(since, until)).order_by("at"))
    for day, each in _by_day(shifts, punches).items():
        if day in shown:
            shown[day].punches = each
    rest = {row.work_date for row in rosters if row.pattern_id is None}
    for leave in taken:
        for day, _ in leave_dates(leave.starts_on, leave.days, rest=rest):
            if day in shown:
                shown[day].leaves.append(leave)
    return [day for day in shown.values() if day.roster or day.attendance or day.punches or day.leaves]


def _by_day(rows: Sequence[RosterDay], punches: Sequence[Punch]) -> dict[date, list[Punch]]:
    shifts = [
        RosteredShift(row.work_date, str(row.pattern), row.starts_at, row.ends_at)
        for row in rows
        if row.starts_at and row.ends_at
    ]
    clocks = [Clock(punch.at, punch.work_date, order=i) for i, punch in enumerate(punches)]
    found = clocks_by_day(shifts, clocks)
    return {day: [punches[clock.order] for clock in each] for day, each in found.items()}


def _start(row: RosterDay) -> datetime:
    assert row.starts_at is not None
    return row.starts_at
