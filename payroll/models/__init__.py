"""Months that are settled, their payslips, what is filed with the tax bureau and paid by the bank."""

from payroll.models.entries import DebtEntry, ManualLine
from payroll.models.filings import BankPayment, BankReceipt, TaxFiling, TaxFilingResult, TaxFilingRow
from payroll.models.objections import Objection
from payroll.models.payslips import (
    TITLE_LENGTH,
    EmployerCost,
    PayLine,
    Payslip,
    PayslipConfirmation,
    SettledOrders,
    Withholding,
)
from payroll.models.periods import (
    PAY_ON,
    PERIOD_MOVES,
    REASON_LENGTH,
    PeriodEvent,
    PeriodWaiver,
    SettlementPeriod,
    SettlementRun,
)

__all__ = [
    "PAY_ON",
    "PERIOD_MOVES",
    "REASON_LENGTH",
    "TITLE_LENGTH",
    "BankPayment",
    "BankReceipt",
    "DebtEntry",
    "EmployerCost",
    "ManualLine",
    "Objection",
    "PayLine",
    "Payslip",
    "PayslipConfirmation",
    "PeriodEvent",
    "PeriodWaiver",
    "SettledOrders",
    "SettlementPeriod",
    "SettlementRun",
    "TaxFiling",
    "TaxFilingResult",
    "TaxFilingRow",
    "Withholding",
]
