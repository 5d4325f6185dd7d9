"""What the commands of one department's month share."""

from argparse import ArgumentParser
from datetime import date

from django.core.management.base import CommandError

from core.periods import parse_month


def add_month_arguments(parser: ArgumentParser) -> None:
    """`YYYY-MM --department CODE`."""
    parser.add_argument("month", metavar="YYYY-MM", help="工资月份，如 2026-10")
    parser.add_argument("--department", required=True, metavar="CODE", help="部门代码")


def month_argument(text: str) -> date:
    """An argument like 2026-10 as the first day of that month; CommandError otherwise."""
    try:
        return parse_month(text)
    except ValueError:
        raise CommandError(f"不是月份：{text}。请写成 2026-10 的形式。") from None
