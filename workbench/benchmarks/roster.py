"""A month's roster filled by the solver, for people of whom some are on leave, through the real service.

Everything happens in one transaction that is rolled back.
"""

import resource
import time
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.periods import last_of
from people.models import Staff
from people.services import department_create
from rules.models import Provision, Version
from shifts.models import Leave, PatternHours, Roster, RosterDay, ShiftPattern
from shifts.models.roster import RosterRun
from shifts.planning.fairness import fairness_of
from shifts.planning.solver import rotation_of
from shifts.selectors.plans import plan_of
from shifts.services.roster_runs import run_ask, run_execute
from workbench.benchmarks.settlement import timed

MONTH = date(2026, 10, 1)  # with the National Day's week in it
BOUND_SECONDS = 30
REST = {"days_per_week": 1, "work_days_in_row": 6}
# Hours of the day and the evening shift; a quarter and a sixth of the people are needed on each.
SHIFTS = (("白", "白班", "08:30", "17:30", False, 4), ("晚", "晚班", "17:30", "01:00", True, 6))


class _RollBack(Exception):
    """Ends the benchmark's transaction."""


def run(staff: int) -> dict[str, Any]:
    """Seconds for so many people, what the roster breaks, how fair it and the plain rotation are."""
    result: dict[str, Any] = {}
    try:
        with transaction.atomic():
            roster = generate(staff)
            plain = fairness_of(rotation_of(plan_of(roster)))
            job = run_ask(roster=roster, by=None, at=timezone.now()).job
            begun = time.process_time()
            with timed() as solved:
                done = run_execute(job=job, clock=timezone.now)
            assert done is not None and done.state == RosterRun.State.DONE, done
            result = {
                "people": staff,
                "days": (last_of(MONTH) - MONTH).days + 1,
                "filled": RosterDay.objects.filter(roster=roster).count(),
                "seconds": round(solved.seconds, 2),
                "cpu_seconds": round(time.process_time() - begun, 2),
                "bound_seconds": BOUND_SECONDS,
                "queries": solved.queries,
                "broken": done.result["counts"],
                "unfairness": fairness_of(plan_of(roster)).total,
                "rotation_unfairness": plain.total,
                "is_settled": done.result["is_settled"],
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            }
            raise _RollBack
    except _RollBack:
        return result


def generate(staff: int) -> Roster:
    """An empty roster of October: six days on and one off, every fifth person away for one to five days."""
    department = department_create(code="benchmark-roster", name="基准部门")
    version = Version.objects.create(department=department, number=1, effective_on=date(2026, 1, 1))
    Provision.objects.create(
        version=version, position=0, code="b-rest", title="做六休一", kind="rest", params=REST
    )
    Version.objects.filter(pk=version.pk).update(published_at=timezone.now())
    for code, name, starts_at, ends_at, is_evening, part in SHIFTS:
        pattern = ShiftPattern.objects.create(
            department=department,
            code=code,
            name=name,
            is_evening=is_evening,
            minimum_staff=staff // part,
        )
        PatternHours.objects.create(pattern=pattern, starts_at=starts_at, ends_at=ends_at)
    joined = date(2024, 1, 1)
    people = Staff.objects.bulk_create(
        Staff(department=department, number=f"{1000 + i}", name=f"员工{i}", hired_on=joined, joined_on=joined)
        for i in range(staff)
    )
    Leave.objects.bulk_create(
        Leave(staff=each, starts_on=MONTH + timedelta(days=i * 7 % 26), days=1 + i // 5 % 5, type="personal")
        for i, each in enumerate(people)
        if i % 5 == 0
    )
    return Roster.objects.create(department=department, month=MONTH)
