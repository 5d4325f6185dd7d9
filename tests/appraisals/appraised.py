"""A department with an appraisal scheme, its people and who scores and decides, for tests."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from appraisals.services import item_score, sheets_close, sheets_publish
from commissions.models import Metric
from people.models import Account, Department, Staff
from tests import factories
from tests.payroll.months import department, moment

OCTOBER = date(2026, 10, 1)
AT = moment("2026-11-03 10:00")
SCHEME: dict[str, Any] = {
    "code": "x-kpi",
    "title": "客服月度考评",
    "kind": "evaluation",
    "roles": ["agent"],
    "params": {
        "items": [
            {"name": "满意度", "source": "metric", "metric": "satisfaction", "weight": "40"},
            {"name": "积分", "source": "points", "weight": "20", "scale": "10"},
            {"name": "态度", "source": "supervisor", "weight": "40"},
        ],
        "except_tiers": ["reserve_supervisor"],
    },
}
GRADES: dict[str, Any] = {
    "code": "x-grade",
    "title": "季度等级",
    "kind": "grade",
    "roles": ["agent"],
    "params": {
        "brackets": [{"from": 90, "grade": "A"}, {"from": 80, "grade": "B"}, {"from": 0, "grade": "C"}]
    },
}
POINTS: dict[str, Any] = {"code": "x-points", "title": "漏记", "kind": "points", "params": {"deduct": "1"}}
LATE: dict[str, Any] = {"code": "x-late", "title": "迟到", "kind": "late", "params": {"points": "2"}}
COMMISSION: dict[str, Any] = {
    "code": "x-comm",
    "title": "按考评提成",
    "kind": "commission",
    "params": {
        "measure": "net_sales",
        "by": "appraisal_score",
        "brackets": [
            {"from": "70", "rate": "0.01"},
            {"from": "80", "rate": "0.02"},
            {"from": "90", "rate": "0.03"},
        ],
    },
}


@dataclass(frozen=True)
class Place:
    """Two agents with accounts, a supervisor who scores, a manager who closes."""

    department: Department
    agent: Staff
    other: Staff
    account: Account
    supervisor: Account
    manager: Account

    def score(self, staff: Staff, score: str, **given: Any) -> Any:
        given = {"item": "态度", "reason": "主动帮同事", "by": self.supervisor, "at": AT, **given}
        return item_score(staff=staff, month=OCTOBER, score=Decimal(score), **given)

    def publish(self, *staff: Staff, **given: Any) -> Any:
        given = {"by": self.supervisor, "at": AT, **given}
        chosen = [each.pk for each in staff or (self.agent,)]
        return sheets_publish(department=self.department, month=OCTOBER, staff=chosen, **given)

    def close(self, *sheets: Any, text: str = "本人休假，未签", **given: Any) -> Any:
        editions = {each.pk: each.edition for each in sheets}
        return sheets_close(editions=editions, text=text, **{"by": self.manager, "at": AT, **given})


def place(*more: dict[str, Any], scheme: dict[str, Any] = SCHEME) -> Place:
    of = department(scheme, POINTS, *more)
    agent, other = (factories.staff(of, number, base_pay=Decimal(3000)) for number in ("1001", "1002"))
    return Place(
        of,
        agent,
        other,
        factories.account("agent", staff=agent),
        factories.account("supervisor", of),
        factories.account("manager", of),
    )


def satisfaction(staff: Staff, value: str, month: date = OCTOBER) -> Metric:
    return metric(staff, "satisfaction", value, month)


def metric(staff: Staff, code: str, value: str, month: date) -> Metric:
    return Metric.objects.create(
        department=staff.department,
        staff=staff,
        month=month,
        code=code,
        value=value,
        as_of=month,
        source="测试",
        at=AT,
    )
