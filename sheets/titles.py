"""The time that a report is of, as its title rows or its file's name say it."""

import calendar
import re
from collections.abc import Sequence
from datetime import date
from pathlib import PurePath

from sheets.reading import Row
from sheets.values import plain

Period = tuple[date, date]

_DAY = r"(?<!\d)(\d{4})(?:\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?|(\d{2})(\d{2}))(?!\d)"
_CLOCK = r"(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?"
_TO = r"(?:[-~～〜—–―－至到]+|[，,；;、]?\s*(?:终止|结束|截止|截至)(?:日期|时间)?[:：]?)"
_RANGE = re.compile(rf"{_DAY}{_CLOCK}[\s\]】)）起]*{_TO}[\s\[【(（]*{_DAY}").search
# A day is no month, unless a range begins with it (2026年10月1日至31日).
_NO_DAY = rf"(?!份?\s*\d{{1,2}}+[日号]?+(?!\s*{_TO}))"
_MONTH = re.compile(
    rf"(?<!\d)(20\d{{2}})(?:年|[-/._]?)(0?[1-9]|1[0-2])(?:月份?{_NO_DAY}|(?![-/.\d日月]|_\d))"
).findall
_ONE_DAY = re.compile(r"(?:统计|日期|周期|时段|时间段|范围|考勤)[^\d]{0,8}" + _DAY).search


def period_of(titles: Sequence[tuple[int, Row]], file_name: str) -> Period | None:
    """First and last day of the report: of a range in the titles or the name, else of a month in them, else
    of a day that a title calls the day of the report; None where nothing says it."""
    told = [text for _, row in titles for cell in row if (text := plain(cell))]
    stem = PurePath(file_name).stem
    for text in (*told, stem):
        if (found := _RANGE(text)) and (period := _days(found.groups())):
            return period
    for text in told:
        if (found := _ONE_DAY(text)) and (period := _days(found.groups() * 2)):
            return period
    for text in (*told, stem):
        months = [date(int(year), int(month), 1) for year, month in _MONTH(text)]
        if months and months[0] <= (last := months[-1]):
            return months[0], last.replace(day=calendar.monthrange(last.year, last.month)[1])
    return None


def _days(groups: Sequence[str | None]) -> Period | None:
    numbers = [int(group) for group in groups if group]
    try:
        first, last = (date(*numbers[at : at + 3]) for at in (0, 3))
    except ValueError:
        return None
    return (first, last) if first <= last else None
