"""A team with day and evening shifts under a rulebook on rest, whose November 2026 is planned in tests.

November the 1st is a Sunday; day shift 08:30–17:30, evening shift 17:30–01:00.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from people.models import Account, Department, Staff, Team
from rules.models import Provision, Version
from shifts.models import PatternHours, Roster, ShiftPattern
from shifts.planning.plan import REST
from shifts.services.rosters import CellChange, roster_assign, roster_open, roster_publish
from tests import factories

NOVEMBER = date(2026, 11, 1)
AT = datetime(2026, 10, 20, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
SHIFTS = {
    "shifts": [
        {"name": "白班", "start": "08:30", "end": "17:30"},
        {"name": "晚班", "start": "17:30", "end": "01:00"},
    ],
    "minimum_staff": 1,
}
RULES = [
    {"code": "r-shift", "kind": "shift_pattern", "params": SHIFTS},
    {"code": "r-late", "kind": "shift_pattern", "params": {"extends": ["晚班"]}},
    {"code": "r-rest", "kind": "rest", "params": {"days_per_week": 1, "work_days_in_row": 6}},
]


@dataclass
class Planned:
    """The department, its shifts by code (`D`, `E`), one team, its roster and its people."""

    department: Department
    team: Team
    patterns: dict[str, ShiftPattern]
    roster: Roster
    people: list[Staff]
    manager: Account

    def changes(self, staff: Staff, line: str, first: date = NOVEMBER) -> list[CellChange]:
        """`DDE-`: one letter a day, `-` is rest; of days that are open."""
        return [
            CellChange(staff.pk, first + timedelta(days=i), None, self.slot(code))
            for i, code in enumerate(line)
            if code != "."
        ]

    def slot(self, code: str) -> int:
        return REST if code == "-" else self.patterns[code].pk

    def plan(self, *lines: str, first: date = NOVEMBER) -> None:
        """Write the people's lines."""
        changes = [
            each
            for staff, line in zip(self.people, lines, strict=False)
            for each in self.changes(staff, line, first)
        ]
        self.roster = roster_assign(roster=self.roster, changes=changes, by=self.manager, at=AT)

    def publish(self) -> None:
        self.roster = roster_publish(roster=self.roster, version=self.roster.version, by=self.manager, at=AT)

    def line(self, staff: Staff, first: date = NOVEMBER, length: int = 30) -> str:
        """What is rostered, as `plan` takes it."""
        codes = {pattern.pk: code for code, pattern in self.patterns.items()} | {None: "-"}
        last = first + timedelta(days=length - 1)
        rows = staff.roster_days.filter(work_date__range=(first, last))
        days = dict(rows.values_list("work_date", "pattern_id"))
        found = (first + timedelta(days=i) for i in range(length))
        return "".join(codes[days[day]] if day in days else "." for day in found).rstrip(".")


def pattern_made(department: Department, code: str, name: str, start: time, end: time) -> ShiftPattern:
    pattern = ShiftPattern.objects.create(
        department=department, code=code, name=name, is_evening=start >= time(15), colour=len(code)
    )
    PatternHours.objects.create(pattern=pattern, starts_at=start, ends_at=end)
    return pattern


def rules_publish(department: Department, rules: list[dict], on: date = date(2026, 1, 1)) -> None:
    version = Version.objects.create(department=department, number=1, effective_on=on)
    Provision.objects.bulk_create(
        Provision(version=version, position=place, **{"title": each["code"], **each})
        for place, each in enumerate(rules)
    )
    Version.objects.filter(pk=version.pk).update(published_at=AT)


def planned(people: int = 3, rules: list[dict] | None = None) -> Planned:
    """A department with a manager and a team of so many agents."""
    department = factories.department()
    team = factories.team(department)
    rules_publish(department, RULES if rules is None else rules)
    return Planned(
        department=department,
        team=team,
        patterns={
            "D": pattern_made(department, "D", "白班", time(8, 30), time(17, 30)),
            "E": pattern_made(department, "E", "晚班", time(17, 30), time(1)),
        },
        roster=roster_open(department=department, team=team, month=NOVEMBER),
        people=[factories.staff(department, str(101 + i), team=team) for i in range(people)],
        manager=factories.account("manager", department),
    )


def signed_in(staff: Staff, group: str = "agent") -> Account:
    """An account for somebody who works there."""
    account = factories.account(group, staff=staff)
    staff.refresh_from_db()
    return account
