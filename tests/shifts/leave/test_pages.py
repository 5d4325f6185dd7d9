"""Leave on pages: asked for, decided by the lead, listed by month; of others nobody learns anything."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people.models import Account, Staff
from shifts.models import Leave, LeaveRequest
from shifts.services import leave_record
from shifts.services.leave_requests import leave_ask
from tests import factories
from tests.factories import WHEN
from tests.shifts.days import pattern, rostered
from tests.shifts.leave.asking import MONDAY, PNG, TODAY, asked

pytestmark = pytest.mark.django_db
GIVEN = {"type": "personal", "starts_on": f"{MONDAY}", "days": "1", "half": "", "reason": "家里有事"}


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def text(client: Client, name: str, *args: Any, **query: str) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def test_leave_is_asked_for_and_decided(agent: Staff, lead: Account) -> None:
    own, deciding = client_of(agent.account), client_of(lead)
    page = own.post(reverse("me_leave"), GIVEN, follow=True).content.decode()
    assert "已提交：事假 1 天，10月19日，等待审批。" in page and "撤回" in page
    request = LeaveRequest.objects.get()
    assert "看并决定" in text(deciding, "shift_requests", kind="leave")
    assert "家里有事" in text(deciding, "leave_request", request.pk)
    url = reverse("leave_request_decide", args=[request.pk])
    for _ in range(2):
        page = deciding.post(url, {"decision": "approve", "answer": "好"}, follow=True).content.decode()
    assert "已批准" in page and Leave.objects.count() == 1
    assert "已批准" in text(own, "me_leave") and "撤回" not in text(own, "me_leave")
    assert "事假" in text(deciding, "shift_leave", month="2026-10")
    page = deciding.post(url, {"decision": "cancel", "answer": "不去了"}, follow=True).content.decode()
    assert "已撤销" in page and not Leave.objects.exists()


def test_the_same_form_twice_is_one_request(agent: Staff) -> None:
    for _ in range(2):
        assert client_of(agent.account).post(reverse("me_leave"), GIVEN).status_code == 302
    assert LeaveRequest.objects.count() == 1


def test_what_is_refused_stands_in_the_form(agent: Staff) -> None:
    leave_record(staff=agent, starts_on=MONDAY, days=Decimal(2), type="sick", by=None, at=WHEN)
    page = client_of(agent.account).post(reverse("me_leave"), GIVEN).content.decode()
    assert "与2026-10-19起的病假2天重叠；更正日期或天数。" in page and "家里有事" in page


def test_too_late_is_said_before_and_after_asking(agent: Staff, manager: Account) -> None:
    own, deciding = client_of(agent.account), client_of(manager)
    late = {**GIVEN, "starts_on": f"{TODAY}"}
    assert "现在已经晚了" in text(own, "me_leave_outlook", **late)
    assert (
        "不接受紧急情况的，视为未获批准" in own.post(reverse("me_leave"), late, follow=True).content.decode()
    )
    url = reverse("leave_request_decide", args=[LeaveRequest.objects.get().pk])
    page = deciding.post(url, {"decision": "approve"}, follow=True).content.decode()
    assert "没有决定：申请晚了" in page
    emergency = {"decision": "approve", "emergency": "孩子发烧"}
    assert "孩子发烧" in deciding.post(url, emergency, follow=True).content.decode()
    assert Leave.objects.exists()


def test_the_outlook_says_days_cost_and_free_times(agent: Staff) -> None:
    work = pattern(agent.department)
    for n, of in ((16, work), (17, None), (18, work)):
        rostered(agent, date(2026, 10, n), of)
    own = client_of(agent.account)
    said = text(own, "me_leave_outlook", **{**GIVEN, "starts_on": "2026-10-16", "days": "2"})
    assert "10月16日" in said and "10月18日" in said and "其间不用上班的不算：10月17日" in said
    assert "每天扣1倍日薪" in said
    said = text(own, "me_leave_outlook", **{**GIVEN, "type": "compensatory"})
    assert "还剩 4 次" in said and "按缺勤：每天扣2倍日薪" in said and "还没有全部公布排班" in said
    for broken in (
        {},
        {**GIVEN, "days": "x"},
        {**GIVEN, "days": "400"},
        {**GIVEN, "starts_on": "9999-12-31"},
    ):
        assert own.get(reverse("me_leave_outlook"), broken).status_code == 200


def test_a_certificate_is_handed_in_later(agent: Staff, lead: Account) -> None:
    own, deciding = client_of(agent.account), client_of(lead)
    own.post(reverse("me_leave"), {**GIVEN, "type": "sick"})
    request = LeaveRequest.objects.get()
    decide = reverse("leave_request_decide", args=[request.pk])
    deciding.post(decide, {"decision": "approve"})
    url = reverse("me_leave_certificate", args=[request.pk])
    assert "请先选择" in own.post(url, follow=True).content.decode()
    wrong = own.post(url, {"certificate": SimpleUploadedFile("a.png", b"GIF89a")}, follow=True)
    assert "没有上传：“a.png”的内容不是JPEG" in wrong.content.decode()
    own.post(url, {"certificate": SimpleUploadedFile("病历.png", PNG)})
    assert "证明有效" in text(deciding, "leave_request", request.pk)
    name = LeaveRequest.objects.get().certificate.stored_name
    assert deciding.get(reverse("attachment", args=[name])).status_code == 200
    deciding.post(decide, {"decision": "certificate"})
    assert Leave.objects.get().certificate


def test_a_lead_has_no_button_to_take_back_what_two_levels_granted(
    agent: Staff,
    lead: Account,
    manager: Account,
) -> None:
    client_of(agent.account).post(reverse("me_leave"), {**GIVEN, "type": "annual", "days": "3"})
    request = LeaveRequest.objects.get()
    decide = reverse("leave_request_decide", args=[request.pk])
    for account in (lead, manager):
        assert 'value="cancel"' not in text(client_of(account), "leave_request", request.pk)
        client_of(account).post(decide, {"decision": "approve"})
    assert 'value="cancel"' in text(client_of(manager), "leave_request", request.pk)
    assert 'value="cancel"' not in text(client_of(lead), "leave_request", request.pk)
    cancel = {"decision": "cancel", "answer": "不去了"}
    page = client_of(lead).post(decide, cancel, follow=True).content.decode()
    assert "两级审批的请假由主管或经理撤销" in page and Leave.objects.exists()


def test_a_certificate_may_come_with_the_form(agent: Staff) -> None:
    given = {**GIVEN, "type": "sick", "certificate": SimpleUploadedFile("病历.png", PNG)}
    client_of(agent.account).post(reverse("me_leave"), given)
    assert LeaveRequest.objects.get().certificate.file_name == "病历.png"


def test_others_requests_are_not_there(agent: Staff) -> None:
    request = asked(agent)
    team = factories.team(agent.department, "B")
    other = factories.department("D2")
    strangers = {
        "colleague": factories.account("agent", staff=factories.staff(agent.department)),
        "other lead": factories.account(
            "lead", staff=factories.staff(agent.department, team=team, role="lead")
        ),
        "other manager": factories.account("manager", other),
        "self": agent.account,
    }
    for who, account in strangers.items():
        client = client_of(account)
        for name, method in (("leave_request", "get"), ("leave_request_decide", "post")):
            url = reverse(name, args=[request.pk])
            assert getattr(client, method)(url, {"decision": "approve"}).status_code == 404, (who, name)
        if who != "self":
            url = reverse("me_leave_certificate", args=[request.pk])
            assert client.post(url).status_code == 404, who
            url = reverse("me_request_withdraw", args=["leave", request.pk])
            assert client.post(url).status_code == 404, who
    request.refresh_from_db()
    assert request.state == "asked"


def test_the_month_shows_whom_one_leads(agent: Staff, lead: Account, manager: Account) -> None:
    team = factories.team(agent.department, "B")
    other = factories.staff(agent.department, "81", name="别组人", team=team)
    elsewhere = factories.staff(factories.department("D2"), "91", name="别部门人")
    for staff in (agent, other, elsewhere):
        leave_record(staff=staff, starts_on=MONDAY, days=Decimal(1), type="sick", by=None, at=WHEN)
    for account, names in ((lead, {agent.name}), (manager, {agent.name, other.name})):
        for view in ("", "calendar"):
            page = text(client_of(account), "shift_leave", month="2026-10", view=view)
            assert {each.name for each in (agent, other, elsewhere) if each.name in page} == names
    assert client_of(agent.account).get(reverse("shift_leave")).status_code == 404
    assert client_of(agent.account).get(reverse("shift_leave_export")).status_code == 404


def test_the_month_is_filtered_and_exported(agent: Staff, manager: Account) -> None:
    """Two days from Friday 30 October reach into November; of each month its own are counted."""
    leave_record(staff=agent, starts_on=date(2026, 10, 30), days=Decimal(2), type="sick", by=None, at=WHEN)
    leave_record(
        staff=factories.staff(agent.department, "81"), starts_on=MONDAY, days=Decimal("0.5"),
        type="personal", half="first", note="=1+1", by=None, at=WHEN,
    )  # fmt: skip
    client = client_of(manager)

    def cells(**query: str) -> list[tuple]:
        response = client.get(reverse("shift_leave_export"), query)
        book = openpyxl.load_workbook(BytesIO(b"".join(response.streaming_content)))
        return list(book.worksheets[0].iter_rows(min_row=2))

    def exported(**query: str) -> list[tuple]:
        return [tuple(cell.value for cell in row) for row in cells(**query)]

    october = exported(month="2026-10")
    assert [(row[0], row[2], row[4], row[5]) for row in october] == [
        ("81", "事假", 0.5, 0.5),
        ("71", "病假", 2, 1),
    ]
    note = cells(month="2026-10")[0][9]
    assert (note.value, note.data_type) == ("=1+1", "s")  # text, no formula
    assert [row[0] for row in exported(month="2026-11")] == ["71"]
    assert [row[0] for row in exported(month="2026-10", type="sick")] == ["71"]
    assert [row[0] for row in exported(month="2026-10", who="81")] == ["81"]
    assert "没有符合的请假" in text(client, "shift_leave", month="2026-10", who="99")
    assert "这个月没有人请假" in text(client, "shift_leave", month="2026-01")
    assert "10月19日" in text(client, "shift_leave", month="2026-10", view="calendar")


def test_queries_do_not_grow_with_leave(agent: Staff, manager: Account) -> None:
    counts: dict[str, list[int]] = {}
    for number in (1, 60):
        for n in range(number):
            person = factories.staff(agent.department, f"9{number}{n}")
            for days in (1, 3):
                starts_on = MONDAY + timedelta(days=7 * (days > 1))
                leave_ask(
                    staff=person, type="sick", starts_on=starts_on, days=Decimal(days), reason="病",
                    by=manager, at=WHEN,
                )  # fmt: skip
                leave_record(
                    staff=person, starts_on=starts_on - timedelta(days=14), days=Decimal(days),
                    type="sick", by=None, at=WHEN,
                )  # fmt: skip
        for name, query in (
            ("shift_leave", {"month": "2026-10"}),
            ("shift_leave", {"month": "2026-10", "view": "calendar"}),
            ("shift_requests", {"kind": "leave"}),
        ):
            client = client_of(manager)
            with CaptureQueriesContext(connection) as captured:
                text(client, name, **query)
            counts.setdefault(f"{name}{query}", []).append(len(captured))
    assert all(one == many <= 12 for one, many in counts.values()), counts


def test_the_own_pages_take_few_queries(agent: Staff, lead: Account) -> None:
    request = asked(agent)
    for account, name, args in (
        (agent.account, "me_leave", ()),
        (agent.account, "me_leave_outlook", ()),
        (lead, "leave_request", (request.pk,)),
    ):
        client = client_of(account)
        with CaptureQueriesContext(connection) as captured:
            text(client, name, *args, **GIVEN)
        assert len(captured) <= 14, (name, "\n".join(each["sql"][:260] for each in captured))
