"""The payroll workbook of a generated month against openpyxl's write-only mode writing the same cells.

Payslips are generated as they are stored, in a transaction that is rolled back.
"""

import io
import resource
import time
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from openpyxl import Workbook

from payroll.exports import payroll_export, payroll_sheets
from payroll.models import PayLine, Payslip, SettlementPeriod
from people.models import Staff
from people.services import department_create
from workbench.benchmarks.settlement import timed

MONTH = date(2026, 10, 1)
REPEATS = 2
# A person's lines: column, code, title, amount, basis.
LINES: Sequence[tuple[str, str, str, str, str]] = (
    ("base", "b-pay", "级别工资", "3000.00", "benefit"),
    ("performance", "performance-bonus", "绩效奖金", "800.00", "benefit"),
    ("commission", "b-comm", "销售提成", "1234.56", "benefit"),
    ("commission", "b-guarantee", "提成保底", "65.44", "benefit"),
    ("bonus", "b-top", "销售名次奖", "100.00", "benefit"),
    ("bonus", "b-full", "全勤奖", "100.00", "benefit"),
    ("bonus", "b-idea", "合理化建议", "20.00", "benefit"),
    ("allowance", "b-house", "住房补贴", "200.00", "benefit"),
    ("allowance", "b-meal", "餐补", "300.00", "benefit"),
    ("fine", "b-late", "迟到", "-5.00", "discipline"),
    ("fine", "b-complaint", "买家投诉", "-50.00", "discipline"),
    ("leave", "b-leave", "事假", "-136.36", "benefit"),
)


class _RollBack(Exception):
    """Ends the benchmark's transaction."""


def run(staff: int) -> dict[str, Any]:
    """Seconds of the workbook for so many people of twelve lines, of its floor, their ratio, queries, MB.

    Workbook and floor take turns; of each the better time counts.
    """
    result: dict[str, Any] = {}
    try:
        with transaction.atomic():
            period = generate(staff)
            runs = []
            floors = []
            for _ in range(REPEATS):
                with timed() as exported:
                    payroll_export(period=period, target=io.BytesIO())
                runs.append(exported.seconds)
                floors.append(floor_seconds(period))
            seconds, floor = min(runs), min(floors)
            result = {
                "seconds": round(seconds, 3),
                "floor_seconds": round(floor, 3),
                "ratio": round(seconds / floor, 2),
                "queries": exported.queries,
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            }
            raise _RollBack
    except _RollBack:
        return result


def generate(staff: int) -> SettlementPeriod:
    """A computed month of `staff` payslips with twelve lines each."""
    department = department_create(code="benchmark-workbook", name="基准部门")
    period = SettlementPeriod.objects.create(
        department=department,
        month=MONTH,
        state=SettlementPeriod.State.COMPUTED,
        facts_read_at=timezone.now(),
    )
    day = date(2024, 1, 1)
    people = Staff.objects.bulk_create(
        Staff(department=department, number=f"{10000 + i}", name=f"员工{i}", hired_on=day, joined_on=day)
        for i in range(staff)
    )
    amounts = [Decimal(amount) for _, _, _, amount, _ in LINES]
    gross = sum((amount for amount in amounts if amount > 0), Decimal(0))
    net = sum(amounts, Decimal(0))
    slips = Payslip.objects.bulk_create(
        Payslip(
            period=period,
            staff=person,
            number=person.number,
            name=person.name,
            team="一组",
            role="agent",
            tier="junior",
            days_due=21,
            days_worked=21,
            gross=gross,
            deductions=gross - net,
            net=net,
        )
        for person in people
    )
    PayLine.objects.bulk_create(
        (line for slip in slips for line in lines_of(slip)),
        batch_size=2000,
    )
    return period


def lines_of(slip: Payslip) -> list[PayLine]:
    return [
        PayLine(
            payslip=slip,
            position=position,
            column=column,
            code=code,
            title=title,
            basis=basis,
            for_month=MONTH,
            on=date(2026, 10, 31),
            amount=Decimal(amount),
            full_amount=Decimal(amount),
            reason=f"{title}：净销售额82304.00，超过0.70一档；82304.00×1.5%＝{amount}元",
            trace={
                "facts": {"sales": "90000.00", "refunds": "7696.00", "orders": 1000},
                "arithmetic": [f"82304.00×1.5%＝{amount}元"],
            },
        )
        for position, (column, code, title, amount, basis) in enumerate(LINES, 1)
    ]


def floor_seconds(period: SettlementPeriod) -> float:
    """Seconds that openpyxl's write-only mode takes for the same cells, held in memory, without styles."""
    sheets = [
        [[column.header for column in sheet.columns], *map(list, sheet.rows), list(sheet.footer)]
        for sheet in payroll_sheets(period)
    ]
    begun = time.perf_counter()
    workbook = Workbook(write_only=True)
    for rows in sheets:
        worksheet = workbook.create_sheet()
        for row in rows:
            worksheet.append(row)
    workbook.save(io.BytesIO())
    return time.perf_counter() - begun
