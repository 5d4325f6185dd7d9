"""Who owes which recurring duty by when, and what became of it: pure functions, no ORM.

- A duty of each shift, or of each day, falls to whoever works that day by the published roster and is not
  on leave for the whole of it. A meeting falls to whoever works on its day.
- A weekly, monthly or longer duty falls to whoever works on any day of its period (of longer ones, in its
  last month): who rests on the Saturday still owes the week's report (s000-06-03).
- A rota's turn falls to whose turn it is, on leave nobody.
- Roles that no published roster of the time lists (a supervisor) work on the days that they owe by the
  official calendar.
- A shift that is extended while customers are served ends when the person clocks out, up to three hours on.
- What can be handed in late (report, minutes, memo) is late until its day is over and missed from then on;
  everything else is missed at its time. What decides is when it was done, never when somebody looked.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.utils import timezone

from rules.kinds.work import Duty
from rules.provisions import Rule, Rules
from shifts.days_owed import DaysOwed

LOOK_BACK = timedelta(days=31)
EXTENSION = timedelta(hours=3)
PER_DAY = ("shift", "day")
LATE_UNTIL_NIGHT = ("report", "minutes", "memo")
DAY = timedelta(days=1)


class State(StrEnum):
    OPEN = "open"
    OVERDUE = "overdue"
    DONE = "done"
    LATE = "late"
    MISSED = "missed"
    MADE_UP = "made_up"
    WAIVED = "waived"


STATE_LABELS = {
    State.OPEN: "待完成",
    State.OVERDUE: "已过时，可补",
    State.DONE: "已完成",
    State.LATE: "迟交",
    State.MISSED: "未完成",
    State.MADE_UP: "未按时，已补",
    State.WAIVED: "已免除",
}
FAILED = (State.MISSED, State.MADE_UP)


@dataclass(frozen=True, slots=True)
class Work:
    """A day that somebody works: the shift, and the last clock-out after it where it may be extended."""

    on: date
    shift: str
    starts_at: datetime
    ends_at: datetime
    extends: bool = False
    clock_out: datetime | None = None

    @property
    def over_at(self) -> datetime:
        """When the shift really ended; the latest moment possible while nobody knows yet."""
        if not self.extends:
            return self.ends_at
        return min(max(self.clock_out or self.ends_at + EXTENSION, self.ends_at), self.ends_at + EXTENSION)


Deed = tuple[datetime, int | None]  # when it was done, and the id of its record where it has one


@dataclass(slots=True)
class DutyHolder:
    """What is known of somebody for the days in question.

    `roles`: (first day, role), the latest first. `deeds`: what was done, by duty code and day;
    `handed` by work_date, `memos` as they were written.
    """

    staff_id: int
    joined_on: date
    left_on: date | None
    roles: Sequence[tuple[date, str]]
    works: Mapping[date, Work]
    is_rostered: bool
    away: frozenset[date] = frozenset()
    turns: frozenset[tuple[str, date]] = frozenset()
    deeds: Mapping[tuple[str, date], Deed] = field(default_factory=dict)
    handed: Mapping[date, datetime] = field(default_factory=dict)
    memos: Sequence[datetime] = ()
    waived: frozenset[tuple[str, date]] = frozenset()
    days: DaysOwed = field(default_factory=DaysOwed)

    def role_on(self, day: date) -> str:
        for first, role in self.roles:
            if first <= day:
                return role
        return self.roles[-1][1] if self.roles else "agent"

    def is_employed_on(self, day: date) -> bool:
        return self.joined_on <= day and (self.left_on is None or day <= self.left_on)


@dataclass(frozen=True, slots=True)
class Owed:
    """One duty of one person: due at `due_at`, missed from `missed_at` on."""

    staff_id: int
    rule: Rule[Duty]
    due_on: date
    due_at: datetime
    missed_at: datetime
    done_at: datetime | None
    record_id: int | None
    is_waived: bool
    shift: str = ""

    @property
    def duty(self) -> Duty:
        return self.rule.kind

    @property
    def key(self) -> str:
        """The incident's key: a miss is recorded once, however often somebody looks."""
        return f"duty:{self.rule.code}:{self.staff_id}:{self.due_on}"

    @property
    def told_at(self) -> datetime:
        """From when on a miss may be recorded: the list of a meeting can be entered until its day is over."""
        if self.duty.proof != "attendance":
            return self.missed_at
        return max(self.missed_at, _midnight(self.due_on + DAY))

    @property
    def opens_on(self) -> date:
        """The first day on which it can be done: of a meeting and a turn the day, else that of the period."""
        return (
            self.due_on if self.duty.proof in ("attendance", "turn") else period_start(self.duty, self.due_on)
        )

    def state(self, at: datetime) -> State:
        """What became of it, seen at a moment."""
        if self.done_at is not None and self.done_at <= self.due_at:
            return State.DONE
        if self.is_waived:
            return State.WAIVED
        if self.done_at is not None and self.done_at < self.missed_at:
            return State.LATE
        if self.done_at is not None:
            return State.MADE_UP
        if at >= self.missed_at and at > self.due_at:
            return State.MISSED
        return State.OPEN if at <= self.due_at else State.OVERDUE


def owed(
    person: DutyHolder, rules: Rules, first: date, last: date, *, rostered: Collection[str]
) -> Iterator[Owed]:
    """What a person owes of the duties in force that fall due from `first` to `last`.

    `rostered`: the roles that the rosters of the time list; empty where the department has no roster, and
    then nobody owes anything but the turns that were given out.
    """
    for rule in rules.of_kind(Duty):
        if not rostered and rule.kind.proof != "turn":
            continue
        for day in rule.kind.due_days(first, last):
            if not person.is_employed_on(day) or not rule.binds(person.role_on(day)):
                continue
            found = _owed_on(person, rule, day, rostered)
            if found is not None:
                yield found


def _owed_on(person: DutyHolder, rule: Rule[Duty], day: date, rostered: Collection[str]) -> Owed | None:
    duty = rule.kind
    work = _work_on(person, day, rostered)
    since = day
    if duty.proof == "turn":
        if (rule.code, day) not in person.turns or day in person.away:
            return None
        if work is None and person.is_rostered:
            return None
    elif duty.every in PER_DAY or duty.proof == "attendance":
        if work is None or not _fits(duty, work):
            return None
    else:
        since = period_start(duty, day)
        days = (max(since, day - LOOK_BACK) + timedelta(days=i) for i in range((day - since).days + 1))
        works = (_work_on(person, each, rostered) for each in days if each <= day)
        if not any(each is not None and _fits(duty, each) for each in works):
            return None
    due_at = _due_at(duty, day, work)
    missed_at = max(due_at, _midnight(day + DAY)) if duty.proof in LATE_UNTIL_NIGHT else due_at
    done_at, record_id = _done(person, rule, day, since, missed_at)
    return Owed(
        staff_id=person.staff_id,
        rule=rule,
        due_on=day,
        due_at=due_at,
        missed_at=missed_at,
        done_at=done_at,
        record_id=record_id,
        is_waived=(rule.code, day) in person.waived,
        shift=work.shift if work else "",
    )


def period_start(duty: Duty, day: date) -> date:
    """The first day of the period that ends with a due day."""
    match duty.every:
        case "week":
            return day - timedelta(days=6)
        case "half_month":
            return day.replace(day=1 if day.day <= 15 else 16)
        case "month":
            before = duty.due_days(day - LOOK_BACK, day - DAY)
            return before[-1] + DAY if before else day.replace(day=1)
        case "quarter":
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        case "year":
            return date(day.year, 1, 1)
    return day


def _work_on(person: DutyHolder, day: date, rostered: Collection[str]) -> Work | None:
    """The day's work; of a role that no roster lists, every day of work of the calendar."""
    if day in person.away or not person.is_employed_on(day):
        return None
    found = person.works.get(day)
    is_unlisted = not person.is_rostered and person.role_on(day) not in rostered
    if found is None and is_unlisted and person.days.to_work(day):
        return Work(day, "", _midnight(day), _midnight(day + DAY))
    return found


def _fits(duty: Duty, work: Work) -> bool:
    return not duty.shifts or work.shift in duty.shifts


def _due_at(duty: Duty, day: date, work: Work | None) -> datetime:
    """The clock time on the day, in a night shift on the next; else the shift's or the day's end."""
    if duty.time is None:
        return work.over_at if duty.every == "shift" and work is not None else _midnight(day + DAY)
    due = _midnight(day) + timedelta(minutes=duty.time)
    is_night = work is not None and work.ends_at.astimezone(due.tzinfo).date() > day
    if duty.every == "shift" and work is not None and is_night and due + DAY <= work.ends_at:
        return due + DAY
    return due


def _done(
    person: DutyHolder, rule: Rule[Duty], day: date, since: date, until: datetime
) -> Deed | tuple[None, None]:
    duty = rule.kind
    recorded = person.deeds.get((rule.code, day))
    if recorded is not None:
        return recorded
    if duty.proof == "handover" and day in person.handed:
        return person.handed[day], None
    if duty.proof == "memo":
        begin = _midnight(since)
        written = [at for at in person.memos if begin <= at < until]
        return (min(written), None) if written else (None, None)
    return None, None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
