"""What addresses of appraisals name, one sheet or a lot, for tests that walk every page."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from appraisals.models import ItemScore, QuarterGrade, Sheet, SheetEvent, SheetPart
from people.models import Account, Department, Staff
from rules.models import Provision

SCHEME: dict[str, Any] = {
    "code": "x-kpi",
    "title": "客服月度考评",
    "kind": "evaluation",
    "params": {
        "items": [
            {"name": "满意度", "source": "metric", "metric": "satisfaction", "weight": "60"},
            {"name": "态度", "source": "supervisor", "weight": "40"},
        ]
    },
}
GRADES: dict[str, Any] = {
    "code": "x-grade",
    "title": "季度等级",
    "kind": "grade",
    "params": {"brackets": [{"from": "90", "grade": "A"}, {"from": "0", "grade": "B"}]},
}


def sheets_made(people: Sequence[Staff], month: date, by: Account, *, at: datetime) -> list[Sheet]:
    """A published sheet of each person's month, with marks, what was said, and a grade of the quarter."""
    department = people[0].department
    provision = Provision.objects.filter(version__department=department).latest("pk")
    given = {"department": department, "month": month, "provision": provision}
    sheets = Sheet.objects.bulk_create(
        Sheet(staff=each, state="published", edition=1, score=80, **given) for each in people
    )
    SheetPart.objects.bulk_create(
        SheetPart(
            sheet=each, edition=1, position=place, item=item, origin="主管评分", value=each.staff.name,
            score=80, scale=100, weight=50,
        )
        for each in sheets
        for place, item in enumerate(("态度", "合作"))
    )  # fmt: skip
    ItemScore.objects.bulk_create(
        ItemScore(sheet=each, item="态度", score=80, scale=100, reason=each.staff.name, by=by, at=at)
        for each in sheets
    )
    SheetEvent.objects.bulk_create(
        SheetEvent(sheet=each, kind="published", edition=1, text=each.staff.name, by=by, at=at)
        for each in sheets
    )
    quarter = date(month.year, (month.month - 1) // 3 * 3 + 1, 1)
    QuarterGrade.objects.bulk_create(
        QuarterGrade(
            department=department, staff=each, quarter=quarter, grade="B", reason=each.name, by=by, at=at
        )
        for each in people
    )  # fmt: skip
    return sheets


def appraisals_fill(department: Department, people: Sequence[Staff], by: Account, *, at: datetime) -> None:
    """A sheet of everybody for the month before, and many months of the second person."""
    month = date(at.year, at.month - 1, 1)
    sheets_made(people, month, by, at=at)
    for past in range(120):
        sheets_made(people[1:2], date(2015 + past // 12, past % 12 + 1, 1), by, at=at)
