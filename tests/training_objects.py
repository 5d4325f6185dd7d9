"""Newcomers in a programme, one or a lot, for tests of training and those that walk every page."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from people.models import Account, Department, Staff
from rules.models import Provision, Version
from tests import factories
from training.models import Enrolment, Material, StepRecord

PROGRAMME = {
    "code": "x-training",
    "title": "新客服培训",
    "kind": "programme",
    "params": {
        "within_days": 30,
        "steps": [
            {"code": "d1", "day": 1, "title": "公司概况", "topics": ["商品", "岗位"]},
            {"code": "d2", "day": 2, "title": "跟师傅接待", "teacher": "mentor"},
            {
                "code": "d3",
                "day": 3,
                "title": "基本能力考试",
                "exam": {"code": "basic", "failed": ["termination"]},
            },
            {
                "code": "d22",
                "day": 22,
                "title": "转正考试",
                "exam": {
                    "code": "final",
                    "retake_after_days": 3,
                    "failed": ["termination", "extend_probation"],
                    "confirm_after_days": 1,
                    "confirm_after_months": 1,
                },
            },
            {"code": "d23", "day": 23, "title": "专项培训", "after_failing": "final"},
        ],
    },
}


def publish_programme(
    of: Department, *, number: int = 1, on: date = date(2020, 1, 1), **params: Any
) -> Version:
    """A version of a department whose rules are the programme alone; `params` replace its own."""
    version = Version.objects.create(department=of, number=number, effective_on=on)
    given = {**PROGRAMME, "params": {**PROGRAMME["params"], **params}}  # type: ignore[dict-item]
    Provision.objects.create(version=version, position=0, **given)
    version.published_at = factories.WHEN
    version.save()
    return version


def training_known_of(staff: Staff, mentor: Staff, *, at: datetime, by: Account) -> dict[str, Any]:
    """An enrolment of a person with a step that was recorded, and a material; the rows alone."""
    number = 1 + max(staff.department.versions.values_list("number", flat=True), default=0)
    version = publish_programme(staff.department, number=number, on=date(2019, 1, 1))
    return training_fill(staff.department, [mentor, staff], version=version, at=at, by=by)


def training_fill(
    department: Department,
    people: Sequence[Staff],
    *,
    version: Version,
    at: datetime,
    by: Account,
    material: str = "客服服务培训",
) -> dict[str, Any]:
    """All but the first go through the programme, with the first as mentor; what addresses name."""
    provision = version.provisions.get(code=PROGRAMME["code"])
    today = timezone.localdate(at)
    mentor, *newcomers = people
    rows = Enrolment.objects.bulk_create(
        Enrolment(
            department=department,
            staff=each,
            provision=provision,
            code=provision.code,
            starts_on=today - timedelta(days=5),
            batch="2026-11",
            mentor=mentor,
            by=by,
            at=at,
        )
        for each in newcomers
    )
    StepRecord.objects.bulk_create(
        StepRecord(enrolment=each, step="d1", kind="present", on=each.starts_on, by=by, at=at)
        for each in rows
    )
    put_up = Material.objects.create(
        department=department,
        code=provision.code,
        title=material,
        url="https://example.com/training",
        by=by,
        at=at,
    )
    return {"enrolment": rows[0].pk, "material": put_up.pk}
