"""Leave from the approvals of a daily report; the same leave stands on every row of its days."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from people.models import Department
from rules.leave_types import LEAVE_LABELS, LeaveType
from sheets.errors import CellError
from sheets.table import Table
from shifts.imports.approvals import PersonDays, ReportedLeave, leaves_of
from shifts.imports.common import check
from shifts.imports.leave import LeaveKey, key_of, leave_around, owed_of_leave, reaches_beyond
from shifts.imports.leave_words import LeaveWords
from shifts.imports.report_rows import Key, ReportedDay
from shifts.models import Leave
from shifts.selectors.leave_rules import NaturalLeave
from shifts.services import check_employed, leaves_overlap
from shifts.services.leave import days_of_leave

# What a report may say otherwise of leave that is known; it need not say which half.
CHANGING = ("days", "natural", "starts_at", "ends_at")


class ReportedLeaves:
    """The leave that the rows tell of, against the stored."""

    def __init__(
        self,
        table: Table,
        department: Department,
        rows: list[ReportedDay],
        days: Mapping[int, PersonDays],
        words: LeaveWords,
        added: Mapping[int, Mapping[date, Decimal]],
    ) -> None:
        """`added`: the days that the report brings, by person, with the part of each that is to be worked."""
        self.days: set[date] = set()  # of the leave that was stored, as it was and as it is
        self._wanted: dict[LeaveKey, tuple[ReportedDay, Leave]] = {}
        self._ends_on: dict[LeaveKey, date | None] = {}
        natural = NaturalLeave(department)
        for row, said in _said(table, rows, days, words, natural):
            self._want(table, row, said)
        asked = [
            Leave(staff=row.staff, starts_on=row.day, days=1, type=LeaveType.PERSONAL)
            for row in rows
            if row.says_leave
        ]
        stored = leave_around(department, [*(leave for _, leave in self._wanted.values()), *asked])
        self._stored = {key_of(each): each for each in stored}
        self._owed = owed_of_leave([*stored, *(leave for _, leave in self._wanted.values())])
        for staff_id, parts in added.items():
            if staff_id in self._owed:
                owed = self._owed[staff_id]
                self._owed[staff_id] = replace(owed, rostered={**owed.rostered, **parts})
        if self._wanted:
            for key, (_, leave) in self._wanted.items():
                counts = natural.counts(leave.staff_id, leave.type, leave.starts_on)
                owed = self._owed[leave.staff_id]
                leave.natural = counts or reaches_beyond(leave, self._ends_on[key], owed)
        self._replaced = {key_of(old) for key in self._wanted if (old := self._known(key))}
        self._check(table, stored)
        for row in rows:
            if row.says_leave and not any(self._covers(each, row) for each in stored):
                table.add_error(
                    row.number,
                    "approvals",
                    "打卡结果是请假，却没有关联的审批单",
                    "请补上审批单，或者先导入请假记录",
                    "",
                )

    def _want(self, table: Table, row: ReportedDay, said: ReportedLeave) -> None:
        leave = Leave(
            staff=row.staff,
            starts_on=said.starts_on,
            days=said.days,
            type=said.type,
            half=said.half,
            starts_at=said.starts_at,
            ends_at=said.ends_at,
        )
        key = key_of(leave)
        self._ends_on[key] = said.ends_on
        known = self._wanted.setdefault(key, (row, leave))
        if known[1].days != leave.days:
            table.add_error(
                row.number,
                "approvals",
                f"与第 {known[0].number} 行的同一次请假天数不同",
                "请更正审批单",
                said.days,
            )

    def _check(self, table: Table, stored: list[Leave]) -> None:
        others: dict[int, list[tuple[str, Leave]]] = defaultdict(list)
        for each in stored:
            if key_of(each) not in self._replaced:
                name = f"{each.starts_on:%Y-%m-%d} 起的{each.get_type_display()}"
                others[each.staff_id].append((name, each))
        for row, leave in self._wanted.values():
            check(table, row.number, "approvals", leave.starts_on, check_employed, row.staff, leave.starts_on)
            for name, other in others[leave.staff_id]:
                if leaves_overlap(leave, other, self._owed[leave.staff_id]):
                    table.add_error(
                        row.number, "approvals", f"与{name}重叠", "请更正日期或天数", leave.starts_on
                    )
            others[leave.staff_id].append((f"第 {row.number} 行的{leave.get_type_display()}", leave))

    def store(self) -> set[Key]:
        """Add new leave; of leave that is known the days may change."""
        new: list[Leave] = []
        changed: list[Leave] = []
        touched: set[Key] = set()
        for key, (row, leave) in self._wanted.items():
            old = self._known(key)
            if old is None:
                new.append(leave)
            elif (old.days, old.half or leave.half, old.natural, old.starts_at, old.ends_at) != (
                *(leave.days, old.half, leave.natural),
                *(leave.starts_at, leave.ends_at),
            ):
                self.days |= self._days_of(old)
                old.half = leave.half or old.half
                for name in CHANGING:
                    setattr(old, name, getattr(leave, name))
                changed.append(old)
            else:
                continue
            self.days |= self._days_of(leave)
            touched.add(row.key)
        Leave.objects.bulk_create(new, batch_size=2000)
        Leave.objects.bulk_update(changed, [*CHANGING, "half"], batch_size=2000)
        return touched

    def days_by_type(self) -> dict[str, Decimal]:
        """The days of leave that the file tells of, by what its type is called."""
        found: dict[str, Decimal] = defaultdict(Decimal)
        for _, leave in self._wanted.values():
            found[LEAVE_LABELS[leave.type]] += leave.days
        return found

    def _covers(self, leave: Leave, row: ReportedDay) -> bool:
        return leave.staff_id == row.staff.pk and row.day in self._days_of(leave)

    def _days_of(self, leave: Leave) -> set[date]:
        return {day for day, _ in days_of_leave(leave, self._owed[leave.staff_id])} or {leave.starts_on}

    def _known(self, key: LeaveKey) -> Leave | None:
        """The stored leave that a wanted one is: one that did not say its half or hours may have been it."""
        unsaid = (*key[:3], "", None)
        if key in self._stored or unsaid in self._wanted:
            return self._stored.get(key)
        old = self._stored.get(unsaid)
        is_timed = key[4] is not None
        return None if old and is_timed and old.days != self._wanted[key][1].days else old


def _said(
    table: Table,
    rows: Iterable[ReportedDay],
    days: Mapping[int, PersonDays],
    words: LeaveWords,
    natural: NaturalLeave,
) -> Iterable[tuple[ReportedDay, ReportedLeave]]:
    """The leave that each row tells of; what cannot be read is recorded, a name that nobody knows asked."""
    outing = tuple(table.profile.rules["outing"])
    for row in rows:
        for approval in row.approvals:
            if approval.label.startswith(outing):
                continue
            kind = words.of(approval.label)
            if kind not in LEAVE_LABELS:
                continue
            try:
                every_day = natural.counts(row.staff.pk, kind, approval.starts_on)
                for said in leaves_of(approval, kind, days[row.staff.pk], is_natural=every_day):
                    yield row, said
            except CellError as error:
                table.add_error(row.number, "approvals", error.message, error.remedy, approval.label)
