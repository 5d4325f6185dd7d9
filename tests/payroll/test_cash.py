"""Fines on their way between the cash box and pay: what pay takes, what the fund gets, and never both."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.errors import Refused
from payroll.models import PayLine, SettlementPeriod
from payroll.selectors.reconciliation import checks
from payroll.services.cash import cash_payment_take
from payroll.services.periods import period_approve, period_mark_paid
from payroll.settlement.draft import draft_write
from payroll.settlement.preview import preview
from payroll.workflow import period_open
from penalties.fund import fund_balances, open_fines
from penalties.models import FundTransaction, Incident
from penalties.services import incident_confirm, incident_record
from people.models import Department, Staff
from rules.models import Version
from rules.services import draft_start, version_publish
from tests import factories
from tests.factories import WHEN

OCTOBER = date(2026, 10, 1)
CASH = {"by": "cash", "due_days": 3, "overdue_multiplier": "2"}
PROVISIONS: list[dict[str, Any]] = [
    {"code": "f-pay", "title": "随工资扣的", "kind": "fine", "params": {"amount": "30.00"}},
    {"code": "f-cash", "title": "现金的", "kind": "fine", "params": {"amount": "20.00"}, "collection": CASH},
    {"code": "f-loss", "title": "赔偿", "kind": "fine", "params": {"amount": "7.00"}, "basis": "loss"},
    {
        "code": "f-rate",
        "title": "按比例扣的",
        "kind": "rate_deduction",
        "params": {"of": "base_pay", "tiers": [{"from_count": 1, "rate": "0.01"}]},
    },
    {"code": "f-award", "title": "表扬", "kind": "award", "params": {"amount": "9.00"}},
]
FUND: dict[str, Any] = {"code": "f-fund", "title": "基金箱", "kind": "fund", "params": {}}

pytestmark = pytest.mark.django_db


def made(*more: dict[str, Any]) -> Staff:
    of = factories.department()
    version_publish(
        department=of, effective_on=OCTOBER, rulebooks=[], provisions=[*PROVISIONS, *more], by=None, at=WHEN
    )
    return factories.staff(of, base_pay="3000.00")


def confirmed(staff: Staff, code: str, day: int = 5) -> Incident:
    at = datetime(2026, 10, day, 12, tzinfo=WHEN.tzinfo)
    row = incident_record(staff=staff, code=code, work_date=at.date(), by=None, at=at)
    return incident_confirm(incident=row, by=None, at=at)


def settled(of: Department) -> SettlementPeriod:
    period = period_open(department=of, month=OCTOBER)
    draft_write(period=period, by=factories.account("hr", of), at=WHEN)
    period.refresh_from_db()
    return period


def take(incident: Incident, amount: str, day: int = 8, key: str = "") -> FundTransaction:
    return cash_payment_take(
        incident=incident,
        staff=incident.staff,
        amount=Decimal(amount),
        on=date(2026, 10, day),
        key=key or f"k{incident.pk}",
        by=None,
        at=WHEN,
    )


def amounts(period: SettlementPeriod) -> dict[str, str]:
    rows = PayLine.objects.filter(payslip__period=period).values_list("code", "amount")
    return {code: str(amount) for code, amount in rows}


def test_what_is_not_paid_in_time_is_taken_at_its_multiple_and_says_why() -> None:
    staff = made()
    confirmed(staff, "f-cash")
    period = settled(staff.department)
    line = PayLine.objects.get(code="f-cash")
    assert (line.amount, line.on) == (Decimal("-40.00"), date(2026, 10, 8))
    assert "罚20.00元，现金应在10-08前交，未交部分逾期按2倍，随工资扣40.00元" in line.reason
    assert line.trace["cash"]["due_on"] == "2026-10-08"
    assert [each for each in checks(period) if each.difference] == []


def test_what_is_paid_in_cash_is_not_in_pay_and_the_ledger_agrees() -> None:
    staff = made()
    take(confirmed(staff, "f-cash"), "20.00")
    confirmed(staff, "f-pay")
    period = settled(staff.department)
    assert amounts(period) == {"base-pay": "3000.00", "f-pay": "-30.00"}
    assert [each for each in checks(period) if each.difference] == []


def test_fines_by_the_occurrence_become_the_funds_when_pay_is_paid_out() -> None:
    staff = made(FUND)
    of, boss = staff.department, factories.account("manager")
    late = confirmed(staff, "f-cash")
    take(confirmed(staff, "f-cash", day=7), "20.00")
    for code in ("f-pay", "f-loss", "f-rate", "f-award"):
        confirmed(staff, code)
    period = settled(of)
    period = period_approve(period=period, reason="测试", by=boss, at=WHEN)
    assert fund_balances(of)["payroll"] == 0
    period_mark_paid(period=period, by=boss, at=WHEN)
    told = FundTransaction.objects.filter(kind="payroll").order_by("id")
    assert [(each.incident, each.change) for each in told] == [
        (None, Decimal("30.00")),
        (late, Decimal("40.00")),
    ]
    found = fund_balances(of)
    assert (found["cash"], found["payroll"], found["fines"]) == (20, 70, -90)
    assert open_fines(of, on=date(2026, 11, 30)) == []


def test_without_a_fund_pay_keeps_its_fines() -> None:
    staff = made()
    confirmed(staff, "f-pay")
    period = period_approve(
        period=settled(staff.department), reason="测试", by=factories.account("manager"), at=WHEN
    )
    period_mark_paid(period=period, by=None, at=WHEN)  # type: ignore[arg-type]
    assert not FundTransaction.objects.exists()


def test_cash_is_refused_once_approved_pay_has_the_fine() -> None:
    staff = made(FUND)
    incident = confirmed(staff, "f-cash")
    period_approve(period=settled(staff.department), reason="测试", by=factories.account("manager"), at=WHEN)
    with pytest.raises(Refused, match="已在2026年10月批准的工资里；不要再收现金"):
        take(incident, "40.00", day=15)
    assert not FundTransaction.objects.exists()


def test_a_payment_taken_before_the_approval_is_the_same_when_its_form_comes_again() -> None:
    staff = made(FUND)
    incident = confirmed(staff, "f-cash")
    paid = take(incident, "20.00")
    period_approve(period=settled(staff.department), reason="测试", by=factories.account("manager"), at=WHEN)
    assert take(incident, "20.00") == paid


def test_a_preview_counts_an_unpaid_fine_once_whatever_becomes_of_its_provision() -> None:
    """Pay of 3,000.00 less an overdue fine of 20.00 at its double."""
    staff = made({**PROVISIONS[1], "code": "f-other", "title": "另一条现金的"})
    confirmed(staff, "f-cash")
    settled(staff.department)
    draft = draft_start(
        department=staff.department, by=factories.account("manager", staff.department), at=WHEN
    )
    row = draft.provisions.get(code="f-cash")
    assert _net_under(draft) == (Decimal("2960.00"), Decimal("2960.00"))
    row.collection = {"by": "payroll"}
    row.save()
    assert _net_under(draft) == (Decimal("2960.00"), Decimal("2980.00"))
    row.delete()
    assert _net_under(draft) == (Decimal("2960.00"), Decimal("3000.00"))


def _net_under(draft: Version) -> tuple[Decimal, Decimal]:
    found = preview(draft, on=date(2026, 11, 5))
    return found.before, found.after
