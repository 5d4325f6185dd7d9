"""What payroll refuses, by noun; the messages are Chinese and name the remedy."""

from core.errors import Refused

FROZEN_REMEDY = "未发放的可退回后再算；已发放的由以后月份调整"


class PeriodRefused(Refused):
    """A step of a month, or a workbook of it, that the month as it stands does not allow."""


class AlreadyRunning(PeriodRefused):
    """Somebody else computes the month right now."""


class ManualLineRefused(Refused):
    """A line by hand that cannot be added or withdrawn so."""


class ObjectionRefused(Refused):
    """An objection that cannot be raised or answered so."""


class ClaimRefused(Refused):
    """An order that can no longer be claimed, or that the claimant was paid for otherwise."""


class DebtRefused(Refused):
    """What was paid back or written off of a debt and cannot be entered so."""


class ConfirmationRefused(Refused):
    """A payslip that cannot be confirmed, or whose confirmation cannot be asked for."""


class PaperRefused(Refused):
    """Payslips that cannot be printed so."""


class FilingRefused(Refused):
    """A file for the tax bureau or the bank, its result or its receipt that cannot be taken so."""
