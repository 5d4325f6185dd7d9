"""A shared loss on its way through pay: capped, carried, appealed, reversed, recomputed, never doubled."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from complaints import contributions
from complaints.models import Appeal, Ruling
from complaints.services.appeals import appeal_decide, appeal_raise
from complaints.services.rulings import ruling_reverse
from payroll.models import PayLine, SettlementPeriod
from payroll.selectors.reconciliation import checks
from payroll.settlement.months import load_month
from payroll.settlement.preview import preview
from penalties.models import MoneyEntry
from people.services import staff_leave
from rules.services import draft_start
from tests.complaints.losses import DECIDED, Ground, decided, ground, share, together
from tests.payroll.months import (
    FINE,
    NOVEMBER,
    OCTOBER,
    adjustments,
    amounts,
    approved,
    incident,
    lines,
    moment,
    next_month,
    settled,
    slip,
)

D = Decimal
DECEMBER = date(2026, 12, 1)
JANUARY = date(2027, 1, 1)
Nature = PayLine.Nature


@pytest.fixture
def here(db: None) -> Ground:
    return ground()


def appealed(ruling: Ruling, at: Any, name: str = "甲") -> Appeal:
    charge = ruling.charges.get(staff__name=name)
    return appeal_raise(charge=charge, reason="不是我", by=None, at=at)


def taken(*periods: SettlementPeriod, number: str = "1001", code: str = "x-loss") -> list[Decimal]:
    """What each month comes to under the provision, signed."""
    return [amounts(each, number).get(code, D(0)) for each in periods]


def waiting(period: SettlementPeriod, number: str = "1001") -> Decimal:
    return sum((each.amount - each.full_amount for each in lines(period, number)), D(0))


def test_half_of_the_bonus_now_and_the_rest_next_month(here: Ground) -> None:
    decided(here)
    october, november, december = (approved(here.department, each) for each in (OCTOBER, NOVEMBER, DECEMBER))
    assert taken(october, november, december) == [D("-300.00"), D("-200.00"), D(0)]
    assert taken(october, november, number="1002") == [D("-333.33"), D(0)]
    assert taken(october, november, number="1003") == [D("-166.67"), D(0)]
    assert [waiting(each) for each in (october, november)] == [D("200.00"), D(0)]
    assert slip(october).net == D("3300.00")


def test_the_line_leads_back_to_the_case_also_where_it_was_carried(here: Ground) -> None:
    ruling = decided(here)
    october, november = approved(here.department, OCTOBER), approved(here.department, NOVEMBER)
    (own,) = [each for each in lines(october) if each.code == "x-loss"]
    assert (own.column, own.basis, own.on) == ("fine", "loss", date(2026, 10, 10))
    assert own.reason.startswith(
        f"2026-10-10 客诉损失分摊：{ruling.case.number}的损失1000.00元，承担500.00元"
    )
    facts = own.trace["facts"]
    assert facts["case_id"] == ruling.case_id and facts["case"] == f"{ruling.case.number} 货到破损"
    assert (facts["ruling"], facts["losses"]) == (ruling.pk, ["1000.00元：退货与运费"])
    assert facts["parties"] == ["3人共同 100%"]
    assert not {"乙", "丙"} & set(str((own.trace, own.reason)))  # whoever else bears it is not told
    assert own.trace["provision"]["code"] == "x-loss"
    assert own.trace["arithmetic"][1] == "甲基点3÷6：1000.00×3÷6＝500.00元"
    (carried,) = lines(november, "1001", Nature.CARRY)
    assert carried.origin_id == own.pk and carried.trace["carried_from"]["month"] == "2026-10"
    assert carried.trace["facts"] == facts and carried.trace["provision"] == own.trace["provision"]


def test_what_waits_is_taken_before_new_losses_month_by_month(here: Ground) -> None:
    decided(here, together(here, "甲"))
    october = approved(here.department, OCTOBER)
    decided(
        here, together(here, "甲"), case=here.case(moment("2026-11-05 09:00")), loss="50.00",
        at=moment("2026-11-06 09:00"),
    )  # fmt: skip
    later = [approved(here.department, each) for each in (NOVEMBER, DECEMBER, JANUARY)]
    assert taken(october, *later) == [D("-300.00"), D("-300.00"), D("-300.00"), D("-150.00")]
    november = later[0]
    assert amounts(november, "1001", Nature.CARRY)["x-loss"] == D("-300.00")
    assert amounts(november, "1001", Nature.REGULAR)["x-loss"] == D(0)
    assert waiting(november) == D("450.00")


def test_an_open_appeal_keeps_the_charge_out_of_pay_alone(here: Ground) -> None:
    ruling = decided(here)
    appeal = appealed(ruling, DECIDED)
    assert taken(settled(here.department, OCTOBER)) == [D(0)]
    assert taken(settled(here.department, OCTOBER), number="1002") == [D("-333.33")]
    appeal_decide(appeal=appeal, state="refused", answer="有据", by=None, at=DECIDED)
    assert taken(settled(here.department, OCTOBER)) == [D("-300.00")]


def test_an_appeal_refused_after_the_approval_is_charged_by_the_next_month(here: Ground) -> None:
    appeal = appealed(decided(here), DECIDED)
    october = approved(here.department, OCTOBER)
    appeal_decide(appeal=appeal, state="refused", answer="有据", by=None, at=next_month(OCTOBER, 10))
    november, december = approved(here.department, NOVEMBER), approved(here.department, DECEMBER)
    assert taken(october, november, december) == [D(0), D("-300.00"), D("-200.00")]
    (line,) = lines(november, "1001", Nature.ADJUSTMENT)
    assert (line.full_amount, line.for_month) == (D("-500.00"), OCTOBER)
    assert "差额-500.00元" in line.reason
    (carried,) = lines(december, "1001", Nature.CARRY)
    assert carried.trace["facts"][0]["case_id"] == appeal.charge.ruling.case_id


def test_an_appeal_granted_after_the_approval_gives_back_what_was_taken(here: Ground) -> None:
    ruling = decided(here, at=moment("2026-10-31 10:00"))
    october = approved(here.department, OCTOBER)
    appeal = appealed(ruling, moment("2026-11-03 09:00"))
    appeal_decide(appeal=appeal, state="approved", by=None, at=next_month(OCTOBER, 10))
    november, december = approved(here.department, NOVEMBER), approved(here.department, DECEMBER)
    assert taken(october, november, december) == [D("-300.00"), D("300.00"), D(0)]
    assert adjustments(november) == {"x-loss": D("500.00")}
    assert amounts(november, "1001", Nature.CARRY) == {"x-loss": D("-200.00")}
    assert waiting(november) == waiting(december) == D(0)
    assert taken(october, november, number="1002") == [D("-333.33"), D(0)]


def test_an_appeal_granted_when_all_was_taken_gives_everything_back(here: Ground) -> None:
    ruling = decided(here)
    before = [approved(here.department, each) for each in (OCTOBER, NOVEMBER)]
    ruling_reverse(ruling=ruling, reason="改判", by=None, at=next_month(NOVEMBER, 10))
    after = [approved(here.department, each) for each in (DECEMBER, JANUARY)]
    assert taken(*before, *after) == [D("-300.00"), D("-200.00"), D("500.00"), D(0)]


def test_a_ruling_made_again_after_the_approval_charges_the_difference(here: Ground) -> None:
    ruling = decided(here)
    periods = [approved(here.department, OCTOBER)]
    late = next_month(OCTOBER, 10)
    ruling_reverse(ruling=ruling, reason="改判", by=None, at=late)
    decided(here, together(here, "甲"), loss="800.00", at=late)
    periods += [approved(here.department, each) for each in (NOVEMBER, DECEMBER, JANUARY)]
    # 500 became 800: 300 taken, 200 carried and 300 posted in November, of which it takes 300.
    assert taken(*periods) == [D("-300.00"), D("-300.00"), D("-200.00"), D(0)]


def test_a_late_ruling_is_posted_once_capped_and_carried(here: Ground) -> None:
    periods = [approved(here.department, OCTOBER)]
    decided(here, at=next_month(OCTOBER, 10))
    periods.append(approved(here.department, NOVEMBER))
    another_change(here)
    periods += [approved(here.department, each) for each in (DECEMBER, JANUARY)]
    assert taken(*periods) == [D(0), D("-300.00"), D("-200.00"), D(0)]


def another_change(here: Ground, month: date = NOVEMBER) -> None:
    """Another fact of October makes it be recomputed."""
    ruling = decided(here, together(here, "丙"), loss="1.00", at=next_month(month, 10))
    assert ruling.charged_on == date(2026, 10, 10)


def test_a_recomputed_month_neither_doubles_nor_loses_what_waits(here: Ground) -> None:
    decided(here)
    periods = [approved(here.department, OCTOBER)]
    another_change(here, OCTOBER)
    periods += [approved(here.department, each) for each in (NOVEMBER, DECEMBER)]
    assert taken(*periods) == [D("-300.00"), D("-200.00"), D(0)]
    assert taken(*periods, number="1003") == [D("-166.67"), D("-1.00"), D(0)]


def test_without_carry_the_excess_is_let_go_for_good(db: None) -> None:
    here = ground(share(carry=False))
    ruling = decided(here)
    periods = [approved(here.department, OCTOBER)]
    (line,) = [each for each in lines(periods[0]) if each.code == "x-loss"]
    assert (line.amount, line.full_amount) == (D("-300.00"), D("-300.00"))
    assert "其余200.00元不再扣" in line.reason
    another_change(here, OCTOBER)
    periods.append(approved(here.department, NOVEMBER))
    assert taken(*periods) == [D("-300.00"), D(0)]
    ruling_reverse(ruling=ruling, reason="改判", by=None, at=next_month(NOVEMBER, 10))
    periods.append(approved(here.department, DECEMBER))
    assert taken(*periods) == [D("-300.00"), D(0), D("300.00")]


def test_the_limit_holds_beside_the_departments_own_and_before_it(db: None) -> None:
    here = ground()
    here.department.caps, here.department.minimum_wage = True, D("3400.00")
    here.department.save()
    decided(here)
    periods = [approved(here.department, each) for each in (OCTOBER, NOVEMBER, DECEMBER)]
    assert taken(*periods) == [D("-200.00"), D("-200.00"), D("-100.00")]
    assert all(slip(each).net >= D("3400.00") for each in periods)


def test_who_left_before_the_approval_is_charged_and_it_waits(db: None) -> None:
    here = ground(share(charged="approval"))
    staff_leave(staff=here.staff["甲"], last_day=date(2026, 10, 20), by=None, at=DECIDED)
    decided(here, at=moment("2026-11-05 09:00"))
    approved(here.department, OCTOBER)
    november = approved(here.department, NOVEMBER)
    (line,) = lines(november)
    assert (line.amount, line.full_amount) == (D(0), D("-500.00"))
    assert "本月没有绩效奖金" in line.reason


def test_a_months_charges_are_read_in_a_fixed_number_of_queries(
    here: Ground, django_assert_num_queries: Any
) -> None:
    month = load_month(here.department, OCTOBER)
    decided(here)
    with django_assert_num_queries(7):
        contributions.load(month)
    for _ in range(3):
        decided(here)
    with django_assert_num_queries(7):
        facts = contributions.load(month)
    assert sum(len(each) for each in facts.charges.values()) == 12


def test_charges_of_other_months_and_departments_stay_out(here: Ground) -> None:
    other = ground()
    decided(other)
    decided(here, case=here.case(moment("2026-11-01 00:00")))
    assert contributions.load(load_month(here.department, OCTOBER)).charges == {}
    november = contributions.load(load_month(here.department, NOVEMBER))
    assert set(november.charges) == {each.pk for each in here.staff.values()}


def test_over_a_year_the_months_sum_to_the_ledger(db: None) -> None:
    here = ground(share(), FINE, bonuses=("600.00", "100.00", "0.00"))
    months = [OCTOBER, NOVEMBER, DECEMBER, *(date(2027, each, 1) for each in range(1, 10))]
    first = decided(here)
    periods = []
    for place, month in enumerate(months):
        if place in (1, 3, 4):
            closed = moment(f"{month:%Y-%m}-05 09:00")
            decided(here, case=here.case(closed), loss="77.77", at=closed)
        if place == 2:
            ruling_reverse(ruling=first, reason="改判", by=None, at=moment(f"{month:%Y-%m}-06 09:00"))
        if place == 5:
            incident(here.staff["乙"], "t-fine", date(2026, 12, 6), at=moment(f"{month:%Y-%m}-07 09:00"))
        periods.append(approved(here.department, month))
    for number, staff in (("1001", here.staff["甲"]), ("1002", here.staff["乙"]), ("1003", here.staff["丙"])):
        owed = sum(
            (each.amount for each in MoneyEntry.objects.filter(staff=staff, provision__code="x-loss")), D(0)
        )
        assert sum(taken(*periods, number=number)) - waiting(periods[-1], number) == owed
    assert waiting(periods[-1], "1002") == D(0) and waiting(periods[-1], "1003") > 0


def test_the_control_totals_agree_with_losses_appealed_capped_and_let_go(db: None) -> None:
    here = ground(share(carry=False))
    appealed(decided(here), DECIDED, "乙")
    period = approved(here.department, OCTOBER)
    ledger = next(each for each in checks(period) if each.title == "奖惩金额")
    assert (ledger.one, ledger.difference) == (D("-666.67"), D(0))


def test_a_draft_of_rules_is_tried_with_its_own_limit(here: Ground) -> None:
    decided(here)
    approved(here.department, OCTOBER)
    draft = draft_start(department=here.department, by=here.account("manager"), at=DECIDED)
    draft.provisions.filter(code="x-loss").update(params={"cap_rate": "0.1"})
    found = preview(draft, on=date(2026, 11, 5))
    assert [(each.number, each.difference) for each in found.changed] == [
        ("1001", D("240.00")),
        ("1002", D("133.33")),
    ]
