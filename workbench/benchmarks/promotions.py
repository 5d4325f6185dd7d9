"""The criteria of everybody's next steps against their floor: the same rows read and nothing made of them.

What is measured reads a department's year of figures, grades, exams, incidents and words and answers every
criterion of the ladder s004-05 for everybody. The floor reads the same rows as tuples.
Everything happens in one transaction that is rolled back.
"""

import resource
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from appraisals.models import QuarterGrade
from commissions.models import Metric
from core.periods import shift_months
from penalties.models import Incident
from people.models import Department, Staff, Term
from people.services import department_create
from promotions.board import standings_of
from promotions.models import Attestation
from rules.library import LIBRARY
from rules.models import Provision
from rules.services import rulebooks_load, version_publish
from training.models import ExamResult
from workbench.benchmarks.attendance import taken_back
from workbench.benchmarks.settlement import check_constraints, timed

MONTH = date(2026, 10, 1)
ON = date(2026, 10, 31)
MONTHS = 12
REPEATS = 5
TIERS = ("trial", "junior", "intermediate", "senior")
RULEBOOK = "s004-05"
TITLE = "s004-05-4-3F.2"
WORDS = ("s004-05-4-1", "s004-05-4-2", "s004-05-4-3", "s004-05-4-4")


def run(staff: int) -> dict[str, Any]:
    """Seconds of judging so many people over twelve months, of reading the same rows, and their ratio.

    They take turns; of each the best of five counts.
    """
    judged, floors = [], []
    with taken_back():
        department = generate(staff)
        for _ in range(REPEATS):
            with timed() as judging:
                people, answers = judge(department)
            judged.append(judging)
            with timed() as reading:
                rows = read_rows(department)
            floors.append(reading.seconds)
    best = min(judged, key=lambda each: each.seconds)
    return {
        "seconds": round(best.seconds, 3),
        "floor_seconds": round(min(floors), 3),
        "ratio": round(best.seconds / min(floors), 2),
        "queries": best.queries,
        "people": people,
        "answers": answers,
        "rows": rows,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def judge(department: Department) -> tuple[int, int]:
    """Everybody's criteria answered: how many people and answers."""
    rows = standings_of(department, ON)
    return len(rows), sum(len(part.answers) for row in rows for rung in row.rungs for part in rung.parts)


def read_rows(department: Department) -> int:
    """How many rows it takes, read as tuples."""
    own = {"staff__department": department}
    incident = ("provision__title", "provision__kind", "provision__basis")
    outcome = ("staff_id", "code", "on", "passed", "score")
    by = ("by__first_name", "by__last_name", "by__username")
    scores = Metric.objects.filter(
        department=department, code="appraisal_score", month__range=(shift_months(MONTH, 1 - MONTHS), MONTH)
    )
    counted = Incident.objects.filter(**own, code=TITLE, state=Incident.State.CONFIRMED, reversal=None)
    rows = [
        Staff.objects.filter(department=department).order_by("number").values_list(),
        Term.objects.filter(**own).order_by("staff", "valid").values_list(),
        scores.order_by("month", "staff_id").values_list("month", "staff_id", "code", "value"),
        QuarterGrade.objects.filter(**own).order_by("quarter").values_list("staff_id", "quarter", "grade"),
        ExamResult.objects.filter(**own).order_by("on").values_list(*outcome),
        counted.order_by("work_date").values_list("staff_id", "work_date", "code", "quantity", *incident),
        Attestation.objects.filter(**own).order_by("on").values_list("staff_id", "code", "item", "on", *by),
    ]
    return sum(len(list(each)) for each in rows)


def _people(department: Department, staff: int) -> list[Staff]:
    """People who began one after another in 2025, over the four lowest tiers."""
    people = Staff.objects.bulk_create(
        Staff(
            department=department,
            number=f"{10000 + i}",
            name=f"员工{i}",
            hired_on=date(2025, 1, 1) + timedelta(days=i % 300),
            joined_on=date(2025, 1, 1) + timedelta(days=i % 300),
        )
        for i in range(staff)
    )
    Term.objects.bulk_create(
        Term(staff=each, valid=(each.joined_on, None), tier=TIERS[i % 4]) for i, each in enumerate(people)
    )
    return people


def generate(staff: int) -> Department:
    """A department under s004-05 with a year of scores, grades, titles, exams and words for everybody."""
    now = timezone.now()
    department = department_create(code=f"benchmark-{now:%H%M%S%f}", name="晋升测量")
    rulebooks_load(directories=[LIBRARY], at=now)
    given: dict[str, Any] = {"department": department, "by": None, "at": now}
    version = version_publish(effective_on=date(2020, 1, 1), rulebooks=[RULEBOOK], provisions=[], **given)
    title = Provision.objects.get(version=version, code=TITLE)
    people = _people(department, staff)
    Metric.objects.bulk_create(
        Metric(
            staff=each,
            month=shift_months(MONTH, -back),
            code="appraisal_score",
            value=Decimal(60 + (i * 7 + back * 3) % 40),
            as_of=ON,
            source="测量",
            department=department,
            at=now,
        )
        for i, each in enumerate(people)
        for back in range(MONTHS)
    )
    QuarterGrade.objects.bulk_create(
        QuarterGrade(staff=each, quarter=quarter, grade="AABC"[(i + n) % 4], department=department, at=now)
        for i, each in enumerate(people)
        for n, quarter in enumerate(shift_months(date(2025, 10, 1), 3 * n) for n in range(4))
    )
    ExamResult.objects.bulk_create(
        ExamResult(staff=each, code="probation", on=ON, passed=True, department=department, at=now)
        for each in people
    )
    Incident.objects.bulk_create(
        Incident(
            staff=each,
            provision=title,
            code=TITLE,
            work_date=ON - timedelta(days=n),
            state=Incident.State.CONFIRMED,
            recorded_at=now,
            decided_at=now,
        )
        for each in people
        for n in range(2)
    )
    Attestation.objects.bulk_create(
        Attestation(staff=each, code=WORDS[i % 4], on=ON, answer=True, note="测量", at=now)
        for i, each in enumerate(people)
    )
    check_constraints()
    with connection.cursor() as cursor:
        models = (Staff, Term, Metric, QuarterGrade, ExamResult, Incident, Attestation)
        cursor.execute(f"ANALYZE {', '.join(each._meta.db_table for each in models)}")
    return department
