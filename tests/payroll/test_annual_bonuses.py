"""A bonus of the year against the month that pays it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from payroll.models import SettlementPeriod
from payroll.services.annual_bonuses import annual_bonus_record, declared_withdraw
from people.models import Account, Department, FactChange, Staff
from statutory.errors import DeclarationRefused
from statutory.models import AnnualBonus
from tests import factories

BY: Any = {"by": None, "at": factories.WHEN}
IN_AUGUST = date(2026, 8, 10)


@pytest.fixture
def cs1(db: None) -> Department:
    return factories.department("cs1")


@pytest.fixture
def lin(cs1: Department) -> Staff:
    return factories.staff(cs1, "1001", name="林晓")


@pytest.fixture
def hr(cs1: Department) -> Account:
    return factories.account("hr", cs1)


def approved(of: Department, by: Account) -> None:
    """August, approved."""
    period = SettlementPeriod.objects.create(department=of, month=date(2026, 8, 1), state="computed")
    SettlementPeriod.objects.filter(pk=period.pk).update(
        state="approved", approved_by=by, approved_at=factories.WHEN
    )


def record(staff: Staff, on: date) -> AnnualBonus:
    return annual_bonus_record(staff=staff, paid_on=on, amount=Decimal(36000), method="apart", **BY)


def test_a_bonus_of_an_approved_month_is_not_recorded(lin: Staff, cs1: Department, hr: Account) -> None:
    approved(cs1, hr)
    FactChange.objects.all().delete()
    with pytest.raises(DeclarationRefused, match="已批准，2026-08-10的年终奖已不能随它发放") as error:
        record(lin, IN_AUGUST)
    assert error.value.field == "paid_on"
    assert not AnnualBonus.objects.exists() and not FactChange.objects.exists()
    assert record(lin, date(2026, 9, 10)).amount == 36000


def test_a_bonus_that_was_paid_is_not_withdrawn(lin: Staff, cs1: Department, hr: Account) -> None:
    bonus = record(lin, IN_AUGUST)
    approved(cs1, hr)
    FactChange.objects.all().delete()
    with pytest.raises(DeclarationRefused, match="年终奖已在"):
        declared_withdraw(declaration=bonus, **BY)
    bonus.refresh_from_db()
    assert bonus.withdrawn_at is None and not FactChange.objects.exists()
    later = annual_bonus_record(
        staff=lin, paid_on=date(2026, 9, 10), amount=Decimal(100), method="merged", **BY
    )
    assert declared_withdraw(declaration=later, **BY).withdrawn_at == factories.WHEN


def test_the_pages_refuse_a_bonus_of_an_approved_month(
    lin: Staff, cs1: Department, hr: Account, client: Client
) -> None:
    bonus = record(lin, IN_AUGUST)
    approved(cs1, hr)
    client.force_login(hr)
    said = client.post(f"/declarations/bonus/{bonus.pk}/withdraw", follow=True).content.decode()
    assert "没有撤回" in said
    sent = {"who": "1001", "paid_on": "2026-08-11", "amount": "5", "expected": "0", "method": "merged"}
    assert "已不能随它发放" in client.post("/declarations/bonus/new", sent).content.decode()
    (stands,) = AnnualBonus.objects.all()
    assert stands.withdrawn_at is None
