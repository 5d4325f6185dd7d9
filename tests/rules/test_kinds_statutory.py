"""Contributions and income tax to the fen, with the figures worked by hand."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rules.kinds import parse_kind
from rules.kinds.statutory import Contribution, IncomeTax, Year

TAX = IncomeTax()


def contribution(**params: Any) -> Contribution:
    kind, _ = parse_kind("contribution", {"item": "pension", "rate": "0.08", **params})
    assert isinstance(kind, Contribution)
    return kind


def withheld(
    incomes: Sequence[int], *, contributions: int = 0, months: Sequence[int] | None = None
) -> list[Decimal]:
    """What payments of these incomes withhold one after another, each with so much of contributions."""
    taxes: list[Decimal] = []
    for at, _ in enumerate(incomes, 1):
        year = Year(
            income=Decimal(sum(incomes[:at])),
            allowance_months=months[at - 1] if months else at,
            contributions=Decimal(contributions * at),
            withheld=sum(taxes, Decimal(0)),
        )
        taxes.append(TAX.withheld(year).tax)
    return taxes


def yuan(*amounts: str) -> list[Decimal]:
    return [Decimal(each) for each in amounts]


def test_the_base_stays_within_its_limits_and_person_and_employer_are_reckoned_apart() -> None:
    pension = contribution(employer_rate="0.16", base_min="4492.00", base_max="24042.00")
    low = pension.money(Decimal("3000.00"))
    assert (low.person, low.employer, low.base) == (Decimal("359.36"), Decimal("718.72"), Decimal("4492.00"))
    assert pension.money(Decimal("4492.01")).person == Decimal("359.36")  # 359.3608
    assert pension.money(Decimal("30000.00")).person == Decimal("1923.36")  # 24,042 × 8 %
    assert "低于下限按4492.00" in low.steps[0]


@pytest.mark.parametrize(
    ("rounding", "base", "rate", "person"),
    [
        ("fen", "4812.35", "0.02", "96.25"),  # 96.247
        ("jiao", "4812.35", "0.02", "96.20"),
        ("jiao_up", "4812.35", "0.02", "96.30"),
        ("jiao_up", "4815.00", "0.02", "96.30"),  # already whole
        ("yuan", "10123.00", "0.07", "709.00"),  # 708.61
        ("yuan", "10121.42", "0.07", "708.00"),  # 708.4994
        ("yuan", "10121.43", "0.07", "709.00"),  # 708.5001
        ("yuan_up", "10115.00", "0.07", "709.00"),  # 708.05
    ],
)
def test_each_rounding_has_its_own_way_with_the_half(
    rounding: str, base: str, rate: str, person: str
) -> None:
    assert contribution(rate=rate, rounding=rounding).money(Decimal(base)).person == Decimal(person)


def test_fixed_amounts_stand_beside_the_rate_and_a_base_is_stepped_before_it_is_limited() -> None:
    medical = contribution(rate="0.02", amount="3.00", employer_amount="5.50", rounding="yuan")
    assert medical.money(Decimal("5120.00")).person == Decimal("105.00")  # 102.4 → 102, and 3
    assert medical.money(Decimal("5120.00")).employer == Decimal("5.50")
    stepped = contribution(base_step=10, base_min="4492.00")
    assert stepped.money(Decimal("5005.00")).base == Decimal("5010")
    assert stepped.money(Decimal("4491.00")).base == Decimal("4492.00")


def test_an_employer_may_round_otherwise_than_the_person() -> None:
    both = contribution(
        rate="0.02", employer_rate="0.095", rounding="jiao_up", employer_rounding="yuan"
    ).money(Decimal("4812.35"))
    assert (both.person, both.employer) == (Decimal("96.30"), Decimal("457.00"))  # 457.17


@pytest.mark.parametrize(
    ("joined_on", "left_on", "leaver", "due"),
    [
        (date(2026, 10, 15), None, "paid", True),
        (date(2026, 10, 16), None, "paid", False),
        (date(2026, 11, 1), None, "paid", False),
        (date(2020, 1, 31), None, "paid", True),
        (date(2020, 1, 1), date(2026, 10, 1), "paid", True),
        (date(2020, 1, 1), date(2026, 10, 31), "unpaid", False),
        (date(2020, 1, 1), date(2026, 11, 1), "unpaid", True),
        (date(2020, 1, 1), date(2026, 10, 14), "cutoff", False),
        (date(2020, 1, 1), date(2026, 10, 15), "cutoff", True),
        (date(2020, 1, 1), date(2026, 9, 30), "paid", False),
    ],
)
def test_joiners_go_by_the_cut_off_day_and_leavers_by_choice(
    joined_on: date, left_on: date | None, leaver: str, due: bool
) -> None:
    month = date(2026, 10, 1)
    assert contribution(leaver=leaver).is_due(joined_on=joined_on, left_on=left_on, month=month) is due


def test_tax_grows_with_the_band_within_the_year() -> None:
    # 14,000 a month: 3 % of 14,000 and 28,000; 42,000 × 10 % − 2,520 = 1,680; 56,000 × 10 % − 2,520 = 3,080
    assert withheld([20000] * 4, contributions=1000) == yuan("420.00", "420.00", "840.00", "1400.00")


def test_who_is_hired_in_july_has_the_allowance_of_six_months_unless_it_is_the_first_job() -> None:
    assert sum(withheld([8000] * 6)) == Decimal("540.00")  # 18,000 × 3 %
    assert sum(withheld([8000] * 6, months=range(7, 13))) == 0  # 48,000 against 60,000


def test_six_thousand_a_month_pay_nothing_before_november_under_the_rule_of_sixty_thousand() -> None:
    assert withheld([6000] * 12) == yuan(*["30.00"] * 12)
    # 60,000 are exceeded by 6,000 in November, by 12,000 in December.
    assert withheld([6000] * 12, months=[12] * 12) == yuan(*["0"] * 10, "180.00", "180.00")


def test_what_was_withheld_is_not_paid_back_within_the_year() -> None:
    # 15,000 × 3 %, 30,000 × 3 %, 45,000 × 10 % − 2,520 = 1,980; the year ends at 27,000, tax 810.
    taxes = withheld([20000] * 3 + [3000] * 9)
    assert taxes == yuan("450.00", "450.00", "1080.00", *["0.00"] * 9)
    assert sum(taxes) == Decimal("1980.00")


@pytest.mark.parametrize(
    ("taxable", "due"),
    [
        ("36000", "1080.00"),
        ("144000", "11880.00"),  # × 10 % − 2,520
        ("300000", "43080.00"),  # × 20 % − 16,920
        ("420000", "73080.00"),  # × 25 % − 31,920
        ("660000", "145080.00"),  # × 30 % − 52,920
        ("960000", "250080.00"),  # × 35 % − 85,920
        ("1000000", "268080.00"),  # × 45 % − 181,920
    ],
)
def test_the_seven_bands_have_the_quick_deductions_of_the_law(taxable: str, due: str) -> None:
    assert TAX.withheld(Year(income=Decimal(taxable), allowance_months=0)).due == Decimal(due)


def test_the_trace_says_what_was_taken_off_and_why_nothing_is_paid_back() -> None:
    taxed = TAX.withheld(Year(Decimal("23000.00"), 4, withheld=Decimal("450.00")))
    assert taxed.tax == 0
    assert taxed.steps[0] == "累计收入23000.00－减除费用5000×4个月－专项扣除0.00－附加与其他扣除0.00＝3000.00"
    assert taxed.steps[-1] == "不足0的不退，由本年以后月份抵减"


@pytest.mark.parametrize(
    ("bonus", "tax"),
    [
        ("36000.00", "1080.00"),
        ("36001.00", "3390.10"),
        ("144000.00", "14190.00"),  # 10 % less 210
        ("144000.01", "27390.00"),  # 20 % less 1,410
        ("960000.01", "416840.00"),  # 45 % less 15,160
        ("0.01", "0.00"),
    ],
)
def test_a_bonus_taxed_apart_goes_by_its_twelfth(bonus: str, tax: str) -> None:
    assert TAX.bonus_apart(Decimal(bonus)).tax == Decimal(tax)
