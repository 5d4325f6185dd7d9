"""Balances on pages, in a workbook, over the API and as a notice: what they show to whom."""

from datetime import date, timedelta
from decimal import Decimal as D
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from notices.models import Notice
from people.models import Account, Department, Staff
from people.services import staff_leave, staff_transfer
from people.tokens import token_create
from shifts.models import LeaveCorrection, LeaveRequest, Overtime
from shifts.services import leave_record
from shifts.services.leave_balances import leave_correct
from shifts.tasks import leave_expiring_remind
from tests import factories
from tests.factories import WHEN
from tests.shifts.leave.asking import MONDAY, SUNDAY, TODAY, asked
from tests.shifts.leave.test_balances import ANNUAL, OFF, published
from tests.shifts.leave.test_pages import client_of, text

pytestmark = pytest.mark.django_db
GIVEN = {"type": "annual", "days": "1.5", "on": f"{TODAY}", "until": "", "reason": "先进奖励", "seen": "0"}


@pytest.fixture
def department(department: Department) -> Department:
    published(department, ANNUAL, OFF)
    return department


@pytest.fixture
def hr(department: Department) -> Account:
    return factories.account("hr", department, username="hal")


def took(person: Staff, days: str, on: date = date(2026, 3, 6)) -> None:
    leave_record(staff=person, starts_on=on, days=D(days), type="annual", by=None, at=WHEN)


def soon(person: Staff, days: str = "1") -> None:
    """Days that lapse on 31 October."""
    leave_correct(
        staff=person,
        type="annual",
        days=D(days),
        on=TODAY,
        until=date(2026, 10, 31),
        reason="奖励",
        by=None,
        at=WHEN,
    )


def test_the_own_page_shows_what_is_left_with_every_entry(agent: Staff) -> None:
    took(agent, "2")
    soon(agent)
    own = client_of(agent.account)
    page = text(own, "me_leave_balances")
    assert "年假：剩 4天" in page and "1天用到 2026-10-31，3天用到 2027-03-31" in page
    assert "2026年应得" in page and "更正：奖励" in page and "-2天" in page
    assert "1天在 30 天内到期" in page
    assert "年假 4天" in text(own, "me_leave") and "2026-10-31 到期" in text(own, "me_leave")


def test_the_form_says_what_is_left_before_asking(agent: Staff) -> None:
    took(agent, "2")
    own = client_of(agent.account)
    given = {"type": "annual", "starts_on": f"{MONDAY}", "days": "2", "half": ""}
    assert "年假到2026-10-19剩3天，批准这次后剩1天" in text(own, "me_leave_outlook", **given)
    assert "年假到2026-10-19只剩3天，这次请4天" in text(own, "me_leave_outlook", **{**given, "days": "4"})
    page = own.post(reverse("me_leave"), {**given, "days": "4", "reason": "回家"}).content.decode()
    assert "年假到2026-10-19只剩3天，这次请4天；改短，或改请别的假。" in page
    assert not LeaveRequest.objects.exists()


def test_who_decides_sees_the_balance(agent: Staff, lead: Account) -> None:
    request = asked(agent, days="2", type="annual")
    assert "年假剩 5天，待审批的共 2天" in text(client_of(lead), "leave_request", request.pk)


def test_overtime_is_asked_for_with_what_it_is_made_good_by(agent: Staff) -> None:
    own = client_of(agent.account)
    given = {"work_date": f"{SUNDAY}", "hours": "4", "reason": "大促"}
    own.post(reverse("me_overtime"), {**given, "compensation": "leave"})
    assert Overtime.objects.get().compensation == "leave"
    assert "换调休" in text(own, "me_overtime")
    page = own.post(reverse("me_overtime"), {**given, "work_date": f"{MONDAY}", "compensation": "leave"})
    assert "只有休息日的加班可以换调休；改选付加班费" in page.content.decode()


def test_a_department_is_a_table_that_is_filtered_sorted_and_exported(
    department: Department, agent: Staff, hr: Account
) -> None:
    other = factories.staff(department, "72", name="王二")
    took(agent, "2")
    soon(other, "0.5")
    client = client_of(hr)
    page = text(client, "leave_balances")
    assert "1 笔余额有天数在 30 天内到期" in page and "王二" in page
    page = text(client, "leave_balances", type="annual", sort="less")
    assert page.index("71 员工71") < page.index("72 王二")
    page = text(client, "leave_balances", type="annual", sort="more")
    assert page.index("72 王二") < page.index("71 员工71")
    assert "71 员工71" not in text(client, "leave_balances", expiring="on")
    assert "没有符合的余额" in text(client, "leave_balances", who="nobody")
    response = client.get(reverse("leave_balances_export"), {"type": "annual"})
    rows = list(openpyxl.load_workbook(BytesIO(b"".join(response))).active.values)
    assert rows[0][:5] == ("工号", "姓名", "最后工作日", "假别", "上年结转（天）")
    assert rows[1][:2] == ("71", "员工71") and rows[1][3:9] == ("年假", 0, 5, 2, 0, 3)
    assert rows[2][8:10] == (5.5, 0.5)


def test_who_has_left_shows_what_was_not_taken(department: Department, agent: Staff, hr: Account) -> None:
    staff_leave(staff=agent, last_day=date(2026, 9, 30), by=None, at=WHEN)
    page = text(client_of(hr), "leave_balances")
    assert "2026-09-30 离职，未休" in page
    assert "年假未休 3天" in text(client_of(hr), "leave_balance", agent.pk)  # 273 ÷ 365 × 5 = 3.73


def test_hr_corrects_with_a_reason(agent: Staff, hr: Account) -> None:
    client = client_of(hr)
    url = reverse("leave_balance_correct", args=[agent.pk])
    page = client.post(url, GIVEN, follow=True).content.decode()
    assert "已更正。" in page and "年假：剩 6.5天" in page and "更正：先进奖励" in page
    assert LeaveCorrection.objects.get().by == hr
    page = client.post(url, GIVEN, follow=True).content.decode()
    assert "没有更正：71 员工71的余额在您打开页面以后更正过" in page
    given = {**GIVEN, "seen": "1"}
    page = client.post(url, {**given, "days": "-9"}, follow=True).content.decode()
    assert "没有更正：2026-10-15只剩6.5天；减少的天数不能更多。" in page
    assert "必填项" in client.post(url, {**GIVEN, "reason": ""}).content.decode()
    assert LeaveCorrection.objects.count() == 1


@pytest.mark.parametrize("group", ["agent", "supervisor", "auditor"])
def test_who_does_not_look_after_the_staff_corrects_nothing(
    department: Department, agent: Staff, group: str
) -> None:
    client = client_of(factories.account(group, department))
    assert client.post(reverse("leave_balance_correct", args=[agent.pk]), GIVEN).status_code == 404
    assert not LeaveCorrection.objects.exists()
    if group != "agent":
        assert "更正余额" not in text(client, "leave_balance", agent.pk)


def test_others_learn_nothing(department: Department, agent: Staff, lead: Account) -> None:
    other = factories.staff(department, "79", name="别组", team=factories.team(department, "B"))
    elsewhere = factories.account("hr", factories.department("D7"))
    for client in (client_of(agent.account), client_of(elsewhere)):
        assert client.get(reverse("leave_balance", args=[other.pk])).status_code == 404
        assert client.post(reverse("leave_balance_correct", args=[other.pk]), GIVEN).status_code == 404
    assert client_of(agent.account).get(reverse("leave_balances")).status_code == 404
    assert client_of(agent.account).get(reverse("leave_balances_export")).status_code == 404
    assert "员工71" not in text(client_of(elsewhere), "leave_balances", department=department.code)
    page = text(client_of(lead), "leave_balances")
    assert "员工71" in page and "别组" not in page
    assert client_of(lead).get(reverse("leave_balance", args=[other.pk])).status_code == 404
    assert not LeaveCorrection.objects.exists()


def test_who_will_be_transferred_is_shown_until_then(
    department: Department, agent: Staff, hr: Account
) -> None:
    there = factories.department("D2")
    staff_transfer(staff=agent, to=there, on=TODAY + timedelta(days=10), by=None, at=WHEN)
    assert "员工71" in text(client_of(hr), "leave_balances")
    assert client_of(hr).get(reverse("leave_balance", args=[agent.pk])).status_code == 200


def test_the_former_department_does_not_follow_who_was_transferred(
    department: Department, agent: Staff, hr: Account
) -> None:
    there = factories.department("D7")
    published(there, ANNUAL)
    moved = staff_transfer(staff=agent, to=there, on=date(2026, 10, 1), by=None, at=WHEN)
    took(moved, "2", MONDAY)
    assert "员工71" not in text(client_of(hr), "leave_balances")
    assert client_of(hr).get(reverse("leave_balance", args=[agent.pk])).status_code == 404
    page = text(client_of(factories.account("hr", there)), "leave_balance", moved.pk)
    assert "年假：剩 3天" in page


def test_the_table_takes_as_many_queries_for_many(department: Department, agent: Staff, hr: Account) -> None:
    client, counts = client_of(hr), []
    for more in (0, 8):
        for number in range(more):
            person = factories.staff(department, str(200 + number))
            took(person, "1")
            soon(person)
        took(agent, "1", date(2026, 4, 7 + more))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("leave_balances")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] and counts[1] <= 26


def api(account: Account, *departments: Department) -> APIClient:
    _, secret = token_create(
        name="t",
        account=account,
        departments=departments,
        actions=["read"],
        expires_at=WHEN + timedelta(days=9),
        by=account,
        at=WHEN,
    )
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_the_api_gives_the_own_balance_and_those_of_the_department(
    department: Department, agent: Staff, hr: Account
) -> None:
    other = factories.staff(department, "72")
    took(agent, "2")
    soon(agent)
    rows = api(agent.account, department).get("/api/v1/leave-balances/").json()["results"]
    assert [row["number"] for row in rows] == ["71"]
    annual = next(each for each in rows[0]["balances"] if each["type"] == "annual")
    figures = {key: annual[key] for key in ("carried", "granted", "used", "expired", "left", "waiting")}
    assert figures == {
        **{"carried": "0.00", "granted": "6.00", "used": "2.00", "expired": "0.00"},
        **{"left": "4.00", "waiting": "0.00"},
    }
    assert annual["parts"] == [
        {"until": "2026-10-31", "days": "1.00"},
        {"until": "2027-03-31", "days": "3.00"},
    ]
    assert [entry["days"] for entry in annual["entries"]] == ["5.00", "-2.00", "1.00"]
    own = api(agent.account, department)
    assert own.get(f"/api/v1/leave-balances/{other.pk}/").status_code == 404
    rows = (
        api(hr, department).get("/api/v1/leave-balances/", {"department": department.code}).json()["results"]
    )
    assert sorted(row["number"] for row in rows) == ["71", "72"]
    there = factories.department("D7")
    assert api(factories.account("hr", there), there).get("/api/v1/leave-balances/").json()["results"] == []


def test_people_hear_once_of_days_that_lapse_soon(department: Department, agent: Staff) -> None:
    factories.staff(department, "72")
    soon(agent)
    assert leave_expiring_remind() == 1
    assert leave_expiring_remind() == 0
    notice = Notice.objects.get()
    assert (notice.account, notice.kind, notice.url) == (agent.account, "leave", "/me/leave/balances/")
    assert notice.text == "您的年假有1天在30天内到期，最早2026-10-31"
