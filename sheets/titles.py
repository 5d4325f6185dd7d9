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
_RANGE = re.compile(_DAY + r"(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?\D{1,20}?" + _DAY).search
_MONTH = re.compile(r"(?<!\d)(20\d{2})(?:年|[-/._]?)(0?[1-9]|1[0-2])(?:月份?|(?![-/.\d日]))").findall
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
