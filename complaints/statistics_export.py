"""The complaint statistics of a month as a workbook (s000-09-27); the page shows the same figures."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any, BinaryIO

from complaints.statistics import GroupRow, MonthFigures, Statistics
from core.money import ZERO
from people.models import Department
from sheets.writing import Sheet, SheetColumn, write_workbook

INTEGER, DAYS, PERCENT, MONEY, SCORE = "integer", "days", "percent", "money", "score"


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure of a month: what it is called, where it stands in MonthFigures, how it is written."""

    label: str
    name: str
    format: str = INTEGER

    def of(self, figures: MonthFigures) -> Any:
        return attrgetter(self.name)(figures)


HEADLINES = (
    Headline("接到", "received"),
    Headline("受理", "accepted"),
    Headline("不受理", "declined"),
    Headline("并案", "merged"),
    Headline("重新打开", "reopened"),
    Headline("结案", "closed"),
    Headline("其中成立", "upheld"),
    Headline("成立率", "upheld_share", PERCENT),
    Headline("再次结案", "closed_again"),
    Headline("平均结案天数", "average_days", DAYS),
    Headline("结案天数中位数", "median_days", DAYS),
    Headline("最长结案天数", "longest_days", DAYS),
    Headline("时限内办到", "clocks.on_time"),
    Headline("逾期办到", "clocks.late"),
    Headline("期限内办到率", "clocks.share", PERCENT),
    Headline("重新打开后期限内办到率", "clocks_again.share", PERCENT),
    Headline("损失（元）", "losses", MONEY),
    Headline("回访件数", "called"),
    Headline("回访率", "called_share", PERCENT),
    Headline("满意度（1至5分）", "satisfaction", SCORE),
)
GROUP_TITLES = {"cause": "事由", "product": "产品", "type": "类型", "channel": "来源"}
# What counts when and how; the page says the same.
RULES = (
    "接到、受理、不受理、并案、重新打开各按事情发生的月份计；并案的也算接到一件。",
    "结案、成立、天数、损失、责任单位和回访都归首次结案的月份；重新打开不改以前的月份，再次结案另列。",
    "结案天数自最早一次接到算起，并案的取较早的；按24小时一天计。",
    "一项时限在它等的事办到的月份计，办得及时与否看事情发生的时间，不看登记或查看的时间；并案、不受理时已经过期的算逾期。",
    "期限内办到率只计第一轮时限；重新打开后的另计。",
    "损失计已结案且没有并入别案的案件，并案转来的只算一次。",
    "责任单位按现行的责任裁定；个人按结案当天所在小组计。",
    "重复投诉：近12个月内同一客户有两件以上没有并案的投诉，其中至少一件在本月接到；按电话或姓名辨认，不显示是谁。",
    "回访率是结案案件中联系上客户的比例；满意度取每件最后一次评分的平均。",
)
_FORMATS = {INTEGER: "integer", DAYS: "number", PERCENT: "percent", MONEY: "money", SCORE: "number"}


def statistics_export(
    *, department: Department, month: date, found: Statistics, target: str | os.PathLike[str] | BinaryIO
) -> None:
    """Write the workbook to a path or a binary file."""
    heading = f"{department.name} {month:%Y年%m月}投诉统计表"
    sheets = _sheets(found)
    write_workbook(target, (replace(each, heading=f"{heading} {each.title}") for each in sheets))


def _sheets(found: Statistics) -> Iterator[Sheet]:
    yield _overview(found)
    yield _months(found)
    for name, title in GROUP_TITLES.items():
        yield _group(title, found.groups[name])
    yield _units(found)
    yield _clocks(found)
    yield _repeats(found)
    yield Sheet("口径", (SheetColumn("说明", 110, "wrapped"),), [(each,) for each in RULES])


def _overview(found: Statistics) -> Sheet:
    rows: list[Sequence[Any]] = []
    for each in HEADLINES:
        this, before = each.of(found.this), each.of(found.before)
        change = None if this is None or before is None else this - before
        rows.append((each.label, _number(this), _number(before), _number(change), _UNITS.get(each.format)))
    rows.append(("月末逾期未办的时限", found.overdue, None, None, None))
    rows.append(("重复投诉的客户", len(found.repeats), None, None, None))
    columns = (
        SheetColumn("项目", 26),
        SheetColumn("本月", 12, "number"),
        SheetColumn("上月", 12, "number"),
        SheetColumn("变化", 12, "number"),
        SheetColumn("单位", 8),
    )
    return Sheet("总览", columns, rows)


_UNITS = {PERCENT: "%", DAYS: "天", MONEY: "元", SCORE: "分", INTEGER: "件"}


def _months(found: Statistics) -> Sheet:
    columns = [SheetColumn("月份", 10)]
    columns += [SheetColumn(each.label, 12, _FORMATS[each.format]) for each in HEADLINES]
    rows = [
        (f"{figures.month:%Y-%m}", *(_cell(each.of(figures), each.format) for each in HEADLINES))
        for figures in found.months
    ]
    return Sheet("近12个月", columns, rows)


def _group(title: str, rows: Sequence[GroupRow]) -> Sheet:
    columns = (
        SheetColumn(title, 28),
        SheetColumn("接到", 9, "integer"),
        SheetColumn("上月接到", 10, "integer"),
        SheetColumn("结案", 9, "integer"),
        SheetColumn("成立", 9, "integer"),
        SheetColumn("平均结案天数", 14, "number"),
        SheetColumn("损失", 13, "money"),
    )
    lines = [
        (each.label, each.received, each.before, each.closed, each.upheld, each.average_days, each.losses)
        for each in rows
    ]
    counted = [
        sum(getattr(each, name) for each in rows) for name in ("received", "before", "closed", "upheld")
    ]
    footer = ("合计", *counted, None, _losses(rows))
    return Sheet(f"按{title}", columns, lines, footer)


def _units(found: Statistics) -> Sheet:
    columns = (
        SheetColumn("责任单位", 28),
        SheetColumn("本月结案", 10, "integer"),
        SheetColumn("上月结案", 10, "integer"),
        SheetColumn("承担损失", 13, "money"),
    )
    rows = [(each.label, each.cases, each.before, each.losses) for each in found.units]
    return Sheet("按责任单位", columns, rows, ("合计", None, None, _losses(found.units)))


def _clocks(found: Statistics) -> Sheet:
    columns = (
        SheetColumn("时限", 34),
        SheetColumn("条款编号", 18),
        SheetColumn("期限内", 9, "integer"),
        SheetColumn("逾期", 9, "integer"),
        SheetColumn("期限内办到率", 13, "percent"),
        SheetColumn("重开后期限内", 13, "integer"),
        SheetColumn("重开后逾期", 11, "integer"),
    )
    rows = [
        (
            each.title,
            each.code,
            each.first.on_time,
            each.first.late,
            _cell(each.first.share, PERCENT),
            each.again.on_time,
            each.again.late,
        )
        for each in found.clocks
    ]
    return Sheet("时限", columns, rows)


def _repeats(found: Statistics) -> Sheet:
    columns = (
        SheetColumn("客户", 10),
        SheetColumn("件数", 8, "integer"),
        SheetColumn("案件编号", 80, "wrapped"),
    )
    rows = [
        (f"客户{place}", len(each.numbers), "、".join(each.numbers))
        for place, each in enumerate(found.repeats, 1)
    ]
    return Sheet("重复投诉", columns, rows)


def _losses(rows: Sequence[Any]) -> Decimal:
    return sum((each.losses for each in rows), ZERO)


def _number(value: Any) -> Any:
    return None if value is None else Decimal(value)


def _cell(value: Any, format: str) -> Any:
    """A percentage is a share of one in a workbook."""
    return value / 100 if format == PERCENT and value is not None else value
