"""The limit of a shared loss: half of the performance bonus as it is paid, month by month."""

from datetime import date
from decimal import Decimal

from payroll.models import PayLine
from payroll.settlement.caps import apply_caps
from payroll.settlement.loss_cap import apply_loss_caps
from payroll.settlement.payslip_drafts import PERFORMANCE_BONUS, DraftLine
from rules.kinds.cases import LossShare
from rules.lines import Line
from tests.payroll.months import OCTOBER

D = Decimal
Nature = PayLine.Nature


def line(code: str, amount: str, day: int = 10, nature: str = Nature.REGULAR, month: int = 10) -> DraftLine:
    basis = "benefit" if D(amount) > 0 else "loss"
    made = Line(code, "客诉损失分摊", D(amount), "fine", basis, date(2026, month, day), "理由", {})
    return DraftLine(made, nature, OCTOBER, D(amount))


def bonus(amount: str) -> DraftLine:
    return line(PERFORMANCE_BONUS, amount, 31)


def taken(*drafted: DraftLine, **kinds: LossShare) -> list[Decimal]:
    """What remains of each line of a loss."""
    apply_loss_caps(drafted, {"x": LossShare(), **kinds})
    return [each.line.amount for each in drafted if each.line.code != PERFORMANCE_BONUS]


def test_half_of_the_bonus_is_taken_and_the_rest_waits() -> None:
    drafted = line("x", "-500.00")
    assert taken(bonus("600.00"), drafted) == [D("-300.00")]
    assert (drafted.full_amount, drafted.held) == (D("-500.00"), D("-200.00"))
    assert drafted.line.reason == (
        "理由；每月至多扣绩效奖金600.00元的50%即300.00元，本月扣300.00元，余200.00元转下月"
    )
    assert drafted.line.trace["caps"] == [
        {"limit": "每月至多扣绩效奖金600.00元的50%即300.00元", "held": "200.00", "taken": "300.00"}
    ]


def test_exactly_the_half_is_taken_whole() -> None:
    drafted = line("x", "-300.00")
    assert taken(bonus("600.00"), drafted) == [D("-300.00")]
    assert drafted.line.reason == "理由" and "caps" not in drafted.line.trace


def test_the_half_is_rounded_half_up_to_the_fen() -> None:
    assert taken(bonus("600.01"), line("x", "-500.00")) == [D("-300.01")]


def test_without_a_bonus_nothing_is_taken() -> None:
    drafted = line("x", "-500.00")
    assert taken(drafted) == [D("0.00")]
    assert drafted.line.reason == "理由；本月没有绩效奖金，本月扣0.00元，余500.00元转下月"


def test_the_bonus_is_what_is_paid_in_the_month_with_its_adjustments() -> None:
    assert taken(bonus("600.00"), bonus("-200.00"), line("x", "-500.00")) == [D("-200.00")]


def test_the_oldest_are_taken_first_over_all_natures() -> None:
    own = line("x", "-400.00", 5, month=11)
    carried = line("x", "-200.00", 10, Nature.CARRY)
    late = line("x", "-50.00", 30, Nature.ADJUSTMENT, month=9)
    assert taken(bonus("600.00"), own, late, carried) == [D("-50.00"), D("-50.00"), D("-200.00")]


def test_what_is_paid_back_makes_room() -> None:
    assert taken(
        bonus("600.00"), line("x", "500.00", nature=Nature.ADJUSTMENT), line("x", "-200.00", 10, Nature.CARRY)
    ) == [D("500.00"), D("-200.00")]
    assert taken(bonus("600.00"), line("x", "-500.00"), line("x", "100.00", nature=Nature.ADJUSTMENT)) == [
        D("-400.00"),
        D("100.00"),
    ]


def test_each_provision_has_its_own_limit() -> None:
    third = LossShare(cap_rate=D("0.10"))
    assert taken(bonus("600.00"), line("x", "-500.00"), line("y", "-500.00"), y=third) == [
        D("-300.00"), D("-60.00"),
    ]  # fmt: skip


def test_other_deductions_are_not_touched() -> None:
    assert taken(bonus("100.00"), line("fine", "-500.00")) == [D("-500.00")]


def test_without_carry_what_exceeds_is_let_go_and_said_so() -> None:
    drafted = line("x", "-500.00")
    assert taken(bonus("600.00"), drafted, x=LossShare(carry=False)) == [D("-300.00")]
    assert (drafted.full_amount, drafted.held) == (D("-300.00"), D(0))
    assert drafted.line.reason.endswith("本月扣300.00元，其余200.00元不再扣")
    assert drafted.line.trace["let_go"] == "200.00"


def test_what_another_limit_carried_here_waits_on_even_without_carry() -> None:
    own, carried = line("x", "-100.00", 5, month=11), line("x", "-400.00", 10, Nature.CARRY)
    assert taken(bonus("600.00"), own, carried, x=LossShare(carry=False)) == [D("0.00"), D("-300.00")]
    assert (own.full_amount, carried.full_amount) == (D("0.00"), D("-400.00"))


def test_the_departments_caps_come_after_and_both_are_named() -> None:
    base, loss = line("base-pay", "800.00"), line("x", "-500.00")
    drafted = [base, bonus("600.00"), loss]
    apply_loss_caps(drafted, {"x": LossShare()})
    apply_caps(drafted, D("0"), D(20))
    assert (loss.line.amount, loss.full_amount) == (D("-280.00"), D("-500.00"))
    assert [(each["held"], each["taken"]) for each in loss.line.trace["caps"]] == [
        ("200.00", "300.00"),
        ("20.00", "280.00"),
    ]
    assert loss.line.reason.endswith(
        "赔偿每月不超过应发1400.00元的20%即280.00元，本月扣280.00元，余220.00元转下月"
    )
