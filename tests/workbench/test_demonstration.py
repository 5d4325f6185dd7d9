"""The demonstration: every kind of provision leaves its mark, and the figures are those worked by hand."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from openpyxl import load_workbook

from appraisals.models import QuarterGrade, Sheet
from complaints.models import Appeal, Case, ClockEvent, Ruling
from kefu.celery import app
from payroll.models import EmployerCost, PayLine, Payslip, SettlementPeriod
from payroll.selectors.reconciliation import checks
from payroll.settlement.runner import period_settle
from penalties.fund import fund_balances, open_fines
from penalties.models import DisciplinaryCase, FundCount, IncidentAppeal, Proposal
from people.models import Account, Department, FactChange, Staff
from people.selectors import departments_where, may
from rules.kinds import KINDS
from rules.models import Provision
from training.models import Enrolment
from workbench.demonstration.complaints import complaints_load
from workbench.demonstration.fund import fund_load
from workbench.demonstration.movers import LEFT, LIVE_NAME, MOVED
from workbench.demonstration.pay import (
    ACCOUNTS,
    CODE,
    NAME,
    OCTOBER,
    SEPTEMBER,
    demo_load,
    demo_period,
    moment,
)
from workbench.management.commands import demo

Nature = PayLine.Nature


@pytest.fixture(scope="module")
def october(django_db_setup: None, django_db_blocker: Any) -> Iterator[SettlementPeriod]:
    """The demonstration with October settled through the service; loaded once, since tests only read it."""
    with django_db_blocker.unblock(), transaction.atomic():
        demo_load(password="demonstration", say=lambda _: None)
        period = demo_period()
        assert period is not None
        hr = Account.objects.get(username="demo-hr")
        period_settle(period=period, by=hr, at=moment(11, 3))
        period.refresh_from_db()
        yield period
        transaction.set_rollback(True)


def lines(number: str, month: date, code: str = "") -> dict[str, Decimal]:
    """Somebody's lines of a month, by code: what was taken or paid."""
    found = PayLine.objects.filter(payslip__period__month=month, payslip__number=number)
    if code:
        found = found.filter(code=code)
    sums: dict[str, Decimal] = {}
    for line in found:
        sums[line.code] = sums.get(line.code, Decimal(0)) + line.amount
    return sums


def appearances() -> Counter[str]:
    """How many lines, deductions of points, proposals or shown provisions each kind has."""
    kind_of = dict(Provision.objects.values_list("code", "kind"))
    found: Counter[str] = Counter()
    found.update(PayLine.objects.filter(provision__isnull=False).values_list("provision__kind", flat=True))
    for trace in Payslip.objects.values_list("points_trace", flat=True):
        found.update(kind_of[each["code"]] for each in trace.get("deducted", []))
    bands = [code for code, kind in kind_of.items() if kind == "points_band"]
    found["points_band"] += Proposal.objects.filter(code__in=bands).count()
    shown = ["conduct", "text", "shift_pattern", "rest", "duty"]  # they bring no pay
    shown += ["case_type", "case_deadline", "retention", "fund"]
    shown += ["missing_punch", "leave_balance"]  # nobody misses more punches than are free; days are no pay
    shown += ["promotion", "demotion"]  # they only say what a step takes
    shown += ["attribution"]  # whose an order is stands before its commission
    found.update(Provision.objects.filter(kind__in=shown).values_list("kind", flat=True))
    found["target"] += PayLine.objects.filter(trace__facts__has_key="targets").count()
    found["evaluation"] += Sheet.objects.count()
    found["grade"] += QuarterGrade.objects.exclude(score=None).count()
    found["programme"] += Enrolment.objects.count()
    return found


def test_every_kind_appears(october: SettlementPeriod) -> None:
    found = appearances()
    print("\n".join(f"{kind}: {found[kind]}" for kind in KINDS))

    assert {kind for kind in KINDS if not found[kind]} == set()


def test_everybody_is_settled_in_both_months(october: SettlementPeriod) -> None:
    """24 of the files, who is transferred and who leaves; in September all but who joins in October."""
    assert not Payslip.objects.exclude(failure="").exists()
    assert Staff.objects.filter(department=october.department).count() == 24 + 2
    assert Payslip.objects.filter(period__month=SEPTEMBER).count() == 24 + 2 - 1
    assert Payslip.objects.filter(period=october).count() == 24 + 2


def test_who_is_transferred_is_paid_one_month_in_two_departments(october: SettlementPeriod) -> None:
    """3,100.00 × 15/31 and 3,600.00 × 16/31; 1 % of 6,000.00 − 1,000.00 there, 2 % of 8,000.00 here.

    There 8 %, 2 %, 0.5 % and 7 % (108.50, to the yuan) of 1,550.00 are taken; the other takes nothing.
    """
    before, after = Payslip.objects.filter(period__month=OCTOBER, number=MOVED).order_by("period_id")
    assert (before.period, str(after.period)) == (october, f"{LIVE_NAME} 2026年10月")
    own = {line.code: line.amount for line in before.lines.all()}
    assert own == {
        "base-pay": Decimal("1500.00"),
        "s000-05-r-02": Decimal("50.00"),
        "city-hangzhou-pension": Decimal("-124.00"),
        "city-hangzhou-medical": Decimal("-31.00"),
        "city-hangzhou-unemployment": Decimal("-7.75"),
        "city-hangzhou-fund": Decimal("-109.00"),
    }
    there = {line.code: line.amount for line in after.lines.all()}
    assert there == {
        "base-pay": Decimal("1858.06"),
        "live-01": Decimal("160.00"),
        "live-02": Decimal("300.00"),
    }
    assert "其余在演示直播部" in before.lines.get(code="base-pay").reason


def test_who_left_owes_what_a_later_refund_takes_back(october: SettlementPeriod) -> None:
    """1 % of 9,000.00 of September's orders, given back in October: a slip of nothing, and a debt."""
    slip = Payslip.objects.get(period=october, number=LEFT)
    assert slip.net == 0
    assert lines(LEFT, OCTOBER) == {"s000-05-r-02": Decimal("-90.00"), "debt": Decimal("90.00")}


def test_september_was_paid_and_october_waits_for_another_person(october: SettlementPeriod) -> None:
    september = SettlementPeriod.objects.get(department=october.department, month=SEPTEMBER)

    assert september.state == SettlementPeriod.State.PAID
    assert str(september.prepared_by) == "苏念慈"
    assert str(september.approved_by) == "韩立群"
    assert october.state == SettlementPeriod.State.COMPUTED
    assert str(october.prepared_by) == "苏念慈"


def test_a_fine_that_was_taken_back_after_payment_comes_as_an_adjustment(october: SettlementPeriod) -> None:
    """The second complaint becomes the first of its month: 100 instead of 100 + 200."""
    (line,) = PayLine.objects.filter(payslip__period=october, nature=Nature.ADJUSTMENT)

    assert (line.payslip.number, line.code, line.for_month) == ("8102", "s000-06-06", SEPTEMBER)
    assert line.amount == Decimal("200.00")


def test_a_loss_above_the_cap_goes_on_into_october(october: SettlementPeriod) -> None:
    first = PayLine.objects.get(
        payslip__period__month=SEPTEMBER, payslip__number="8206", code="s000-05-d-00b"
    )
    carried = PayLine.objects.get(payslip__period=october, payslip__number="8206", nature=Nature.CARRY)

    assert first.full_amount == Decimal("-1500.00")
    assert first.amount == -(first.payslip.gross * Decimal("0.20")).quantize(Decimal("0.01"))
    assert carried.full_amount == first.full_amount - first.amount
    assert carried.origin_id == first.pk
    assert "转下月" in first.reason
    assert carried.amount == carried.full_amount  # October's duty on the holidays leaves room for the rest


def test_a_fine_does_not_push_pay_below_the_minimum_wage(october: SettlementPeriod) -> None:
    payslip = Payslip.objects.get(period=october, number="8207")
    held = payslip.lines.filter(full_amount__lt=0).exclude(column__in=PayLine.STATUTORY)
    taken = sum(line.amount for line in payslip.lines.filter(column__in=PayLine.STATUTORY))

    assert {line.amount for line in held} == {Decimal("0.00")}
    assert payslip.net - taken == payslip.gross < Decimal("2490.00")


def test_figures_are_those_worked_by_hand(october: SettlementPeriod) -> None:
    assert lines("8106", OCTOBER, "base-pay") == {"base-pay": Decimal("3406.45")}  # 3200×15/31 + 3600×16/31
    assert lines("8207", OCTOBER, "s004-05-6-00") == {"s004-05-6-00": Decimal("1158.62")}  # 1800÷21.75×14
    assert lines("8103", SEPTEMBER)["s000-05-r-03"] == Decimal("50.00")
    assert lines("8103", OCTOBER)["s000-05-r-03"] == Decimal("100.00")
    assert lines("8104", SEPTEMBER)["s000-06-01f"] == Decimal("-160.00")  # 30 + 50 + 80
    assert lines("8205", OCTOBER)["s004-01-5-02"] == Decimal("-100.00")  # the first was in September
    assert lines("8202", OCTOBER)["demo-04"] == Decimal("-125.00")  # 2500 × (1 % + 1 % + 3 %)
    assert lines("8105", SEPTEMBER)["s004-01-5-04"] == Decimal("-131.15")  # 2200÷21.75 + 30
    assert lines("8306", SEPTEMBER)["s004-01-5-06"] == Decimal("-202.30")  # 2 × 2200÷21.75
    # 3000÷21.75÷8 × (2 × 4 h of overtime + 3 × 2 shifts of 8 h on 1 to 3 October)
    assert lines("8103", OCTOBER)["demo-12"] == Decimal("965.52")
    assert lines("8001", SEPTEMBER)["demo-01"] == Decimal("100.00")
    assert lines("8001", OCTOBER)["demo-01"] == Decimal("150.00")  # under the version of October


def test_insurance_fund_and_tax_are_taken_from_october_on(october: SettlementPeriod) -> None:
    """8001 declared 12,000.00; 152,450.00 of the year − 5,000.00 × 11 − 23,100.00 − 3,500.00 of November
    = 70,850.00, × 10 % − 2,520.00 = 4,565.00, less 4,380.00 of before; the bonus is 36,000.00 × 3 %.
    """
    assert not PayLine.objects.filter(payslip__period__month=SEPTEMBER, column__in=PayLine.STATUTORY).exists()
    manager = lines("8001", OCTOBER)
    taken = {code.removeprefix("city-hangzhou-"): amount for code, amount in manager.items() if amount < 0}
    assert taken == {
        "pension": Decimal("-960.00"),
        "medical": Decimal("-240.00"),
        "unemployment": Decimal("-60.00"),
        "fund": Decimal("-840.00"),
        "tax-income": Decimal("-1265.00"),  # 185.00 and 1,080.00
    }
    assert manager["annual-bonus"] == Decimal("36000.00")
    costs = EmployerCost.objects.filter(payslip__period=october, payslip__number="8001")
    # 16 %, 9.5 %, 0.5 %, 0.2 % and 7 %
    assert dict(costs.values_list("item", "amount")) == {
        "pension": Decimal("1920.00"),
        "medical": Decimal("1140.00"),
        "unemployment": Decimal("60.00"),
        "injury": Decimal("24.00"),
        "fund": Decimal("840.00"),
    }
    # 107,639.66 − 55,000.00 − 16,362.50 − 1,000.00 = 35,277.16, × 3 % = 1,058.31, less 933.75
    assert lines("8003", OCTOBER, "tax-income") == {"tax-income": Decimal("-124.56")}


def test_a_manual_line_is_shown_as_such(october: SettlementPeriod) -> None:
    (line,) = PayLine.objects.filter(payslip__period=october, nature=Nature.MANUAL)

    assert (line.payslip.number, line.amount) == ("8201", Decimal("200.00"))
    assert "带教新员工" in line.reason


def test_points_and_repeated_complaints_lead_to_proposals(october: SettlementPeriod) -> None:
    points = dict(Payslip.objects.filter(period=october).values_list("number", "points"))
    proposed = set(Proposal.objects.values_list("staff__number", "code", "kind"))

    assert points["8305"] == Decimal("0.0")
    assert points["8303"] == Decimal("5.0")
    assert ("8305", "s004-10-5-00.2", "minor_demerit") in proposed
    assert ("8303", "s004-10-5-00", "warning") in proposed
    assert ("8204", "s000-06-06", "termination") in proposed


def test_refunds_of_september_orders_count_in_october(october: SettlementPeriod) -> None:
    """What October's export shows of September's orders is no change of the paid month."""
    assert not FactChange.objects.filter(
        month=SEPTEMBER, source=FactChange.Source.ORDERS, at__gt=moment(10, 10)
    ).exists()
    assert {check.title: check.difference for check in checks(october) if check.difference} == {}


def test_the_paid_month_still_ties_to_the_ledger_as_it_was_read(october: SettlementPeriod) -> None:
    """What was taken back since is October's adjustment."""
    september = SettlementPeriod.objects.get(department=october.department, month=SEPTEMBER)

    assert {check.title: check.difference for check in checks(september) if check.difference} == {}


def test_accounts_may_do_what_their_groups_may(october: SettlementPeriod) -> None:
    named = [username for username, _, _ in ACCOUNTS] + ["demo-newcomer"]
    accounts = {each.username: each for each in Account.objects.filter(username__in=named)}

    assert len(accounts) == 7
    assert all(each.check_password("demonstration") for each in accounts.values())
    assert may(accounts["demo-manager"], "approve_pay", october.department)
    assert may(accounts["demo-gm"], "approve_pay", october.department)
    assert not may(accounts["demo-hr"], "approve_pay", october.department)
    assert not departments_where(accounts["demo-agent"], "view_pay").exists()


@pytest.mark.django_db
def test_the_command_refuses_outside_development(settings: Any) -> None:
    settings.DEBUG = False

    with pytest.raises(CommandError, match="--force"):
        call_command("demo")

    assert demo_period() is None


def test_without_a_worker_the_command_says_so_and_keeps_what_it_loaded(
    transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "SECONDS_TO_START", 1)
    try:
        with pytest.raises(CommandError, match="没有工作进程接手结算"):
            call_command("demo", force=True, stdout=StringIO())
    finally:
        app.control.purge()

    period = demo_period()
    assert period is not None
    assert (str(period), period.state) == (f"{NAME} 2026年10月", SettlementPeriod.State.OPEN)
    assert not period.runs.exists()


def test_the_command_settles_through_a_worker_and_changes_nothing_the_second_time(
    worker_process: Any, settings: Any, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path
    first, second = StringIO(), StringIO()

    call_command("demo", force=True, stdout=first)
    period = demo_period()
    assert period is not None
    assert period.state == SettlementPeriod.State.COMPUTED
    before = (period.facts_read_at, period.runs.count(), PayLine.objects.count(), FactChange.objects.count())
    call_command("demo", force=True, stdout=second)

    period.refresh_from_db()
    after = (period.facts_read_at, period.runs.count(), PayLine.objects.count(), FactChange.objects.count())
    assert after == before
    assert "没有改动任何数据" in second.getvalue()
    path = Path(first.getvalue().splitlines()[-1])
    assert path == Path(second.getvalue().splitlines()[-1])
    assert load_workbook(path, read_only=True).sheetnames == [
        "工资表",
        "明细",
        "罚款",
        "提成",
        "转下月",
        "核对",
    ]
    passwords = [line.rpartition(" ")[2] for line in first.getvalue().splitlines() if line.startswith("账号")]
    assert len(set(passwords)) == 7


def test_a_loss_is_taken_up_to_half_the_bonus_and_the_rest_waits(october: SettlementPeriod) -> None:
    """600.00 at 60 % and 40 %; 8303's bonus is 500.00, so 250.00 of 360.00 are taken."""
    assert lines("8303", OCTOBER, "s000-09-21b") == {"s000-09-21b": Decimal("-250.00")}
    assert lines("8304", OCTOBER, "s000-09-21b") == {"s000-09-21b": Decimal("-240.00")}
    assert lines("8303", OCTOBER, "s000-09-24b") == {"s000-09-24b": Decimal("-150.00")}
    line = PayLine.objects.get(payslip__period=october, payslip__number="8303", code="s000-09-21b")
    assert line.full_amount - line.amount == Decimal("-110.00")
    assert line.trace["facts"]["losses"] == ["600.00元：退货全款与两次运费，见平台退款单"]


@pytest.mark.django_db
def test_there_is_a_case_in_every_state() -> None:
    with transaction.atomic():
        demo_load(password="demonstration", say=lambda _: None)
        period = demo_period()
        assert period is not None
        complaints_load(department=period.department, now=moment(11, 20))
        assert set(Case.objects.values_list("state", flat=True)) == set(Case.State.values)
        assert set(Ruling.objects.values_list("state", flat=True)) == {"proposed", "decided"}
        assert Appeal.objects.filter(state="asked").count() == 1
        assert ClockEvent.objects.filter(kind="rang", level="due").exists()
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("at", [(11, 20), (12, 1)])
def test_the_fund_has_a_fine_paid_and_one_overdue_and_something_is_contested(at: tuple[int, int]) -> None:
    now = moment(*at)
    with transaction.atomic():
        demo_load(password="demonstration", say=lambda _: None)
        department = Department.objects.get(code=CODE)
        fund_load(department=department, now=now)
        balances = fund_balances(department)
        assert (balances["cash"], sum(balances.values())) == (Decimal("20.00"), 0)
        (owed,) = open_fines(department, on=now.date())
        assert (owed.staff.number, owed.owed, owed.is_overdue) == ("8105", Decimal("40.00"), True)
        (count,) = FundCount.objects.all()
        assert (count.state, count.difference, str(count.witness)) == ("agreed", 0, "何婉清")
        (appeal,) = IncidentAppeal.objects.all()
        assert (appeal.state, appeal.staff.number) == ("asked", "8103")
        (case,) = DisciplinaryCase.objects.all()
        assert (case.state, case.staff.number, case.incident) == ("heard", "8304", None)
        transaction.set_rollback(True)
