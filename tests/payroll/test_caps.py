"""Limits of what a month takes, and what waits for the next."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Sum

from payroll.models import PayLine
from payroll.settlement.caps import apply_caps
from payroll.settlement.payslip_drafts import DraftLine
from rules.lines import Line
from tests.payroll.months import (
    AUGUST,
    CARELESS,
    LOSS,
    NOVEMBER,
    OCTOBER,
    SEPTEMBER,
    SLOW,
    agent,
    amounts,
    approved,
    capped,
    incident,
    lines,
    settled,
    slip,
)

D = Decimal
Nature = PayLine.Nature


def line(amount: str, basis: str = "benefit", day: int = 1) -> DraftLine:
    on = date(2026, 10, day)
    made = Line(f"{basis}-{day}", "项目", D(amount), "other", basis, on, "理由", {})
    return DraftLine(made, Nature.REGULAR, OCTOBER, D(amount))


def taken(*drafted: DraftLine, wage: str = "0") -> list[Decimal]:
    """What remains of each line once the limits were applied."""
    apply_caps(drafted, D(wage), D(20))
    return [each.line.amount for each in drafted]


def test_compensation_takes_at_most_a_fifth_of_the_gross() -> None:
    assert taken(line("3000.00"), line("-600.00", "loss")) == [D("3000.00"), D("-600.00")]
    assert taken(line("3000.00"), line("-600.01", "loss")) == [D("3000.00"), D("-600.00")]


def test_the_fifth_is_of_everything_positive_and_rounded_half_up() -> None:
    # (3,000.00 + 0.03) × 20 % = 600.006
    assert taken(line("3000.00"), line("0.03"), line("-5000.00", "loss"))[2] == D("-600.01")


def test_several_losses_share_the_fifth_and_the_newest_waits() -> None:
    older, newer = line("-400.00", "loss", 3), line("-400.00", "loss", 20)
    assert taken(line("3000.00"), newer, older) == [D("3000.00"), D("-200.00"), D("-400.00")]


def test_discipline_alone_is_not_limited_to_a_fifth() -> None:
    assert taken(line("3000.00"), line("-2900.00", "discipline")) == [D("3000.00"), D("-2900.00")]


def test_the_net_does_not_fall_below_the_minimum_wage() -> None:
    assert taken(line("3000.00"), line("-900.00", "discipline"), wage="2490") == [D("3000.00"), D("-510.00")]


def test_losses_are_held_back_before_discipline_even_when_they_are_older() -> None:
    loss, fine = line("-300.00", "loss", 2), line("-500.00", "discipline", 25)
    assert taken(line("3000.00"), loss, fine, wage="2500") == [D("3000.00"), D("0.00"), D("-500.00")]
    loss, fine = line("-300.00", "loss", 2), line("-500.00", "discipline", 25)
    assert taken(line("3000.00"), loss, fine, wage="2600") == [D("3000.00"), D("0.00"), D("-400.00")]


def test_performance_and_discipline_wait_newest_first_together() -> None:
    first, second, third = (
        line("-200.00", "performance", 1),
        line("-200.00", "discipline", 10),
        line("-200.00", "performance", 20),
    )
    assert taken(line("3000.00"), first, second, third, wage="2700") == [
        D("3000.00"), D("-200.00"), D("-100.00"), D("0.00"),
    ]  # fmt: skip


def test_of_one_day_the_later_record_waits_first() -> None:
    earlier, later = line("-200.00", "discipline", 5), line("-200.00", "discipline", 5)
    assert taken(line("3000.00"), earlier, later, wage="2700") == [D("3000.00"), D("-200.00"), D("-100.00")]


def test_unpaid_leave_is_not_a_debt_and_is_never_held_back() -> None:
    leave, fine = line("-2000.00", "benefit", 9), line("-100.00", "discipline", 3)
    assert taken(line("3000.00"), leave, fine, wage="2490") == [D("3000.00"), D("-2000.00"), D("0.00")]


def test_a_capped_line_says_which_limit_why_and_what_remains() -> None:
    loss = line("-1000.00", "loss")
    taken(line("3000.00"), loss, wage="2490")
    assert loss.held == D("-490.00")
    assert loss.line.reason == (
        "理由；赔偿每月不超过应发3000.00元的20%即600.00元，本月扣600.00元，余400.00元转下月"
        "；扣后实发不低于最低工资2490元，本月扣510.00元，余490.00元转下月"
    )
    assert [(each["held"], each["taken"]) for each in loss.line.trace["caps"]] == [
        ("400.00", "600.00"),
        ("90.00", "510.00"),
    ]


def test_nothing_is_said_where_nothing_is_held() -> None:
    fine = line("-100.00", "discipline")
    taken(line("3000.00"), fine, wage="2490")
    assert fine.line.reason == "理由" and "caps" not in fine.line.trace


@pytest.mark.django_db
def test_what_is_held_back_is_taken_in_the_next_months_until_nothing_is_left() -> None:
    of = capped(LOSS)
    person = agent(of)
    incident(person, "t-loss", date(2026, 8, 5), "1500.00")
    taken_by_month = []
    for month in (AUGUST, SEPTEMBER, OCTOBER, NOVEMBER):
        period = approved(of, month)
        taken_by_month.append(amounts(period).get("t-loss", D(0)))
    assert taken_by_month == [D("-600.00"), D("-600.00"), D("-300.00"), D(0)]
    assert lines(period, "1001", Nature.CARRY) == []


@pytest.mark.django_db
def test_carried_lines_cite_their_origin_and_add_up_to_the_full_amount() -> None:
    of = capped(LOSS)
    person = agent(of)
    incident(person, "t-loss", date(2026, 8, 5), "1500.00")
    august, september, october = (approved(of, month) for month in (AUGUST, SEPTEMBER, OCTOBER))
    (own,) = lines(august, "1001", Nature.REGULAR)[1:]
    assert (own.amount, own.full_amount) == (D("-600.00"), D("-1500.00"))
    assert "余900.00元转下月" in own.reason
    (first,) = lines(september, "1001", Nature.CARRY)
    assert (first.amount, first.full_amount, first.origin_id) == (D("-600.00"), D("-900.00"), own.pk)
    assert first.reason.startswith("2026年08月“赔偿损失”因限额未扣完，转入900.00元")
    assert "余300.00元转下月" in first.reason and first.for_month == AUGUST
    (second,) = lines(october, "1001", Nature.CARRY)
    assert (second.amount, second.full_amount, second.origin_id) == (D("-300.00"), D("-300.00"), own.pk)
    total = PayLine.objects.filter(code="t-loss").aggregate(total=Sum("amount"))["total"]
    assert total == own.full_amount


@pytest.mark.django_db
def test_taken_and_outstanding_are_the_full_amount_in_every_month() -> None:
    of = capped(LOSS, CARELESS, SLOW, wage="2490.00")
    person = agent(of)
    incident(person, "t-loss", date(2026, 8, 5), "700.00")
    incident(person, "t-discipline", date(2026, 8, 9), "333.33")
    incident(person, "t-performance", date(2026, 9, 3), "450.00")
    full = {AUGUST: D("-1033.33"), SEPTEMBER: D("-1483.33"), OCTOBER: D("-1483.33")}
    taken_so_far = D(0)
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        period = approved(of, month)
        debts = [each for each in lines(period) if each.basis != "benefit"]
        taken_so_far += sum(each.amount for each in debts)
        outstanding = sum(each.full_amount - each.amount for each in debts)
        assert taken_so_far + outstanding == full[month]
        assert slip(period).net >= D("2490.00")


@pytest.mark.django_db
def test_totals_of_a_payslip_are_those_of_its_lines() -> None:
    of = capped(LOSS, CARELESS)
    person = agent(of)
    incident(person, "t-loss", date(2026, 9, 5), "700.00")
    incident(person, "t-discipline", date(2026, 9, 6), "100.00")
    period = settled(of, SEPTEMBER)
    stored = slip(period)
    assert (stored.gross, stored.deductions, stored.net) == (D("3000.00"), D("700.00"), D("2300.00"))
    assert sum(each.amount for each in lines(period)) == stored.net
    assert amounts(period) == {
        "base-pay": D("3000.00"),
        "t-loss": D("-600.00"),
        "t-discipline": D("-100.00"),
    }


@pytest.mark.django_db
def test_a_debt_of_an_earlier_month_is_taken_before_one_of_this_month() -> None:
    of = capped(LOSS)
    person = agent(of)
    incident(person, "t-loss", date(2026, 8, 5), "900.00")
    incident(person, "t-loss", date(2026, 9, 5), "500.00")
    approved(of, AUGUST)
    period = settled(of, SEPTEMBER)
    assert amounts(period, "1001", Nature.CARRY) == {"t-loss": D("-300.00")}
    assert amounts(period, "1001", Nature.REGULAR)["t-loss"] == D("-300.00")


@pytest.mark.django_db
def test_debts_stand_in_the_order_in_which_they_arose() -> None:
    of = capped(CARELESS, wage="2990.00")
    person = agent(of)
    for day in (20, 5, 12):
        incident(person, "t-discipline", date(2026, 8, day), f"{day}.00")
    approved(of, AUGUST)  # takes the fifth and five yuan of the twelfth
    carried = lines(settled(of, SEPTEMBER), "1001", Nature.CARRY)
    assert [(each.on.day, each.amount) for each in carried] == [(12, D("-7.00")), (20, D("-3.00"))]


@pytest.mark.django_db
def test_a_draft_that_is_not_approved_carries_nothing_on() -> None:
    of = capped(LOSS)
    incident(agent(of), "t-loss", date(2026, 8, 5), "1500.00")
    settled(of, AUGUST)
    assert "t-loss" not in amounts(settled(of, SEPTEMBER))


@pytest.mark.django_db
def test_a_department_without_caps_takes_everything_at_once() -> None:
    of = capped(LOSS)
    of.caps = False
    of.save()
    incident(agent(of), "t-loss", date(2026, 9, 5), "2900.00")
    period = settled(of, SEPTEMBER)
    assert slip(period).net == D("100.00")
