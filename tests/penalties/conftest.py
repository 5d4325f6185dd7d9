"""A department of three under one published version; `publish` adds versions."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from people.models import Department, Staff
from rules.models import Provision, Version
from tests import factories
from tests.factories import WHEN

COMPLAINT = {
    "code": "x-complaint",
    "title": "服务原因被买家投诉",
    "kind": "escalating_fine",
    "params": {"steps": ["50.00", "100.00"], "after": "none", "final": {"at": 3, "proposal": "termination"}},
}
MANNER = {
    "code": "x-manner",
    "title": "服务态度被投诉",
    "kind": "points",
    "params": {"deduct": "1", "thresholds": [{"count": 3, "total": "5"}, {"count": 5, "total": "10"}]},
}
RANGE = {
    "code": "x-range",
    "title": "视情节罚款",
    "kind": "range_fine",
    "params": {"min": "20.00", "max": "1000.00"},
    "covers": ["s999-07"],
}
JOINT = {
    "code": "x-joint",
    "title": "漏发货",
    "kind": "fine",
    "params": {"amount": "20.00", "also": {"lead": "10.00"}},
    "confirm": "auto",
}
LATE_RATE = {
    "code": "x-rate",
    "title": "上班打瞌睡",
    "kind": "rate_deduction",
    "window": "quarter",
    "params": {
        "of": "base_pay",
        "tiers": [{"from_count": 1, "rate": "0.01"}, {"from_count": 3, "rate": "0.05"}],
    },
}
SICK = {"code": "x-sick", "title": "病假", "kind": "day_pay", "params": {"multiple": "0.5"}}
AWARD = {"code": "x-award", "title": "客户表扬", "kind": "award", "params": {"amount": "30.00"}}
ABSENT = {"code": "x-absent", "title": "旷工", "kind": "absence", "params": {"multiple": "3"}}
BLANK = {"code": "x-blank", "title": "未填金额", "kind": "fine", "params": {"amount": None}}
DESIGNERS = {
    "code": "x-design",
    "title": "美工出错",
    "kind": "fine",
    "params": {"amount": "5.00"},
    "roles": ["designer"],
}
SLOW = {
    "code": "x-slow",
    "title": "首次响应慢",
    "kind": "fine",
    "params": {"amount": "5.00", "unit": "seconds", "unit_size": "30"},
}
WARNING, MINOR, MAJOR = (
    {
        "code": f"x-{level}",
        "title": f"{title}处分",
        "kind": "discipline",
        "params": {"level": level, "rate": rate},
    }
    for level, title, rate in (("warning", "警告", "0.1"), ("minor", "小过", "0.3"), ("major", "大过", "1"))
)
TEXT = {"code": "x-text", "title": "总则", "kind": "text", "params": {}}
ALL = [COMPLAINT, MANNER, RANGE, JOINT, LATE_RATE, SICK, AWARD, ABSENT, BLANK, DESIGNERS, SLOW, TEXT]
ALL += [WARNING, MINOR, MAJOR]

Publish = Callable[..., Version]


@pytest.fixture
def publish() -> Publish:
    """publish(department, effective_on, provisions): the department's next version, published."""

    def make(department: Department, effective_on: date, provisions: list[dict[str, Any]]) -> Version:
        number = department.versions.count() + 1
        version = Version.objects.create(department=department, number=number, effective_on=effective_on)
        Provision.objects.bulk_create(
            Provision(version=version, position=place, **fields) for place, fields in enumerate(provisions)
        )
        Version.objects.filter(pk=version.pk).update(published_at=WHEN)
        return version

    return make


@pytest.fixture
def department(db: None, publish: Publish) -> Department:
    department = factories.department("D1")
    publish(department, date(2026, 1, 1), ALL)
    return department


@pytest.fixture
def agent(department: Department) -> Staff:
    """1001 in team A."""
    return factories.staff(
        department, "1001", name="甲", team=factories.team(department, "A"), tier="junior", base_pay="3000.00"
    )
