"""Departments and their teams."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from people.models import Account, Department, FactChange, Proration, Team
from people.services.fact_changes import facts_changed, months_since
from people.services.saving import row_save


def department_create(
    *,
    code: str,
    name: str,
    minimum_wage: Decimal | None = None,
    caps: bool | None = None,
    four_eyes: bool = True,
) -> Department:
    """A new department. `caps` (the statutory limits of deductions) needs the minimum wage, in yuan a month;
    left out, they are on where the wage is known. PeopleError for a code that is taken."""
    is_capped = minimum_wage is not None if caps is None else caps
    department = Department(
        code=code, name=name, minimum_wage=minimum_wage, caps=is_capped, four_eyes=four_eyes
    )
    row_save(department)
    return department


@transaction.atomic
def proration_set(
    *, department: Department, from_on: date, divisor: str, method: str, by: Account | None, at: datetime
) -> Proration:
    """How the department pays months with missed days from a date on; said again it is a correction.

    Settlement is told of the months since, unless nothing differs. PeopleError for a divisor or method that
    there is not.
    """
    row = Proration.objects.filter(department=department, from_on=from_on).first()
    if row is not None and (row.divisor, row.method) == (divisor, method):
        return row
    row = row or Proration(department=department, from_on=from_on)
    row.divisor, row.method = divisor, method
    row_save(row)
    facts_changed(
        department=department,
        months=months_since(from_on, at),
        source=FactChange.Source.PRORATION,
        by=by,
        at=at,
        note=f"{row.get_divisor_display()}，{row.get_method_display()}",
    )
    return row


def team_get_or_create(*, department: Department, name: str) -> Team:
    """The department's team of that name."""
    return Team.objects.get_or_create(department=department, name=name)[0]
