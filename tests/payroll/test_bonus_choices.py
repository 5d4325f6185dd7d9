"""Both ways of taxing a bonus of the year, worked by hand."""

from decimal import Decimal

import pytest

from payroll.selectors.bonus_choices import compared
from rules.kinds.statutory import IncomeTax


@pytest.mark.parametrize(
    "amount, expected, apart, merged, better",
    [
        # Wages 100,000 × 10 % − 2,520 = 7,480; apart 3 %; merged 136,000 × 10 % − 2,520 = 11,080.
        ("36000", "100000", "1080.00", "3600.00", "apart"),
        # One yuan more moves the bonus taxed apart to 10 %: 36,001 × 10 % − 210 = 3,390.10.
        ("36001", "0", "3390.10", "1080.10", "merged"),
        # 20,000 of the allowance are left: (36,000 − 20,000) × 3 % = 480.
        ("36000", "-20000", "1080.00", "480.00", "merged"),
        ("36000", "0", "1080.00", "1080.00", "apart"),
    ],
)
def test_the_way_that_costs_less_in_the_year_is_proposed(
    amount: str, expected: str, apart: str, merged: str, better: str
) -> None:
    choice = compared(IncomeTax(), amount=Decimal(amount), expected=Decimal(expected))
    assert (choice.apart.bonus, choice.merged.bonus) == (Decimal(apart), Decimal(merged))
    assert choice.better.method == better
    assert choice.difference == abs(Decimal(apart) - Decimal(merged))
