"""What a department takes from wages and on what ground: said on a page, kept by settlement."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.periods import first_of, shift_months
from payroll.models import PayLine
from penalties.errors import WageRuleRefused
from penalties.lawful import loss_limit, loss_percent, proposed_ground, takes_money, wage_rules
from penalties.models import LossLimit, WageRule
from penalties.services import loss_limit_set, wage_rule_set
from people.models import Account, Department
from rules.models import Provision
from rules.provisions import rule_from
from tests import factories
from tests.payroll import months
from tests.payroll.months import NOVEMBER, OCTOBER, SEPTEMBER, adjustments, amounts, moment

pytestmark = pytest.mark.django_db
D = Decimal
TIERS = [{"from_count": 1, "rate": "0.1"}]
LEAVE = {
    "code": "t-leave",
    "title": "请假",
    "kind": "leave",
    "params": {"types": {"personal": {"multiple": "1"}}},
}


@pytest.fixture
def department() -> Department:
    made = months.department(months.FINE, months.LOSS, months.SLOW, LEAVE, code="D1", name="客服一部")
    months.agent(made)
    return made


def decide(of: Department, code: str = "t-fine", month: date = OCTOBER, **given: Any) -> WageRule:
    told = {"from_wages": False, "ground": "none", "reason": "罚款没有依据", "by": None, **given}
    return wage_rule_set(department=of, code=code, month=month, **{"at": moment("2026-10-20 10:00"), **told})


@pytest.mark.parametrize(
    ("kind", "params", "basis", "ground"),
    [
        ("fine", {"amount": "10"}, "discipline", "none"),
        ("fine", {"amount": "10"}, "performance", "variable"),
        ("range_fine", {"min": "1", "max": "2"}, "loss", "loss"),
        ("rate_deduction", {"of": "performance_bonus", "tiers": TIERS}, "", "variable"),
        ("rate_deduction", {"of": "base_pay", "tiers": TIERS}, "", "none"),
        ("discipline", {"level": "minor", "rate": "0.3"}, "", "variable"),
        ("absence", {"multiple": "1"}, "", "unpaid"),
        ("absence", {"multiple": "3"}, "", "none"),
        ("leave", {"types": {"personal": {"multiple": "1"}}}, "", "unpaid"),
        ("leave", {"types": {"personal": {"fine": "30"}}}, "", "none"),
        ("loss_share", {}, "", "loss"),
    ],
)  # fmt: skip
def test_the_ground_of_a_provision_as_it_is_written(kind: str, params: Any, basis: str, ground: str) -> None:
    rule = rule_from(Provision(code="t", title="t", kind=kind, params=params, basis=basis), version="")
    assert takes_money(rule.kind) and proposed_ground(rule).ground == ground


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("award", {"amount": "10"}),
        ("range_award", {"min": "1", "max": "2"}),
        ("escalating_fine", {"steps": ["0"], "final": {"at": 1, "proposal": "talk"}}),
        ("late", {"points": "1"}),
        ("absence", {"points": "1"}),
        ("leave", {"types": {"annual": {"notice_days": "3"}}}),
        ("text", {}),
    ],
)
def test_what_takes_no_money_needs_no_ground(kind: str, params: Any) -> None:
    rule = rule_from(Provision(code="t", title="t", kind=kind, params=params), version="")
    assert not takes_money(rule.kind)


def test_what_is_not_taken_from_wages_is_told_and_costs_nothing(department: Department) -> None:
    person = department.staff.get()
    for code, amount in (("t-fine", None), ("t-loss", "100.00")):
        months.incident(person, code, date(2026, 10, 5), amount)
    decide(department)
    period = months.approved(department, OCTOBER)
    assert amounts(period) == {"base-pay": D("3000.00"), "t-fine": D("0.00"), "t-loss": D("-100.00")}
    line = PayLine.objects.get(payslip__period=period, code="t-fine")
    assert "10.00元不从工资扣（自2026年10月起，罚款没有依据）" in line.reason
    assert line.full_amount == 0 and line.trace["not_from_wages"]["amount"] == "-10.00"
    assert "t-fine" not in amounts(months.settled(department, NOVEMBER))


def test_the_latest_word_holds_from_its_month_on(department: Department) -> None:
    decide(department, month=SEPTEMBER)
    decide(department, month=OCTOBER, from_wages=True, ground="agreed", reason="职代会通过")
    assert [wage_rules(department, month)["t-fine"].from_wages for month in (SEPTEMBER, OCTOBER)] == [
        False,
        True,
    ]
    decide(department, month=OCTOBER)
    assert not wage_rules(department, OCTOBER)["t-fine"].from_wages
    assert wage_rules(department, date(2026, 8, 1)) == {}


def test_a_frozen_month_pays_back_what_should_not_have_been_taken(department: Department) -> None:
    months.incident(department.staff.get(), "t-fine", date(2026, 9, 5))
    assert amounts(months.approved(department, SEPTEMBER))["t-fine"] == D("-10.00")
    decide(department, month=SEPTEMBER)
    assert adjustments(months.settled(department, OCTOBER)) == {"t-fine": D("10.00")}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"code": "t-nothing"}, "没有扣钱的条款"),
        ({"reason": "  "}, "没有写理由"),
        ({"reason": "长" * 501}, "501字"),
        ({"from_wages": True}, "没有依据的不能设为从工资扣"),
        ({"month": date(2026, 12, 1)}, "月份太远"),
    ],
)
def test_what_cannot_be_set_changes_nothing(department: Department, changed: Any, said: str) -> None:
    with pytest.raises(WageRuleRefused, match=said):
        decide(department, **changed)
    assert not WageRule.objects.exists()


def test_the_database_keeps_every_word(department: Department) -> None:
    made = decide(department)
    with pytest.raises(DatabaseError), transaction.atomic():
        WageRule.objects.filter(pk=made.pk).update(from_wages=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        WageRule.objects.filter(pk=made.pk).delete()


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def test_the_page_marks_what_has_no_ground_and_says_that_it_is_no_advice(department: Department) -> None:
    client = client_of(factories.account("manager", department))
    with CaptureQueriesContext(connection) as asked:
        page = client.get("/lawful/D1/").content.decode()
    assert "这一页不是法律意见" in page and "1 条没有找到依据" in page
    assert len(asked) <= 15
    month = first_of(timezone.localdate())
    sent = {"from_wages": "no", "month": f"{month:%Y-%m}", "ground": "none", "reason": "不再罚款"}
    assert client.post("/lawful/D1/t-fine/", sent).status_code == 302
    assert WageRule.objects.get().reason == "不再罚款"
    page = client.get("/lawful/D1/").content.decode()
    assert "每一条都有依据或者已经设定" in page and "1 条设为不从工资扣" in page
    assert "不再罚款" in client.get("/lawful/D1/t-fine/").content.decode()


def test_a_refused_decision_is_said_at_its_field(department: Department) -> None:
    client = client_of(factories.account("manager", department))
    far = shift_months(timezone.localdate(), 2)
    sent = {"from_wages": "yes", "month": f"{far:%Y-%m}", "ground": "agreed", "reason": "约定"}
    assert "月份太远" in client.post("/lawful/D1/t-fine/", sent).content.decode()
    assert "不是月份" in client.post("/lawful/D1/t-fine/", {**sent, "month": "明年"}).content.decode()
    assert not WageRule.objects.exists()


def test_who_sees_pay_reads_it_and_who_publishes_rules_decides(department: Department) -> None:
    other = factories.department("D2")
    sent = {"from_wages": "no", "month": "2026-10", "ground": "none", "reason": "不再罚款"}
    hr = client_of(factories.account("hr", department))
    assert hr.get("/lawful/D1/t-fine/").status_code == 200
    assert hr.post("/lawful/D1/t-fine/", sent).status_code == 404
    for group, place in (("supervisor", department), ("manager", other)):
        stranger = client_of(factories.account(group, place))
        assert stranger.get("/lawful/D1/").status_code == 404
        assert stranger.post("/lawful/D1/t-fine/", sent).status_code == 404
    assert not WageRule.objects.exists()


def limit(of: Department, percent: str, month: date = OCTOBER, **given: Any) -> LossLimit:
    told = {"reason": "从严", "by": None, "at": moment("2026-10-20 10:00"), **given}
    return loss_limit_set(department=of, month=month, percent=D(percent), **told)


def percent(of: Department, month: date) -> Decimal:
    return loss_percent(loss_limit(of, month))


def test_losses_take_a_fifth_until_the_department_sets_another_share() -> None:
    made = months.capped(months.LOSS)
    person = months.agent(made)
    limit(made, "10")
    for on in (date(2026, 9, 5), date(2026, 10, 5)):
        months.incident(person, "t-loss", on, "500.00")
    assert amounts(months.approved(made, SEPTEMBER))["t-loss"] == D("-500.00")
    period = months.approved(made, OCTOBER)
    assert amounts(period)["t-loss"] == D("-300.00")
    line = PayLine.objects.get(payslip__period=period, code="t-loss")
    assert "赔偿每月不超过应发3000.00元的10%即300.00元" in line.reason


def test_the_latest_share_holds_from_its_month_on_and_an_approved_month_keeps_what_it_took() -> None:
    made = months.capped(months.LOSS)
    months.incident(months.agent(made), "t-loss", date(2026, 9, 5), "600.00")
    assert amounts(months.approved(made, SEPTEMBER))["t-loss"] == D("-600.00")
    limit(made, "5", SEPTEMBER)
    limit(made, "15")
    assert [percent(made, month) for month in (date(2026, 8, 1), SEPTEMBER, OCTOBER, NOVEMBER)] == [
        20, 5, 15, 15,
    ]  # fmt: skip
    assert adjustments(months.settled(made, OCTOBER)) == {}


def test_more_than_the_national_limit_names_the_local_rule(department: Department) -> None:
    with pytest.raises(WageRuleRefused, match="高于20%的没有写出处"):
        limit(department, "20.01", reason="老板同意")
    with pytest.raises(DatabaseError), transaction.atomic():
        LossLimit.objects.create(
            department=department, month=OCTOBER, percent=30, reason="老板同意", at=factories.WHEN
        )
    assert not LossLimit.objects.exists()
    limit(department, "25", reason="《某省工资支付条例》第九条")
    limit(department, "25", reason="《某省工资支付条例》第九条")
    assert LossLimit.objects.count() == 1 and percent(department, OCTOBER) == 25


@pytest.mark.parametrize(
    ("given", "changed", "said"),
    [
        ("100.01", {}, "不是比例"),
        ("-1", {}, "不是比例"),
        ("10", {"reason": " "}, "没有写理由"),
        ("10", {"reason": "长" * 501}, "501字"),
        ("10", {"month": date(2026, 12, 1)}, "月份太远"),
    ],
)
def test_a_share_that_cannot_be_set_changes_nothing(
    department: Department, given: str, changed: Any, said: str
) -> None:
    with pytest.raises(WageRuleRefused, match=said):
        limit(department, given, **changed)
    assert not LossLimit.objects.exists()


def test_the_share_is_set_on_the_page_by_who_publishes_rules(department: Department) -> None:
    sent = {"percent": "25", "month": f"{timezone.localdate():%Y-%m}", "reason": "老板同意"}
    hr = client_of(factories.account("hr", department))
    assert "设定赔偿的限额" not in hr.get("/lawful/D1/").content.decode()
    assert hr.post("/lawful/D1/", sent).status_code == 404
    client = client_of(factories.account("manager", department))
    assert "每月至多扣当月工资的 20%" in client.get("/lawful/D1/").content.decode()
    assert "高于20%的没有写出处" in client.post("/lawful/D1/", sent).content.decode()
    assert not LossLimit.objects.exists()
    assert client.post("/lawful/D1/", {**sent, "percent": "10", "reason": "从严"}).status_code == 302
    page = client.get("/lawful/D1/").content.decode()
    assert "每月至多扣当月工资的 10%" in page and "从严" in page and "不是法律意见" in page
