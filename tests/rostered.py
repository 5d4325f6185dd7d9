"""A department with a published October 2026, to test what shifts hand over and owe.

Day shift 08:30–17:30, evening shift 17:30–01:00. October the 12th is a Monday, the 17th a Saturday.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from people.models import Department, Staff
from rules.models import Provision, Version
from shifts.models import Roster, RosterDay, ShiftPattern
from tests import factories

RULES = [
    {"code": "day-book", "kind": "duty", "roles": ["agent"],
     "params": {"every": "shift", "shifts": ["白班"], "proof": "handover", "missing": "s000-03-01f",
                "undone": "s000-03-01f"}},
    {"code": "night-book", "kind": "duty", "roles": ["agent"],
     "params": {"every": "shift", "shifts": ["晚班"], "proof": "handover", "missing": "s000-06-01f",
                "undone": "s000-03-01f"}},
    {"code": "s000-03-01f", "kind": "escalating_fine", "window": "employment", "basis": "discipline",
     "params": {"steps": ["10.00", "20.00"], "after": "none", "final": {"at": 3, "proposal": "termination"}}},
    {"code": "s000-06-01f", "kind": "escalating_fine", "window": "month", "basis": "discipline",
     "params": {"steps": ["30.00", "50.00", "80.00"], "after": "none",
                "final": [{"at": 4, "proposal": "withhold_pay"}, {"at": 5, "proposal": "termination"}]}},
    {"code": "report", "kind": "duty", "roles": ["agent"],
     "params": {"every": "week", "weekday": 6, "time": "17:00", "min_length": 200, "missing": "report-fine"}},
    {"code": "report-fine", "kind": "escalating_fine",
     "params": {"steps": ["50.00", "100.00"], "after": "none"}},
    {"code": "meeting", "kind": "duty",
     "params": {"every": "week", "weekday": 1, "time": "08:00", "proof": "attendance",
                "missing": "meeting-fine"}},
    {"code": "meeting-fine", "kind": "fine", "params": {"amount": "5.00"}},
    {"code": "review", "kind": "duty", "roles": ["supervisor"],
     "params": {"every": "week", "weekday": 1, "time": "08:00", "proof": "minutes"}},
    {"code": "clean", "kind": "duty", "roles": ["agent"],
     "params": {"every": "day", "time": "08:00", "shifts": ["白班"], "proof": "turn",
                "missing": "clean-fine"}},
    {"code": "clean-fine", "kind": "fine", "params": {"amount": "50.00"}},
    {"code": "idea", "kind": "range_award", "params": {"min": "10.00", "max": "100.00"}, "roles": ["agent"]},
]  # fmt: skip


@dataclass
class Place:
    """The department, its shifts and its roster; `shift` puts somebody on one."""

    department: Department
    patterns: dict[str, ShiftPattern]
    roster: Roster
    staff: dict[str, Staff] = field(default_factory=dict)

    def shift(self, staff: Staff, pattern: str, *days: int) -> None:
        """Put somebody on a shift on days of October; `休` is a day of rest."""
        for day in days:
            on = date(2026, 10, day)
            hours = {"白班": (time(8, 30), time(17, 30)), "晚班": (time(17, 30), time(1))}.get(pattern)
            span: dict[str, Any] = {}
            if hours is not None:
                start, end = (timezone.make_aware(datetime.combine(on, each)) for each in hours)
                span = {"starts_at": start, "ends_at": end if end > start else end + timedelta(days=1)}
            RosterDay.objects.create(
                roster=self.roster, staff=staff, work_date=on, pattern=self.patterns.get(pattern), **span
            )


def moment(day: int, clock: str) -> datetime:
    """A moment of October 2026."""
    return timezone.make_aware(datetime.combine(date(2026, 10, day), time.fromisoformat(clock)))


def rules(
    department: Department,
    provisions: list[dict[str, Any]] | None = None,
    published_at: datetime | None = None,
) -> Version:
    """Provisions in force since 2020, published then unless it is said otherwise."""
    version = Version.objects.create(department=department, number=1, effective_on=date(2020, 1, 1))
    for position, each in enumerate(RULES if provisions is None else provisions):
        Provision.objects.create(version=version, position=position, title=f"条款{each['code']}", **each)
    version.published_at = published_at or timezone.make_aware(datetime(2020, 1, 1))
    version.save()
    return version


def place(provisions: list[dict[str, Any]] | None = None, published_at: datetime | None = None) -> Place:
    """Without anybody on the roster yet; `published_at` is the rules'."""
    department = factories.department()
    rules(department, provisions, published_at)
    patterns = {
        name: ShiftPattern.objects.create(department=department, code=name[0], name=name)
        for name in ("白班", "晚班")
    }
    roster = Roster.objects.create(
        department=department,
        month=date(2026, 10, 1),
        state=Roster.State.PUBLISHED,
        published_at=timezone.make_aware(datetime(2026, 9, 25)),
    )
    return Place(department, patterns, roster)
