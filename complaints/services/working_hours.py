"""A department's hours of work, from a day on."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from complaints.errors import CaseRefused
from complaints.models import OpeningHours
from people.models import Account, Department
from rules.kinds.labels import WEEKDAYS

_KEYS = {"weekdays", "start", "end"}
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@transaction.atomic
def opening_hours_set(
    *,
    department: Department,
    from_on: date,
    hours: Sequence[Mapping[str, Any]],
    holidays: bool,
    by: Account | None,
    at: datetime,
) -> OpeningHours:
    """Write down the hours of work that hold from a day on; earlier rows stay.

    `hours`: intervals {weekdays: [1..7], start: "08:30", end: "17:30"}; an end at or before the start is on
    the next day, overlapping ones count once. CaseRefused without any interval, for a weekday or a time that
    is none, and for the same interval twice.
    """
    if not hours:
        raise CaseRefused("没有填写任何时段；至少填写一个时段", field="hours")
    rows = [_interval(number, each) for number, each in enumerate(hours, 1)]
    _refuse_doubled(rows)
    return OpeningHours.objects.create(
        department=department, from_on=from_on, hours=rows, holidays=holidays, by=by, at=at
    )


def _interval(number: int, given: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(given, Mapping) or given.keys() != _KEYS:
        raise CaseRefused(f"第{number}个时段不完整；须写明星期、开始和结束", field="hours")
    weekdays = given["weekdays"]
    if not isinstance(weekdays, Sequence) or isinstance(weekdays, str) or not weekdays:
        raise CaseRefused(f"第{number}个时段没有选星期；至少选一天", field="hours")
    for day in weekdays:
        if type(day) is not int or day not in WEEKDAYS:
            raise CaseRefused(f"第{number}个时段的星期“{day}”不对；周一至周日写作1至7", field="hours")
    for name, clock in (("开始", given["start"]), ("结束", given["end"])):
        if not isinstance(clock, str) or not _CLOCK.fullmatch(clock):
            raise CaseRefused(
                f"第{number}个时段的{name}时间“{clock}”不对；请写成 08:30 这样，午夜写作 00:00", field="hours"
            )
    return {"weekdays": sorted(set(weekdays)), "start": given["start"], "end": given["end"]}


def _refuse_doubled(rows: Sequence[Mapping[str, Any]]) -> None:
    known: set[tuple[int, str, str]] = set()
    for row in rows:
        for day in row["weekdays"]:
            interval = day, row["start"], row["end"]
            if interval in known:
                raise CaseRefused(
                    f"{WEEKDAYS[day]}的时段{row['start']}–{row['end']}写了两次；请删去一个", field="hours"
                )
            known.add(interval)
