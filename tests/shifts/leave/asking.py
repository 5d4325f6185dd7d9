"""Rules on leave, days of October 2026, and a request."""

from datetime import date
from decimal import Decimal
from typing import Any

from people.models import Staff
from shifts.models import LeaveRequest
from shifts.services.leave_requests import (
    leave_ask,
)
from tests.factories import WHEN

TODAY = date(2026, 10, 15)  # WHEN, a Thursday
FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2026, 10, n) for n in (16, 17, 18, 19))
PROVISIONS = [
    {
        "code": "t-leave",
        "title": "请假",
        "kind": "leave",
        "params": {
            "types": {
                "personal": {"multiple": "1", "notice_days": "1"},
                "sick": {"multiple": "0.5", "needs_certificate": True, "without": "absence"},
                "annual": {"two_levels_from_days": "3"},
                "compensatory": {"free_per_month": 4, "beyond": "short_absence"},
            }
        },
    },
    {"code": "t-absent", "title": "旷工", "kind": "absence", "params": {"multiple": "3"}},
    {
        "code": "t-short",
        "title": "缺勤",
        "kind": "absence",
        "params": {"category": "short", "multiple": "2"},
    },
]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def asked(agent: Staff, starts_on: date = MONDAY, days: str | None = "1", **given: Any) -> LeaveRequest:
    return leave_ask(
        staff=agent,
        starts_on=starts_on,
        days=None if days is None else Decimal(days),
        **{"type": "personal", "reason": "家里有事", "by": agent.account, "at": WHEN, **given},
    )
