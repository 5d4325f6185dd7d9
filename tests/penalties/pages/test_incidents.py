"""Incidents and proposals in the browser: recording, deciding, taking back, and what others do not see."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from penalties.models import Incident, MoneyEntry, Proposal
from penalties.services import incident_record, incidents_confirm
from people.models import Account, Department, Staff
from tests import factories
from tests.published import publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(department: Department) -> Staff:
    return factories.staff(department, "8103", name="陆晚晴")


@pytest.fixture
def manager(client: Client, department: Department) -> Account:
    account = factories.account("manager", department)
    client.force_login(account)
    return account


def recorded(staff: Staff, code: str = "x-late", **more: object) -> Incident:
    given = {"work_date": timezone.localdate(), "by": None, "at": timezone.now(), **more}
    return incident_record(staff=staff, code=code, **given)


def form(**changed: str) -> dict[str, str]:
    given = {"who": "8103", "work_date": str(timezone.localdate()), "code": "x-late", "quantity": "1"}
    return {**given, "key": "k1", **changed}


def test_an_incident_is_recorded_once_however_often_the_form_is_sent(
    client: Client, agent: Staff, manager: Account
) -> None:
    first = client.post("/incidents/new", form(note="复查时发现"))
    second = client.post("/incidents/new", form(note="复查时发现"))
    incident = Incident.objects.get()
    assert first.headers["Location"] == second.headers["Location"] == f"/incidents/{incident.pk}/"
    assert (incident.staff, incident.code, incident.note) == (agent, "x-late", "复查时发现")
    assert (incident.state, incident.recorded_by) == ("recorded", manager)
    assert not MoneyEntry.objects.exists()


def test_a_form_gone_back_to_and_filled_in_otherwise_records_another_incident(
    client: Client, department: Department, agent: Staff, manager: Account
) -> None:
    other = factories.staff(department, "8104")
    for given in (form(), form(who="8104"), form(quantity="2"), form(who="8104")):
        assert client.post("/incidents/new", given).status_code == 302
    made = Incident.objects.order_by("pk").values_list("staff", "quantity")
    assert list(made) == [(agent.pk, 1), (other.pk, 1), (agent.pk, 2)]


@pytest.mark.parametrize("who", ["8103", "A/8103", "A/8103 陆晚晴", "陆晚晴", "lwq"])
def test_a_person_is_found_by_number_name_or_initials(
    client: Client, agent: Staff, manager: Account, who: str
) -> None:
    client.post("/incidents/new", form(who=who))
    assert Incident.objects.get().staff == agent


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"who": "9999"}, "没有找到“9999”"),
        ({"who": "员工"}, "不止一人"),
        ({"who": "\x00"}, "请填写员工"),
        ({"code": ""}, "请选择条款"),
        ({"code": "x-design"}, "选择一个有效的选项"),
        ({"work_date": "2999-01-01"}, "日期还没有到"),
        ({"work_date": "2019-01-01"}, "选择一个有效的选项"),
        ({"quantity": "0"}, "大于或等于"),
        ({"code": "x-range"}, "请定金额，20.00至99.00元"),
        ({"code": "x-range", "amount": "500"}, "20.00至99.00元"),
    ],
)
def test_what_does_not_fit_is_refused_in_words_and_nothing_is_recorded(
    client: Client, department: Department, agent: Staff, manager: Account, changed: dict[str, str], told: str
) -> None:
    factories.staff(department, "8201", name="员工甲")
    factories.staff(department, "8202", name="员工乙")
    page = client.post("/incidents/new", form(**changed)).content.decode()
    assert told in page
    assert not Incident.objects.exists()


def test_the_form_offers_the_provisions_that_bind_the_person_on_the_day(
    client: Client, agent: Staff, manager: Account
) -> None:
    asked = {"who": "8103", "work_date": str(timezone.localdate()), "code": "x-late"}
    part = client.get("/incidents/provisions", asked).content.decode()
    assert "交接未写（每次罚20元）" in part and "美工出错" not in part
    assert (
        "没有可记录的条款"
        in client.get("/incidents/provisions", {**asked, "work_date": "2019-06-01"}).content.decode()
    )
    assert "8103 陆晚晴" in client.get("/incidents/people", {"who": "lw"}).content.decode()


def test_confirming_puts_the_fine_into_the_ledger_and_twice_changes_nothing(
    client: Client, agent: Staff, manager: Account
) -> None:
    incident = recorded(agent)
    for _ in range(2):
        page = client.post(f"/incidents/{incident.pk}/decide", {"decision": "confirm"}, follow=True)
    assert "没有确认任何记录" in page.content.decode()
    assert [str(each.amount) for each in MoneyEntry.objects.all()] == ["-20.00"]
    assert "−20.00" in page.content.decode()


def test_picked_incidents_are_rejected_together(client: Client, agent: Staff, manager: Account) -> None:
    picked = [recorded(agent).pk for _ in range(3)]
    page = client.post("/incidents/decide", {"incident": picked[:2], "decision": "reject"}, follow=True)
    assert "没有驳回任何记录：驳回没有写理由" in page.content.decode()
    given = {"incident": picked[:2], "decision": "reject", "reason": "<i>查无此事</i>"}
    page = client.post("/incidents/decide", given, follow=True)
    assert sorted(Incident.objects.values_list("state", flat=True)) == ["recorded", "rejected", "rejected"]
    assert "查无此事" in client.get("/incidents/?state=rejected").content.decode()
    assert "&lt;i&gt;查无此事" in client.get(f"/incidents/{picked[0]}/").content.decode()
    page = client.post("/incidents/decide", {"decision": "reject"}, follow=True)
    assert "没有选中任何记录" in page.content.decode()


def test_a_rejection_without_a_reason_or_with_a_novel_changes_nothing(
    client: Client, agent: Staff, manager: Account
) -> None:
    incident = recorded(agent)
    for reason, told in ((" ", "没有写理由"), ("长" * 501, "最多500字")):
        given = {"decision": "reject", "reason": reason}
        page = client.post(f"/incidents/{incident.pk}/decide", given, follow=True)
        assert told in page.content.decode()
    incident.refresh_from_db()
    assert (incident.state, incident.rejection) == ("recorded", "")
    with pytest.raises(IntegrityError, match="rejected_with_reason"), transaction.atomic():
        Incident.objects.update(state="rejected")


def test_taking_back_needs_a_reason_and_reverses_the_entry(
    client: Client, agent: Staff, manager: Account
) -> None:
    incident = recorded(agent)
    incidents_confirm(incidents=[incident], by=manager, at=timezone.now())
    page = client.post(f"/incidents/{incident.pk}/reverse", {"reason": " "}, follow=True)
    assert "请写明理由" in page.content.decode()
    assert MoneyEntry.objects.count() == 1
    client.post(f"/incidents/{incident.pk}/reverse", {"reason": "复核不成立"})
    assert [str(each.amount) for each in MoneyEntry.objects.order_by("id")] == ["-20.00", "20.00"]
    assert incident.reversal.by == manager


def test_another_departments_incident_is_not_there(client: Client, manager: Account) -> None:
    other = factories.department("B")
    from_other = recorded_in(other)
    assert client.get(f"/incidents/{from_other.pk}/").status_code == 404
    for path in ("decide", "reverse"):
        assert client.post(f"/incidents/{from_other.pk}/{path}", {"reason": "x"}).status_code == 404
    client.post("/incidents/decide", {"incident": from_other.pk, "decision": "confirm"})
    from_other.refresh_from_db()
    assert from_other.state == "recorded"
    assert "别处的人" not in client.get("/incidents/?state=").content.decode()
    assert "别处的人" not in client.get("/incidents/people", {"who": "别处"}).content.decode()
    page = client.post("/incidents/new", form(who="B/77")).content.decode()
    assert "没有找到" in page and "别处的人" not in page


def test_a_lead_records_and_cannot_decide_and_a_colleague_sees_nothing(
    client: Client, department: Department, agent: Staff
) -> None:
    team = factories.team(department)
    member = factories.staff(department, "1", team=team)
    lead = factories.staff(department, "2", team=team, role="lead")
    incident = recorded(member)
    client.force_login(factories.account("lead", staff=lead))
    assert client.get(f"/incidents/{incident.pk}/").status_code == 200
    assert client.post(f"/incidents/{incident.pk}/decide", {"decision": "confirm"}).status_code == 404
    assert client.post("/incidents/new", form(who="1")).status_code == 302
    assert "没有找到" in client.post("/incidents/new", form(who="8103")).content.decode()
    client.force_login(factories.account("agent", staff=agent))
    assert client.get(f"/incidents/{incident.pk}/").status_code == 404
    assert client.get("/incidents/new").status_code == 404


def test_the_list_filters_and_shows_fifty_with_twelve_queries_at_most(
    client: Client, department: Department, agent: Staff, manager: Account
) -> None:
    rows = [recorded(agent, work_date=timezone.localdate() - timedelta(days=i)) for i in range(60)]
    incidents_confirm(incidents=rows[:5], by=manager, at=timezone.now())
    recorded(
        factories.staff(department, "9", name="<script>alert(1)</script>"), "x-range", amount=Decimal(50)
    )
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/incidents/?state=").content.decode()
    assert len(queries) <= 12
    assert len(re.findall(r"/incidents/\d+/", page)) == 50
    assert "<script>alert" not in page
    assert "61 条" in page
    assert (
        len(re.findall(r"/incidents/\d+/", client.get("/incidents/?state=confirmed").content.decode())) == 5
    )
    found = client.get("/incidents/", {"state": "", "what": "视情节"}).content.decode()
    assert len(re.findall(r"/incidents/\d+/", found)) == 1
    assert "没有符合的记录" in client.get("/incidents/", {"state": "", "who": "无此人"}).content.decode()


def recorded_in(department: Department) -> Incident:
    person = factories.staff(department, "77", name="别处的人")
    publish(department)
    return recorded(person)


@pytest.fixture
def proposal(department: Department, agent: Staff) -> Proposal:
    return Proposal.objects.create(
        department=department,
        staff=agent,
        code="x-late",
        kind="talk",
        month=timezone.localdate().replace(day=1),
        evidence={"得分": ["5.0", "4.0"]},
        opened_at=timezone.now(),
    )


def test_a_proposal_is_decided_once_with_a_reason(
    client: Client, proposal: Proposal, manager: Account
) -> None:
    assert "5.0、4.0" in client.get(f"/proposals/{proposal.pk}/").content.decode()
    client.post(f"/proposals/{proposal.pk}/", {"accepted": "yes", "decision": ""})
    proposal.refresh_from_db()
    assert proposal.state == "open"
    client.post(f"/proposals/{proposal.pk}/", {"accepted": "yes", "decision": "已谈话"})
    page = client.post(f"/proposals/{proposal.pk}/", {"accepted": "no", "decision": "x"}, follow=True)
    assert "不能再决定" in page.content.decode()
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decision, proposal.decided_by) == ("accepted", "已谈话", manager)


def test_proposals_are_decided_by_the_own_manager_only(
    client: Client, department: Department, agent: Staff, proposal: Proposal
) -> None:
    given = {"accepted": "yes", "decision": "x"}
    for group, where, seen in (("manager", "B", 404), ("supervisor", "A", 404), ("hr", "A", 200)):
        place = department if where == "A" else factories.department(where)
        client.force_login(factories.account(group, place))
        assert client.get(f"/proposals/{proposal.pk}/").status_code == seen
        assert client.post(f"/proposals/{proposal.pk}/", given).status_code == 404
    client.force_login(factories.account("agent", staff=agent))
    assert client.get(f"/proposals/{proposal.pk}/").status_code == 404
    proposal.refresh_from_db()
    assert proposal.state == "open"
