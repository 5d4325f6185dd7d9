"""Who may take which step with a month, and which months must go first."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from payroll.errors import ManualLineRefused, PeriodRefused
from payroll.models import ManualLine, PayLine, PeriodEvent, SettlementPeriod
from payroll.services.manual_lines import manual_line_add, manual_line_withdraw
from payroll.services.periods import period_approve, period_mark_paid, period_send_back, period_submit
from payroll.settlement.runner import period_settle
from payroll.workflow import period_move, period_open
from people.models import Department
from people.services import staff_leave
from tests.payroll.months import (
    AUGUST,
    BY_CONVERSION,
    LOSS,
    NOVEMBER,
    OCTOBER,
    SEPTEMBER,
    agent,
    amounts,
    approved,
    capped,
    conversion,
    department,
    incident,
    lines,
    next_month,
    order,
    settled,
    slip,
    user,
)

State = SettlementPeriod.State
Nature = PayLine.Nature
ON_THE_2ND = next_month(SEPTEMBER, 2)


@pytest.fixture
def of(db: None) -> Department:
    made = department(BY_CONVERSION)
    agent(made)
    return made


def approve(period: SettlementPeriod, by: str = "批准人") -> SettlementPeriod:
    return period_approve(period=period, reason="测试", by=user(by), at=ON_THE_2ND)


def stands(period: SettlementPeriod) -> str:
    """The state as stored."""
    return SettlementPeriod.objects.get(pk=period.pk).state


def trail(period: SettlementPeriod) -> list[tuple[str, str, str, str]]:
    events = PeriodEvent.objects.filter(period=period).order_by("id").select_related("by")
    return [(each.before, each.after, str(each.by or ""), each.reason) for each in events]


# Four eyes


def test_who_prepared_the_draft_cannot_approve_it(of: Department) -> None:
    period = settled(of, SEPTEMBER, by="编制人")
    with pytest.raises(PeriodRefused, match="编制人不能批准自己编制的工资"):
        approve(period, by="编制人")
    assert stands(period) == State.COMPUTED
    assert approve(period, by="批准人").state == State.APPROVED


def test_without_four_eyes_the_preparer_may_approve(of: Department) -> None:
    of.four_eyes = False
    of.save()
    assert approve(settled(of, SEPTEMBER, by="编制人"), by="编制人").state == State.APPROVED
    assert approve(settled(of, OCTOBER, by=None, at=next_month(OCTOBER, 1))).state == State.APPROVED


def test_a_draft_of_the_system_must_be_submitted_by_a_person_who_then_cannot_approve(of: Department) -> None:
    period = settled(of, SEPTEMBER, by=None)
    with pytest.raises(PeriodRefused, match="还没有人复核"):
        approve(period)
    period_submit(period=period, by=user("人事"), at=ON_THE_2ND)
    with pytest.raises(PeriodRefused, match="编制人不能批准"):
        approve(period, by="人事")
    assert approve(period).state == State.APPROVED


def test_submitting_does_not_take_a_draft_over_from_its_preparer(of: Department) -> None:
    period = settled(of, SEPTEMBER, by="编制人")
    with pytest.raises(PeriodRefused, match="已由编制人编制"):
        period_submit(period=period, by=user("人事"), at=ON_THE_2ND)
    with pytest.raises(PeriodRefused, match="不能批准自己"):
        approve(period, by="编制人")


def test_settling_again_makes_the_last_who_did_it_the_preparer(of: Department) -> None:
    settled(of, SEPTEMBER, by="编制人")
    period = settled(of, SEPTEMBER, by="人事")
    with pytest.raises(PeriodRefused, match="不能批准自己"):
        approve(period, by="人事")
    assert approve(period, by="编制人").state == State.APPROVED


def test_there_is_nothing_to_submit_or_approve_before_a_draft(of: Department) -> None:
    period = period_open(department=of, month=SEPTEMBER)
    for step in (period_submit, period_approve):
        with pytest.raises(PeriodRefused, match="未结算"):
            step(period=period, by=user("人事"), at=ON_THE_2ND)


# What must be in order before an approval


def test_a_failed_payslip_refuses_the_approval_until_it_is_mended(of: Department) -> None:
    person = of.staff.get()
    order(person, date(2026, 9, 3), "1000.00")
    period = settled(of, SEPTEMBER)
    with pytest.raises(PeriodRefused, match=r"1人未能结算（1001 员工1001），不能批准"):
        approve(period)
    assert stands(period) == State.COMPUTED
    conversion(person, SEPTEMBER, "0.80")
    assert approve(settled(of, SEPTEMBER)).state == State.APPROVED


def test_months_are_approved_in_their_order(of: Department) -> None:
    september, october = settled(of, SEPTEMBER), settled(of, OCTOBER)
    with pytest.raises(PeriodRefused, match="2026年09月还没有批准"):
        period_approve(period=october, reason="测试", by=user("批准人"), at=next_month(OCTOBER, 2))
    approve(september)
    assert period_approve(
        period=october, reason="测试", by=user("批准人"), at=next_month(OCTOBER, 2)
    ).is_frozen


def test_a_draft_from_before_the_last_months_approval_is_refused(of: Department) -> None:
    september = settled(of, SEPTEMBER)
    october = settled(of, OCTOBER, at=next_month(SEPTEMBER, 1))
    approve(september)
    with pytest.raises(PeriodRefused, match=r"本草稿计算之后.*2026年09月才批准"):
        period_approve(period=october, reason="测试", by=user("批准人"), at=next_month(OCTOBER, 2))
    assert approved(of, OCTOBER).state == State.APPROVED


def test_a_month_begun_late_voids_the_drafts_that_did_not_know_it(of: Department) -> None:
    approved(of, AUGUST)
    approved(of, OCTOBER)
    november = settled(of, NOVEMBER, at=next_month(OCTOBER, 3))
    september = settled(of, SEPTEMBER)
    period_approve(period=september, reason="测试", by=user("批准人"), at=next_month(OCTOBER, 4))
    with pytest.raises(PeriodRefused, match=r"本草稿计算之后.*2026年09月才批准"):
        period_approve(period=november, reason="测试", by=user("批准人"), at=next_month(NOVEMBER, 2))


# After the approval


def test_an_approval_is_sent_back_with_a_reason_until_the_month_is_paid(of: Department) -> None:
    period = approved(of, SEPTEMBER)
    with pytest.raises(PeriodRefused, match="退回须写理由"):
        period_send_back(period=period, reason=" ", by=user("批准人"), at=ON_THE_2ND)
    with pytest.raises(PeriodRefused, match="500"):
        period_send_back(period=period, reason="长" * 501, by=user("批准人"), at=ON_THE_2ND)
    period_send_back(period=period, reason="漏了一单", by=user("批准人"), at=ON_THE_2ND)
    period.refresh_from_db()
    assert (period.state, period.approved_by, period.approved_at) == (State.COMPUTED, None, None)
    period = approve(period)
    period_mark_paid(period=period, by=user("出纳"), at=ON_THE_2ND)
    with pytest.raises(PeriodRefused, match=r"已发放.*不能退回"):
        period_send_back(period=period, reason="漏了一单", by=user("批准人"), at=ON_THE_2ND)
    assert stands(period) == State.PAID


def test_a_month_on_which_a_later_one_stands_is_not_sent_back(of: Department) -> None:
    september, october = approved(of, SEPTEMBER), approved(of, OCTOBER)
    with pytest.raises(PeriodRefused, match="2026年10月已批准，以本月为基础"):
        period_send_back(period=september, reason="漏了一单", by=user("批准人"), at=next_month(OCTOBER, 3))
    assert stands(september) == State.APPROVED
    period_send_back(period=october, reason="先退", by=user("批准人"), at=next_month(OCTOBER, 3))
    period_send_back(period=september, reason="再退", by=user("批准人"), at=next_month(OCTOBER, 3))
    assert stands(september) == State.COMPUTED


@pytest.mark.django_db(transaction=True)
def test_a_month_sent_back_is_settled_again_although_a_later_draft_took_up_its_debts() -> None:
    of = capped(LOSS)
    incident(agent(of), "t-loss", date(2026, 9, 5), "900.00")
    september = approved(of, SEPTEMBER)
    october = settled(of, OCTOBER)
    assert amounts(october, "1001", Nature.CARRY) == {"t-loss": Decimal("-300.00")}
    period_send_back(period=september, reason="重算", by=user("批准人"), at=next_month(OCTOBER, 3))
    period_settle(period=september, by=user("编制人"), at=next_month(OCTOBER, 4))
    with pytest.raises(PeriodRefused, match="还没有批准"):
        period_approve(period=october, reason="测试", by=user("批准人"), at=next_month(OCTOBER, 5))
    period_approve(period=september, reason="测试", by=user("批准人"), at=next_month(OCTOBER, 5))
    with pytest.raises(PeriodRefused, match="本草稿计算之后"):
        period_approve(period=october, reason="测试", by=user("批准人"), at=next_month(OCTOBER, 6))
    october = settled(of, OCTOBER, at=next_month(OCTOBER, 7))
    (carried,) = lines(october, "1001", Nature.CARRY)
    assert carried.origin is not None and carried.origin.payslip.period == september
    assert period_approve(
        period=october, reason="测试", by=user("批准人"), at=next_month(OCTOBER, 8)
    ).is_frozen


def test_only_an_approved_month_is_marked_as_paid_and_then_stays(of: Department) -> None:
    period = settled(of, SEPTEMBER)
    with pytest.raises(PeriodRefused, match="不能标为已发放"):
        period_mark_paid(period=period, by=user("出纳"), at=ON_THE_2ND)
    approve(period)
    paid = period_mark_paid(period=period, by=user("出纳"), at=ON_THE_2ND)
    assert (paid.state, paid.paid_by, paid.paid_at) == (State.PAID, user("出纳"), ON_THE_2ND)
    with pytest.raises(PeriodRefused, match="已发放"):
        period_mark_paid(period=period, by=user("出纳"), at=ON_THE_2ND)
    for to in State:
        with pytest.raises(PeriodRefused, match="不能转为"):
            period_move(period=paid, to=to, by=None, at=ON_THE_2ND)


def test_a_frozen_month_is_not_computed_again(of: Department) -> None:
    period = approved(of, SEPTEMBER)
    with pytest.raises(PeriodRefused, match="已批准，不能重新计算"):
        settled(of, SEPTEMBER)
    assert stands(period) == State.APPROVED


def test_every_step_leaves_an_event(of: Department) -> None:
    period = settled(of, SEPTEMBER, by=None)
    period_submit(period=period, by=user("人事"), at=ON_THE_2ND)
    approve(period)
    period_send_back(period=period, reason="漏了一单", by=user("批准人"), at=ON_THE_2ND)
    settled(of, SEPTEMBER, by="人事")
    approve(period)
    period_mark_paid(period=period, by=user("出纳"), at=ON_THE_2ND)
    assert trail(period) == [
        ("open", "computed", "", ""),
        ("computed", "computed", "人事", "复核并提交批准"),
        ("computed", "approved", "批准人", ""),
        ("approved", "computed", "批准人", "漏了一单"),
        ("computed", "computed", "人事", ""),
        ("computed", "approved", "批准人", ""),
        ("approved", "paid", "出纳", ""),
    ]


def test_a_refused_step_leaves_no_event(of: Department) -> None:
    period = settled(of, SEPTEMBER)
    before = trail(period)
    with pytest.raises(PeriodRefused):
        approve(period, by="编制人")
    assert trail(period) == before


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_at_once_one_succeeds_and_the_other_is_told() -> None:
    of = department()
    agent(of)
    period = settled(of, SEPTEMBER)
    people = [user("批准人甲"), user("批准人乙")]
    ready = threading.Barrier(3)
    told: list[str] = []

    def approve_as(index: int) -> None:
        try:
            ready.wait(20)
            period_approve(period=period, reason="测试", by=people[index], at=ON_THE_2ND)
            told.append("")
        except PeriodRefused as refused:
            told.append(str(refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=approve_as, args=[index]) for index in range(2)]
    for thread in threads:
        thread.start()
    ready.wait(20)
    for thread in threads:
        thread.join(20)
    assert sorted(told)[0] == "" and "已批准”，不能批准" in sorted(told)[1]
    assert PeriodEvent.objects.filter(period=period, after=State.APPROVED).count() == 1


# Manual lines


def add(period: SettlementPeriod, **fields: object) -> ManualLine:
    given = {"title": "补发", "amount": Decimal("88.00"), "reason": "漏记一天", "by": user("人事")}
    staff = period.department.staff.get()
    return manual_line_add(**{"period": period, "staff": staff, "at": ON_THE_2ND, **given, **fields})


def test_a_manual_line_is_shown_as_such_with_its_reason_and_who_added_it(of: Department) -> None:
    period = settled(of, SEPTEMBER)
    row = add(period)
    add(period, title="扣回", amount=Decimal("-20.00"), reason="多发")
    assert lines(settled(of, SEPTEMBER), "1001", Nature.MANUAL) == lines(period, "1001", Nature.MANUAL)
    plus, minus = lines(period, "1001", Nature.MANUAL)
    assert (plus.code, plus.title, plus.amount) == (f"manual-{row.pk}", "补发", Decimal("88.00"))
    assert plus.reason == "手工项目：漏记一天"
    assert plus.trace["manual"]["by"] == "人事" and plus.trace["manual"]["reason"] == "漏记一天"
    assert (minus.amount, slip(period).deductions) == (Decimal("-20.00"), Decimal("20.00"))
    assert slip(period).net == Decimal("3068.00")


def test_a_manual_line_waits_for_the_next_draft(of: Department) -> None:
    period = settled(of, SEPTEMBER)
    add(period)
    assert not lines(period, "1001", Nature.MANUAL)
    assert len(lines(settled(of, SEPTEMBER), "1001", Nature.MANUAL)) == 1


def test_a_withdrawn_manual_line_vanishes_from_the_next_draft_and_stays_on_record(of: Department) -> None:
    period = settled(of, SEPTEMBER)
    row = add(period)
    settled(of, SEPTEMBER)
    manual_line_withdraw(line=row, by=user("经理"), at=ON_THE_2ND)
    assert not lines(settled(of, SEPTEMBER), "1001", Nature.MANUAL)
    row.refresh_from_db()
    assert (row.withdrawn_by, row.withdrawn_at) == (user("经理"), ON_THE_2ND)


def test_a_manual_line_is_withdrawn_once(of: Department) -> None:
    row = add(settled(of, SEPTEMBER))
    stale = ManualLine.objects.get(pk=row.pk)
    manual_line_withdraw(line=row, by=user("经理"), at=ON_THE_2ND)
    with pytest.raises(ManualLineRefused, match="已经撤回"):
        manual_line_withdraw(line=stale, by=user("人事"), at=ON_THE_2ND)
    row.refresh_from_db()
    assert row.withdrawn_by == user("经理")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("reason", "  ", "须写项目名称和理由"),
        ("title", "", "须写项目名称和理由"),
        ("reason", "长" * 501, "理由最多500字"),
        ("title", "长" * 201, "项目名称最多200字"),
        ("amount", Decimal("0"), "金额0不对"),
        ("amount", Decimal("1.005"), "最多两位小数"),
        ("amount", Decimal("NaN"), "金额NaN不对"),
        ("amount", Decimal("Infinity"), "金额Infinity不对"),
        ("amount", Decimal("1E+12"), "不对"),
        ("amount", Decimal("10000000000.00"), "不对"),
    ],
)
def test_a_manual_line_that_does_not_fit_is_refused(
    of: Department, field: str, value: object, told: str
) -> None:
    period = settled(of, SEPTEMBER)
    with pytest.raises(ManualLineRefused, match=told):
        add(period, **{field: value})
    assert not ManualLine.objects.exists()


def test_a_manual_line_is_for_people_of_the_department(of: Department) -> None:
    with pytest.raises(ManualLineRefused, match="不在客服"):
        add(settled(of, SEPTEMBER), staff=agent(department(), "7777"))


def test_manual_lines_of_a_frozen_month_stay_as_they_are(of: Department) -> None:
    row = add(settled(of, SEPTEMBER))
    period = approved(of, SEPTEMBER)
    with pytest.raises(ManualLineRefused, match="不能再加手工项目"):
        add(period)
    with pytest.raises(ManualLineRefused, match="不能撤回手工项目"):
        manual_line_withdraw(line=row, by=user("经理"), at=ON_THE_2ND)
    assert ManualLine.objects.get().withdrawn_at is None


def test_who_has_left_is_still_paid_a_manual_line(of: Department) -> None:
    staff_leave(staff=of.staff.get(), last_day=date(2026, 8, 31), by=None, at=ON_THE_2ND)
    period = settled(of, SEPTEMBER)
    assert not period.payslips.exists()
    add(period)
    assert slip(settled(of, SEPTEMBER)).net == Decimal("88.00")
