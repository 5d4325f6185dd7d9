"""Spreadsheets of metrics: a performance tool's wide table, or one value a row."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from commissions.figures import FigureValue, figures_store
from commissions.imports.figure_rows import figure_add, figures_told, is_of_department
from commissions.metrics import (
    LARGEST,
    LONGEST_CODE,
    Days,
    MetricValue,
    Stored,
    Subject,
    metrics_in_force,
    metrics_store,
)
from commissions.models import Metric
from core.periods import first_of, last_of
from core.text import listed
from people.models import Account, Department, Staff
from people.rows import WHO, People
from rules.kinds.labels import metric_label
from rules.kinds.sales import metric_figure
from sheets.errors import CellError, SheetError
from sheets.loading import Summary
from sheets.questions import Question
from sheets.table import Table
from sheets.values import date_range

SHOWN = 10  # of the values that a note or a question lists
PART, MONTH = "part", "month"
NEW, OLD = "new", "old"


@dataclass(frozen=True, slots=True)
class _Found:
    """A value, of whom it is and where it stands in the file."""

    row: int
    field: str
    staff: Staff
    value: MetricValue


def metrics_load(
    table: Table, *, department: Department, as_of: date | None, by: Account | None, at: datetime
) -> Summary:
    """Store the values of a table that differ from those in force; the source is the profile's title.

    The period of a wide table is that of the row, else the file's, else asked. What covers a part of the
    days that the person worked in the month is kept as such, or is said to be the month's. A value holds as
    of the date that its row names, else as of `as_of`, else as of the end of its period. Rows of a long table
    that name nobody are the department's figures, once somebody has said so.
    """
    figures: list[FigureValue] = []
    found: list[_Found] = []
    met: dict[tuple[Subject, Days | None], _Found] = {}
    rows = 0
    people = People(table, department)
    reading = _wide(table, people, as_of)
    if not table.profile.metric_fields:
        reading = _long(table, people, as_of, figures)
    for row, each in reading:
        rows += each is None
        if each is None:
            continue
        value = each.value
        if abs(value.value) >= LARGEST:
            table.add_error(row, each.field, "数值太大", "请检查是否多写了几位", value.value)
        elif (first := met.setdefault((value.subject, value.part), each)) is each:
            found.append(each)
        elif first.value.stored_value != value.stored_value:
            _report_double(table, first, each)
    in_force = metrics_in_force(department, {each.value.month for each in found})
    kept = _kept(table, found, in_force)
    values = [
        value for value in _of_months(table, found, in_force) if value.subject not in kept or value.part
    ]
    table.check()
    done = metrics_store(department=department, values=values, by=by, at=at)
    new = figures_store(department=department, values=figures, by=by, at=at)
    staff = {each.staff.pk: each.staff for each in found}
    created = done.created + len(new)
    return Summary(
        rows=rows,
        created=created,
        unchanged=len(values) + len(figures) - created,
        months=done.months | {row.month for row in new},
        notes=tuple(_notes(values, done, staff)),
        totals=(*_totals(values), *figures_told(figures)),
    )


def _report_double(table: Table, first: _Found, second: _Found) -> None:
    """Two rows say two things of one person and period."""
    same = "同一段" if second.value.part else "同一月"
    value = metric_figure(first.value.code, first.value.value)
    message = f"与第 {first.row} 行是同一人{same}的同一指标，那里是 {value}"
    remedy = "请核对工号和时段，两处写成一样的"
    table.add_error(second.row, second.field, message, remedy, second.value.value)


# (row, None) for each row, then (row, value) for each of its values.
_Reading = Iterator[tuple[int, _Found | None]]


def _wide(table: Table, people: People, as_of: date | None) -> _Reading:
    """Each metric column that has a value; the period must lie within one month."""
    of_file = table.period
    for row, cells in table.rows(raise_at_end=False):
        yield row, None
        given = dict(zip(table.fields, cells, strict=True))
        days = given["period"] or of_file or _period_asked(table)
        if days is None:
            people.of(row, given)  # so that everything is asked at once
            continue
        first, last = days
        if first_of(first) != first_of(last):
            period = f"{first:%Y-%m-%d}~{last:%Y-%m-%d}"
            table.add_error(row, "period", "跨了两个月", "请按月分别导出", period)
            continue
        person = people.of(row, given, first, last)
        if person is None:
            continue
        month, part = first_of(first), None if _is_whole(person, first, last) else days
        for code in table.profile.metric_fields:
            if given[code] is not None:
                value = _value(table, month, code, given[code], as_of or last, person.pk)
                yield row, _Found(row, code, person, replace(value, part=part))


def _long(table: Table, people: People, as_of: date | None, figures: list[FigureValue]) -> _Reading:
    """The one value of each row; those of the department, of which nobody is named, go into `figures`."""
    for row, cells in table.rows(raise_at_end=False):
        yield row, None
        given = dict(zip(table.fields, cells, strict=True))
        month: date = given["month"]
        if not any(given.get(each) for each in WHO) and is_of_department(table, row, given):
            figure_add(table, row, given, as_of, figures)
            continue
        person = people.of(row, given, month, last_of(month))
        if len(given["metric"]) > LONGEST_CODE:
            message = f"超过 {LONGEST_CODE} 个字"
            table.add_error(row, "metric", message, "请用短一些的指标代码", given["metric"])
        elif person is not None:
            holds = given["as_of"] or as_of or last_of(month)
            value = _value(table, month, given["metric"], given["value"], holds, person.pk, given["source"])
            yield row, _Found(row, "value", person, value)


def _value(
    table: Table, month: date, code: str, value: Any, as_of: date, staff_id: int, source: str | None = None
) -> MetricValue:
    return MetricValue(month, code, Decimal(value), as_of, source or table.profile.title, staff_id)


def _is_whole(person: Staff, first: date, last: date) -> bool:
    """Whether a period has every day of its month on which the person was in the department."""
    begin, end = max(first_of(first), person.joined_on), min(last_of(first), person.left_on or last_of(first))
    return first <= begin and end <= last


def _period_asked(table: Table) -> Days | None:
    """The period that somebody says; None where it will be asked."""
    answer = table.ask(
        Question(
            f"period:{table.file_name}",
            "文件里没有写统计的是哪些日子，文件名里也看不出来。是哪个时段？",
            hint="写 2026-10，或者 2026-10-01~2026-10-31",
            is_kept=False,
        )
    )
    try:
        return date_range(answer)
    except CellError as error:
        raise SheetError(f"回答的时段“{answer}”{error.message}。{error.remedy}。") from error


def _of_months(table: Table, found: Sequence[_Found], in_force: dict[Subject, Metric]) -> list[MetricValue]:
    """The values, parts of a month as the department says that they are meant.

    Asked by month, unless the file has several parts of it: those cannot all be the month's.
    """
    parts: dict[date, list[_Found]] = defaultdict(list)
    for each in found:
        if each.value.part:
            parts[each.value.month].append(each)
    is_month = {
        month: len({each.value.part for each in among}) == 1
        and _meaning_asked(table, month, among, in_force) == MONTH
        for month, among in parts.items()
    }
    return [
        replace(each.value, part=None) if is_month.get(each.value.month) else each.value for each in found
    ]


def _kept(table: Table, found: Sequence[_Found], in_force: dict[Subject, Metric]) -> set[Subject]:
    """Of what the department keeps the value that it has: a second file that says something else of the same
    month is a correction, or another shop's."""
    disputed: dict[date, list[tuple[_Found, Metric]]] = defaultdict(list)
    for each in found:
        held = in_force.get(each.value.subject)
        if held is None or each.value.part or held.as_of != each.value.as_of:
            continue
        if held.value != each.value.stored_value:
            disputed[each.value.month].append((each, held))
    return {
        each.value.subject
        for month, among in disputed.items()
        if _dispute_asked(table, month, among) == OLD
        for each, _ in among
    }


def _dispute_asked(table: Table, month: date, among: Sequence[tuple[_Found, Metric]]) -> str | None:
    samples = [
        f"{each.staff} {metric_label(held.code)}：原 {metric_figure(held.code, held.value)}"
        f"（{held.source}），这份 {metric_figure(held.code, each.value.value)}"
        for each, held in among
    ]
    return table.ask(
        Question(
            f"overlap:{month:%Y-%m}",
            f"{month:%Y年%m月} 有 {len(among)} 个数值与已经导入的不同。以哪一份为准？",
            (
                (NEW, "以这份为准（原来的不对，已更正）"),
                (OLD, "保留原来的（例如这份是另一个店铺的），其余的数值照样导入"),
            ),
            samples=tuple(samples[:SHOWN]),
            is_kept=False,
        )
    )


def _meaning_asked(
    table: Table, month: date, among: Sequence[_Found], in_force: dict[Subject, Metric]
) -> str | None:
    part = among[0].value.part
    assert part is not None
    days = _told(part)
    samples = [
        f"{each.staff} {metric_label(each.value.code)}：整月 {metric_figure(each.value.code, held.value)}，"
        f"这份 {metric_figure(each.value.code, each.value.value)}"
        for each in among
        if (held := in_force.get(each.value.subject)) and held.value != each.value.stored_value
    ]
    return table.ask(
        Question(
            f"part:{part[0]:%Y-%m-%d}~{part[1]:%Y-%m-%d}",
            f"文件是 {days} 的数值，不是 {month:%Y年%m月} 整月的。作什么用？",
            (
                (PART, f"只作 {days} 的数值，{month:%Y年%m月} 的工资仍只按整月的数值算"),
                (MONTH, f"就作 {month:%Y年%m月} 整月的数值，原有的整月数值由它代替"),
            ),
            samples=tuple(samples[:SHOWN]),
            is_kept=False,
        )
    )


def _notes(values: Sequence[MetricValue], done: Stored, people: dict[int, Staff]) -> Iterator[str]:
    if parts := sorted({each.part for each in values if each.part}):
        told = listed([_told(part) for part in parts], SHOWN)
        yield f"{told} 的数值只是一段的，另外存着，不代替整月的。"
    if done.replaced:
        told = listed([_both(people, *each) for each in done.replaced], SHOWN)
        yield f"{len(done.replaced)} 个数值与原来的不同，已由这份代替：{told}。"
    if done.outdated:
        told = listed([_both(people, *each) for each in done.outdated], SHOWN)
        yield f"{len(done.outdated)} 个数值截至的日期早于现有的，没有采用：{told}。"


def _totals(values: Sequence[MetricValue]) -> Iterator[tuple[str, str]]:
    """How many people have which figure, with the least and the greatest."""
    by_code: dict[str, list[Decimal]] = defaultdict(list)
    for each in values:
        by_code[each.code].append(each.value)
    for code, found in by_code.items():
        least, most = (metric_figure(code, figure) for figure in (min(found), max(found)))
        told = least if least == most else f"{least} 至 {most}"
        yield metric_label(code), f"{len(found)} 个，{told}"


def _both(people: dict[int, Staff], held: Metric, value: MetricValue) -> str:
    """Both values of one thing: 1001 陈晓 转化率 原 65%（截至 2026-10-31）、现 66%."""
    code = value.code
    person = people[value.staff_id or 0]
    return (
        f"{person} {metric_label(code)} 原 {metric_figure(code, held.value)}（截至 {held.as_of:%Y-%m-%d}）"
        f"现 {metric_figure(code, value.value)}（截至 {value.as_of:%Y-%m-%d}）"
    )


def _told(part: Days) -> str:
    first, last = part
    return f"{first:%Y-%m-%d}" if first == last else f"{first:%Y-%m-%d}~{last:%Y-%m-%d}"
