"""How a department reads orders that are out of the ordinary, from which day on."""

import re
from collections.abc import Iterable
from datetime import date

from commissions.models import OrderReading
from people.models import Department


class Readings:
    """The department's settings by day; before the first one the defaults hold."""

    def __init__(self, rows: Iterable[OrderReading]) -> None:
        """`rows` from the latest day to the earliest, of one day what was said last first."""
        self._rows = list(rows)
        self._first = OrderReading()

    @classmethod
    def of(cls, department: Department) -> "Readings":
        """One query."""
        return cls(OrderReading.objects.filter(department=department).order_by("-from_on", "-id"))

    def on(self, day: date) -> OrderReading:
        """What holds for orders paid on that day."""
        return next((row for row in self._rows if row.from_on <= day), self._first)

    def words(self) -> tuple[str, ...]:
        """Every word that marks a sham order on some day."""
        return tuple(
            dict.fromkeys(word for row in (*self._rows, self._first) for word in words_of(row.sham_words))
        )


def words_of(text: str) -> tuple[str, ...]:
    """The words of a list as people write it: 补单、刷单."""
    return tuple(word for word in re.split(r"[、,，;；\s]+", text) if word)
