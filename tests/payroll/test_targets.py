"""Targets in settlement: what they say on the payslip, what stops somebody, what a late figure adjusts."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commissions.definitions import metric_define
from commissions.figures import figure_record
from payroll.models import Payslip
from payroll.selectors.readiness import readiness
from people.models import Department
from rules.library import RulebookError
from tests import factories
from tests.payroll import months
from tests.payroll.months import COMMISSION, LONG_AGO, OCTOBER, SEPTEMBER, moment

pytestmark = pytest.mark.django_db
D = Decimal
TARGET: dict[str, Any] = {
    "code": "t-target",
    "title": "单指标",
    "kind": "target",
    "params": {"measure": "gross_profit", "target": {"formula": "推广费 × 10"}, "met": "t-comm"},
}


def figure(of: Department, code: str, value: str, month: date = SEPTEMBER, at=LONG_AGO) -> None:
    figure_record(department=of, month=month, code=code, value=D(value), by=None, at=at)


@pytest.fixture
def of() -> Department:
    made = months.department(COMMISSION, TARGET, code="D1")
    months.order(months.agent(made), date(2026, 9, 6), "10000.00")
    return made


def test_the_line_says_what_was_reached_and_a_late_figure_is_adjusted_next_month(of: Department) -> None:
    figure(of, "毛利", "4999.99", at=moment("2026-09-30 09:00"))
    figure(of, "推广费", "500", at=moment("2026-09-30 09:00"))
    approved = months.approved(of, SEPTEMBER)
    (line,) = [each for each in months.lines(approved) if each.code == "t-comm"]
    assert line.amount == 0
    assert line.reason.endswith("单指标：毛利4999.99＜推广费500×10＝5000，未达成，不计")
    figure(of, "毛利", "5000", at=moment("2026-10-10 09:00"))
    october = months.settled(of, OCTOBER)
    assert months.adjustments(october) == {"t-comm": D("100.00")}


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"毛利": "5000"}, "t-target 单指标的指标算不出：2026年09月缺推广费"),
        ({"推广费": "500"}, "缺2026年09月的毛利（部门数字），不知道t-target 单指标是否达成"),
    ],
)
def test_a_figure_that_nobody_gave_is_named_and_leads_to_its_page(
    of: Department, figures: dict[str, str], said: str
) -> None:
    for code, value in figures.items():
        figure(of, code, value)
    months.agent(of, "1002")  # sold nothing: nothing is asked of the figures
    period = months.settled(of, SEPTEMBER)
    assert [each.number for each in Payslip.objects.exclude(failure="")] == ["1001"]
    assert said in months.slip(period).failure
    client = Client()
    client.force_login(factories.account("hr", of))
    page = client.get("/pay/D1/2026-09/").content.decode()
    assert "填部门数字" in page and "/figures/D1/" in page
    item = {each.key: each for each in readiness(period, at=moment("2026-10-01 10:00"))}["figures"]
    assert item.is_open is ("推广费" not in figures)


def test_what_divides_by_zero_is_named(of: Department) -> None:
    ratio = {**TARGET, "params": {**TARGET["params"], "target": {"formula": "1 / (推广费 - 500)"}}}
    months.publish(of, COMMISSION, ratio, on=SEPTEMBER)
    figure(of, "毛利", "5000")
    figure(of, "推广费", "500")
    slip = months.slip(months.settled(of, SEPTEMBER))
    assert slip.failure == "t-target 单指标的指标算不出：2026年09月除数“推广费－500”是0，不能除"
    assert slip.remedy == "改正部门数字或公式后重新结算"


@pytest.mark.parametrize("named", ["t-nowhere", "t-target", "t-conduct"])
def test_a_target_that_names_what_it_cannot_decide_is_not_published(of: Department, named: str) -> None:
    conduct = {"code": "t-conduct", "title": "准则", "kind": "conduct", "params": {"codes": ["a"]}}
    wrong = {**TARGET, "params": {**TARGET["params"], "met": [named]}}
    with pytest.raises(RulebookError, match=f"所列的“{named}”不是指标能决定的条款"):
        months.publish(of, COMMISSION, conduct, wrong, on=OCTOBER)
    assert of.versions.count() == 1


def test_a_streak_over_two_definitions_says_so(of: Department) -> None:
    streak = {
        **{"code": "t-streak", "title": "连续第一", "kind": "streak_award"},
        "params": {"metric": "conversion_rate", "steps": ["50", "100"]},
    }
    months.publish(of, streak, on=date(2026, 8, 1))
    person = of.staff.get()
    for month in (SEPTEMBER, OCTOBER):
        months.conversion(person, month, "0.5")
    months.approved(of, SEPTEMBER)
    metric_define(
        department=of,
        code="询单转化率",
        from_month=OCTOBER,
        text="只计最终付款",
        by=None,
        at=moment("2026-09-30 09:00"),
    )
    (line,) = [each for each in months.lines(months.settled(of, OCTOBER)) if each.code == "t-streak"]
    assert line.amount == 100
    assert "询单转化率的口径自2026年10月起有变，之前各月按原口径" in line.reason


def test_targets_cost_one_query_whatever_the_people(of: Department) -> None:
    figure(of, "毛利", "5000")
    figure(of, "推广费", "500")

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            months.settled(of, SEPTEMBER)
        return len(found)

    queries()
    before = queries()
    for number in range(2000, 2020):
        months.order(months.agent(of, str(number)), date(2026, 9, 6), "10.00")
    assert queries() == before
