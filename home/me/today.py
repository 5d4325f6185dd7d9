"""What an agent's day holds: shift and colleagues, the clock, handovers, duties. Eight queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from duties.models import HandoverItem
from duties.obligations import STATE_LABELS, State
from duties.selectors.duties import Obligation, duties_of
from duties.selectors.handover import OnShift, incoming_of, items_to_sign, own_open_items
from people.models import Staff
from shifts.days_owed import DAY
from shifts.models import RosterDay
from shifts.selectors.clock import ClockNow, clock_now
from shifts.selectors.leave import days_worked, leaves_taking

ROWS_SHOWN, NAMES_SHOWN = 5, 12
MOMENT = timedelta(microseconds=1)  # what is due at midnight is the former day's
LATER = 6 * DAY  # how far ahead what can already be done is shown
DONE = (State.DONE, State.LATE, State.MADE_UP, State.WAIVED)


@dataclass(frozen=True, slots=True)
class Some:
    """The first rows of more."""

    rows: list[HandoverItem]
    is_more: bool


@dataclass(frozen=True, slots=True)
class Today:
    """`next_shift` is the shift after the clock's one; `duties` what may be done by now, done or not."""

    clock: ClockNow
    colleagues: list[str]
    more_colleagues: int
    next_shift: OnShift | None
    to_sign: Some
    in_hand: Some
    duties: list[Obligation]

    @property
    def duty_labels(self) -> dict[State, str]:
        return STATE_LABELS

    @property
    def is_all_done(self) -> bool:
        return all(each.state in DONE for each in self.duties)


def today_of(staff: Staff, *, at: datetime) -> Today:
    """What a person's page of the day shows at a moment."""
    clock = clock_now(staff, at)
    names = _colleagues(staff, clock.shift)
    incoming = incoming_of(staff, at=at)
    coming = incoming.shift
    if coming is not None and clock.shift is not None and coming.work_date == clock.work_date:
        coming = None
    return Today(
        clock=clock,
        colleagues=names[:NAMES_SHOWN],
        more_colleagues=max(len(names) - NAMES_SHOWN, 0),
        next_shift=coming,
        to_sign=_some(items_to_sign(incoming)[: ROWS_SHOWN + 1]),
        in_hand=_some(own_open_items(staff)[: ROWS_SHOWN + 1]),
        duties=_duties(staff, at),
    )


def _some(items: "QuerySet[HandoverItem]") -> Some:
    rows = list(items)
    return Some(rows[:ROWS_SHOWN], len(rows) > ROWS_SHOWN)


def _colleagues(staff: Staff, shift: RosterDay | None) -> list[str]:
    """Who else works while the shift lasts, each with the shift if it is another one."""
    if shift is None:
        return []
    rows = days_worked(
        RosterDay.objects.filter(
            roster__department=staff.department_id,
            starts_at__lt=shift.ends_at,
            ends_at__gt=shift.starts_at,
        ).exclude(staff=staff),
        leaves_taking(shift.work_date - DAY, shift.work_date + DAY),
    ).select_related("staff", "pattern")
    return [
        row.staff.name if row.pattern_id == shift.pattern_id else f"{row.staff.name}（{row.pattern}）"
        for row in sorted(rows, key=lambda row: (row.pattern_id != shift.pattern_id, row.staff.number))
    ]


def _duties(staff: Staff, at: datetime) -> list[Obligation]:
    """What falls due today, last night's shift included, and what of the coming days may be done by now."""
    today = timezone.localdate(at)
    return [
        each
        for each in duties_of(staff, today - DAY, today + LATER, at=at)
        if each.owed.opens_on <= today and timezone.localdate(each.owed.due_at - MOMENT) >= today
    ]
