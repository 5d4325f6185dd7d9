"""The workbook of a department's tax year: everybody's sums, and every payslip of it."""

import os
from decimal import Decimal
from typing import Any, BinaryIO

from core.money import ZERO
from payroll.models import Payslip
from payroll.selectors.pay_year import Taken, months_of_year, people_of_year, summed
from people.models import Department
from sheets.writing import Sheet, SheetColumn, write_workbook

NUMBER, NAME = SheetColumn("工号", 10), SheetColumn("姓名", 11)
FIGURES = tuple(
    SheetColumn(header, 13, "money")
    for header in (
        "应发",
        "计税收入",
        "社保个人",
        "公积金个人",
        "累计附加与其他扣除",
        "个税",
        "实发",
        "单位承担",
    )
)
PEOPLE = (NUMBER, NAME, SheetColumn("月数", 7, "integer"), *FIGURES)
MONTHS = (NUMBER, NAME, SheetColumn("月份", 10), SheetColumn("发薪日", 11, "date"), *FIGURES)


def pay_year_export(*, department: Department, year: int, target: str | os.PathLike[str] | BinaryIO) -> None:
    """Write the year's approved and paid months to a path or a binary file; eight queries."""
    people = summed(people_of_year(department.pk, year), department.pk, year)
    sums = [
        (each.number, each.name, each.months, *_figures(each.gross, each.taken, each.net)) for each in people
    ]
    slips = Payslip.objects.filter(period__department=department)
    months = sorted(months_of_year(slips, year), key=lambda each: (each.slip.number, each.slip.staff_id))
    rows = [
        (
            each.slip.number,
            each.slip.name,
            f"{each.slip.period.month:%Y-%m}",
            each.slip.period.pays_on,
            *_figures(each.gross or ZERO, each.taken, each.net or ZERO),
        )
        for each in months
    ]
    heading = f"{department.name} {year}年工资"
    write_workbook(
        target,
        [
            Sheet("合计", PEOPLE, sums, ["合计", f"{len(sums)}人", None, *_totals(sums, 3)], heading),
            Sheet("逐月", MONTHS, rows, ["合计", f"{len(rows)}张", None, None, *_monthly(rows)], heading),
        ],
    )


def _figures(gross: Decimal, taken: Taken, net: Decimal) -> tuple[Decimal, ...]:
    return (
        gross, taken.income, taken.social, taken.fund, taken.deductions, taken.tax, net, taken.employer,
    )  # fmt: skip


def _totals(rows: list[tuple[Any, ...]], first: int) -> list[Decimal]:
    return [sum((row[place] for row in rows), ZERO) for place in range(first, first + len(FIGURES))]


def _monthly(rows: list[tuple[Any, ...]]) -> list[Decimal | None]:
    """The sums of the months; of what is cumulative there is none."""
    totals: list[Decimal | None] = [*_totals(rows, 4)]
    totals[4] = None
    return totals
