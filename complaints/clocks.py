"""What a clock shows, derived from what it was told; pure, and cheap enough for a hundred thousand cases."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

# (clock, kind, at, due_at), in the order in which they were told.
Told = tuple[int, str, datetime, datetime | None]

A_MINUTE = timedelta(minutes=1)


def is_late(moment: datetime, due_at: datetime) -> bool:
    """Whether a moment is past a deadline; in its very minute is in time."""
    return moment >= due_at + A_MINUTE


@dataclass(slots=True)
class ClockState:
    """Where one clock stands. `due_at` is None before it starts; a paused clock keeps its last deadline.

    `stopped_at`: when what it waits for happened; `is_ended`: it runs no more without
    that, since the case was merged or declined.
    """

    started_at: datetime | None = None
    due_at: datetime | None = None
    paused_at: datetime | None = None
    stopped_at: datetime | None = None
    is_ended: bool = False
    ended_at: datetime | None = None

    @property
    def is_running(self) -> bool:
        return self.due_at is not None and self.stopped_at is None and not self.is_ended

    def is_breached(self, now: datetime) -> bool:
        """Whether it was met is decided by when the thing happened, never by when somebody looks.

        Of a clock that is paused, also at its end, time stands still since then.
        """
        if self.due_at is None:
            return False
        end = self.paused_at or self.stopped_at or self.ended_at or now
        return is_late(end, self.due_at)


def states_of(told: Iterable[Told]) -> Iterator[tuple[int, ClockState]]:
    """The state of each clock; `told` is ordered by clock, then as it was told."""
    for clock, rows in groupby(told, key=itemgetter(0)):
        yield clock, state_of(rows)


def state_of(told: Iterable[Told]) -> ClockState:
    state = ClockState()
    for _, kind, at, due_at in told:
        if due_at is not None and kind != "rang":
            state.due_at = due_at
        if kind == "started":
            state.started_at = at
        elif kind == "paused":
            state.paused_at = at
        elif kind == "resumed":
            state.paused_at = None
        elif kind == "stopped":
            state.stopped_at = at
        elif kind == "ended":
            state.is_ended, state.ended_at = True, at
    return state
