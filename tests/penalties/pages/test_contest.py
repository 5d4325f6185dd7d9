"""What the person does with an incident in the browser, and how an appeal is decided there."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from files.models import Attachment
from penalties.models import Incident, IncidentAppeal, IncidentSignature, MoneyEntry, Reversal
from penalties.services import incident_appeal, incident_confirm, incident_record
from people.models import Account, Department, Staff
from tests import factories

pytestmark = pytest.mark.django_db

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 24


@pytest.fixture
def agent(department: Department) -> Staff:
    return factories.staff(department, "8103", name="陆晚晴")


@pytest.fixture
def person(agent: Staff) -> Account:
    account = factories.account("agent", staff=agent)
    agent.refresh_from_db()
    return account


@pytest.fixture
def manager(department: Department) -> Account:
    return factories.account("manager", department)


@pytest.fixture
def incident(agent: Staff, person: Account, manager: Account) -> Incident:
    now = timezone.now()
    picture = SimpleUploadedFile("现场.png", PICTURE)
    made = incident_record(
        staff=agent, code="x-late", work_date=timezone.localdate(), files=[picture], by=manager, at=now
    )
    return incident_confirm(incident=made, by=manager, at=now)


def page(client: Client, account: Account, incident: Incident) -> str:
    client.force_login(account)
    return client.get(f"/incidents/{incident.pk}/").content.decode()


def post(client: Client, account: Account, incident: Incident, way: str, **given: Any) -> Any:
    client.force_login(account)
    if way == "appeal/decide":
        given = {"appeal": incident.appeals.latest("pk").pk, **given}
    return client.post(f"/incidents/{incident.pk}/{way}", given, follow=True)


def test_the_person_is_told_sees_the_evidence_and_signs(
    client: Client, incident: Incident, person: Account
) -> None:
    client.force_login(person)
    assert "有 1 条奖惩已确认，请您签字" in client.get("/me/").content.decode()
    assert "待签字" in client.get("/me/ledger/").content.decode()
    shown = page(client, person, incident)
    assert "现场.png" in shown and "添加证据" not in shown
    (file,) = re.findall(r'href="(/files/[^"]+)"', shown)
    assert client.get(file).status_code == 200
    assert "已签字" in post(client, person, incident, "sign").content.decode()
    assert IncidentSignature.objects.get().by == person
    assert "请您签字" not in client.get("/me/").content.decode()
    assert "我已看到" not in page(client, person, incident)


def test_an_appeal_is_raised_with_a_picture_and_taken_back(
    client: Client, incident: Incident, person: Account
) -> None:
    answer = post(client, person, incident, "appeal", reason=" ")
    assert "没有提出申诉" in answer.content.decode() and not IncidentAppeal.objects.exists()
    bad = SimpleUploadedFile("a.png", b"<html>")
    answer = post(client, person, incident, "appeal", reason="我不在班", attached=bad)
    assert "不是JPEG" in answer.content.decode() and not IncidentAppeal.objects.exists()
    given = {"reason": "<b>我不在班</b>", "attached": SimpleUploadedFile("班表.png", PICTURE)}
    shown = post(client, person, incident, "appeal", **given).content.decode()
    assert "申诉中" in shown and "&lt;b&gt;我不在班" in shown and "班表.png" in shown
    again = post(client, person, incident, "appeal", reason="再").content.decode()
    assert "已经申诉过" in again and IncidentAppeal.objects.count() == 1
    assert "申诉已撤回" in post(client, person, incident, "appeal/withdraw").content.decode()
    assert "每条只能申诉一次" in page(client, person, incident)


def test_the_appeal_is_decided_by_somebody_who_neither_recorded_nor_confirmed(
    client: Client, department: Department, incident: Incident, person: Account, manager: Account
) -> None:
    incident_appeal(incident=incident, reason="我不在班", by=person, at=timezone.now())
    other = factories.account("manager", department)
    assert "决定申诉" not in page(client, manager, incident)
    assert "没有等您决定的申诉" in client.get("/incidents/?state=appealed").content.decode()
    assert post(client, manager, incident, "appeal/decide", decision="approved").status_code == 404
    assert "决定申诉" in page(client, other, incident)
    listed = client.get("/incidents/?state=appealed").content.decode()
    assert "陆晚晴" in listed and "申诉中" in listed
    home = client.get("/").content.decode()
    assert "/incidents/?state=appealed" in home
    told = post(client, other, incident, "appeal/decide", decision="refused").content.decode()
    assert "不批准须写明原因" in told and IncidentAppeal.objects.get().state == "asked"
    told = post(client, other, incident, "appeal/decide", decision="approved", answer="班表为证")
    assert "申诉已批准" in told.content.decode() and "班表为证" in told.content.decode()
    assert [str(each.amount) for each in MoneyEntry.objects.order_by("id")] == ["-20.00", "20.00"]
    again = post(client, other, incident, "appeal/decide", decision="refused", answer="不")
    assert "不能再决定" in again.content.decode() and Reversal.objects.count() == 1


def test_others_neither_sign_nor_appeal_nor_decide_nor_add_evidence(
    client: Client, department: Department, incident: Incident, person: Account
) -> None:
    incident_appeal(incident=incident, reason="我不在班", by=person, at=timezone.now())
    colleague = factories.account("agent", staff=factories.staff(department))
    stranger = factories.account("manager", factories.department("B"))
    supervisor = factories.account("supervisor", department)
    before = list(IncidentAppeal.objects.values())
    for account in (colleague, stranger, supervisor):
        for way in ("sign", "appeal", "appeal/withdraw", "appeal/decide"):
            answer = post(client, account, incident, way, reason="x", decision="approved", answer="x")
            assert answer.status_code == 404
    for account in (colleague, stranger, person):
        picture = SimpleUploadedFile("b.png", PICTURE)
        assert post(client, account, incident, "evidence", attached=picture).status_code == 404
    assert list(IncidentAppeal.objects.values()) == before
    assert not IncidentSignature.objects.exists() and Attachment.objects.count() == 1


def test_evidence_is_added_later_by_who_records(
    client: Client, department: Department, incident: Incident
) -> None:
    supervisor = factories.account("supervisor", department)
    assert "请选择文件" in post(client, supervisor, incident, "evidence").content.decode()
    picture = SimpleUploadedFile("录音截图.png", PICTURE)
    told = post(client, supervisor, incident, "evidence", attached=picture).content.decode()
    assert "已添加 1 个证据" in told and "录音截图.png" in told
    post(client, supervisor, incident, "evidence", attached=SimpleUploadedFile("录音截图.png", PICTURE))
    assert incident.attachments.count() == 2
