"""Every write of declarations: bases, deductions, figures of a year, annual bonuses."""

from statutory.services.bases import base_declare, base_end
from statutory.services.bonuses import bonus_record
from statutory.services.deductions import deduction_declare, deduction_end
from statutory.services.withdrawing import declaration_withdraw
from statutory.services.years import first_job_record, history_record, opening_record

__all__ = [
    "base_declare",
    "base_end",
    "bonus_record",
    "declaration_withdraw",
    "deduction_declare",
    "deduction_end",
    "first_job_record",
    "history_record",
    "opening_record",
]
