"""Months in addresses (`2026-10`), under the name `month` (rules/apps.py)."""

from datetime import date

from core.periods import parse_month


class MonthConverter:
    regex = r"[0-9]{4}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> date:
        return parse_month(value)

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else f"{value:%Y-%m}"
