"""Whose order it is, as the remark says: a whole run of digits that is the number of one employed agent."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from commissions.models import Order
from people.models import Department, Staff

_digit_runs = re.compile(r"\d+").findall  # full-width digits are digits too

NOBODY: tuple[None, str] = (None, Order.Attribution.NONE.value)
CONFLICT: tuple[None, str] = (None, Order.Attribution.CONFLICT.value)
_BY_REMARK = Order.Attribution.REMARK.value


class EmployedStaff:
    """Who of a department was employed when, by number."""

    def __init__(self, staff: Iterable[Staff]) -> None:
        self._employed: dict[str, list[tuple[date, date, int]]] = defaultdict(list)
        for each in staff:
            if each.number.isdigit():
                self._employed[each.number].append((each.joined_on, each.left_on or date.max, each.pk))

    @classmethod
    def of(cls, department: Department) -> "EmployedStaff":
        """Everybody who is or was in the department; one query."""
        return cls(Staff.objects.filter(department=department))

    def agent_of(self, remark: str, on: date) -> tuple[int | None, str]:
        """(staff id or None, basis) of an order paid on a day.

        Two different numbers are a conflict and nobody's; digits inside a longer run (a phone number) and
        numbers of who was not employed on the day do not count (rule-kinds, From orders and metrics).
        """
        found: int | None = None
        for run in _digit_runs(remark):
            spells = self._employed.get(run if run.isascii() else unicodedata.normalize("NFKC", run), ())
            agent = next((pk for first, last, pk in spells if first <= on <= last), None)
            if agent is None or agent == found:
                continue
            if found is not None:
                return CONFLICT
            found = agent
        return NOBODY if found is None else (found, _BY_REMARK)
