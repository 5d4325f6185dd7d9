"""Whose order it is, as the remark says: a whole number, of digits or with letters, of one employed agent."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from commissions.models import Order
from people.models import Department, Staff

_digit_runs = re.compile(r"\d+").findall  # full-width digits are digits too
# Letters and digits that stand together, with or without marks between them: KF03, kf-03.
_words = re.compile(r"[0-9a-z]+(?:[-_.][0-9a-z]+)*").findall
_parts = re.compile(r"[-_.]").split

NOBODY: tuple[None, str] = (None, Order.Attribution.NONE.value)
CONFLICT: tuple[None, str] = (None, Order.Attribution.CONFLICT.value)
_BY_REMARK = Order.Attribution.REMARK.value


class EmployedStaff:
    """Who of a department was employed when, by number."""

    def __init__(self, staff: Iterable[Staff]) -> None:
        self._employed: dict[str, list[tuple[date, date, int]]] = defaultdict(list)
        self._has_letters = False
        # Remarks are mostly a number alone, and repeat.
        self._spells_in = lru_cache(maxsize=1 << 16)(self._find_spells)
        for each in staff:
            spell = (each.joined_on, each.left_on or date.max, each.pk)
            if each.number.isdigit():
                self._employed[each.number].append(spell)
            elif _words(folded := _folded(each.number)) == [folded]:
                self._employed["".join(_parts(folded))].append(spell)
                self._has_letters = True

    @classmethod
    def of(cls, department: Department) -> "EmployedStaff":
        """Everybody who is or was in the department; one query."""
        return cls(Staff.objects.filter(department=department))

    def agent_of(self, remark: str, on: date) -> tuple[int | None, str]:
        """(staff id or None, basis) of an order paid on a day.

        Two different numbers are a conflict and nobody's; digits inside a longer run (a phone number) and
        numbers of who was not employed on the day do not count (rule-kinds, From orders and metrics).
        Letters are taken in either case, with or without a hyphen between.
        """
        found: int | None = None
        for spells in self._spells_in(remark):
            for first, last, agent in spells:
                if first <= on <= last:
                    if found is not None and agent != found:
                        return CONFLICT
                    found = agent
                    break
        return NOBODY if found is None else (found, _BY_REMARK)

    def _find_spells(self, remark: str) -> list[list[tuple[date, date, int]]]:
        """The employments under each number in a remark."""
        numbers = self._lettered(remark) if self._has_letters else _digit_runs(remark)
        shown = (each if each.isascii() else unicodedata.normalize("NFKC", each) for each in numbers)
        return [self._employed[each] for each in shown if each in self._employed]

    def _lettered(self, remark: str) -> Iterator[str]:
        """The numbers that a remark may mean where some have letters: a word as a whole, else the runs of
        digits in it, so that the 03 of KF03 is nobody's."""
        for word in _words(_folded(remark)):
            parts = _parts(word)
            if (whole := "".join(parts)) in self._employed and not whole.isdigit():
                yield whole
                continue
            for part in parts:
                yield from [part] if part in self._employed else _digit_runs(part)


def _folded(text: str) -> str:
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold()
