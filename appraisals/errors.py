"""Refusals of appraisals, one class a noun."""

from core.errors import ManyRefused, Refused


class SheetRefused(Refused):
    """A sheet is not scored, published, signed, closed or taken back; the message says what is wrong."""


class SheetsRefused(ManyRefused):
    """Some of several sheets are refused and none was changed."""


class GradeRefused(Refused):
    """A quarter's grade is not confirmed; the message says what is wrong."""
