"""Figures of the year in that were reckoned before kefu kept the pay."""

from datetime import datetime

from core.money import ZERO, plain
from payroll.services.tax_openings import tax_openings_record
from payroll.settlement.law.employments import departments_of_employer
from people.models import Account, Department
from people.rows import People
from sheets.loading import Load, Summary
from sheets.table import Table
from statutory.imports import person_of, persons_of, rows_of, stored
from statutory.models import TaxOpening
from statutory.services import OpeningFact
from statutory.services.common import months_touched

AMOUNTS = ("income", "contributions", "deductions", "withheld")


def tax_openings_loader(*, department: Department, by: Account | None, at: datetime) -> Load:
    """The loader of a sheet of figures of the year; a row that says what stands already is left alone."""

    def load(table: Table) -> Summary:
        people = People(table, department)
        rows = []
        for row, values in rows_of(table):
            person = person_of(people, department, row, values, values["through"], at)
            if person is not None:
                amounts = {name: values.get(name) or ZERO for name in AMOUNTS}
                rows.append(
                    (row, OpeningFact(person, values["through"], note=values.get("note") or "", **amounts))
                )
        persons = persons_of(rows)
        held = TaxOpening.objects.filter(
            staff__in=persons.rows,
            staff__department__in=departments_of_employer(department),
            withdrawn_at=None,
        )
        known = {
            (persons.of(staff), *figures)
            for staff, *figures in held.values_list("staff", "through", *AMOUNTS)
        }
        new = [
            (row, fact)
            for row, fact in rows
            if (persons.of(fact.staff.pk), fact.through, *(getattr(fact, name) for name in AMOUNTS))
            not in known
        ]
        made = stored(table, new, lambda facts: tax_openings_record(facts=facts, by=by, at=at))
        months = {month for row in made for month in months_touched(row.through, None, at)}
        return Summary(
            rows=len(rows),
            created=len(made),
            unchanged=len(rows) - len(made),
            months=frozenset(months),
            totals=(
                ("人", f"{len({fact.staff.pk for _, fact in rows})} 人"),
                ("累计收入", f"{plain(sum((fact.income for _, fact in rows), ZERO))} 元"),
                ("已预扣税额", f"{plain(sum((fact.withheld for _, fact in rows), ZERO))} 元"),
            ),
        )

    return load
