"""Departments and their teams."""

from decimal import Decimal

from people.models import Department, Team
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


def team_get_or_create(*, department: Department, name: str) -> Team:
    """The department's team of that name."""
    return Team.objects.get_or_create(department=department, name=name)[0]
