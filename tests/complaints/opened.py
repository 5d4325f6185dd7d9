"""A department under rules for cases, with people to work on them; moments of October 2026."""

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from complaints.models import Case, Clock, ClockEvent
from complaints.services.cases import case_open
from people.models import Account, Department, Staff
from rules.models import Provision, Version
from tests import factories

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK: dict[str, Any] = {
    "code": "x-week",
    "title": "7天结案",
    "kind": "case_deadline",
    "params": {"days": 7, "escalate": ["supervisor", "manager"], "missed": "x-slow"},
}
CALL: dict[str, Any] = {
    "code": "x-call",
    "title": "48小时无回应改打电话",
    "kind": "case_deadline",
    "params": {"hours": 48, "from": "messaged", "until": "phoned"},
}
SLOW: dict[str, Any] = {
    "code": "x-slow",
    "title": "投诉逾期",
    "kind": "fine",
    "params": {"amount": "20.00"},
}
PATH: dict[str, Any] = {
    "code": "x-path",
    "title": "客户投诉",
    "kind": "case_type",
    "params": {
        "fields": [
            {"name": "客户要求", "type": "choice", "choices": ["退货", "减价"]},
            {"name": "批号", "required": False},
        ],
        "steps": [
            {
                "code": "accept",
                "label": "受理",
                "by": ["holder", "supervisor"],
                "decisions": [
                    {"label": "受理", "to": "inquire", "event": "accepted"},
                    {"label": "客户原因，婉拒", "to": "declined"},
                ],
            },
            {
                "code": "inquire",
                "label": "调查",
                "by": ["supervisor", "hr"],
                "part": "investigator",
                "brings": [{"name": "发生原因", "type": "text"}],
                "decisions": [{"label": "报批", "to": "rule"}],
            },
            {
                "code": "rule",
                "label": "批阅",
                "by": ["manager", "gm"],
                "part": "decider",
                "decisions": [{"label": "同意", "to": "answer"}, {"label": "重查", "to": "inquire"}],
            },
            {
                "code": "answer",
                "label": "答复客户",
                "by": ["holder"],
                "brings": [{"name": "答复内容", "type": "text"}],
                "decisions": [{"label": "答复并结案", "to": "closed", "event": "replied"}],
            },
        ],
    },
}
_numbers = count(1)


def at(day: int, clock: str = "09:00", month: int = 10) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@dataclass
class Place:
    """A department with a holder, and accounts of every login group."""

    department: Department
    holder: Staff
    colleague: Staff
    accounts: dict[str, Account] = field(default_factory=dict)

    def open(self, received: datetime | None = None, **fields: Any) -> Case:
        received = received or at(3)
        given = {"title": "漏发一件", "holder": self.holder, "by": self.accounts["agent"], "at": received}
        return case_open(
            department=self.department,
            received_at=received,
            key=f"k{next(_numbers)}",
            **(given | fields),
        )


def place(*provisions: dict[str, Any]) -> Place:
    """The provisions hold from 2020; left out, a week until closing and 48 hours until calling."""
    department = factories.department()
    version = Version.objects.create(department=department, number=1, effective_on=date(2020, 1, 1))
    for position, each in enumerate(provisions or (WEEK, CALL, SLOW, PATH)):
        Provision.objects.create(version=version, position=position, **each)
    version.published_at = factories.WHEN
    version.save()
    holder, colleague = factories.staff(department), factories.staff(department)
    accounts = {"agent": factories.account("agent", staff=holder)}
    accounts["colleague"] = factories.account("agent", staff=colleague)
    for group in ("supervisor", "manager", "hr", "gm", "auditor"):
        accounts[group] = factories.account(group, department)
    holder.refresh_from_db()
    colleague.refresh_from_db()
    return Place(department, holder, colleague, accounts)


def told(case: Case, code: str = "x-week", round: int = 1) -> list[tuple[str, datetime | None]]:
    """What a clock was told: kinds (levels of what rang) and deadlines."""
    clock = Clock.objects.get(case=case, code=code, round=round)
    events = ClockEvent.objects.filter(clock=clock).order_by("id")
    return [(each.level or each.kind, each.due_at) for each in events]
