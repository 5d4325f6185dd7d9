"""Entering the published notice about a year's public holidays."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from people.models import Account, Department, FactChange
from people.services import facts_changed
from shifts.errors import HolidaysRefused
from shifts.models import HolidayNotice
from shifts.planning.holidays import is_statutory, is_weekend

MOST = 60  # days that a notice names of either kind


@transaction.atomic
def holiday_notice_enter(
    *, year: int, off: Iterable[date], worked: Iterable[date], source: str, by: Account | None, at: datetime
) -> HolidayNotice:
    """Enter the days off and the weekend days worked of a year; said again it is a correction.

    It holds for every department, and settlement is told of the year's months, unless nothing differs.
    HolidaysRefused for days that no notice can name.
    """
    off_days, worked_days = sorted(set(off)), sorted(set(worked))
    source = source.strip()
    _check(year, off_days, worked_days, source)
    same = HolidayNotice.objects.filter(year=year, off=off_days, worked=worked_days, source=source).first()
    if same is not None:
        return same
    row, _ = HolidayNotice.objects.update_or_create(
        year=year,
        defaults={
            "off": off_days,
            "worked": worked_days,
            "source": source,
            "entered_by": by,
            "entered_at": at,
        },
    )
    for department in Department.objects.order_by("pk"):
        facts_changed(
            department=department,
            months=[date(year, month, 1) for month in range(1, 13)],
            source=FactChange.Source.HOLIDAYS,
            by=by,
            at=at,
            note=str(row),
        )
    return row


def _check(year: int, off: list[date], worked: list[date], source: str) -> None:
    if not off:
        raise HolidaysRefused("没有写放假的日子；照通知逐日填写")
    if max(len(off), len(worked)) > MOST:
        raise HolidaysRefused(f"放假或上班的日子超过{MOST}天；检查是否多填")
    # A holiday of January may begin in December.
    wrong = next((day for day in [*off, *worked] if abs(day.year - year) > 1), None)
    if wrong is not None:
        raise HolidaysRefused(f"{wrong:%Y-%m-%d}不在{year}年前后；检查年份")
    if both := sorted(set(off) & set(worked)):
        raise HolidaysRefused(f"{both[0]:%Y-%m-%d}既放假又上班；只留一处")
    if law := next((day for day in worked if is_statutory(day)), None):
        raise HolidaysRefused(f"{law:%Y-%m-%d}是法定节假日，不能是调休上班的日子；检查日期")
    missing = next((day for day in worked if not is_weekend(day)), None)
    if missing is not None:
        raise HolidaysRefused(f"{missing:%Y-%m-%d}不是周末，本来就上班；上班的日子只填周末")
    if not source:
        raise HolidaysRefused("没有写依据；填写通知的文号或网址")
