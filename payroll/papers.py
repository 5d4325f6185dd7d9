"""Payslips on paper: one page of A4 each, to be stamped and signed, with details and evidence behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from core.money import ZERO, plain
from core.pdf import WIDTH, Paper
from core.templatetags.ui import money
from payroll.models import PayLine, Payslip
from payroll.slip_order import (
    Part,
    Statutory,
    bases_before_tax,
    is_statutory,
    part_of,
    part_sums,
    statutory_of,
    tax_view,
)
from payroll.traces import trace_text

Column = PayLine.Column
AMOUNT_WIDTH, TITLE_WIDTH = 34, 44


@dataclass(frozen=True, slots=True)
class Options:
    """What is printed behind each page: every line with its reason, and what it was computed from."""

    with_lines: bool = False
    with_trace: bool = False


def slips_to_print(slips: QuerySet[Payslip]) -> QuerySet[Payslip]:
    """The payslips with all that their papers say; four queries for any number."""
    return slips.select_related("period__department__employer", "staff").prefetch_related(
        "lines", "withholdings", "employer_costs"
    )


def payslips_paper(slips: Sequence[Payslip], *, options: Options, at: datetime) -> bytes:
    """Payslips (`slips_to_print`, at least one) as one PDF, each beginning on a page of its own."""
    first = slips[0].period
    paper = Paper("工资条", foot=f"{first.department.name}　{first.month:%Y年%m月}", at=at)
    for place, slip in enumerate(slips):
        if place:
            paper.page()
        _page(paper, slip)
        if options.with_lines or options.with_trace:
            _details(paper, slip, with_trace=options.with_trace)
    return paper.content()


def _page(paper: Paper, slip: Payslip) -> None:
    period = slip.period
    department = period.department
    company = department.employer.name if department.employer else department.name
    lines = list(slip.lines.all())
    paper.title(f"{company}　工资条")
    place = "　".join(each for each in (department.name, slip.team) if each)
    paper.facts(
        [
            ("员工", f"{slip.number} {slip.name}　{place}"),
            ("月份", f"{period.month:%Y年%m月}　发薪日 {period.pays_on}"),
            ("出勤", f"应出勤 {plain(slip.days_due)} 天，实出勤 {plain(slip.days_worked)} 天"),
        ]
    )
    beside = statutory_of(slip)
    rows = _statutory_rows(slip, lines, beside) if is_statutory(lines, beside) else _rows(slip, lines)
    paper.table(["项目", "金额（元）"], rows, [WIDTH - AMOUNT_WIDTH, AMOUNT_WIDTH], numbers=[1])
    paper.signatures(["单位（盖章）", "员工签名"])


def _rows(slip: Payslip, lines: Iterable[PayLine]) -> list[tuple[str, str]]:
    """By column, where nothing is taken by law."""
    totals = [("应发合计", slip.gross), ("应扣合计", slip.deductions), ("实发", slip.net)]
    return [(label, money(amount)) for label, amount in [*_columns(lines), *totals]]


def _statutory_rows(slip: Payslip, lines: Sequence[PayLine], beside: Statutory) -> list[tuple[str, str]]:
    """The earnings by column, then each part in the order in which the law takes."""
    before_tax, sums = bases_before_tax(beside), part_sums(lines, beside)
    earned = [each for each in lines if part_of(each, before_tax) == Part.GROSS]
    parts = [
        (f"{part.label}合计" if part == Part.GROSS else part.label, amount)
        for part, amount in sums.items()
        if amount or part == Part.GROSS
    ]
    return [(label, money(amount)) for label, amount in [*_columns(earned), *parts, ("实发", slip.net)]]


def _columns(lines: Iterable[PayLine]) -> list[tuple[str, Decimal]]:
    sums = dict.fromkeys(Column, ZERO)
    for line in lines:
        sums[Column(line.column)] += line.amount
    return [(column.label, amount) for column, amount in sums.items() if amount]


def _details(paper: Paper, slip: Payslip, *, with_trace: bool) -> None:
    lines = list(slip.lines.all())
    paper.heading(f"{slip} 的明细")
    paper.table(
        ["项目", "金额（元）", "说明"],
        [(line.title, money(line.amount), line.reason) for line in lines],
        [TITLE_WIDTH, AMOUNT_WIDTH, WIDTH - TITLE_WIDTH - AMOUNT_WIDTH],
        numbers=[1],
    )
    if not with_trace:
        return
    paper.heading(f"{slip} 的计算依据")
    for line in lines:
        paper.text(f"{line.title} {money(line.amount)} 元\n{trace_text(line.trace)}", is_small=True)
    for row in slip.withholdings.all():
        view = tax_view(row)
        told = "，".join(f"{label} {value}" for label, value in [*view.payment, *view.year])
        steps = "\n".join(view.arithmetic)
        paper.text(f"{row.get_kind_display()}预扣税额 {money(row.tax)} 元：{told}\n{steps}", is_small=True)
