"""A payslip that could not be settled offers what helps where it is shown; totals leave it out and say so."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commissions.errors import CommissionRefused
from commissions.models import Metric
from payroll.models import Payslip, SettlementPeriod
from payroll.services.missing_metrics import missing_metric_record
from people.models import Account, Department, FactChange
from tests import factories
from tests.payroll import months
from tests.payroll.months import SEPTEMBER, moment

pytestmark = pytest.mark.django_db
URL = "/pay/D1/2026-09/"
OCTOBER_2 = moment("2026-10-02 09:00")


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def text(account: Account, url: str) -> str:
    response = client_of(account).get(url)
    assert response.status_code == 200, url
    return response.content.decode()


@pytest.fixture
def of() -> Department:
    """One whose commission lacks the conversion rate, one who has it."""
    made = months.department(months.BY_CONVERSION, months.LATE, code="D1", name="客服一部")
    lacking, whole = months.agent(made, "1001", name="陈晓"), months.agent(made, "1002", name="林芳")
    for person in (lacking, whole):
        months.order(person, date(2026, 9, 6), "1000.00")
    months.conversion(whole, SEPTEMBER, "0.60")
    return made


@pytest.fixture
def hr(of: Department) -> Account:
    return factories.account("hr", of)


@pytest.fixture
def period(of: Department) -> SettlementPeriod:
    return months.settled(of, SEPTEMBER)


def failed(period: SettlementPeriod) -> Payslip:
    return Payslip.objects.select_related("staff__department", "period__department").get(
        period=period, number="1001"
    )


def test_a_missing_metric_is_typed_in_on_the_months_page_and_then_settles(
    of: Department, hr: Account, period: SettlementPeriod
) -> None:
    assert failed(period).failure_cause == {"metric": "conversion_rate"}
    address = f"{URL}1001/metric"
    for url in (URL, f"{URL}1001/"):
        page = text(hr, url)
        assert f'action="{address}"' in page and "询单转化率</label>" in page
        assert "/imports/?department=D1&amp;kind=metrics" in page
    page = client_of(hr).post(address, {"value": "72%"}, follow=True).content.decode()
    assert "已记下“1001 陈晓 2026-09 询单转化率”，重新结算后计入。" in page
    assert "已填72%，重新结算后计入。" in page
    metric = Metric.objects.get(staff__number="1001")
    assert (metric.value, metric.by, metric.month) == (Decimal("0.72"), hr, SEPTEMBER)
    assert FactChange.objects.filter(source="metrics", by=hr, month=SEPTEMBER).count() == 1
    again = months.settled(of, SEPTEMBER)
    assert months.slip(again).failure == "" and months.slip(again).failure_cause == {}
    assert months.amounts(again)["t-comm"] == Decimal("15.00")


def test_a_second_press_records_nothing_and_another_value_replaces_the_first(
    hr: Account, period: SettlementPeriod
) -> None:
    client = client_of(hr)
    for value in ("0.6", "60%", "0.600"):
        client.post(f"{URL}1001/metric", {"value": value})
    assert Metric.objects.filter(staff__number="1001").count() == 1
    client.post(f"{URL}1001/metric", {"value": "0.8"})
    assert "已填80%，" in text(hr, URL)


@pytest.mark.parametrize("value", ["", "abc", "72", "Infinity", "1" * 20 + "%"])
def test_what_is_no_ratio_is_not_recorded(hr: Account, period: SettlementPeriod, value: str) -> None:
    page = client_of(hr).post(f"{URL}1001/metric", {"value": value}, follow=True).content.decode()
    assert "没有记下" in page and not Metric.objects.filter(staff__number="1001").exists()


def test_who_may_not_import_sees_neither_field_nor_link_and_records_nothing(
    of: Department, period: SettlementPeriod
) -> None:
    auditor = factories.account("auditor")
    page = text(auditor, URL)
    assert "1 人未能结算" in page and "/metric" not in page and "kind=metrics" not in page
    stranger = factories.account("hr", factories.department("D2"))
    for account in (auditor, stranger):
        assert client_of(account).post(f"{URL}1001/metric", {"value": "0.6"}).status_code == 404
    assert not Metric.objects.filter(staff__number="1001").exists()


def test_only_what_is_missing_is_recorded_and_only_in_an_open_month(
    hr: Account, period: SettlementPeriod
) -> None:
    settled = Payslip.objects.select_related("staff", "period__department").get(number="1002")
    with pytest.raises(CommissionRefused, match="不缺指标"):
        missing_metric_record(slip=settled, value=Decimal("0.6"), by=hr, at=OCTOBER_2)
    slip = failed(period)
    slip.period.state = SettlementPeriod.State.APPROVED
    with pytest.raises(CommissionRefused, match="已批准，不能在这里填"):
        missing_metric_record(slip=slip, value=Decimal("0.6"), by=hr, at=OCTOBER_2)
    assert Metric.objects.count() == 1


def test_missing_base_pay_leads_to_the_persons_terms_and_the_import_of_staff(hr: Account) -> None:
    share = {
        "code": "t-rate",
        "title": "按日薪",
        "kind": "rate_deduction",
        "params": {"of": "base_pay", "tiers": [{"from_count": 1, "rate": "0.01"}]},
    }
    of = Department.objects.get(code="D1")
    months.publish(of, share, on=date(2021, 1, 1))
    person = months.agent(of, "1003", base_pay=None)
    months.incident(person, "t-rate", date(2026, 9, 5))
    period = months.settled(of, SEPTEMBER)
    slip = Payslip.objects.get(period=period, number="1003")
    assert slip.failure_cause == {"terms": "base_pay"}
    page = text(hr, f"{URL}1003/")
    assert f"/people/staff/{person.pk}/change/" in page and "/imports/?department=D1&amp;kind=staff" in page
    assert "/metric" not in page


def test_the_import_page_has_the_department_chosen_and_says_what_is_wanted(of: Department) -> None:
    both = factories.account("hr", of, factories.department("D2"), username="two")
    page = text(both, "/imports/?department=D1&kind=metrics")
    assert "要导入的是：<strong>指标</strong>" in page
    assert f'<option value="{of.pk}" selected>' in page
    page = text(both, "/imports/")
    assert "要导入的是" not in page and f'<option value="{of.pk}" selected>' not in page


def test_totals_leave_out_who_failed_and_say_so(hr: Account, period: SettlementPeriod) -> None:
    page = text(hr, URL)
    assert "合计不含未能结算的 1 人。" in page
    net = months.slip(period, "1002").net
    assert f"{net:,.2f}" in page and net > 0
    assert "不含未能结算的 1 人" in text(hr, "/pay/")


def test_many_who_failed_cost_as_many_queries_as_one(
    of: Department, hr: Account, period: SettlementPeriod
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            text(hr, URL)
        return len(captured)

    text(hr, URL)
    before = queries()
    for number in range(2001, 2006):
        months.order(months.agent(of, str(number)), date(2026, 9, 7), "100.00")
    again = months.settled(of, SEPTEMBER)
    assert Payslip.objects.filter(period=again).exclude(failure="").count() == 6
    assert queries() == before
