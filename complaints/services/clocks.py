"""Clocks of cases: set going, paused and stopped by what happens; nothing of them is ever rewritten.

Whoever calls holds the lock on the case and its alarms. Deadlines are computed by complaints/working_time.py
and told to the clock with the event that sets them; alarms are only what the sweep looks at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from complaints.clocks import A_MINUTE, ClockState, is_late, state_of
from complaints.errors import CaseRefused
from complaints.models import Alarm, Case, CaseEvent, Clock, ClockEvent
from complaints.models.clocks import PLATFORM
from complaints.selectors.working_hours import working_time_of
from complaints.services.missed import missed_record, missed_withdraw
from complaints.working_time import Due, WorkingTime, alarms_of, due_of
from core.text import shortened
from people.models import Account, Department
from rules.kinds.cases import CASE_EVENTS, CaseDeadline
from rules.kinds.params import read_params
from rules.models import Provision
from rules.provisions import Rule

Kind = ClockEvent.Kind
DUE = "due"
# What may happen several times before its clock is over: the last time counts (s000-04-4-2-02b).
REPEATED = ("messaged",)


@dataclass(slots=True)
class Running:
    """A clock with everything that it was told."""

    clock: Clock
    told: list[ClockEvent] = field(default_factory=list)

    @property
    def deadline(self) -> CaseDeadline | None:
        """Its frozen policy; None for the platform's, whose time is told."""
        return None if self.clock.code == PLATFORM else deadline_of(self.clock)

    @property
    def until(self) -> str:
        deadline = self.deadline
        return "closed" if deadline is None else deadline.until

    @property
    def state(self) -> ClockState:
        return state_of((self.clock.pk, each.kind, each.at, each.due_at) for each in self.told)

    @property
    def pauses(self) -> list[tuple[datetime, datetime]]:
        """The pauses that are over."""
        pauses, began = [], None
        for each in self.told:
            if each.kind == Kind.PAUSED:
                began = each.at
            elif each.kind == Kind.RESUMED and began is not None:
                pauses.append((began, each.at))
        return pauses

    @property
    def counts_from(self) -> datetime:
        """From when the time runs: what started it, or the later event that began it anew."""
        starts = [each.at for each in self.told if each.kind == Kind.STARTED or each.level == "restart"]
        return starts[-1]

    def began_after(self, moment: datetime) -> bool:
        return any(each.kind == Kind.STARTED and each.at > moment for each in self.told)

    def has_rung(self, level: str, due_at: datetime) -> bool:
        return any((each.kind, each.level, each.due_at) == (Kind.RANG, level, due_at) for each in self.told)


def deadline_of(clock: Clock) -> CaseDeadline:
    """The policy that was frozen on the clock."""
    kind, _blanks = read_params(CaseDeadline, clock.policy)
    return kind


def clocks_of(case: Case) -> list[Running]:
    """The clocks of a case's present round with what they were told; two queries."""
    return clocks_of_cases([case])[case.pk]


def clocks_of_cases(cases: Iterable[Case]) -> dict[int, list[Running]]:
    """The same of many cases, by case; two queries for any number."""
    by_id = {case.pk: case for case in cases}
    rounds: dict[int, list[Clock]] = {pk: [] for pk in by_id}
    for clock in Clock.objects.filter(case__in=by_id).order_by("round", "id"):
        clock.case = by_id[clock.case_id]
        rounds[clock.case_id].append(clock)
    found = {
        pk: [Running(each) for each in clocks if each.round == clocks[-1].round]
        for pk, clocks in rounds.items()
    }
    running = {each.clock.pk: each for clocks in found.values() for each in clocks}
    for event in ClockEvent.objects.filter(clock__in=running).order_by("id"):
        running[event.clock_id].told.append(event)
    return found


def alarms_lock(case: Case) -> None:
    """Wait for a sweep that is at the alarms of a case; later ones pass them over until the end."""
    list(Alarm.objects.select_for_update(of=("self",)).filter(clock__case=case).order_by("pk"))


def clocks_make(
    *,
    case: Case,
    rules: Sequence[Rule[CaseDeadline]],
    platform_due_at: datetime | None,
    by: Account | None,
    at: datetime,
) -> None:
    """Give a new case its clocks, policies frozen as they are; none runs before its event."""
    params = Provision.objects.in_bulk([rule.id for rule in rules])
    clocks = [
        Clock(
            case=case,
            code=rule.code,
            title=rule.title,
            provision_id=rule.id,
            policy=params[rule.id].params,
        )
        for rule in rules
    ]
    if platform_due_at is not None:
        clocks.append(Clock(case=case, code=PLATFORM, title="平台时限"))
    Clock.objects.bulk_create(clocks)
    if platform_due_at is not None:
        _set_due(Running(clocks[-1]), Kind.STARTED, case.received_at, platform_due_at, by=by, at=at)


def clocks_repeat(*, case: Case, happened_at: datetime, by: Account | None, at: datetime) -> None:
    """A second round for a case that is reopened: the same policies, the first round stays as it ended."""
    former = list(Clock.objects.filter(case=case).exclude(code=PLATFORM).order_by("round", "id"))
    number = max((each.round for each in former), default=0) + 1
    clocks = [
        Clock(
            case=case,
            code=each.code,
            title=each.title,
            provision_id=each.provision_id,
            policy=each.policy,
            round=number,
        )
        for each in former
        if each.round == number - 1
    ]
    Clock.objects.bulk_create(clocks)
    clocks_tell(case=case, kind="received", happened_at=happened_at, by=by, at=at)


def clocks_tell(
    *, case: Case, kind: str, happened_at: datetime, by: Account | None, at: datetime
) -> list[Running]:
    """Something happened on the case: the clocks that wait for it begin, those that ran until it stop.

    Returns the clocks of the present round as they are then.
    """
    clocks = clocks_of(case)
    for running in clocks:
        deadline, state = running.deadline, running.state
        if state.is_running and kind != "closed" and running.began_after(happened_at):
            continue  # told late: it waits for what comes after its beginning
        if state.is_running and running.until == kind:
            _stop(case, running, happened_at, by=by, at=at)
        elif state.is_running and _is_pointless(running, kind):
            _end(case, running, f"已{CASE_EVENTS[kind]}", happened_at, by=by, at=at)
        elif deadline is None or deadline.from_ != kind:
            continue
        elif not running.told:
            _start(case, running, deadline, happened_at, by=by, at=at)
        elif state.is_running and kind in REPEATED and happened_at > running.counts_from:
            due = _due(case, deadline, happened_at, running.pauses)
            reason = f"{CaseEvent.Kind(kind).label}再次，自此次起算"
            _set_due(running, Kind.MOVED, happened_at, due.at, reason, level="restart", by=by, at=at)
    return clocks


def clocks_pause(
    *, case: Case, reason: str, happened_at: datetime, by: Account | None, at: datetime
) -> list[Running]:
    """Pause what of our own still runs in its time; CaseRefused where there is nothing to pause."""
    paused = []
    for running in clocks_of(case):
        state = running.state
        if running.deadline is None or not state.is_running:
            continue
        if state.paused_at is not None:
            raise CaseRefused(
                f"“{running.clock}”已在{_clock(state.paused_at)}暂停，不能再暂停",
                "请先恢复计时",
                field="kind",
            )
        _check_order(running, happened_at)
        assert state.due_at is not None
        if is_late(happened_at, state.due_at):
            continue
        if running.has_rung(DUE, state.due_at):
            raise CaseRefused(
                f"“{running.clock}”已到期并告知，不能补记此前的暂停",
                "请如实记下延误的原因",
                field="happened_at",
            )
        paused.append(running)
    if not paused:
        raise CaseRefused("本案没有在期限内运行的时限，没有可暂停的", "请核对案件的时限", field="kind")
    Alarm.objects.filter(clock__in=[each.clock for each in paused]).delete()
    for running in paused:
        _tell(running, Kind.PAUSED, happened_at, reason=reason, by=by, at=at)
    return paused


def clocks_resume(*, case: Case, happened_at: datetime, by: Account | None, at: datetime) -> list[Running]:
    """Let paused clocks go on; their end moves by the pause. CaseRefused where none is paused."""
    paused = [each for each in clocks_of(case) if each.state.is_running and each.state.paused_at]
    if not paused:
        raise CaseRefused("本案没有暂停的时限", "请核对案件的时限", field="kind")
    for running in paused:
        _check_order(running, happened_at)
        began = running.state.paused_at
        deadline = running.deadline
        assert began is not None and deadline is not None
        due = _due(case, deadline, running.counts_from, [*running.pauses, (began, happened_at)])
        _set_due(running, Kind.RESUMED, happened_at, due.at, by=by, at=at)
    return paused


def clocks_end(*, case: Case, reason: str, happened_at: datetime, by: Account | None, at: datetime) -> None:
    """The clocks run no more, without being met: the case was merged or declined.

    Whatever was over by then stays missed.
    """
    for running in clocks_of(case):
        if running.state.is_running:
            _end(case, running, reason, happened_at, by=by, at=at)


def clocks_received_earlier(*, case: Case, by: Account | None, at: datetime) -> None:
    """A merge brought an earlier receipt: the clocks that run from it count from there."""
    for running in clocks_of(case):
        deadline, state = running.deadline, running.state
        if deadline is None or deadline.from_ != "received" or not state.is_running:
            continue
        if running.clock.round > 1 or running.counts_from <= case.received_at:
            continue
        due = _due(case, deadline, case.received_at, running.pauses)
        _set_due(
            running, Kind.MOVED, case.received_at, due.at, "并入的案件接到更早", level="restart", by=by, at=at
        )


@transaction.atomic
def calendar_changed(*, department: Department, by: Account | None, at: datetime) -> int:
    """Hours, holidays or rosters of a department changed: each deadline that moves is told so on its case.

    Returns how many clocks moved. A paused clock takes the new hours when it goes on. Reads by a fixed number
    of queries, writes for what moved.
    """
    rows = Case.objects.filter(
        Exists(Clock.objects.filter(case=OuterRef("pk"), policy__calendar__in=["business", "roster"])),
        department=department,
        state=Case.State.OPEN,
    )
    cases = list(rows.select_for_update(of=("self",)).select_related("department").order_by("pk"))
    times = {name: working_time_of(department, name) for name in ("business", "roster")} if cases else {}
    moved = 0
    for running in (each for clocks in clocks_of_cases(cases).values() for each in clocks):
        deadline, state = running.deadline, running.state
        if deadline is None or deadline.calendar not in times or not state.is_running or state.paused_at:
            continue
        time = times[deadline.calendar]
        due_at = due_of(deadline, running.counts_from, running.pauses, time).at
        if state.due_at is None or due_at == state.due_at:
            continue
        words = f"“{running.clock}”因工作时间变动，由{_clock(state.due_at)}改为{_clock(due_at)}"
        _set_due(running, Kind.MOVED, at, due_at, "工作时间变动", time=time, by=by, at=at)
        CaseEvent.objects.create(
            case=running.clock.case, kind=CaseEvent.Kind.POLICY, at=at, note=words, by=by, recorded_at=at
        )
        moved += 1
    return moved


def arithmetic_of(case: Case, running: Running) -> Due | None:
    """How the present deadline of a clock comes about, day by day; None for one that does not run so."""
    deadline = running.deadline
    if deadline is None or not running.told:
        return None
    return _due(case, deadline, running.counts_from, running.pauses)


def _start(
    case: Case,
    running: Running,
    deadline: CaseDeadline,
    happened_at: datetime,
    *,
    by: Account | None,
    at: datetime,
) -> None:
    due = _due(case, deadline, happened_at, [])
    reason = shortened("；".join(due.notes), 500)
    _set_due(running, Kind.STARTED, happened_at, due.at, reason, by=by, at=at)
    # Told late: what it waits for may be known already.
    known = CaseEvent.objects.filter(
        case=case, kind__in=[deadline.until, *deadline.unless], at__gt=happened_at
    )
    first = known.order_by("at", "id").first()
    if first is not None and first.kind == deadline.until:
        _stop(case, running, first.at, by=by, at=at)
    elif first is not None:
        _end(case, running, f"已{CASE_EVENTS[first.kind]}", first.at, by=by, at=at)


def _stop(case: Case, running: Running, happened_at: datetime, *, by: Account | None, at: datetime) -> None:
    """What the clock waited for has happened. It decides by its own time, whatever has rung meanwhile."""
    state = running.state
    if state.started_at is not None and running.began_after(happened_at):
        raise CaseRefused(
            f"时间早于“{running.clock}”的起算（{_clock(state.started_at)}）",
            "请核对时间",
            field="happened_at",
        )
    _ring_until(case, running, happened_at, at=at)
    due_at = state.due_at
    assert due_at is not None
    _tell(running, Kind.STOPPED, happened_at, by=by, at=at)
    if not state.is_breached(happened_at) and running.has_rung(DUE, due_at):
        missed_withdraw(clock=running.clock, due_at=due_at, by=by, at=at)


def _is_pointless(running: Running, kind: str) -> bool:
    """Whether nobody waits any longer for what the clock runs until; a call-back is owed after closing."""
    if kind == "closed":
        return running.until != "revisited"
    return running.deadline is not None and kind in running.deadline.unless


def _end(
    case: Case, running: Running, reason: str, happened_at: datetime, *, by: Account | None, at: datetime
) -> None:
    """The clock runs no more; what was over by then stays missed."""
    _ring_until(case, running, happened_at, at=at)
    _tell(running, Kind.ENDED, happened_at, reason=reason, by=by, at=at)


def _ring_until(case: Case, running: Running, moment: datetime, *, at: datetime) -> None:
    """What should have rung by that moment rings now; the other alarms go."""
    alarms = list(Alarm.objects.filter(clock=running.clock).order_by("at"))
    Alarm.objects.filter(pk__in=[each.pk for each in alarms]).delete()
    for alarm in alarms:
        if alarm.at <= moment:
            event = ClockEvent.objects.create(
                clock=running.clock,
                kind=Kind.RANG,
                level=alarm.level,
                at=alarm.at,
                due_at=alarm.due_at,
                recorded_at=at,
            )
            running.told.append(event)
            if alarm.level == DUE:
                missed_record(clocks=[running.clock.pk], at=at)


def _set_due(
    running: Running,
    kind: Kind,
    happened_at: datetime,
    due_at: datetime,
    reason: str = "",
    *,
    level: str = "",
    time: WorkingTime | None = None,
    by: Account | None,
    at: datetime,
) -> None:
    """Tell the clock its deadline, and set the alarms of it instead of those of the former one.

    `time`: the working time of the clock's calendar where the caller has it already.
    """
    Alarm.objects.filter(clock=running.clock).delete()
    event = _tell(running, kind, happened_at, due_at=due_at, reason=reason, level=level, by=by, at=at)
    if running.state.paused_at is not None:
        return  # it rings again once it goes on
    deadline = running.deadline or _as_deadline(running, due_at)
    case = running.clock.case
    time = time or working_time_of(case.department, deadline.calendar)
    alarms = alarms_of(deadline, due_at, event.at, time)
    Alarm.objects.bulk_create(
        Alarm(
            clock=running.clock,
            level=name,
            at=rings_at + A_MINUTE if name == DUE else rings_at,  # its very minute is still in time
            due_at=due_at,
        )
        for name, rings_at in alarms
    )


def _as_deadline(running: Running, due_at: datetime) -> CaseDeadline:
    """The platform's time as a deadline of so many hours, for its reminders."""
    span = due_at - running.clock.case.received_at
    return CaseDeadline(hours=max(1, ceil(span.total_seconds() / 3600)), escalate=("supervisor", "manager"))


def _tell(
    running: Running,
    kind: Kind,
    happened_at: datetime,
    *,
    due_at: datetime | None = None,
    reason: str = "",
    level: str = "",
    by: Account | None,
    at: datetime,
) -> ClockEvent:
    event = ClockEvent.objects.create(
        clock=running.clock,
        kind=kind,
        at=happened_at,
        due_at=due_at,
        reason=reason,
        level=level,
        by=by,
        recorded_at=at,
    )
    running.told.append(event)
    return event


def _due(
    case: Case, deadline: CaseDeadline, start: datetime, pauses: Sequence[tuple[datetime, datetime]]
) -> Due:
    return due_of(deadline, start, pauses, working_time_of(case.department, deadline.calendar))


def _check_order(running: Running, happened_at: datetime) -> None:
    last = max((each.at for each in running.told if each.kind != Kind.RANG), default=happened_at)
    if happened_at < last:
        raise CaseRefused(
            f"时间早于“{running.clock}”最近一次变动（{_clock(last)}）", "请核对时间", field="happened_at"
        )


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}"
