"""What a month cannot take is owed: taken by the next slips, wherever the person works then."""

from datetime import date
from decimal import Decimal

import pytest

from payroll.errors import PeriodRefused
from payroll.models import PayLine, SettlementPeriod
from payroll.services.manual_lines import manual_line_add
from payroll.services.periods import period_approve, period_send_back
from payroll.workflow import period_open
from people.services import staff_leave, staff_transfer
from tests.payroll.months import (
    CARELESS,
    LONG_AGO,
    LOSS,
    NOVEMBER,
    OCTOBER,
    SEPTEMBER,
    agent,
    amounts,
    approved,
    capped,
    department,
    incident,
    lines,
    moment,
    next_month,
    settled,
    slip,
    user,
)

pytestmark = pytest.mark.django_db
D = Decimal
Nature = PayLine.Nature
LATE_ON = moment("2026-11-05 09:00")


def sums(period: SettlementPeriod, number: str = "1001") -> tuple[Decimal, Decimal, Decimal]:
    found = slip(period, number)
    return found.gross, found.deductions, found.net


def test_a_fine_above_the_pay_is_owed_and_the_next_month_takes_it() -> None:
    of = department(LOSS)
    incident(agent(of, base_pay="1000.00"), "t-loss", date(2026, 9, 5), "1500.00")
    september = approved(of, SEPTEMBER)
    assert sums(september) == (D("1000.00"), D("1000.00"), D("0.00"))
    assert amounts(september) == {
        "base-pay": D("1000.00"), "t-loss": D("-1500.00"), "debt": D("500.00")
    }  # fmt: skip
    (owed,) = lines(september, "1001", Nature.DEBT)
    assert owed.reason == "应扣1500.00元（赔偿损失）超过应发1000.00元，500.00元转为欠款，以后从工资扣回"
    october = approved(of, OCTOBER)
    assert amounts(october) == {"base-pay": D("1000.00"), "debt": D("-500.00")}
    assert sums(october) == (D("1000.00"), D("500.00"), D("500.00"))
    (taken,) = lines(october, "1001", Nature.CARRY)
    assert taken.origin == owed and taken.reason.startswith("2026年09月的欠款（应扣1500.00元")
    assert amounts(settled(of, NOVEMBER)) == {"base-pay": D("1000.00")}


def test_a_debt_is_taken_month_by_month_and_counted_once() -> None:
    of = department(LOSS)
    person = agent(of, base_pay="1000.00")
    incident(person, "t-loss", date(2026, 9, 5), "2700.00")
    incident(person, "t-loss", date(2026, 10, 5), "800.00")
    approved(of, SEPTEMBER)  # owes 1,700.00
    october = approved(of, OCTOBER)
    assert amounts(october) == {"base-pay": D("1000.00"), "t-loss": D("-800.00"), "debt": D("-200.00")}
    assert slip(october).net == 0
    assert amounts(approved(of, NOVEMBER))["debt"] == D("-1000.00")
    december = settled(of, date(2026, 12, 1))
    assert amounts(december)["debt"] == D("-500.00") and slip(december).net == D("500.00")


def test_with_caps_a_debt_waits_before_the_minimum_wage_is_touched() -> None:
    """2,000.00 are owed; of 3,000.00 a month 1,000.00 may be taken."""
    of = capped(LOSS, wage="2000.00")
    person = agent(of)
    manual_line_add(
        period=period_open(department=of, month=SEPTEMBER),
        staff=person,
        title="借支",
        amount=D("-5000.00"),
        reason="预支",
        by=user("人事"),
        at=LONG_AGO,
    )
    assert amounts(approved(of, SEPTEMBER))["debt"] == D("2000.00")
    assert sums(approved(of, OCTOBER)) == (D("3000.00"), D("1000.00"), D("2000.00"))
    assert sums(approved(of, NOVEMBER)) == (D("3000.00"), D("1000.00"), D("2000.00"))
    assert slip(settled(of, date(2026, 12, 1))).net == D("3000.00")


def test_a_debt_follows_a_transfer() -> None:
    first, second = department(LOSS), department()
    person = agent(first, base_pay="1000.00")
    incident(person, "t-loss", date(2026, 9, 5), "1500.00")
    approved(first, SEPTEMBER)
    staff_transfer(staff=person, to=second, on=date(2026, 10, 1), by=None, at=moment("2026-10-01 08:00"))
    assert amounts(approved(second, OCTOBER)) == {"base-pay": D("1000.00"), "debt": D("-500.00")}
    assert not slip_exists(settled(first, OCTOBER))


def slip_exists(period: SettlementPeriod, number: str = "1001") -> bool:
    return period.payslips.filter(number=number).exists()


def test_two_departments_do_not_take_a_debt_twice() -> None:
    first, second = department(LOSS), department()
    person = agent(first, base_pay="1000.00")
    incident(person, "t-loss", date(2026, 9, 5), "1500.00")
    approved(first, SEPTEMBER)
    moved = staff_transfer(
        staff=person, to=second, on=date(2026, 10, 1), by=None, at=moment("2026-10-01 08:00")
    )
    october, november = settled(second, OCTOBER), settled(second, NOVEMBER)
    assert amounts(october)["debt"] == amounts(november)["debt"] == D("-500.00")
    period_approve(period=october, reason="测试", by=user("批准人"), at=next_month(OCTOBER, 2))
    SettlementPeriod.objects.filter(pk=november.pk).update(facts_read_at=next_month(NOVEMBER, 1))
    with pytest.raises(PeriodRefused, match=f"{moved}的欠款在本草稿计算之后已扣或已还"):
        period_approve(period=november, reason="测试", by=user("批准人"), at=next_month(NOVEMBER, 2))
    assert SettlementPeriod.objects.get(pk=november.pk).state == "computed"


def test_a_month_whose_debt_another_department_took_is_not_sent_back() -> None:
    first, second = department(LOSS), department()
    person = agent(first, base_pay="1000.00")
    incident(person, "t-loss", date(2026, 9, 5), "1500.00")
    september = approved(first, SEPTEMBER)
    staff_transfer(staff=person, to=second, on=date(2026, 10, 1), by=None, at=moment("2026-10-01 08:00"))
    approved(second, OCTOBER)
    with pytest.raises(PeriodRefused, match=r"已扣了1001 .*的欠款，不能退回"):
        period_send_back(period=september, reason="重算", by=user("批准人"), at=LATE_ON)
    september.refresh_from_db()
    assert september.state == "approved"


def test_who_leaves_with_a_debt_is_paid_nothing_and_owes_it() -> None:
    """September and October were paid whole; the last day was 10 September.

    Eight working days of September are due: 8 × 4350 ÷ 21.75 = 1600.00.
    """
    of = department()
    person = agent(of, base_pay="4350.00")
    approved(of, SEPTEMBER)
    approved(of, OCTOBER)
    staff_leave(staff=person, last_day=date(2026, 9, 10), by=None, at=LATE_ON)
    november = approved(of, NOVEMBER)
    (owed,) = lines(november, "1001", Nature.DEBT)
    assert (owed.amount, slip(november).net) == (D("7100.00"), D("0.00"))
    assert amounts(november, "1001", Nature.ADJUSTMENT) == {"base-pay": D("-7100.00")}
    assert not slip_exists(settled(of, date(2026, 12, 1)))


def test_the_minimum_wage_of_a_part_month_is_by_days_owed() -> None:
    """From 16 July on 12 of 23 days are owed: of 2,300.00 a month 1,200.00 must remain of 12 × 120.00."""
    of = capped(CARELESS, wage="2300.00")
    july = date(2026, 7, 1)
    incident(
        agent(of, base_pay="2610.00", hired_on=date(2026, 7, 16)),
        "t-discipline",
        date(2026, 7, 20),
        "500.00",
    )
    incident(agent(of, "1002", base_pay="2610.00"), "t-discipline", date(2026, 7, 20), "500.00")
    period = settled(of, july)
    assert sums(period) == (D("1440.00"), D("240.00"), D("1200.00"))
    assert sums(period, "1002") == (D("2610.00"), D("310.00"), D("2300.00"))
