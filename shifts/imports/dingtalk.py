"""DingTalk's daily report: punches, the shifts that nobody rostered, leave, and what the days came to.

Everything is written or nothing. What a published roster says of a day stands; a time that a later report
gives takes the place of the earlier one, a blank says nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from people.models import Account, Department, Staff, Team, Term
from rules.kinds.leave import leave_dates
from rules.leave_types import LeaveType
from sheets.errors import CellError, SheetError
from sheets.loading import Summary
from sheets.table import Table
from shifts.imports.common import check, rows_of
from shifts.imports.daily_cells import ReportedLeave, ReportedShift, leave_of, moment_of, shift_of, span_of
from shifts.imports.leave import leave_around, rest_of_leave
from shifts.models import Leave, Punch, Roster, RosterDay, ShiftPattern
from shifts.selectors.rosters import hours_on, patterns_of
from shifts.services import check_employed, leaves_overlap
from shifts.services.clocked import pattern_make
from shifts.services.derive import days_derive
from shifts.services.roster_runs import is_alive

DAY = timedelta(days=1)
WHOLE = Decimal(1)
Key = tuple[int, date]
SHOWN = 5


@dataclass(slots=True)
class ReportedDay:
    """One good row: a person's day as the report has it."""

    number: int
    staff: Staff
    day: date
    hours: ReportedShift | None
    # moment, whether it is the way in, and of which part where the parts are clocked apart
    clocks: list[tuple[datetime, bool, int | None]] = field(default_factory=list)
    leaves: list[ReportedLeave] = field(default_factory=list)
    says_leave: bool = False

    @property
    def key(self) -> Key:
        return self.staff.pk, self.day


def load_daily_report(table: Table, *, department: Department, by: Account | None, at: datetime) -> Summary:
    """Write a daily report; the number of queries does not depend on its rows. Raises SheetError(s)."""
    if table.source.other_sheets:
        names = "、".join(f"“{name}”" for name in (table.source.sheet_name, *table.source.other_sheets))
        raise SheetError(
            f"文件里有内容的工作表不止一个：{names}。请把每日统计单独存成一个文件，只留这一个工作表，再导入。"
        )
    others = 0
    rows: dict[Key, ReportedDay] = {}
    found = list(rows_of(table, department))
    # Where one row of a shift tells of a second coming, all its rows are in two parts.
    parted = {given["shift"] for _, _, given in found if given["in_2"] or given["in_2_result"]}
    for number, person, given in found:
        row, no_leave = _read(table, number, person, given, at, in_parts=given["shift"] in parted)
        others += no_leave
        if row is None:
            continue
        if row.key in rows:
            earlier = rows[row.key].number
            table.add_error(number, "work_date", f"与第 {earlier} 行是同一人同一天", "请只保留一行", row.day)
        else:
            rows[row.key] = row
    table.check()
    days = [row.day for row in rows.values()]
    first, last = min(days), max(days)
    rosters = _Rosters(table, department, list(rows.values()), by, at)
    leaves = _Leaves(table, department, list(rows.values()), rosters.rest())
    table.check()
    touched = {*rosters.store(), *_store_punches(list(rows.values()), first, last), *leaves.store()}
    # Leave may begin before the report and end after it.
    span = [first, last, *leaves.days]
    derived = days_derive(department=department, first=min(span), last=max(span), now=at)
    notes = [*rosters.notes()]
    if others:
        notes.append(f"{others} 张外出、加班、补卡等审批单没有读取，请在系统里登记。")
    if derived.differences:
        numbers = {row.staff.pk: row.staff.number for row in rows.values()}
        told = [f"{numbers.get(each.staff_id, '')} {each.work_date:%m-%d}" for each in derived.differences]
        notes.append(f"{len(told)} 天与录入的结果不同，保留录入的：{_some(told)}。")
    return Summary(
        rows=len(rows),
        created=len(touched),
        changed=derived.changed + derived.removed,
        unchanged=len(rows) - len(touched),
        months=frozenset(day.replace(day=1) for day in leaves.days | {day for _, day in touched})
        | derived.months,
        notes=tuple(notes),
    )


def _read(
    table: Table, number: int, person: Staff, given: dict[str, Any], at: datetime, *, in_parts: bool
) -> tuple[ReportedDay | None, int]:
    """The row, None where something is wrong with it, which is recorded; and approvals that are no leave."""
    found = len(table.errors)
    day: date = given["work_date"]
    check(table, number, "work_date", day, check_employed, person, day)
    row, others = ReportedDay(number, person, day, None), 0
    try:
        row.hours = shift_of(given["shift"])
    except CellError as error:
        table.add_error(number, "shift", error.message, error.remedy, given["shift"])
    if row.hours and row.hours.break_starts_at is not None and in_parts:
        row.hours = replace(row.hours, in_parts=True)
    for name, due, is_in, part in _ends(row.hours, day, given):
        try:
            moment = moment_of(given[name], day, due)
            if moment and moment > at:
                raise CellError("这个时间还没到", "请检查日期和时间")
            if moment:
                row.clocks.append((moment, is_in, part))
        except CellError as error:
            table.add_error(number, name, error.message, error.remedy, given[name])
    try:
        row.leaves, others = leave_of(given["approvals"], day)
    except CellError as error:
        table.add_error(number, "approvals", error.message, error.remedy, given["approvals"])
    way_out = _way_out(given)
    row.says_leave = not row.leaves and given["in_1_result"] == given[f"{way_out}_result"] == "请假"
    return (row if len(table.errors) == found else None), others


def _ends(
    hours: ReportedShift | None, day: date, given: dict[str, Any]
) -> list[tuple[str, datetime | None, bool, int | None]]:
    """The columns of the punches that count: when each is due, whether it is the way in, of which part."""
    span = span_of(hours, day) if hours else None
    starts_at, ends_at = (span.starts_at, span.ends_at) if span else (None, None)
    if hours is None or span is None or not hours.in_parts:
        return [("in_1", starts_at, True, None), (_way_out(given), ends_at, False, None)]
    return [
        ("in_1", starts_at, True, 1),
        ("out_1", span.break_starts_at, False, 1),
        ("in_2", span.break_ends_at, True, 2),
        ("out_2", ends_at, False, 2),
    ]


def _way_out(given: dict[str, Any]) -> str:
    """The column of the day's end."""
    return "out_2" if given["in_2"] or given["out_2"] or given["out_2_result"] else "out_1"


class _Rosters:
    """The shifts of the report against the rosters: what nobody rostered is added to a published one."""

    def __init__(
        self, table: Table, department: Department, rows: list[ReportedDay], by: Account | None, at: datetime
    ) -> None:
        self._department, self._by, self._at = department, by, at
        self._patterns = patterns_of(department)
        self._made: dict[ReportedShift, ShiftPattern] = {}
        days = [row.day for row in rows]
        first, last = min(days), max(days)
        # Whoever writes into one of these rosters waits until the report is in.
        rosters = Roster.objects.filter(department=department, month__range=(first.replace(day=1), last))
        rosters = rosters.select_related("team", "run").select_for_update(of=("self",)).order_by("pk")
        self._rosters = {(each.team_id, each.month): each for each in rosters}
        self._begun = self._drafts_begun()
        stored = RosterDay.objects.filter(
            staff__department=department, work_date__range=(first - DAY, last + DAY)
        ).select_related("roster__team", "pattern")
        self._stored = {(each.staff_id, each.work_date): each for each in stored}
        self._teams: dict[int, list[tuple[Any, Team | None]]] = defaultdict(list)
        for term in Term.objects.filter(staff__department=department).select_related("team"):
            self._teams[term.staff_id].append((term.valid, term.team))
        self._new = [row for row in rows if row.key not in self._stored]
        self._unlike = [row for row in rows if row.key in self._stored and self._differs(row)]
        self._refuse(table, rows)

    def _drafts_begun(self) -> set[int]:
        """The drafts in which somebody plans: not those that were opened and left empty."""
        drafts = [each for each in self._rosters.values() if each.state == Roster.State.DRAFT]
        filled = RosterDay.objects.filter(roster__in=drafts).order_by().values_list("roster", flat=True)
        solved = {each.pk for each in drafts if hasattr(each, "run") and is_alive(each.run, self._at)}
        return solved | set(filled.distinct())

    def _refuse(self, table: Table, rows: list[ReportedDay]) -> None:
        drafts: set[int] = set()
        for row in rows:
            known = self._stored.get(row.key)
            roster = known.roster if known else self._rosters.get(self._place(row))
            if roster is not None and roster.pk in self._begun and roster.pk not in drafts:
                drafts.add(roster.pk)
                table.add_error(
                    row.number,
                    "shift",
                    f"{roster.team or '未分组'}{roster.month:%Y-%m}的排班表还没有公布",
                    "请先公布排班表，再导入打卡",
                    row.day,
                )
        spans: dict[int, list[tuple[datetime, datetime, ReportedDay | None]]] = defaultdict(list)
        for each in self._stored.values():
            if each.starts_at and each.ends_at:
                spans[each.staff_id].append((each.starts_at, each.ends_at, None))
        for row in self._new:
            if row.hours:
                span = span_of(row.hours, row.day)
                spans[row.staff.pk].append((span.starts_at, span.ends_at, row))
        for of_person in spans.values():
            of_person.sort(key=lambda each: each[0])
            for (_, end, before), (start, _, after) in pairwise(of_person):
                wrong = after or before
                if start < end and wrong is not None:
                    table.add_error(
                        wrong.number, "shift", "与相邻一天的班时间重叠", "请更正班次的时间", wrong.day
                    )

    def _place(self, row: ReportedDay) -> tuple[int | None, date]:
        team = self._team(row)
        return (team.pk if team else None), row.day.replace(day=1)

    def _team(self, row: ReportedDay) -> Team | None:
        """The person's team of the day; terms are ranges without their upper end."""
        return next((team for valid, team in self._teams[row.staff.pk] if row.day in valid), None)

    def _differs(self, row: ReportedDay) -> bool:
        known = self._stored[row.key]
        if row.hours is None or known.pattern_id is None:
            return (row.hours is None) != (known.pattern_id is None)
        span = span_of(row.hours, row.day)
        return (known.starts_at, known.ends_at) != (span.starts_at, span.ends_at)

    def store(self) -> set[Key]:
        """Add the days that nobody rostered, with the patterns and published rosters that they need."""
        missing = {self._place(row): self._team(row) for row in self._new}
        made = Roster.objects.bulk_create(
            Roster(
                department=self._department,
                team=team,
                month=place[1],
                state=Roster.State.PUBLISHED,
                published_by=self._by,
                published_at=self._at,
            )
            for place, team in missing.items()
            if place not in self._rosters
        )
        self._rosters |= {(each.team_id, each.month): each for each in made}
        self._publish([self._rosters[place] for place in missing])
        for hours, day in {row.hours: row.day for row in self._new if row.hours}.items():
            self._made[hours] = self._pattern(hours, day)
        RosterDay.objects.bulk_create((self._day(row) for row in self._new), batch_size=2000)
        return {row.key for row in self._new}

    def _publish(self, rosters: list[Roster]) -> None:
        empty = [each for each in rosters if each.state == Roster.State.DRAFT]
        for each in empty:
            each.state, each.published_by, each.published_at = Roster.State.PUBLISHED, self._by, self._at
            each.version += 1
        Roster.objects.bulk_update(empty, ["state", "published_by", "published_at", "version"])

    def _day(self, row: ReportedDay) -> RosterDay:
        span = span_of(row.hours, row.day) if row.hours else None
        return RosterDay(
            roster=self._rosters[self._place(row)],
            staff=row.staff,
            work_date=row.day,
            pattern=self._made[row.hours] if row.hours else None,
            starts_at=span.starts_at if span else None,
            ends_at=span.ends_at if span else None,
            break_starts_at=span.break_starts_at if span else None,
            break_ends_at=span.break_ends_at if span else None,
        )

    def _pattern(self, hours: ReportedShift, day: date) -> ShiftPattern:
        """The pattern of this name and these hours, made where there is none."""
        names = {each.name for each in self._patterns}
        codes = {each.code for each in self._patterns}
        for pattern in self._patterns:
            if pattern.name in (hours.name, f"{hours.name} {hours.in_words()}") and _has(pattern, hours, day):
                return pattern
        name = hours.name if hours.name not in names else f"{hours.name} {hours.in_words()}"[:32]
        code = next(
            each for i in range(1, 1000) if (each := hours.name[:12] + (str(i) if i > 1 else "")) not in codes
        )
        pattern = pattern_make(
            department=self._department,
            code=code,
            name=name,
            starts_at=hours.starts_at,
            ends_at=hours.ends_at,
            break_starts_at=hours.break_starts_at,
            break_ends_at=hours.break_ends_at,
            punches=ShiftPattern.Punches.PARTS if hours.in_parts else ShiftPattern.Punches.DAY,
        )
        self._patterns.append(pattern)
        return pattern

    def rest(self) -> Iterable[Key]:
        """The days of rest that are added."""
        return (row.key for row in self._new if row.hours is None)

    def notes(self) -> Iterable[str]:
        if self._unlike:
            told = [f"{row.staff.number} {row.day:%m-%d}" for row in self._unlike]
            yield f"{len(told)} 天的班次与已公布的排班不同，以排班为准：{_some(told)}。"


def _has(pattern: ShiftPattern, hours: ReportedShift, day: date) -> bool:
    if not pattern.hours.all():
        return False
    own = hours_on(pattern, day)
    in_parts = pattern.punches == ShiftPattern.Punches.PARTS
    return (own.starts_at, own.ends_at, own.break_starts_at, own.break_ends_at, in_parts) == (
        hours.starts_at,
        hours.ends_at,
        hours.break_starts_at,
        hours.break_ends_at,
        hours.in_parts,
    )


def _store_punches(rows: list[ReportedDay], first: date, last: date) -> set[Key]:
    """Add the punches that are not the latest word of the reports already."""
    stored: dict[tuple[int, date, bool, int | None], list[Punch]] = defaultdict(list)
    taken: set[tuple[int, datetime, date | None, bool | None]] = set()
    known = Punch.objects.filter(
        staff__in={row.staff.pk for row in rows},
        source=Punch.Source.FILE,
        work_date__range=(first - DAY, last + DAY),
    )
    for punch in known.order_by("id"):
        taken.add((punch.staff_id, punch.at, punch.work_date, punch.is_in))
        if punch.work_date is not None and punch.is_in is not None:
            stored[punch.staff_id, punch.work_date, punch.is_in, punch.part].append(punch)
    new: list[Punch] = []
    withdrawn: list[int] = []
    touched: set[Key] = set()
    for row in rows:
        for at, is_in, part in row.clocks:
            earlier = stored[row.staff.pk, row.day, is_in, part]
            if earlier and earlier[-1].at == at:
                continue
            touched.add(row.key)
            if (row.staff.pk, at, row.day, is_in) in taken:
                # A report says again what an earlier one said: what came between is taken back.
                withdrawn += [punch.pk for punch in earlier if punch.at != at]
            else:
                new.append(
                    Punch(
                        staff=row.staff,
                        at=at,
                        source=Punch.Source.FILE,
                        work_date=row.day,
                        is_in=is_in,
                        part=part,
                    )
                )
    if withdrawn:
        Punch.objects.filter(pk__in=withdrawn).delete()
    Punch.objects.bulk_create(new, batch_size=2000)
    return touched


class _Leaves:
    """Leave from the approvals of all rows; the same leave stands on every row of its days."""

    def __init__(
        self, table: Table, department: Department, rows: list[ReportedDay], rest: Iterable[Key]
    ) -> None:
        """`rest`: the days of rest that the report brings."""
        self.days: set[date] = set()  # of the leave that was stored, as it was and as it is
        self._wanted: dict[tuple[int, date, str], tuple[ReportedDay, Leave]] = {}
        for row in rows:
            for said in row.leaves:
                key = row.staff.pk, said.starts_on, said.type
                leave = Leave(
                    staff=row.staff, starts_on=said.starts_on, days=said.days, type=said.type, half=said.half
                )
                known = self._wanted.setdefault(key, (row, leave))
                if known[1].days != leave.days:
                    table.add_error(
                        row.number,
                        "approvals",
                        f"与第 {known[0].number} 行的同一次请假天数不同",
                        "请更正审批单",
                        said.days,
                    )
        asked = [
            Leave(staff=row.staff, starts_on=row.day, days=WHOLE, type=LeaveType.PERSONAL)
            for row in rows
            if row.says_leave
        ]
        stored = leave_around(department, [*(leave for _, leave in self._wanted.values()), *asked])
        self._stored = {(each.staff_id, each.starts_on, each.type): each for each in stored}
        self._rest = rest_of_leave([*stored, *(leave for _, leave in self._wanted.values())])
        for staff_id, day in rest:
            self._rest[staff_id].add(day)
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

    def _check(self, table: Table, stored: list[Leave]) -> None:
        others: dict[int, list[tuple[str, Leave]]] = defaultdict(list)
        for each in stored:
            if (each.staff_id, each.starts_on, each.type) not in self._wanted:
                name = f"{each.starts_on:%Y-%m-%d} 起的{each.get_type_display()}"
                others[each.staff_id].append((name, each))
        for row, leave in self._wanted.values():
            check(table, row.number, "approvals", leave.starts_on, check_employed, row.staff, leave.starts_on)
            for name, other in others[leave.staff_id]:
                if leaves_overlap(leave, other, self._rest[leave.staff_id]):
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
            old = self._stored.get(key)
            if old is None:
                new.append(leave)
            elif (old.days, old.half or leave.half) != (leave.days, old.half):
                self.days |= self._days_of(old)
                old.days, old.half = leave.days, leave.half or old.half
                changed.append(old)
            else:
                continue
            self.days |= self._days_of(leave)
            touched.add(row.key)
        Leave.objects.bulk_create(new, batch_size=2000)
        Leave.objects.bulk_update(changed, ["days", "half"], batch_size=2000)
        return touched

    def _covers(self, leave: Leave, row: ReportedDay) -> bool:
        return leave.staff_id == row.staff.pk and row.day in self._days_of(leave)

    def _days_of(self, leave: Leave) -> set[date]:
        rest = self._rest[leave.staff_id]
        return {day for day, _ in leave_dates(leave.starts_on, leave.days, rest=rest)}


def _some(told: list[str]) -> str:
    return "、".join(told[:SHOWN]) + ("等" if len(told) > SHOWN else "")
