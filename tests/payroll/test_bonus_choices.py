"""Both ways of taxing a bonus of the year, worked by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.periods import shift_months
from payroll.models import Payslip, SettlementPeriod, Withholding
from payroll.selectors.bonus_choices import bonus_choice, compared
from people.models import Department, Staff
from people.services import staff_transfer
from rules.kinds.statutory import IncomeTax
from tests import factories


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


def withheld(staff: Staff, month: date, **figures: Any) -> None:
    """An approved month of one person with its tax record."""
    period = SettlementPeriod.objects.create(department=staff.department, month=month, state="computed")
    slip = Payslip.objects.create(period=period, staff=staff, number=staff.number, name=staff.name)
    Withholding.objects.create(payslip=slip, paid_on=period.pays_on, income=Decimal(0), tax=0, **figures)
    by = factories.account("gm", staff.department)
    approval = {"state": "approved", "approved_by": by, "approved_at": factories.WHEN}
    SettlementPeriod.objects.filter(pk=period.pk).update(**approval)


def expected_of(staff: Staff) -> Decimal:
    return bonus_choice(staff=staff, paid_on=date(2026, 12, 20), amount=Decimal(36000)).expected


@pytest.fixture
def lin(db: None) -> Staff:
    return factories.staff(factories.department("cs1"), "1001")


def test_months_that_were_paid_are_projected_and_the_years_allowance_taken_once(lin: Staff) -> None:
    september = date(2026, 9, 1)
    for count, month in enumerate((september, shift_months(september, 1)), start=1):
        # 60,000 at once: the whole of last year here for no more than that; or September is the first job.
        withheld(
            lin, month, months=12, year_income=Decimal(9000) * count, year_allowance=Decimal(60000),
            year_contributions=Decimal(1000) * count, year_deductions={"rent": str(500 * count)},
        )  # fmt: skip
    # 7,500 a month in September and October, also in November and December, less 60,000.
    assert expected_of(lin) == Decimal(7500) * 4 - 60000


def test_a_first_jobs_allowance_counts_from_january_to_december(lin: Staff) -> None:
    withheld(
        lin, date(2026, 7, 1), months=7, year_income=Decimal(9000), year_allowance=Decimal(35000)
    )  # one month of pay, seven of the allowance
    assert expected_of(lin) == Decimal(9000) * 6 - 60000


def test_the_usual_year_goes_on_by_its_average(lin: Staff) -> None:
    withheld(lin, date(2026, 10, 1), months=1, year_income=Decimal(9000), year_allowance=Decimal(5000))
    assert expected_of(lin) == Decimal(4000) * 3


def test_figures_of_another_employer_are_no_part_of_the_year(lin: Staff) -> None:
    withheld(lin, date(2026, 8, 1), months=8, year_income=Decimal(99000), year_allowance=Decimal(40000))
    elsewhere: Department = factories.department("cs2")
    moved = staff_transfer(
        staff=lin, to=elsewhere, number="2001", on=date(2026, 9, 1), by=None, at=factories.WHEN
    )
    assert expected_of(moved) == 0
    withheld(moved, date(2026, 10, 1), months=2, year_income=Decimal(9000), year_allowance=Decimal(10000))
    assert expected_of(moved) == Decimal(9000) * 3 - 20000
    assert expected_of(lin) > 0
