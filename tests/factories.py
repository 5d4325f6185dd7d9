"""Rows for tests, made through the services where there is one. Each function names what it leaves to chance.

`WHEN` is the moment at which everything is recorded unless a test says otherwise.
"""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from complaints.models import Case
from people.models import Account, Department, Staff, Team
from people.services import account_create, department_create, staff_create

WHEN = datetime(2026, 10, 15, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))

_numbers = count(1)


def department(code: str = "", **fields: Any) -> Department:
    """A department without caps; code and name are made up where none is given."""
    code = code or f"D{next(_numbers)}"
    return department_create(code=code, **{"name": f"客服{code}", "caps": False, **fields})


def team(of: Department, name: str = "A") -> Team:
    return Team.objects.get_or_create(department=of, name=name)[0]


def staff(of: Department, number: str = "", **fields: Any) -> Staff:
    """An agent hired on 2020-01-01; term fields (team, role, tier, base_pay …) as for `staff_create`."""
    number = number or str(1000 + next(_numbers))
    given = {"name": f"员工{number}", "hired_on": date(2020, 1, 1), "by": None, "at": WHEN, **fields}
    return staff_create(department=of, number=number, **given)


def account(group: str, *departments: Department, staff: Staff | None = None, username: str = "") -> Account:
    """An account of a login group (its permissions come with the database); `staff` is who signs in."""
    name = username or f"{group}{next(_numbers)}"
    return account_create(username=name, group=group, departments=departments, staff=staff)[0]


def case(of: Department, closed_at: datetime | None = None, **fields: Any) -> Case:
    """A case received a week before `WHEN`; with `closed_at` closed then as upheld. Its rows alone."""
    number = next(_numbers)
    given = {
        "number": f"TS{number}",
        "title": "货到破损",
        "received_at": WHEN - timedelta(days=7),
        "step": "handle",
        "key": f"case-{number}",
        "recorded_at": WHEN,
        **fields,
    }
    if closed_at is not None:
        given |= {"state": Case.State.CLOSED, "closed_at": closed_at, "is_upheld": True} | fields
    return Case.objects.create(department=of, **given)
