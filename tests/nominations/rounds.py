"""A department whose rules know awards to be nominated for, and what October 2026 brings to them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from commissions.services import metric_record
from nominations.models import Nomination
from nominations.services import nomination_decide, nomination_make, round_close
from people.models import Account, Department, Staff
from tests import factories
from tests.payroll.months import LONG_AGO, OCTOBER, department, moment

STAR: dict[str, Any] = {
    "code": "t-star",
    "title": "服务之星",
    "kind": "nominated_award",
    "params": {
        **{"amount": "100.00", "points": "5", "gift": True, "closes_on_day": 25, "nominators": ["lead"]},
        **{"people_per_place": 10, "shortlist": "t-shortlist"},
        "hard": [
            {"metric": {"code": "satisfaction", "top": 1}},
            {"complaints": 0},
            {"attested": "每月帮带同事"},
        ],
    },
}
BEE: dict[str, Any] = {
    "code": "t-bee",
    "title": "辛勤小蜜蜂",
    "kind": "nominated_award",
    "params": {"amount": "50.00", "people_per_place": 10},
}
BLANK: dict[str, Any] = {
    "code": "t-blank",
    "title": "创新奖",
    "kind": "nominated_award",
    "params": {"amount": None},
}
SHORTLIST = {
    **{"code": "t-shortlist", "title": "入围", "kind": "award"},
    "params": {"amount": "0", "points": "2"},
}
TOP: dict[str, Any] = {
    "code": "t-top",
    "title": "销售第一",
    "kind": "ranked_award",
    "params": {"metric": "net_sales", "places": ["200.00"]},
}
STREAK: dict[str, Any] = {
    "code": "t-streak",
    "title": "连续第一",
    "kind": "streak_award",
    "params": {"metric": "net_sales", "steps": ["50.00", "100.00"]},
}
NOMINATED = moment("2026-10-25 18:00")
CLOSED = moment("2026-11-01 10:00")


def place() -> Department:
    return department(STAR, BEE, BLANK, SHORTLIST, TOP, STREAK)


def person(of: Department, number: str, **fields: Any) -> Staff:
    return factories.staff(of, number, base_pay=Decimal("3000.00"), **{"at": LONG_AGO, **fields})


def metric(of: Staff, code: str, value: str, month: date = OCTOBER) -> None:
    metric_record(
        department=of.department, staff=of, month=month, code=code, value=Decimal(value),
        as_of=month, source="测试", by=None, at=LONG_AGO,
    )  # fmt: skip


def nominated(
    who: Staff, lead: Staff, code: str = "t-star", at: datetime = NOMINATED, by: Account | None = None
) -> Nomination:
    return nomination_make(
        staff=who, code=code, reason="10月8日替同事顶班并办结三件退款", nominator=lead, by=by or lead.account,
        at=at,
    )  # fmt: skip


def closed(of: Department, by: Account, at: datetime = CLOSED) -> None:
    round_close(department=of, month=OCTOBER, by=by, at=at)


def decided(row: Nomination, by: Account, wins: bool = True, **given: Any) -> Nomination:
    return nomination_decide(
        nomination=row, wins=wins, by=by, **{"decision": "众望所归", "at": CLOSED, **given}
    )
