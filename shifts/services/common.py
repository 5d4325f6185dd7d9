"""What every write about somebody's days has in common."""

from collections.abc import Iterable
from datetime import date, datetime

from people.models import Account, FactChange, Staff
from people.services import facts_changed
from shifts.errors import NotEmployed


def check_employed(staff: Staff, day: date) -> None:
    """NotEmployed where the person does not work in the department on that day."""
    if not staff.is_employed_on(day):
        until = f"{staff.left_on:%Y-%m-%d}" if staff.left_on else "今"
        raise NotEmployed(
            f"{staff} 在 {day:%Y-%m-%d} 不在职（{staff.joined_on:%Y-%m-%d} 至 {until}）；检查工号与日期"
        )


def months_touched(
    staff: Staff, days: Iterable[date], source: FactChange.Source, *, by: Account | None, at: datetime
) -> None:
    """Tell settlement that facts of these days changed for somebody."""
    facts_changed(department=staff.department, months=days, source=source, by=by, at=at, note=str(staff))
