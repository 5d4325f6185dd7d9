"""What the loaders of shifts share: rows with their person, and checks that tell which cell is wrong."""

from collections.abc import Iterator
from typing import Any

from django.db import models

from core.errors import Refused
from people.models import Department, Staff
from people.rows import People
from sheets.table import Table


def rows_of(table: Table, department: Department) -> Iterator[tuple[int, Staff, dict[str, Any]]]:
    """(row, person, values by field) of the good rows; who cannot be told is recorded."""
    people = People(table, department)
    for number, values in table.rows(raise_at_end=False):
        given = dict(zip(table.fields, values, strict=True))
        if person := people.of(number, given, given.get("work_date") or given.get("starts_on")):
            yield number, person, given


def check(
    table: Table, number: int, field: str, value: object, test: Any, *args: Any, **figures: Any
) -> None:
    """Record the refusal of a service's check."""
    try:
        test(*args, **figures)
    except Refused as refused:
        table.add_error(number, field, refused.reason, refused.remedy, value)


def update(row: models.Model, values: dict[str, Any]) -> bool:
    """Set the values; whether anything changed."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)
