"""The shifts of a daily report against the rosters: what nobody rostered is added to a published one.

A shift without its hours is the one that is rostered, that the file gives hours elsewhere, or that the
department knows by this name; else it is asked about once.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from core.copying import copy_lines
from people.models import Account, Department, Team, Term
from sheets.errors import CellError
from sheets.questions import Question
from sheets.table import Table
from shifts.imports.common import line, some
from shifts.imports.daily_cells import ReportedShift, shift_of, span_of
from shifts.imports.report_rows import DAY, Key, ReportedDay
from shifts.models import Roster, RosterDay, ShiftPattern
from shifts.models.roster import ShiftTimes
from shifts.selectors.rosters import hours_on, patterns_of
from shifts.services.clocked import pattern_make
from shifts.services.roster_runs import is_alive

WHOLE = Decimal(1)
NOT_ROSTERED = "none"
_LONGEST = 40
_COLUMNS = (
    "roster_id",
    "staff_id",
    "work_date",
    "pattern_id",
    "starts_at",
    "ends_at",
    "break_starts_at",
    "break_ends_at",
)


class Rosters:
    """The rosters of the days of a report, locked until it is in; the number of queries is fixed."""

    def __init__(
        self, table: Table, department: Department, days: Iterable[date], by: Account | None, at: datetime
    ) -> None:
        self._table, self._department, self._by, self._at = table, department, by, at
        self._patterns = patterns_of(department)
        self._made: dict[ReportedShift, ShiftPattern] = {}
        self._lines: dict[tuple[ReportedShift | None, date], str] = {}
        self._in_file: dict[str, ReportedShift] = {}
        days = list(days)
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
        self._places: dict[Key, tuple[int | None, date]] = {}
        self._teams: dict[int, list[tuple[Any, Team | None]]] = defaultdict(list)
        for term in Term.objects.filter(staff__department=department).select_related("team"):
            self._teams[term.staff_id].append((term.valid, term.team))
        self._new: list[ReportedDay] = []
        self._unlike: list[ReportedDay] = []

    def knows(self, key: Key) -> bool:
        """Whether somebody rostered the day."""
        return key in self._stored

    def note_hours(self, shown: Iterable[str]) -> None:
        """Remember the hours that the file itself gives the names of shifts."""
        for each in set(shown):
            try:
                hours = shift_of(each)
            except CellError:
                continue
            if hours is not None:
                self._in_file.setdefault(hours.name, hours)

    def shift(self, number: int, day: date, shown: str) -> ReportedShift | None:
        """The shift of a text; None where it is none, or is asked about, or is wrong, which is recorded."""
        try:
            hours = shift_of(shown)
        except CellError as error:
            self._table.add_error(number, "shift", error.message, error.remedy, shown)
            return None
        if hours is not None:
            return hours
        known = next((each for each in self._patterns if shown in (each.name, each.code)), None)
        if known is not None and known.hours.all():
            return _of_pattern(known, day)
        if shown in self._in_file:
            return self._in_file[shown]
        return self._asked(number, shown, day)

    def _asked(self, number: int, shown: str, day: date) -> ReportedShift | None:
        patterns = [each for each in self._patterns if not each.is_retired and each.hours.all()]
        offered = {each.code: _of_pattern(each, day) for each in patterns}
        offered |= {name: hours for name, hours in self._in_file.items() if name not in offered}
        key, text = f"shift:{shown[:_LONGEST]}", f"班次“{shown}”没有写时间，是哪个班？"
        if not offered:
            hint = f"写上班和下班时间，如 08:30-17:30；没有排班写 {NOT_ROSTERED}"
            return self._written(number, self._table.ask(Question(key, text, hint=hint)), shown)
        choices = [(code, f"{hours.name} {hours.in_words()}") for code, hours in offered.items()]
        answer = self._table.ask(Question(key, text, (*choices, (NOT_ROSTERED, "没有排班"))))
        return offered.get(answer or NOT_ROSTERED)

    def _written(self, number: int, answer: str | None, shown: str) -> ReportedShift | None:
        """The shift of a name by the hours that somebody wrote."""
        if answer is None or answer == NOT_ROSTERED:
            return None
        try:
            hours = shift_of(f"{shown} {answer}")
        except CellError as error:
            self._table.add_error(number, "shift", error.message, error.remedy, answer)
            return None
        if hours is None:
            self._table.add_error(number, "shift", "回答不是上下班时间", "请写成 08:30-17:30", answer)
        return hours

    def times(self, row: ReportedDay) -> ShiftTimes | None:
        """When the shift of a row is: as it is rostered, else as the report has it."""
        if row.key in self._stored:
            return self._stored[row.key].times
        return span_of(row.hours, row.day) if row.hours else None

    def in_parts(self, row: ReportedDay, *, is_told: bool) -> bool:
        """Whether the parts of the row's shift are clocked apart: as it is rostered, where the file tells of
        second parts at all, else as the report has it."""
        if row.key in self._stored:
            pattern = self._stored[row.key].pattern
            return is_told and pattern is not None and pattern.punches == ShiftPattern.Punches.PARTS
        return row.hours is not None and row.hours.in_parts

    def by_person(self, rows: Iterable[ReportedDay]) -> dict[int, dict[date, ShiftTimes | None]]:
        """The days of each person as far as roster or report tell; None for rest."""
        found: dict[int, dict[date, ShiftTimes | None]] = defaultdict(dict)
        for row in rows:
            if row.says_shift:
                found[row.staff.pk][row.day] = span_of(row.hours, row.day) if row.hours else None
        for (staff_id, day), each in self._stored.items():
            found[staff_id][day] = each.times
        return found

    def take(self, rows: Iterable[ReportedDay]) -> None:
        """Take the shifts of the good rows; what cannot stand beside the rosters is recorded."""
        rows = list(rows)
        self._new = [row for row in rows if row.says_shift and row.key not in self._stored]
        self._unlike = [row for row in rows if row.key in self._stored and self._differs(row)]
        self._refuse(rows)

    def _drafts_begun(self) -> set[int]:
        """The drafts in which somebody plans: not those that were opened and left empty."""
        drafts = [each for each in self._rosters.values() if each.state == Roster.State.DRAFT]
        filled = RosterDay.objects.filter(roster__in=drafts).order_by().values_list("roster", flat=True)
        solved = {each.pk for each in drafts if hasattr(each, "run") and is_alive(each.run, self._at)}
        return solved | set(filled.distinct())

    def _refuse(self, rows: list[ReportedDay]) -> None:
        drafts: set[int] = set()
        for row in rows:
            known = self._stored.get(row.key)
            roster = known.roster if known else self._rosters.get(self._place(row))
            if roster is not None and roster.pk in self._begun and roster.pk not in drafts:
                drafts.add(roster.pk)
                self._table.add_error(
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
                    self._table.add_error(
                        wrong.number, "shift", "与相邻一天的班时间重叠", "请更正班次的时间", wrong.day
                    )

    def _place(self, row: ReportedDay) -> tuple[int | None, date]:
        if row.key not in self._places:
            team = self._team(row)
            self._places[row.key] = (team.pk if team else None), row.day.replace(day=1)
        return self._places[row.key]

    def _team(self, row: ReportedDay) -> Team | None:
        """The person's team of the day; terms are ranges without their upper end."""
        return next((team for valid, team in self._teams[row.staff.pk] if row.day in valid), None)

    def _differs(self, row: ReportedDay) -> bool:
        known = self._stored[row.key]
        if not row.says_shift:
            return False
        if row.hours is None or known.pattern_id is None:
            return (row.hours is None) != (known.pattern_id is None)
        span = span_of(row.hours, row.day)
        return (known.starts_at, known.ends_at) != (span.starts_at, span.ends_at)

    def store(self) -> set[Key]:
        """Add the days that nobody rostered, with the patterns and published rosters that they need."""
        missing = {self._place(row): row for row in self._new}
        made = Roster.objects.bulk_create(
            Roster(
                department=self._department,
                team=self._team(row),
                month=place[1],
                state=Roster.State.PUBLISHED,
                published_by=self._by,
                published_at=self._at,
            )
            for place, row in missing.items()
            if place not in self._rosters
        )
        self._rosters |= {(each.team_id, each.month): each for each in made}
        self._publish([self._rosters[place] for place in missing])
        for hours, day in {row.hours: row.day for row in self._new if row.hours}.items():
            self._made[hours] = self._pattern(hours, day)
        lines = [
            f"{self._rosters[self._place(row)].pk}\t{row.staff.pk}\t{self._shift_line(row.hours, row.day)}"
            for row in self._new
        ]
        if lines:
            copy_lines(RosterDay._meta.db_table, ", ".join(_COLUMNS), "".join(lines))
        return {row.key for row in self._new}

    def _publish(self, rosters: list[Roster]) -> None:
        empty = [each for each in rosters if each.state == Roster.State.DRAFT]
        for each in empty:
            each.state, each.published_by, each.published_at = Roster.State.PUBLISHED, self._by, self._at
            each.version += 1
        Roster.objects.bulk_update(empty, ["state", "published_by", "published_at", "version"])

    def _shift_line(self, hours: ReportedShift | None, day: date) -> str:
        """The end of a line of COPY: day, pattern and moments, made once for all who have the shift."""
        if (hours, day) not in self._lines:
            if hours is None:
                self._lines[hours, day] = line(day, None, None, None, None, None)
            else:
                span = span_of(hours, day)
                moments = (span.starts_at, span.ends_at, span.break_starts_at, span.break_ends_at)
                self._lines[hours, day] = line(day, self._made[hours].pk, *moments)
        return self._lines[hours, day]

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

    def added(self) -> dict[int, dict[date, Decimal]]:
        """The days that are added, by person, with the part of each that is to be worked."""
        found: dict[int, dict[date, Decimal]] = defaultdict(dict)
        for row in self._new:
            found[row.staff.pk][row.day] = WHOLE if row.hours else Decimal(0)
        return found

    def notes(self) -> Iterable[str]:
        if self._unlike:
            told = [f"{row.staff.number} {row.day:%m-%d}" for row in self._unlike]
            yield f"{len(told)} 天的班次与已公布的排班不同，以排班为准：{some(told)}。"


def _of_pattern(pattern: ShiftPattern, day: date) -> ReportedShift:
    own = hours_on(pattern, day)
    in_parts = pattern.punches == ShiftPattern.Punches.PARTS
    return ReportedShift(
        pattern.name, own.starts_at, own.ends_at, own.break_starts_at, own.break_ends_at, in_parts
    )


def _has(pattern: ShiftPattern, hours: ReportedShift, day: date) -> bool:
    return bool(pattern.hours.all()) and replace(_of_pattern(pattern, day), name=hours.name) == hours
