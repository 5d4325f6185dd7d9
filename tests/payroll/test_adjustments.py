"""What becomes known after a month was approved is a line of the next open month, once."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest

from commissions.services import refund_record
from payroll.errors import PeriodRefused
from payroll.models import PayLine, SettlementPeriod
from payroll.services.periods import period_approve
from penalties.services import incident_reverse
from people.models import Department, Staff
from people.services import staff_create, staff_leave, staff_terms_change
from rules.leave_types import LeaveType
from shifts.services import attendance_record, leave_record
from tests.payroll.months import (
    AUGUST,
    BY_CONVERSION,
    COMMISSION,
    FINE,
    LATE,
    LOSS,
    NOVEMBER,
    OCTOBER,
    SEPTEMBER,
    adjustments,
    agent,
    amounts,
    approved,
    capped,
    conversion,
    department,
    incident,
    lines,
    moment,
    next_month,
    order,
    publish,
    rows,
    settled,
    slip,
    user,
)

pytestmark = pytest.mark.django_db
D = Decimal
Nature = PayLine.Nature
LATE_ON = moment("2026-10-10 09:00")  # after September was approved
SICK = {
    "code": "t-sick",
    "title": "病假",
    "kind": "leave",
    "params": {"types": {"sick": {"multiple": "1"}}},
}


@pytest.fixture
def of() -> Department:
    """September with a fine, an order and its conversion, waiting to be approved."""
    made = department(BY_CONVERSION, FINE, LATE)
    person = agent(made)
    incident(person, "t-fine", date(2026, 9, 5))
    order(person, date(2026, 9, 3), "10000.00", no="S1")
    conversion(person, SEPTEMBER, "0.60")
    return made


def person_of(of: Department) -> Staff:
    return of.staff.get(number="1001")


def reversal(of: Department, at: datetime) -> None:
    (found,) = person_of(of).incidents.all()
    incident_reverse(incident=found, on=at.date(), reason="误记", by=None, at=at)


def late_incident(of: Department, at: datetime) -> None:
    incident(person_of(of), "t-fine", date(2026, 9, 8), at=at)


def late_order(of: Department, at: datetime) -> None:
    order(person_of(of), date(2026, 9, 30), "2000.00", at=at, no="S2")


def late_refund(of: Department, at: datetime) -> None:
    refund_record(
        department=of,
        order_no="S1",
        refunded_at=moment("2026-09-29 12:00"),
        amount=D("3000.00"),
        by=None,
        at=at,
    )


def late_metric(of: Department, at: datetime) -> None:
    conversion(person_of(of), SEPTEMBER, "0.75", at=at)


def attendance_correction(of: Department, at: datetime) -> None:
    attendance_record(staff=person_of(of), work_date=date(2026, 9, 9), late_minutes=15, by=None, at=at)


def backdated_terms(of: Department, at: datetime) -> None:
    staff_terms_change(staff=person_of(of), on=date(2026, 9, 16), base_pay=D("3600.00"), by=None, at=at)


CHANGES = [
    # The order earned 10,000.00 × 1 % = 100.00 in September; the base pay was 3,000.00.
    pytest.param(reversal, "t-fine", "10.00", "奖惩", id="a reversal"),
    pytest.param(late_incident, "t-fine", "-10.00", "奖惩", id="a late incident"),
    pytest.param(late_order, "t-comm", "20.00", "订单", id="a late order"),
    pytest.param(late_refund, "t-comm", "-30.00", "订单", id="a late refund"),
    pytest.param(late_metric, "t-comm", "50.00", "指标", id="a late metric"),
    pytest.param(attendance_correction, "t-late", "-20.00", "考勤", id="a corrected attendance"),
    # 15 of 30 days at 600.00 more
    pytest.param(backdated_terms, "base-pay", "300.00", "员工", id="terms changed in retrospect"),
]
Change = Callable[[Department, datetime], None]


@pytest.mark.parametrize(("change", "code", "amount", "source"), CHANGES)
def test_a_late_change_is_a_line_of_the_next_month_under_the_same_code_and_only_there(
    of: Department, change: Change, code: str, amount: str, source: str
) -> None:
    september = approved(of, SEPTEMBER)
    before = rows(september)
    change(of, LATE_ON)
    october = approved(of, OCTOBER)
    assert adjustments(october) == {code: D(amount)}
    (line,) = lines(october, "1001", Nature.ADJUSTMENT)
    assert line.for_month == SEPTEMBER
    assert "2026年09月" in line.reason and f"（{source}有变更）" in line.reason
    assert line.trace["adjustment"]["month"] == "2026-09" and line.trace["adjustment"]["sources"] == source
    assert adjustments(approved(of, NOVEMBER)) == {}
    assert rows(september) == before


@pytest.mark.parametrize(("change", "code", "amount", "source"), CHANGES)
def test_a_change_before_the_approval_but_after_the_draft_is_not_lost(
    of: Department, change: Change, code: str, amount: str, source: str
) -> None:
    september = settled(of, SEPTEMBER)
    change(of, next_month(SEPTEMBER, 1).replace(hour=15))
    period_approve(period=september, reason="测试", by=user("批准人"), at=next_month(SEPTEMBER, 2))
    assert adjustments(approved(of, OCTOBER)) == {code: D(amount)}
    assert adjustments(approved(of, NOVEMBER)) == {}


def test_nothing_is_adjusted_where_nothing_changed(of: Department) -> None:
    approved(of, SEPTEMBER)
    assert adjustments(approved(of, OCTOBER)) == {}


def test_a_change_that_comes_to_nothing_leaves_no_line(of: Department) -> None:
    approved(of, SEPTEMBER)
    conversion(person_of(of), SEPTEMBER, "0.65", at=LATE_ON)  # the same bracket
    assert lines(settled(of, OCTOBER), "1001", Nature.ADJUSTMENT) == []


def test_a_second_change_is_compared_with_what_was_adjusted_already(of: Department) -> None:
    approved(of, SEPTEMBER)
    late_order(of, LATE_ON)
    assert adjustments(approved(of, OCTOBER)) == {"t-comm": D("20.00")}
    late_metric(of, moment("2026-11-10 09:00"))
    # 12,000.00 × 1.5 % = 180.00, of which 120.00 were paid
    assert adjustments(approved(of, NOVEMBER)) == {"t-comm": D("60.00")}


def test_a_draft_that_is_computed_again_adjusts_again_but_not_twice(of: Department) -> None:
    approved(of, SEPTEMBER)
    late_order(of, LATE_ON)
    settled(of, OCTOBER)
    assert adjustments(settled(of, OCTOBER)) == {"t-comm": D("20.00")}
    late_metric(of, next_month(OCTOBER, 1))
    assert adjustments(settled(of, OCTOBER)) == {"t-comm": D("80.00")}


def test_a_month_before_the_frozen_one_is_open_takes_no_adjustments(of: Department) -> None:
    approved(of, SEPTEMBER)
    late_order(of, LATE_ON)
    settled(of, OCTOBER)
    november = settled(of, NOVEMBER)
    assert adjustments(november) == {}
    with pytest.raises(PeriodRefused, match="2026年10月还没有批准"):
        period_approve(period=november, reason="测试", by=user("批准人"), at=next_month(NOVEMBER, 2))


def test_the_frozen_months_own_rules_hold_although_others_were_published_for_it_later(
    of: Department,
) -> None:
    approved(of, SEPTEMBER)
    dearer = {**FINE, "params": {"amount": "99.00"}}
    richer = {**COMMISSION, "params": {"measure": "net_sales", "rate": "0.09"}}
    publish(of, richer, dearer, LATE, on=date(2020, 1, 1), at=moment("2026-10-05 09:00"))
    late_order(of, LATE_ON)
    october = approved(of, OCTOBER)
    assert adjustments(october) == {"t-comm": D("20.00")}
    order(person_of(of), date(2026, 11, 3), "1000.00")
    assert amounts(approved(of, NOVEMBER))["t-comm"] == D("90.00")


def test_who_has_left_is_still_adjusted(of: Department) -> None:
    approved(of, SEPTEMBER)
    staff_leave(staff=person_of(of), last_day=date(2026, 9, 30), by=None, at=LATE_ON)
    late_order(of, LATE_ON)
    october = approved(of, OCTOBER)
    assert amounts(october) == {"t-comm": D("20.00")}
    assert (slip(october).days_due, slip(october).net) == (0, D("20.00"))
    assert not approved(of, NOVEMBER).payslips.exists()


def test_who_turns_out_to_have_left_earlier_owes_what_was_paid(of: Department) -> None:
    approved(of, SEPTEMBER)
    staff_leave(staff=person_of(of), last_day=date(2026, 8, 31), by=None, at=LATE_ON)
    october = approved(of, OCTOBER)
    # The commission for an order of the month goes with the employment; the fine stands.
    assert amounts(october)["base-pay"] == D("-3000.00")
    assert amounts(october)["t-comm"] == D("-100.00")


def test_who_turns_out_to_have_been_there_is_paid_in_retrospect(of: Department) -> None:
    approved(of, SEPTEMBER)
    staff_create(
        department=of,
        number="1002",
        name="新人",
        hired_on=date(2026, 9, 1),
        base_pay=D("2800.00"),
        by=None,
        at=LATE_ON,
    )
    assert amounts(approved(of, OCTOBER), "1002", Nature.ADJUSTMENT) == {"base-pay": D("2800.00")}


def test_leave_that_reaches_back_over_the_month_is_adjusted_too() -> None:
    of = department(SICK)
    person = agent(of)
    approved(of, SEPTEMBER)
    leave_record(
        staff=person,
        starts_on=date(2026, 9, 30),
        days=D("2"),
        type=LeaveType.SICK,
        certificate=True,
        by=None,
        at=LATE_ON,
    )
    october = approved(of, OCTOBER)
    # 3,000.00 ÷ 21.75 a day, in September and in October
    assert adjustments(october) == {"t-sick": D("-137.93")}
    assert amounts(october, "1001", Nature.REGULAR)["t-sick"] == D("-137.93")


def test_manual_lines_of_the_frozen_month_are_no_difference(of: Department) -> None:
    from_manual = settled(of, SEPTEMBER)
    add_manual(from_manual)
    approved(of, SEPTEMBER)
    late_order(of, LATE_ON)
    assert adjustments(approved(of, OCTOBER)) == {"t-comm": D("20.00")}


def add_manual(period: SettlementPeriod) -> None:
    period.manual_lines.create(
        staff=person_of(period.department),
        title="补发",
        amount=D("70.00"),
        reason="漏记",
        at=next_month(SEPTEMBER, 1),
    )


def test_only_people_whose_pay_changed_get_a_line(of: Department) -> None:
    agent(of, "1002")
    approved(of, SEPTEMBER)
    late_order(of, LATE_ON)
    assert lines(settled(of, OCTOBER), "1002", Nature.ADJUSTMENT) == []


def test_a_month_that_cannot_be_recomputed_fails_that_person_by_name(of: Department) -> None:
    other = agent(of, "1002")
    approved(of, SEPTEMBER)
    order(other, date(2026, 9, 30), "500.00", at=LATE_ON, no="S9")  # nobody brought a conversion
    october = settled(of, OCTOBER)
    assert slip(october, "1002").failure.startswith("2026年09月有变更须重算，但：缺2026年09月的询单转化率")
    assert "询单转化率" in slip(october, "1002").remedy
    assert slip(october).failure == "" and slip(october).net == D("3000.00")
    with pytest.raises(PeriodRefused, match="1002"):
        period_approve(period=october, reason="测试", by=user("批准人"), at=next_month(OCTOBER, 2))
    conversion(other, SEPTEMBER, "0.90", at=next_month(OCTOBER, 1))
    assert adjustments(approved(of, OCTOBER), "1002") == {"t-comm": D("7.50")}


def test_of_a_reversed_loss_only_what_was_taken_comes_back() -> None:
    of = capped(LOSS)
    loss = incident(agent(of), "t-loss", date(2026, 9, 5), "900.00")
    assert amounts(approved(of, SEPTEMBER))["t-loss"] == D("-600.00")
    incident_reverse(incident=loss, on=LATE_ON.date(), reason="误记", by=None, at=LATE_ON)
    october = approved(of, OCTOBER)
    assert adjustments(october) == {"t-loss": D("900.00")}
    assert amounts(october, "1001", Nature.CARRY) == {"t-loss": D("-300.00")}
    assert slip(october).net == D("3600.00")


# Bases below zero


def test_a_negative_base_is_carried_and_used_up() -> None:
    of = department(COMMISSION)
    person = agent(of)
    order(person, date(2026, 7, 30), "5000.00", no="J1")
    refund_record(
        department=of,
        order_no="J1",
        refunded_at=moment("2026-08-02 12:00"),
        amount=D("1500.00"),
        by=None,
        at=moment("2026-08-02 12:00"),
    )
    order(person, date(2026, 9, 3), "1000.00")
    order(person, date(2026, 10, 3), "2000.00")
    order(person, date(2026, 11, 3), "2000.00")
    periods = [approved(of, month) for month in (AUGUST, SEPTEMBER, OCTOBER, NOVEMBER)]
    found = [next(each for each in lines(period) if each.code == "t-comm") for period in periods]
    assert [each.amount for each in found] == [D("0.00"), D("0.00"), D("15.00"), D("20.00")]
    assert [each.state_carried for each in found] == [D("-1500.00"), D("-500.00"), None, None]
    assert "转下月" in found[0].reason and "上月结转" in found[2].reason


def test_a_month_that_was_not_settled_leaves_no_base() -> None:
    of = department(COMMISSION)
    person = agent(of)
    order(person, date(2026, 8, 3), "1000.00", no="A1")
    settled(of, AUGUST)
    order(person, date(2026, 9, 3), "1000.00")
    assert amounts(settled(of, SEPTEMBER))["t-comm"] == D("10.00")


@pytest.fixture
def chain() -> Department:
    """August leaves −1,000.00; September consumes it. Both are approved."""
    of = department(COMMISSION)
    person = agent(of)
    order(person, date(2026, 7, 30), "5000.00", no="J1")
    refund_record(
        department=of,
        order_no="J1",
        refunded_at=moment("2026-08-02 12:00"),
        amount=D("1000.00"),
        by=None,
        at=moment("2026-08-02 12:00"),
    )
    order(person, date(2026, 9, 3), "3000.00")
    approved(of, AUGUST)
    assert amounts(approved(of, SEPTEMBER))["t-comm"] == D("20.00")
    return of


def test_a_change_of_the_first_of_two_frozen_months_reaches_the_second(chain: Department) -> None:
    order(person_of(chain), date(2026, 8, 20), "400.00", at=LATE_ON)  # August leaves −600.00 now
    october = approved(chain, OCTOBER)
    found = lines(october, "1001", Nature.ADJUSTMENT)
    assert [(each.for_month, each.amount, each.state_carried) for each in found] == [
        (AUGUST, D("0.00"), D("-600.00")),
        (SEPTEMBER, D("4.00"), None),
    ]
    assert "（订单有变更）" in found[0].reason and "（前月变更所致）" in found[1].reason
    assert adjustments(approved(chain, NOVEMBER)) == {}


def test_a_base_that_a_change_wipes_out_is_remembered_as_zero(chain: Department) -> None:
    order(person_of(chain), date(2026, 8, 20), "1600.00", at=LATE_ON)  # August earns 6.00, leaves nothing
    october = approved(chain, OCTOBER)
    found = lines(october, "1001", Nature.ADJUSTMENT)
    assert [(each.for_month, each.amount, each.state_carried) for each in found] == [
        (AUGUST, D("6.00"), D("0.00")),
        (SEPTEMBER, D("10.00"), None),
    ]
    # Another change of September starts from what August leaves now.
    order(person_of(chain), date(2026, 9, 20), "100.00", at=moment("2026-11-10 09:00"))
    assert adjustments(approved(chain, NOVEMBER)) == {"t-comm": D("1.00")}


def test_a_base_that_a_late_refund_leaves_is_charged_to_the_month_after(of: Department) -> None:
    approved(of, SEPTEMBER)
    order(person_of(of), date(2026, 8, 30), "20000.00", at=LATE_ON, no="A1")
    refund_record(
        department=of,
        order_no="A1",
        refunded_at=moment("2026-09-20 12:00"),
        amount=D("15000.00"),
        by=None,
        at=LATE_ON,
    )
    order(person_of(of), date(2026, 10, 20), "8000.00")
    conversion(person_of(of), OCTOBER, "0.60")
    october = approved(of, OCTOBER)
    # September: 10,000.00 − 15,000.00 leaves −5,000.00; October pays 1 % of 3,000.00.
    assert adjustments(october) == {"t-comm": D("-100.00")}
    assert amounts(october, "1001", Nature.REGULAR)["t-comm"] == D("30.00")


def test_an_earlier_month_outside_the_system_that_counts_on_is_recomputed_too() -> None:
    quarterly = {**FINE, "code": "t-late3", "title": "季度迟到", "kind": "late", "window": "quarter",
                 "params": {"tiers": [{"from_count": 2, "amount": "50.00"}]}}  # fmt: skip
    of = department(quarterly)
    person = agent(of)
    same_day = moment("2026-09-09 19:00")
    attendance_record(staff=person, work_date=date(2026, 9, 9), late_minutes=5, by=None, at=same_day)
    assert "t-late3" not in amounts(approved(of, SEPTEMBER))
    # July was never settled here, but its lateness makes September's the second of the quarter.
    attendance_record(staff=person, work_date=date(2026, 7, 9), late_minutes=5, by=None, at=LATE_ON)
    assert adjustments(approved(of, OCTOBER)) == {"t-late3": D("-50.00")}
