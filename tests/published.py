"""A small rulebook in force since 2020, so that today's pages have something to show."""

from datetime import date

from people.models import Department
from rules.models import Provision, Version
from tests import factories

PROVISIONS = [
    {"code": "x-late", "title": "交接未写", "kind": "fine", "params": {"amount": "20.00"}},
    {"code": "x-auto", "title": "桌面不洁", "kind": "fine", "params": {"amount": "5.00"}, "confirm": "auto"},
    {
        "code": "x-range",
        "title": "视情节罚款",
        "kind": "range_fine",
        "params": {"min": "20.00", "max": "99.00"},
    },
    {"code": "x-praise", "title": "客户表扬", "kind": "award", "params": {"amount": "30.00"}},
    {
        "code": "x-design",
        "title": "美工出错",
        "kind": "fine",
        "params": {"amount": "5"},
        "roles": ["designer"],
    },
]


def publish(of: Department) -> Version:
    version = Version.objects.create(department=of, number=1, effective_on=date(2020, 1, 1))
    for position, each in enumerate(PROVISIONS):
        Provision.objects.create(version=version, position=position, **each)
    version.published_at = factories.WHEN
    version.save()
    return version
