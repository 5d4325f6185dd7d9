"""What the loaders of shifts share: rows with their person, and checks that tell which cell is wrong."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import models

from core.errors import Refused
from people.models import Department, Staff
from people.rows import ALIAS, NAME, NUMBER, People
from sheets.table import Table

SHOWN = 5
NULL = r"\N"


def rows_of(table: Table, department: Department) -> Iterator[tuple[int, Staff, dict[str, Any]]]:
    """(row, person, values by field) of the good rows; who cannot be told is recorded."""
    people = People(table, department)
    for number, values in table.rows(raise_at_end=False):
        given = dict(zip(table.fields, values, strict=True))
        if person := people.of(number, given):
            yield number, person, given


def find_person(
    people: People, number: int, who: dict[str, Any], on: date | None
) -> tuple[bool, Staff | None]:
    """(whether a row may be about somebody of the department, the person if it is clear who).

    A number or an account that nobody of the department has is a stranger's, and so is a name; reports are
    of the whole company. One name of several people is asked about, by the account where there is one.
    """
    if written := who.get(NUMBER):
        is_ours = people.knows(written) or bool(people.without_zeros(written))
        return is_ours, people.of(number, who, on) if is_ours else None
    if NUMBER in who:
        return False, None
    alias, name = who.get(ALIAS), who.get(NAME) or ""
    named = people.named(name)
    if alias and (people.knows(alias) or len(named) > 1):
        return True, people.of(number, who, on)
    if named or people.knows(name):
        return True, people.of(number, {NAME: name}, on)
    return False, None


def strangers_left_out(table: Table, strangers: dict[str, list[int]]) -> None:
    """Leave out the rows of who is not of the department, given by how each is called."""
    reason = f"不是本部门的人：{some(list(strangers))}"
    for number in sorted(number for rows in strangers.values() for number in rows):
        table.leave_out(number, reason)


def some(told: list[str]) -> str:
    """The first of a list, in words."""
    return "、".join(told[:SHOWN]) + ("等" if len(told) > SHOWN else "")


def line(*values: object) -> str:
    """A line of PostgreSQL's COPY text format; of texts only such as need no escaping."""
    return "\t".join([NULL if value is None else str(value) for value in values]) + "\n"


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
