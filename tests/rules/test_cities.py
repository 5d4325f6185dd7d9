"""The figures of a few cities and the law's tax: each month's money of a base, worked by hand."""

from decimal import Decimal

import pytest

from rules.kinds import parse_kind
from rules.kinds.statutory import LAWFUL_BANDS, Contribution, IncomeTax
from rules.library import LIBRARY, read_rulebook

CITIES = ("beijing", "guangzhou", "hangzhou", "shanghai", "shenzhen")
OPEN = {"rate", "employer_rate"}


def provisions(book: str) -> dict[str, dict[str, object]]:
    read = read_rulebook(LIBRARY / f"{book}.yaml")
    return {each["code"].removeprefix(f"{book}-"): each for each in read.provisions}


@pytest.mark.parametrize("city", CITIES)
def test_a_city_has_the_five_and_leaves_to_the_company_what_is_its_own(city: str) -> None:
    found = provisions(f"city-{city}")
    assert list(found) == ["pension", "medical", "unemployment", "injury", "fund"]
    blanks = {item: set(parse_kind(each["kind"], each["params"])[1]) for item, each in found.items()}
    assert (blanks["injury"], blanks["fund"]) == ({"employer_rate"}, OPEN)
    assert blanks["pension"] == blanks["unemployment"] == set()
    for each in found.values():
        assert "来源：" in str(each["clause"]) and "须由人事" in str(each["clause"])


@pytest.mark.parametrize(
    ("city", "item", "base", "person", "employer"),
    [
        ("shanghai", "pension", "5000.00", "596.80", "1193.60"),  # of 7,460, the lower limit
        ("shanghai", "pension", "40000.00", "2984.16", "5968.32"),  # of 37,302, the upper one
        ("shanghai", "medical", "10000.00", "200.00", "0.00"),  # the employer's rate is to be filled in
        ("shanghai", "unemployment", "10000.00", "50.00", "50.00"),
        ("beijing", "pension", "5000.00", "572.96", "1145.92"),  # of 7,162
        ("beijing", "medical", "10000.00", "203.00", "980.00"),  # 2 % and 3 yuan
        ("beijing", "medical", "40000.00", "719.22", "3509.48"),  # of 35,811: 716.22 and 3
        ("beijing", "unemployment", "8001.00", "40.01", "40.01"),  # 40.005
        ("guangzhou", "pension", "5000.00", "440.80", "881.60"),  # of 5,510
        ("guangzhou", "pension", "30000.00", "2203.92", "4407.84"),  # of 27,549
        ("guangzhou", "unemployment", "6000.00", "12.00", "48.00"),
        ("shenzhen", "pension", "4000.00", "382.00", "764.00"),  # of 4,775
        ("shenzhen", "medical", "6000.00", "120.00", "0.00"),
        ("shenzhen", "unemployment", "6000.00", "12.00", "48.00"),
        ("hangzhou", "pension", "6000.00", "480.00", "960.00"),
        ("hangzhou", "unemployment", "6000.00", "30.00", "30.00"),
    ],
)
def test_a_base_comes_to_the_money_worked_by_hand(
    city: str, item: str, base: str, person: str, employer: str
) -> None:
    found = provisions(f"city-{city}")[item]
    kind, _ = parse_kind(str(found["kind"]), found["params"])
    assert isinstance(kind, Contribution)
    month = kind.money(Decimal(base))
    assert (month.person, month.employer) == (Decimal(person), Decimal(employer))


@pytest.mark.parametrize("city", ["shanghai", "beijing"])
def test_the_fund_is_in_whole_yuan_once_its_rate_is_chosen(city: str) -> None:
    """10,123.00 × 7 % = 708.61."""
    found = provisions(f"city-{city}")["fund"]
    assert isinstance(found["params"], dict)
    kind, blanks = parse_kind("contribution", {**found["params"], "rate": "0.07", "employer_rate": "0.07"})
    assert isinstance(kind, Contribution)
    assert blanks == []
    month = kind.money(Decimal("10123.00"))
    assert (month.person, month.employer) == (Decimal("709.00"), Decimal("709.00"))


def test_the_tax_is_the_laws() -> None:
    (found,) = provisions("tax").values()
    kind, blanks = parse_kind(str(found["kind"]), found["params"])
    assert isinstance(kind, IncomeTax)
    assert (blanks, kind.allowance, kind.bands) == ([], Decimal("5000.00"), LAWFUL_BANDS)
