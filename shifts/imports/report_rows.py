"""The rows of a daily report: whose day it is, its shift, punches and approvals, each cell read strictly."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from people.models import Staff
from sheets.errors import CellError
from sheets.table import Table
from shifts.imports.approvals import Approval, approvals_of
from shifts.imports.common import check
from shifts.imports.daily_cells import ReportedShift, moment_of
from shifts.models.roster import ShiftTimes
from shifts.services import check_employed

DAY = timedelta(days=1)
Key = tuple[int, date]
PARTS = 3  # shifts, or parts of one, that a report has columns for
_PUNCHES = tuple(f"{end}_{part}" for part in range(1, PARTS + 1) for end in ("in", "out"))
_DASHES = "-—– "


@dataclass(slots=True)
class ReportedDay:
    """One good row: a person's day as the report has it.

    `says_shift`: whether the report says what the day is, a shift (`hours`) or rest. `clocks`: moment,
    whether it is the way in, and of which part where the parts are clocked apart. `came_out`, `left_out`:
    whether that end of the day is said to be an outing.
    """

    number: int
    staff: Staff
    day: date
    key: Key = field(init=False)
    says_shift: bool = False
    hours: ReportedShift | None = None
    clocks: list[tuple[datetime, bool, int | None]] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    unread: int = 0
    says_leave: bool = False
    came_out: bool = False
    left_out: bool = False

    def __post_init__(self) -> None:
        self.key = self.staff.pk, self.day


class RowReader:
    """Reads rows under the words of the table's profile (`rules` in its file)."""

    def __init__(self, table: Table, at: datetime) -> None:
        self._table, self._at = table, at
        rules = table.profile.rules
        self._blanks = frozenset(rules["blanks"]) | {""}
        self._unread = tuple(rules["unread"])
        self._leave = frozenset(rules["leave_results"])
        self._outing = tuple(rules["outing_results"])
        self._punches = [name for name in _PUNCHES if name in table.present]
        self._words = [
            name for name in table.present if name.endswith("_result") or name in ("shift", "approvals")
        ]
        self.rest = frozenset(rules["rest"])
        self._unrostered = tuple(rules["unrostered"])

    def tidy(self, given: dict[str, Any]) -> dict[str, Any]:
        """The row with nothing where a mark stands for nothing."""
        for name in self._punches:
            if (shown := given[name]) and shown.strip() in self._blanks:
                given[name] = None
        for name in self._words:
            if (shown := given[name]) and not shown.strip(_DASHES):
                given[name] = None
        return given

    def shift_shown(self, given: dict[str, Any]) -> str:
        """What the row says of its shift; where it names none, the day's result may say that it is rest."""
        shown = (given["shift"] or "").strip()
        if not shown or shown.startswith(self._unrostered):
            result = (given.get("day_result") or "").strip()
            return result if result in self.rest else ""
        return shown

    def has_punch(self, given: dict[str, Any]) -> bool:
        """Whether there is a time in any of the row's columns of punches."""
        return any(given[name] for name in self._punches)

    def read(
        self, row: ReportedDay, given: dict[str, Any], times: ShiftTimes | None, *, in_parts: bool
    ) -> bool:
        """Read punches and approvals into the row; whether nothing is wrong, which is recorded.

        `times`: the day's shift, by the roster or the report; `in_parts`: its parts are clocked apart.
        """
        found = len(self._table.errors)
        check(self._table, row.number, "work_date", row.day, check_employed, row.staff, row.day)
        way_out = _way_out(given)
        for name, due, is_in, part in _ends(way_out, times, in_parts=in_parts):
            try:
                moment = moment_of(given.get(name), row.day, due)
                if moment and moment > self._at:
                    raise CellError("这个时间还没到", "请检查日期和时间")
                if moment:
                    row.clocks.append((moment, is_in, part))
            except CellError as error:
                self._table.add_error(row.number, name, error.message, error.remedy, given.get(name))
        if approvals := given["approvals"]:
            try:
                row.approvals, row.unread = approvals_of(approvals, row.day, self._unread)
            except CellError as error:
                self._table.add_error(row.number, "approvals", error.message, error.remedy, approvals)
        came, left = given["in_1_result"] or "", given[f"{way_out}_result"] or ""
        row.says_leave = not row.approvals and came in self._leave and left in self._leave
        row.came_out, row.left_out = came.startswith(self._outing), left.startswith(self._outing)
        return len(self._table.errors) == found


def in_parts(hours: ReportedShift, parted: bool) -> ReportedShift:
    """The shift, clocked part by part where some row of it tells of a second coming."""
    return replace(hours, in_parts=True) if parted and hours.break_starts_at is not None else hours


def _ends(
    way_out: str, times: ShiftTimes | None, *, in_parts: bool
) -> Iterator[tuple[str, datetime | None, bool, int | None]]:
    """The columns of the punches that count: when each is due, whether it is the way in, of which part."""
    starts_at, ends_at = (times.starts_at, times.ends_at) if times else (None, None)
    if times is None or not in_parts:
        yield "in_1", starts_at, True, None
        yield way_out, ends_at, False, None
        return
    yield "in_1", starts_at, True, 1
    yield "out_1", times.break_starts_at, False, 1
    yield "in_2", times.break_ends_at, True, 2
    yield "out_2", ends_at, False, 2


def _way_out(given: dict[str, Any]) -> str:
    """The column of the day's end."""
    for part in range(PARTS, 1, -1):
        if given.get(f"in_{part}") or given.get(f"out_{part}") or given.get(f"out_{part}_result"):
            return f"out_{part}"
    return "out_1"
