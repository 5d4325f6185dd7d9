"""What the page of a month's files shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from core.money import ZERO
from payroll.filings.bank_file import numbers_without_account
from payroll.filings.filers import Filer, filer_of, months_waiting, not_filed_by, tax_months_of
from payroll.filings.layouts import Layout, layouts_on
from payroll.filings.tax_sheet import opened_in
from payroll.models import (
    BankPayment,
    SettlementPeriod,
    TaxFiling,
    TaxFilingResult,
    TaxFilingRow,
)
from people.models import Account, Department
from sheets.writing import Sheet, SheetColumn

SHOWN = 10  # of each kind, the latest
Outcome = TaxFilingRow.Outcome
RESULT = (
    SheetColumn("姓名", 12),
    SheetColumn("证件号码", 22),
    SheetColumn("结果", 14),
    SheetColumn("应预扣税额", 13, "money"),
    SheetColumn("税局税额", 13, "money"),
    SheetColumn("差额", 12, "money"),
    SheetColumn("可能的原因", 60, "wrapped"),
    SheetColumn("不一致的数", 60, "wrapped"),
)


@dataclass(frozen=True, slots=True)
class FilingPage:
    """Who files, what hinders it, what was exported and read back, and what went to the bank."""

    filer: Filer
    tax_months: Sequence[date]
    closed: Sequence[Department]
    waiting: Sequence[SettlementPeriod]
    opened: Sequence[str]
    filings: Sequence[TaxFiling]
    results: Sequence[TaxFilingResult]
    payments: Sequence[BankPayment]
    tax_layouts: Sequence[Layout]
    bank_layouts: Sequence[Layout]
    bank_layout: str

    @property
    def tax_layout(self) -> str:
        """The layout chosen last."""
        return self.filings[0].layout if self.filings else ""

    @property
    def notes(self) -> list[Layout]:
        return [*self.tax_layouts, *self.bank_layouts]

    @property
    def exports(self) -> int:
        """How many payment files there are."""
        return self.payments[0].nth if self.payments else 0

    @property
    def without_account(self) -> set[str]:
        """Who could not be paid by the file that the bank's last receipt is of."""
        paid = next((each for each in self.payments if hasattr(each, "receipt")), None)
        return numbers_without_account(paid) if paid else set()

    @property
    def is_receipt_due(self) -> bool:
        """Whether the last file waits for the bank's receipt."""
        return bool(self.payments) and not hasattr(self.payments[0], "receipt")


def filing_page(period: SettlementPeriod, account: Account, month: date | None = None) -> FilingPage:
    """The page of a begun month, with the files of one of its tax months; at most thirteen queries.

    `month` as in `filer_of`, which refuses one that is none of them.
    """
    filer = filer_of(period, month)
    payments = list(period.bank_payments.select_related("by", "receipt__by", "receipt__attachment")[:SHOWN])
    last = payments[:1] or BankPayment.objects.filter(period__department=period.department)[:1]
    return FilingPage(
        filer=filer,
        tax_months=tax_months_of(period),
        closed=not_filed_by(filer, account),
        waiting=months_waiting(filer),
        opened=opened_in(filer),
        filings=list(filer.filings()[:SHOWN]),
        results=list(filer.results()[:SHOWN]),
        payments=payments,
        tax_layouts=layouts_on(filer.month, "wages", "bonus"),
        bank_layouts=layouts_on(period.pays_on, "bank"),
        bank_layout="".join(each.layout for each in last),
    )


def result_rows(result: TaxFilingResult, *, outcome: str = "", sought: str = "") -> QuerySet[TaxFilingRow]:
    """The people of a result, by outcome (blank: all) and name; those who differ first."""
    rows = result.rows.select_related("staff").order_by("pk")
    if outcome in Outcome.values:
        rows = rows.filter(outcome=outcome)
    return rows.filter(name__icontains=sought) if sought else rows


def result_sheets(result: TaxFilingResult) -> Iterator[Sheet]:
    """The comparison as a workbook's one sheet."""
    rows = [_cells(each) for each in result_rows(result)]
    footer: list[Any] = ["合计", f"{len(rows)}人", f"{result.differing}人不一致"]
    footer += [sum((row[place] or ZERO for row in rows), Decimal(0)) for place in (3, 4, 5)]
    yield Sheet("税局结果", RESULT, rows, [*footer, None, None], str(result))


def _cells(row: TaxFilingRow) -> Sequence[Any]:
    figures = "；".join(f"{label}：本系统{here}，税局{theirs}" for label, here, theirs in row.figures)
    return (
        row.name,
        row.document,
        row.get_outcome_display(),
        row.expected,
        row.found,
        row.difference,
        row.cause,
        figures,
    )
