"""Nothing is approved unseen: what a month stands on, what changed since its draft, who let what pass."""

from datetime import date
from decimal import Decimal
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commissions.models import Order
from payroll.errors import PeriodRefused
from payroll.models import PeriodWaiver, SettlementPeriod
from payroll.selectors.readiness import Item, changes_since, open_items, readiness, stale_periods
from payroll.services.periods import period_approve
from payroll.workflow import period_open
from penalties.services import IncidentFact, incidents_record
from people.models import FactChange, Staff
from people.services import facts_changed
from shifts.models import Attendance, AttendanceMonth
from shifts.services import attendance_month_set, attendance_record, leave_record
from tests import factories
from tests.payroll import months
from tests.payroll.months import BY_CONVERSION, FINE, OCTOBER, SEPTEMBER, moment, user
from tests.thousand import it_is_november

pytestmark = pytest.mark.django_db

ON_THE_1ST, ON_THE_2ND = moment("2026-10-01 09:00"), moment("2026-10-02 09:00")


@pytest.fixture
def of():
    return months.department(FINE, code="D1")


def full(person, month=SEPTEMBER):
    attendance_month_set(
        staff=person,
        month=month,
        coverage=AttendanceMonth.Coverage.FULL,
        by=None,
        at=months.LONG_AGO,
    )


def items(period: SettlementPeriod, at=ON_THE_2ND) -> dict[str, Item]:
    return {item.key: item for item in readiness(period, at=at)}


def leave_later(person, on=date(2026, 9, 14)):
    leave_record(
        staff=person,
        starts_on=on,
        days=Decimal(1),
        type="personal",
        by=None,
        at=moment("2026-10-01 15:00"),
    )


def approve(period, reason="", at=ON_THE_2ND):
    return period_approve(period=period, reason=reason, by=user("批准人"), at=at)


def test_a_month_with_everything_is_approved_without_a_word(of):
    full(months.agent(of))
    period = months.settled(of, SEPTEMBER)
    assert open_items(period, at=ON_THE_2ND) == []
    assert approve(period).is_frozen
    assert not PeriodWaiver.objects.exists()


def test_a_draft_that_has_become_stale_is_not_approved_until_it_is_settled_again(of):
    person = months.agent(of)
    full(person)
    period = months.settled(of, SEPTEMBER)
    leave_later(person)
    (change,) = changes_since(period)
    assert change.source == FactChange.Source.LEAVE
    assert stale_periods([period]) == {period.pk}
    with pytest.raises(PeriodRefused) as refused:
        approve(period)
    assert "请假" in str(refused.value) and str(person) in str(refused.value)
    assert SettlementPeriod.objects.get().state == "computed" and not PeriodWaiver.objects.exists()
    period = months.settled(of, SEPTEMBER, at=moment("2026-10-01 16:00"))
    assert stale_periods([period]) == set()
    assert approve(period).is_frozen


def test_what_was_committed_after_the_look_is_noticed_though_it_began_before(of):
    full(months.agent(of))
    period = months.settled(of, SEPTEMBER)
    facts_changed(
        department=of,
        months=[SEPTEMBER],
        source=FactChange.Source.ORDERS,
        by=None,
        at=moment("2026-10-01 08:50"),  # an import that began before the draft and ended after it
        note="订单.xlsx",
    )
    assert "订单.xlsx" in items(period)["changes"].words


def test_a_change_of_a_later_month_or_another_department_leaves_the_draft_alone(of):
    full(months.agent(of))
    period = months.settled(of, SEPTEMBER)
    other = months.agent(months.department(FINE, code="D2"))
    leave_later(other)
    leave_later(Staff.objects.get(number="1001", department=of), on=date(2026, 10, 8))
    assert stale_periods([period]) == set() and approve(period).is_frozen


def test_a_reason_lets_pass_what_is_open_by_name(of):
    months.agent(of)
    period = months.settled(of, SEPTEMBER)
    with pytest.raises(PeriodRefused, match="写明理由放行"):
        approve(period)
    approve(period, reason="  都在现场，没有打卡  ")
    (waiver,) = PeriodWaiver.objects.all()
    assert (waiver.key, waiver.by, waiver.reason) == ("attendance", user("批准人"), "都在现场，没有打卡")
    assert "1001" in waiver.words


def test_the_month_that_is_not_over_is_said(of):
    full(months.agent(of))
    period = months.settled(of, SEPTEMBER, at=moment("2026-09-20 09:00"))
    assert "还没有过完" in items(period, at=moment("2026-09-30 23:00"))["month"].words
    assert not items(period, at=moment("2026-10-01 00:00"))["month"].is_open


def test_who_has_no_attendance_and_missing_punches_are_named(of):
    there, away = months.agent(of, "1001"), months.agent(of, "1002")
    attendance_record(staff=there, work_date=date(2026, 9, 3), by=None, at=months.LONG_AGO)
    Attendance.objects.update(missing_punches=2)
    found = items(period_open(department=of, month=SEPTEMBER))
    assert found["attendance"].is_open and str(away) in found["attendance"].words
    assert "2人在职，1人有考勤" in found["attendance"].words
    assert found["punches"].words == f"1人：{there} 2次"


def test_orders_that_nobody_has_are_counted_with_their_sum():
    of = months.department(BY_CONVERSION, code="D1")
    person = months.agent(of)
    full(person)
    period = period_open(department=of, month=SEPTEMBER)
    assert items(period)["orders"].is_open and "没有订单" in items(period)["orders"].words
    months.order(person, date(2026, 9, 5), "100.00")
    months.order(months.agent(months.department(FINE, code="D2"), "2001"), date(2026, 9, 5), "70.00", no="X")
    Order.objects.filter(order_no="X").update(department=of, agent=None, attribution="none")
    found = items(period)
    assert found["orders"].words == "2单，付款170元" and not found["orders"].is_open
    assert "1单、付款70元没有归属" in found["unowned"].words and found["unowned"].is_open
    assert found["metrics"].is_open and "询单转化率0人" in found["metrics"].words
    months.conversion(person, SEPTEMBER, "0.65")
    assert not items(period)["metrics"].is_open


def test_unconfirmed_incidents_and_blank_rules_are_listed():
    of = months.department(FINE, {**FINE, "code": "t-open", "params": {"amount": None}}, code="D1")
    person = months.agent(of)
    full(person)
    months.incident(person, "t-fine", date(2026, 9, 4))
    period = period_open(department=of, month=SEPTEMBER)
    assert not items(period)["incidents"].is_open
    fact = IncidentFact(staff=person, code="t-fine", work_date=date(2026, 9, 5))
    incidents_record(department=of, facts=[fact], confirm=False, by=None, at=months.LONG_AGO)
    found = items(period)
    assert found["incidents"].words == f"1条还没有确认：{person}" and found["incidents"].is_open
    assert "1条有数字没有填" in found["blanks"].words and not found["blanks"].is_open


def test_the_list_takes_as_many_queries_for_one_as_for_many(of):
    months.agent(of, "1001")
    period = months.settled(of, SEPTEMBER)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            readiness(period, at=ON_THE_2ND)
        return len(found)

    queries()  # the department is read once
    one = queries()
    for number in range(1002, 1012):
        months.agent(of, str(number))
    assert queries() == one <= 20


def test_the_page_lists_what_is_open_and_the_approval_asks_for_a_reason(of):
    hr, manager = factories.account("hr", of), factories.account("manager", of)
    person = months.agent(of)
    months.settled(of, SEPTEMBER)
    SettlementPeriod.objects.update(prepared_by=hr)
    leave_later(person)
    client = Client()
    client.force_login(manager)
    page = client.get("/pay/D1/2026-09/").content.decode()
    assert "草稿取数以后有变更" in page and "放行的理由" in page and "/pay/D1/2026-09/readiness" in page
    for headers in ({}, {"HX-Request": "true"}):
        part = client.get("/pay/D1/2026-09/readiness", headers=headers).content.decode()
        assert "项待处理" in part and "草稿取数以后有变更" in part and str(person) in part
    with patch("django.utils.timezone.now", it_is_november()):
        assert "草稿以后有变更，重新结算" in client.get("/").content.decode()
    stamp = client.get("/pay/D1/2026-09/").context["stamp"]
    client.post("/pay/D1/2026-09/step/approve", {"seen": stamp})
    assert SettlementPeriod.objects.get().state == "computed"
    client.post("/pay/D1/2026-09/step/approve", {"seen": stamp, "reason": "已另行核对"})
    assert SettlementPeriod.objects.get().state == "approved"
    assert "批准时放行的事项" in client.get("/pay/D1/2026-09/").content.decode()


def test_an_agent_sees_none_of_it(of):
    person = months.agent(of)
    months.settled(of, OCTOBER)
    client = Client()
    client.force_login(factories.account("agent", of, staff=person))
    for path in ("", "readiness"):
        assert client.get(f"/pay/D1/2026-10/{path}").status_code == 404
