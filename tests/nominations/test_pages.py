"""Pages of awards: nominating by phone, voices, criteria, the decision, the certificate, the honour roll."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nominations.models import Attestation, AwardRound, Nomination, Voice
from people.models import Account, Department, Staff
from tests import factories
from tests.nominations.rounds import CLOSED, NOMINATED, closed, decided, metric, nominated, person, place
from tests.papers import paper_text

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
def clock(monkeypatch: Any, settings: Any, tmp_path: Path) -> Callable[[Any], None]:
    settings.ATTACHMENT_DIR = tmp_path

    def at(moment: Any) -> None:
        monkeypatch.setattr(timezone, "now", Mock(return_value=moment))

    at(NOMINATED)
    return at


@pytest.fixture
def of(clock: Any) -> Department:
    return place()


@pytest.fixture
def star(of: Department) -> Staff:
    made = person(of, "1001", team=factories.team(of))
    metric(made, "satisfaction", "0.98")
    return made


@pytest.fixture
def lead(of: Department) -> Staff:
    return person(of, "1009", role="lead", team=factories.team(of))


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def sent_to(client: Client, url: str, **given: str) -> str:
    """The page to which a form that was sent leads."""
    return client.post(url, given, follow=True).content.decode()


def test_from_the_nomination_to_the_certificate_and_the_honour_roll(
    of: Department, star: Staff, lead: Staff, clock: Any
) -> None:
    voter = person(of, "1002", team=factories.team(of))
    accounts = (
        factories.account("lead", staff=lead),
        factories.account("agent", staff=star),
        factories.account("agent", staff=voter),
        factories.account("manager", of),
    )
    leading, own, colleague, manager = map(signed_in, accounts)
    sent = {
        "code": "t-star",
        "who": "1001",
        "reason": "10月8日替同事顶班",
        "attached": SimpleUploadedFile("截图.png", PNG, "image/png"),
    }
    page = leading.post("/awards/new", sent, follow=True).content.decode()
    assert "提名已收到。" in page and "截图.png" in page
    row = Nomination.objects.get()
    url = f"/awards/{row.pk}/"

    page = sent_to(colleague, f"{url}voice", comment="常帮我", verdict="for")
    assert "已记下，不会显示是谁。" in page and "支持 1" in page and "常帮我" in page
    assert "截图.png" not in page and "硬性条件" not in page and voter.name not in text(own, url)
    assert colleague.post(f"{url}voice", {"verdict": "for"}).status_code == 404
    assert Voice.objects.count() == 1

    page = sent_to(manager, f"{url}attest", criterion="每月帮带同事", note="带了两名新人", verdict="yes")
    assert "认定已登记。" in page and Attestation.objects.count() == 1
    month = {"department": of.code, "month": "2026-10"}
    assert "才截止" in sent_to(manager, "/awards/close", **month)
    clock(CLOSED)
    _, own, colleague, manager = map(signed_in, accounts)
    assert colleague.post("/awards/close", month).status_code == 404
    assert "条件已核对" in sent_to(manager, "/awards/close", **month)
    assert "全部满足" in text(manager, "/awards/?month=2026-10")
    assert "全部满足" not in text(colleague, "/awards/?month=2026-10")
    assert row.staff.name in text(manager, "/awards/waiting/")

    assert colleague.post(f"{url}decide", {"decision": "好", "verdict": "win"}).status_code == 404
    page = sent_to(manager, f"{url}decide", decision="众望所归", verdict="win")
    assert "已决定得奖，证书可以打印。" in page
    certificate = own.get(f"{url}certificate")
    said = paper_text(certificate.content)
    assert certificate["Content-Type"] == "application/pdf" and f"JX-{of.code}-2026-001" in said
    assert star.name in said and "服务之星" in said
    assert colleague.get(f"{url}certificate").status_code == 404
    assert "证书（PDF）" in text(own, "/me/awards/")
    assert "服务之星" in text(colleague, f"/awards/honours/?department={of.code}&year=2026")
    exported = colleague.get(f"/awards/honours/export?department={of.code}&year=2026")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(exported.streaming_content))).active
    assert [cell.value for cell in sheet[2]][:4] == ["2026-10", "服务之星", "1001", star.name]

    assert "奖项已撤销。" in sent_to(manager, f"{url}revoke", reason="事迹不实")
    assert "还没有人得奖" in text(colleague, f"/awards/honours/?department={of.code}&year=2026")


def test_whatever_is_pressed_twice_is_written_once(
    of: Department, star: Staff, lead: Staff, clock: Any
) -> None:
    accounts = factories.account("lead", staff=lead), factories.account("manager", of)
    leading, manager = map(signed_in, accounts)

    def twice(client: Client, url: str, **given: str) -> None:
        assert client.post(url, given).status_code in (200, 302)
        assert client.post(url, given).status_code in (200, 302, 404)

    twice(leading, "/awards/new", code="t-bee", who="1001", reason="顶班")
    twice(leading, f"/awards/{Nomination.objects.get().pk}/withdraw")
    twice(leading, "/awards/new", code="t-star", who="1001", reason="顶班")
    row = Nomination.objects.get(code="t-star")
    url = f"/awards/{row.pk}/"
    twice(manager, f"{url}attest", criterion="每月帮带同事", note="带了两名新人", verdict="yes")
    assert Attestation.objects.count() == 1
    clock(CLOSED)
    manager = signed_in(accounts[1])
    twice(manager, "/awards/close", department=of.code, month="2026-10")
    twice(manager, f"{url}decide", decision="众望所归", verdict="win")
    assert star.incidents.count() == 2 and Nomination.objects.filter(number__isnull=False).count() == 1
    twice(manager, f"{url}revoke", reason="事迹不实")
    row.refresh_from_db()
    assert row.state == "revoked" and AwardRound.objects.count() == 1


def test_a_late_nomination_is_refused_in_the_form(
    of: Department, star: Staff, lead: Staff, clock: Any
) -> None:
    clock(NOMINATED.replace(day=26))
    leading = signed_in(factories.account("lead", staff=lead))
    page = leading.post("/awards/new", {"code": "t-star", "who": "1001", "reason": "顶班"}).content.decode()
    assert "10月25日截止" in page and "顶班" in page
    assert not Nomination.objects.exists()


def test_the_page_of_a_month_asks_as_often_for_one_candidate_as_for_many(
    of: Department, star: Staff, lead: Staff
) -> None:
    manager = factories.account("manager", of)
    client = signed_in(manager)
    nominated(star, lead, by=factories.account("lead", staff=lead))

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            text(client, "/awards/?month=2026-10")
        return len(queries)

    asked()
    few = asked()
    for index in range(8):
        nominated(person(of, f"20{index:02}", team=factories.team(of)), lead, by=lead.account)
    assert asked() == few


def test_the_first_page_counts_what_waits_for_the_manager(
    of: Department, star: Staff, lead: Staff, clock: Any
) -> None:
    manager = factories.account("manager", of)
    row = nominated(star, lead, "t-bee", by=factories.account("lead", staff=lead))
    clock(CLOSED)
    client = signed_in(manager)
    closed(of, manager)
    assert "个提名待决定" in text(client, "/")
    assert row.staff.name in text(client, "/awards/waiting/")
    decided(row, manager, wins=False)
    assert row.staff.name not in text(client, "/awards/waiting/")


def test_the_honour_roll_tells_the_money_of_those_alone_whom_one_sees(
    of: Department, star: Staff, lead: Staff, clock: Any
) -> None:
    manager = factories.account("manager", of)
    row = nominated(star, lead, "t-bee", by=factories.account("lead", staff=lead))
    clock(CLOSED)
    closed(of, manager)
    decided(row, manager)

    def prize(account: Account) -> Any:
        exported = signed_in(account).get(f"/awards/honours/export?department={of.code}&year=2026")
        sheet = openpyxl.load_workbook(io.BytesIO(b"".join(exported.streaming_content))).active
        return sheet[2][5].value

    assert prize(manager) == prize(factories.account("agent", staff=star)) == "奖金随奖励记录计入工资"
    assert prize(factories.account("agent", staff=person(of, "1002", team=factories.team(of)))) is None
