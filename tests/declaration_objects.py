"""Declarations that addresses name, one of each kind or a lot, for tests that walk every page."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from people.models import Account, Staff
from statutory.models import (
    AnnualBonus,
    ContributionBase,
    FirstJob,
    TaxDeduction,
    TaxHistory,
    TaxOpening,
)

JANUARY = date(2026, 1, 1)


def declarations_known_of(staff: Staff, *, by: Account | None, at: datetime) -> dict[str, Any]:
    """One declaration of each kind of a person, who is named in their notes."""
    given: dict[str, Any] = {"staff": staff, "note": f"{staff.name}自报", "by": by, "at": at}
    base = ContributionBase.objects.create(base=Decimal(5000), since=JANUARY, **given)
    TaxDeduction.objects.create(kind="rent", amount=Decimal(1500), since=JANUARY, **given)
    TaxHistory.objects.create(year=2025, months=12, income=Decimal(60000), **given)
    TaxOpening.objects.create(year=2026, through=JANUARY, income=Decimal(5000), **given)
    FirstJob.objects.create(year=2026, **given)
    AnnualBonus.objects.create(
        department=staff.department, paid_on=at.date(), amount=Decimal(36000), method="apart", **given
    )
    return {"noun": "base", "declaration": base.pk}


def declarations_fill(people: list[Staff], *, by: Account, many: int, at: datetime) -> dict[str, Any]:
    """A base and a deduction of everybody, and many bonuses of the second person."""
    agent = people[1]
    given: dict[str, Any] = {"by": by, "at": at, "note": "自报"}
    bases = ContributionBase.objects.bulk_create(
        ContributionBase(staff=each, base=Decimal(5000), since=at.date().replace(day=1), **given)
        for each in people
    )
    TaxDeduction.objects.bulk_create(
        TaxDeduction(staff=each, kind="rent", amount=Decimal(1500), since=JANUARY, **given) for each in people
    )
    AnnualBonus.objects.bulk_create(
        AnnualBonus(
            staff=agent, department=agent.department, paid_on=date(2026, 1 + place % 12, 1 + place // 12),
            amount=Decimal(100), method="merged", **given,
        )
        for place in range(many)
    )  # fmt: skip
    return {"noun": "base", "declaration": bases[1].pk}
