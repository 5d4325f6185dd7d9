"""Spreadsheets of metrics: a performance tool's wide table, or one value a row."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from commissions.metrics import LARGEST, LONGEST_CODE, MetricValue, Subject, metrics_store
from core.periods import first_of, last_of
from people.models import Account, Department
from people.rows import People
from sheets.loading import Summary
from sheets.table import Table


def metrics_load(
    table: Table, *, department: Department, as_of: date | None, by: Account | None, at: datetime
) -> Summary:
    """Store the values of a table that differ from those in force; the source is the profile's title.

    A value holds as of the date that its row names, else as of `as_of`, else as of the end of its period.
    """
    people = People(table, department)
    values: list[MetricValue] = []
    met: dict[Subject, int] = {}
    rows = 0
    read = _wide if table.profile.metric_fields else _long
    for row, found in table.rows(raise_at_end=False):
        rows += 1
        given = dict(zip(table.fields, found, strict=True))
        month = given["period"][0] if table.profile.metric_fields else given["month"]
        person = people.of(row, given, last_of(month))
        if person is None:
            continue
        for field, value in read(table, row, person.pk, given, as_of):
            if abs(value.value) >= LARGEST:
                table.add_error(row, field, "数值太大", "请检查是否多写了几位", value.value)
            elif (first := met.setdefault(value.subject, row)) != row:
                table.add_error(row, field, f"与第 {first} 行是同一人同一月的同一指标", "请只保留一行")
            else:
                values.append(value)
    table.check()
    created, months = metrics_store(department=department, values=values, by=by, at=at)
    return Summary(rows=rows, created=created, unchanged=len(values) - created, months=months)


def _wide(
    table: Table, row: int, staff_id: int, given: dict[str, Any], as_of: date | None
) -> Iterator[tuple[str, MetricValue]]:
    """(field, value) of each metric column that has a value; the period must lie within one month."""
    first, last = given["period"]
    if first_of(first) != first_of(last):
        table.add_error(row, "period", "跨了两个月", "请按月分别导出", f"{first:%Y-%m-%d}~{last:%Y-%m-%d}")
        return
    for code in table.profile.metric_fields:
        if given[code] is not None:
            yield code, _value(table, first_of(first), code, given[code], as_of or last, staff_id)


def _long(
    table: Table, row: int, staff_id: int, given: dict[str, Any], as_of: date | None
) -> Iterator[tuple[str, MetricValue]]:
    """The one value of the row."""
    month: date = given["month"]
    if len(given["metric"]) > LONGEST_CODE:
        table.add_error(row, "metric", f"超过 {LONGEST_CODE} 个字", "请用短一些的指标代码", given["metric"])
        return
    holds = given["as_of"] or as_of or last_of(month)
    yield "value", _value(table, month, given["metric"], given["value"], holds, staff_id, given["source"])


def _value(
    table: Table, month: date, code: str, value: Any, as_of: date, staff_id: int, source: str | None = None
) -> MetricValue:
    return MetricValue(month, code, Decimal(value), as_of, source or table.profile.title, staff_id)
