"""Departments and their teams."""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from people.errors import PeopleError
from people.models import Account, Department, Employer, FactChange, Proration, Team
from people.selectors import departments_where
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
def employer_departments_set(
    *, employer: Employer, departments: Collection[Department], by: Account, at: datetime
) -> None:
    """Make these, and of the departments that `by` keeps these alone, the employer's; the month is told.

    PeopleError for a department of another employer, and for one whose declarations `by` does not keep.
    """
    kept = departments_where(by, "manage_declarations", whole=True)
    wanted = {each.pk for each in departments}
    rows = Department.objects.select_for_update(of=("self",)).filter(
        Q(pk__in=wanted) | Q(employer=employer, pk__in=kept.order_by().values("pk"))
    )
    own = set(kept.filter(pk__in=wanted).values_list("pk", flat=True))
    for row in rows.select_related("employer").order_by("code"):
        becomes = employer if row.pk in wanted else None
        if row.employer == becomes:
            continue
        if row.pk in wanted and row.pk not in own:
            raise PeopleError(f"您不登记{row}的社保与个税申报", "请由管它的人改", field="of_departments")
        if becomes is not None and row.employer is not None:
            raise PeopleError(f"{row}属于{row.employer}", "请先从那个单位移出", field="of_departments")
        row.employer = becomes
        row_save(row)
        note = f"用人单位：{becomes or '无'}"
        months = [timezone.localdate(at).replace(day=1)]
        facts_changed(department=row, months=months, source=FactChange.Source.TAX, by=by, at=at, note=note)


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
