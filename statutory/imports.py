"""Declarations in: sheets of contribution bases and of what is deducted from taxed income."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from django.utils import timezone

from core.errors import ManyRefused
from core.money import ZERO, plain
from people.models import Account, Department, Staff
from people.rows import WHO, People
from rules.kinds.labels import DEDUCTION_LABELS
from sheets.loading import Load, Summary
from sheets.table import Table
from statutory.limits import is_once_a_year
from statutory.models import ContributionBase, TaxDeduction
from statutory.models.declarations import EVERY_ITEM
from statutory.persons import Persons
from statutory.services import BaseFact, DeductionFact, bases_declare, deductions_declare
from statutory.services.common import holds_within, months_touched, standing


class Fact(Protocol):
    """What all rows that declare something have."""

    @property
    def staff(self) -> Staff: ...


F = TypeVar("F", bound=Fact)


def bases_loader(*, department: Department, by: Account | None, at: datetime) -> Load:
    """The loader of a sheet of contribution bases; a row that says what stands already is left alone."""

    def load(table: Table) -> Summary:
        rows = list(_base_facts(table, department, at))
        persons = persons_of(rows)
        known = {
            (persons.of(each.staff_id), each.item, each.base, each.since, each.until)
            for each in ContributionBase.objects.filter(staff__in=persons.rows, withdrawn_at=None)
        }
        new = [
            (row, fact)
            for row, fact in rows
            if (persons.of(fact.staff.pk), fact.item, fact.base, fact.since, fact.until) not in known
        ]
        made = stored(table, new, lambda facts: bases_declare(facts=facts, by=by, at=at))
        return _summary(
            rows, made, at, [("基数合计", f"{plain(sum((fact.base for _, fact in rows), ZERO))} 元")]
        )

    return load


def deductions_loader(*, department: Department, by: Account | None, at: datetime) -> Load:
    """The loader of a sheet of deductions: one a row, or a column for each kind and the month it begins in.

    A row that says what stands already is left alone.
    """

    def load(table: Table) -> Summary:
        by_kind = "kind" not in table.fields
        rows = list(
            _deductions_by_kind(table, department, at) if by_kind else _deductions(table, department, at)
        )
        persons = persons_of(rows)
        stand = standing(TaxDeduction, persons)
        said = _said_by_kind if by_kind else _said
        new = [
            (row, fact)
            for row, fact in rows
            if not any(said(fact, each) for each in stand[persons.of(fact.staff.pk)])
        ]
        columns = {"amount": None, "kind": None} if by_kind else {}
        made = stored(table, new, lambda facts: deductions_declare(facts=facts, by=by, at=at), columns)
        total = sum((fact.amount for _, fact in rows), ZERO)
        return _summary(rows, made, at, [("每月合计", f"{plain(total)} 元")])

    return load


def stored(
    table: Table,
    rows: Sequence[tuple[int, F]],
    store: Callable[[list[F]], Any],
    columns: Mapping[str, str | None] | None = None,
) -> Any:
    """What `store` makes of the facts, once every row of the table is good; else the bad rows are told.

    `columns`: where a field of a fact stands in the table; None: in the column that its kind names.
    """
    table.check()
    try:
        return store([fact for _, fact in rows])
    except ManyRefused as error:
        for place, refused in error.refusals.items():
            row, fact = rows[place]
            column = (columns or {}).get(refused.field, refused.field)
            column = getattr(fact, "kind", "") if column is None else column
            value = getattr(fact, refused.field, None)
            table.add_error(row, column, refused.reason, refused.remedy, value)
        table.check()
        raise


def person_of(
    people: People, department: Department, row: int, values: Mapping[str, Any], since: date, at: datetime
) -> Staff | None:
    """Whose row it is: the employment of that month or the last one since, with its department."""
    last = max(since, timezone.localdate(at))
    person = people.of(row, {each: values.get(each) for each in WHO}, since, last)
    if person is not None:
        person.department = department
    return person


def rows_of(table: Table) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows with their values by field."""
    for row, cells in table.rows(raise_at_end=False):
        yield row, dict(zip(table.fields, cells, strict=True))


def _base_facts(table: Table, department: Department, at: datetime) -> Iterator[tuple[int, BaseFact]]:
    people = People(table, department)
    for row, values in rows_of(table):
        person = person_of(people, department, row, values, values["since"], at)
        if person is not None:
            yield (
                row,
                BaseFact(
                    person,
                    values["base"],
                    values["since"],
                    item=values.get("item") or EVERY_ITEM,
                    until=values.get("until"),
                    beyond_limits=bool(values.get("beyond_limits")),
                    note=values.get("note") or "",
                ),
            )


def _deductions(table: Table, department: Department, at: datetime) -> Iterator[tuple[int, DeductionFact]]:
    people = People(table, department)
    for row, values in rows_of(table):
        person = person_of(people, department, row, values, values["since"], at)
        if person is not None:
            yield (
                row,
                DeductionFact(
                    person,
                    values["kind"],
                    values["amount"],
                    values["since"],
                    until=values.get("until"),
                    is_shared=bool(values.get("is_shared")),
                    note=values.get("note") or "",
                ),
            )


def _deductions_by_kind(
    table: Table, department: Department, at: datetime
) -> Iterator[tuple[int, DeductionFact]]:
    """Every figure of a row above zero."""
    people = People(table, department)
    for row, values in rows_of(table):
        person = person_of(people, department, row, values, values["since"], at)
        for kind in DEDUCTION_LABELS if person is not None else ():
            if person is not None and values.get(kind):
                amount, since = values[kind], values["since"]
                until = since if is_once_a_year(kind, amount, since) else None
                yield row, DeductionFact(person, kind, amount, since, until=until)


def persons_of(rows: Sequence[tuple[int, Fact]]) -> Persons:
    """The people of some rows, over whichever departments; one query."""
    return Persons({fact.staff.pk for _, fact in rows})


def _said(fact: DeductionFact, stands: TaxDeduction) -> bool:
    """Whether a row says a declaration that stands."""
    return (fact.kind, fact.amount, fact.since, fact.until) == (
        stands.kind,
        stands.amount,
        stands.since,
        stands.until,
    )


def _said_by_kind(fact: DeductionFact, stands: TaxDeduction) -> bool:
    """Whether a sheet of a month says again what holds in it; what is deducted once a year, in its year."""
    if (fact.kind, fact.amount) != (stands.kind, stands.amount):
        return False
    if fact.until is not None and stands.since == stands.until:
        return fact.since.year == stands.since.year
    return holds_within(stands, fact.since, fact.since)


def _summary(
    rows: Sequence[tuple[int, Fact]], made: Sequence[Any], at: datetime, totals: Sequence[tuple[str, str]]
) -> Summary:
    months = {month for row in made for month in months_touched(row.since, row.until, at)}
    return Summary(
        rows=len(rows),
        created=len(made),
        unchanged=len(rows) - len(made),
        months=frozenset(months),
        totals=(("人", f"{len({fact.staff.pk for _, fact in rows})} 人"), *totals),
    )
