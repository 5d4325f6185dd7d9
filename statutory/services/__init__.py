"""Every write of declarations: bases, deductions, figures of a year, annual bonuses."""

from statutory.services.bases import BaseFact, base_declare, base_end, bases_declare
from statutory.services.bonuses import bonus_record
from statutory.services.deductions import (
    DeductionFact,
    deduction_declare,
    deduction_end,
    deductions_declare,
)
from statutory.services.withdrawing import declaration_withdraw
from statutory.services.years import (
    OpeningFact,
    first_job_record,
    history_record,
    opening_record,
    openings_record,
)

__all__ = [
    "BaseFact",
    "DeductionFact",
    "OpeningFact",
    "base_declare",
    "base_end",
    "bases_declare",
    "bonus_record",
    "declaration_withdraw",
    "deduction_declare",
    "deduction_end",
    "deductions_declare",
    "first_job_record",
    "history_record",
    "opening_record",
    "openings_record",
]
