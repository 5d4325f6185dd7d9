"""A month with another parameter or metric: person by person, in memory, for whoever settles it."""

import json
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commissions.services import refund_record
from payroll.models import SettlementPeriod
from payroll.settlement.what_if import OtherMetric, OtherParams, provisions_tried, what_if
from people.models import AccessLog, Account, Department, Staff
from rules.kinds import parse_kind
from rules.models import Provision
from tests import factories
from tests.payroll import months

D = Decimal
AT_SALE = {"refund_rate": "sale"}
CHAMPION: dict[str, Any] = {
    "code": "t-first",
    "title": "销售冠军",
    "kind": "ranked_award",
    "params": {"metric": "conversion_rate", "places": ["200.00"]},
}


@pytest.fixture
def department(db: None) -> Department:
    made = months.department(months.BY_CONVERSION, months.FINE, CHAMPION, code="D1")
    for number, sold, rate in (("1001", "10000", "0.71"), ("1002", "20000", "0.60")):
        person = months.agent(made, number)
        months.order(person, months.SEPTEMBER, sold)
        months.conversion(person, months.SEPTEMBER, rate)
    months.incident(Staff.objects.get(number="1002"), "t-fine", months.SEPTEMBER)
    return made


@pytest.fixture
def period(department: Department) -> SettlementPeriod:
    return months.settled(department, months.SEPTEMBER)


def params(code: str, **changed: Any) -> OtherParams:
    row = Provision.objects.get(code=code)
    return OtherParams.of(row, {**row.params, **changed})


def counts() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def differences(period: SettlementPeriod, change: OtherParams | OtherMetric) -> dict[str, Decimal]:
    return {each.number: each.difference for each in what_if(period, change).changed}


def test_another_rate_is_seen_person_by_person_and_stores_nothing(period: SettlementPeriod) -> None:
    before, state = counts(), months.rows(period)
    brackets = [{"from": "0", "rate": "0.02"}, {"above": "0.70", "rate": "0.03"}]
    found = what_if(period, params("t-comm", brackets=brackets))
    assert counts() == before and months.rows(period) == state
    told = {each.number: (each.before, each.after, each.difference) for each in found.changed}
    slips = {number: months.slip(period, number).net for number in ("1001", "1002")}
    assert told == {
        "1001": (slips["1001"], slips["1001"] + 150, D("150.00")),
        "1002": (slips["1002"], slips["1002"] + 200, D("200.00")),
    }
    assert (found.people, found.before, found.difference) == (2, sum(slips.values()), D("350.00"))
    (line,) = found.changed[0].lines
    assert "×1%" in line.reason_before and "×2%" in line.reason_after


def test_another_metric_moves_brackets_and_places(period: SettlementPeriod) -> None:
    before = counts()
    other = OtherMetric(Staff.objects.get(number="1002"), "conversion_rate", D("0.80"))
    assert differences(period, other) == {"1001": D("-200.00"), "1002": D("300.00")}
    assert counts() == before


def test_another_fine_costs_what_was_recorded_anew(period: SettlementPeriod) -> None:
    assert differences(period, params("t-fine", amount="25.00")) == {"1002": D("-15.00")}


def test_a_frozen_month_is_tried_under_the_rules_that_settled_it(department: Department) -> None:
    period = months.approved(department, months.SEPTEMBER)
    dearer = {**months.BY_CONVERSION, "params": {"measure": "net_sales", "rate": "0.5"}}
    months.publish(department, dearer, on=months.SEPTEMBER, at=months.next_month(months.SEPTEMBER, 20))
    assert {rule.code for rule in provisions_tried(period)} == {"t-comm", "t-fine", "t-first"}
    kind, _ = parse_kind("ranked_award", {**CHAMPION["params"], "places": ["300.00"]})
    assert differences(period, OtherParams("t-first", kind, ())) == {"1001": D("100.00")}


@pytest.mark.django_db
def test_a_refund_takes_back_what_an_earlier_sale_was_really_paid() -> None:
    """2 % of October's 10,000.00 less the 1 % that September's 1,000.00 were paid."""
    of = months.department({**months.COMMISSION, "params": {**months.COMMISSION["params"], **AT_SALE}})
    person = months.agent(of)
    sold = months.order(person, months.SEPTEMBER, "1000.00")
    months.order(person, months.OCTOBER, "10000.00")
    at = months.moment("2026-10-08 12:00")
    refund_record(department=of, order_no=sold.order_no, refunded_at=at, amount=D("1000.00"), by=None, at=at)
    period = months.settled(of, months.OCTOBER)
    assert months.amounts(period)["t-comm"] == D("90.00")
    assert differences(period, params("t-comm", rate="0.02")) == {"1001": D("100.00")}


@pytest.mark.django_db(transaction=True)
def test_it_neither_waits_for_a_settlement_nor_keeps_one_waiting() -> None:
    made = months.department(months.COMMISSION)
    months.order(months.agent(made), months.SEPTEMBER, "100")
    period = months.settled(made, months.SEPTEMBER)
    with months.at_work(period):
        assert differences(period, params("t-comm", rate="0.02")) == {"1001": D("1.00")}


def test_the_queries_do_not_grow_with_people(period: SettlementPeriod) -> None:
    change = params("t-comm", brackets=[{"from": "0", "rate": "0.02"}])

    def taken() -> int:
        with CaptureQueriesContext(connection) as captured:
            what_if(period, change)
        return len(captured)

    taken()  # what is remembered for all of them
    before = taken()
    for number in range(20):
        person = months.agent(period.department, f"2{number:03}")
        months.order(person, months.SEPTEMBER, "100")
        months.conversion(person, months.SEPTEMBER, "0.5")
    assert taken() == before


# Pages

URL = "/pay/D1/2026-09/what-if"


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_hr_tries_other_figures_and_only_the_look_is_noted(period: SettlementPeriod) -> None:
    client = client_of(factories.account("hr", period.department))
    form = client.get(f"{URL}?provision=t-fine").content.decode()
    assert 'name="p-amount"' in form and "试算结果" not in form
    before = counts()
    figures = {"p-amount": "30.00", "p-unit": "occurrence", "p-unit_size": "1", "p-rounding": "down"}
    sent = client.post(f"{URL}?provision=t-fine", figures)
    again = client.post(f"{URL}?provision=t-fine", figures)
    assert sent.status_code == 302 and again["Location"] == sent["Location"]
    page = client.get(sent["Location"]).content.decode()
    assert 'value="30.00"' in page and "/what-if/result?provision=t-fine" in page
    result = client.get(sent["Location"].replace("what-if?", "what-if/result?")).content.decode()
    assert "记录疏漏（t-fine）改为" in result and "−20.00" in result and "1人有差别" in result
    after = counts()
    assert after.pop(AccessLog._meta.label) == before.pop(AccessLog._meta.label) + 1
    assert after == before


def test_a_metric_is_tried_as_it_is_written_in_files(period: SettlementPeriod) -> None:
    client = client_of(factories.account("manager", period.department))
    asked = {"metric": "conversion_rate", "number": "1002", "value": "80%"}
    assert "what-if/result?metric" in client.get(URL, asked).content.decode()
    result = client.get(f"{URL}/result", asked).content.decode()
    assert "300.00" in result and "−200.00" in result
    wrong = client.get(URL, {**asked, "number": "9999"}).content.decode()
    assert "没有工号9999" in wrong and "what-if/result?metric" not in wrong


@pytest.mark.parametrize("group", ["agent", "lead", "supervisor", "gm", "auditor"])
def test_who_does_not_settle_tries_nothing(period: SettlementPeriod, group: str) -> None:
    client = client_of(factories.account(group, period.department))
    asked = urlencode({"provision": "t-fine", "params": json.dumps({"amount": "30.00"})})
    assert client.get(URL).status_code == 404
    assert client.get(f"{URL}/result?{asked}").status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "provision=t-fine",
        *(f"provision={each}" for each in ("t-fine&params=[]", "t-fine&params={}", "x")),
    ],
)
def test_what_an_address_cannot_mean_is_not_found(period: SettlementPeriod, asked: str) -> None:
    client = client_of(factories.account("hr", period.department))
    assert client.get(f"{URL}/result?{asked}").status_code == 404


@pytest.mark.parametrize("told", ['{"rate":[1]}', '{"exclude":{"a":1}}', '{"nothing":1}', "[1]"])
def test_an_address_whose_parameters_do_not_fit_shows_the_provisions_own(
    period: SettlementPeriod, told: str
) -> None:
    client = client_of(factories.account("hr", period.department))
    response = client.get(URL, {"provision": "t-comm", "params": told})
    assert response.status_code == 200
    page = response.content.decode()
    assert "what-if/result?" not in page and 'value="1.5' in page
