"""Pages of disciplinary cases: from the proposal with evidence to the letter, step by step."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from penalties.models import DisciplinaryCase, Incident, Reversal
from penalties.services import discipline_propose, incident_confirm, incident_record
from people.models import Account, Department, Staff
from tests import factories
from tests.factories import WHEN
from tests.papers import fonts_of, paper_text

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture(autouse=True)
def now(monkeypatch: Any, settings: Any, tmp_path: Path) -> None:
    settings.ATTACHMENT_DIR = tmp_path
    monkeypatch.setattr(timezone, "now", Mock(return_value=WHEN))


@pytest.fixture
def client_of(department: Department, agent: Staff) -> Callable[[str], Client]:
    """The browser of somebody of a login group; `agent` is the person."""
    made: dict[str, Client] = {}

    def find(group: str) -> Client:
        if group not in made:
            staff = agent if group == "agent" else None
            account: Account = factories.account(group, department, staff=staff)
            made[group] = Client()
            made[group].force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        return made[group]

    return find


def proposed(client: Client, **given: Any) -> DisciplinaryCase:
    fields = {"who": "1001", "level": "minor", "grounds": "10月9日旷工一天", "source": "TS-7", "key": "k1"}
    response = client.post("/discipline/new", {**fields, **given}, follow=True)
    assert "已提出，等本人陈述。" in response.content.decode()
    return DisciplinaryCase.objects.latest("pk")


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def test_a_case_goes_from_proposal_to_letter(client_of: Any) -> None:
    hr, person, manager = client_of("hr"), client_of("agent"), client_of("manager")
    case = proposed(hr, attached=[SimpleUploadedFile("打卡.png", PNG)])
    url = f"/discipline/{case.pk}/"
    page = text(person, url)
    assert "我的陈述" in page and "打卡.png" in page and "决定人" not in page
    assert person.get(f"/files/{case.evidence.get().stored_name}").status_code == 200
    person.post(f"{url}hear", {"statement": "当天发烧"})
    assert "当天发烧" in text(manager, url) and "x-minor" in text(manager, url)
    said = manager.post(f"{url}decide", {"decision": "事实清楚", "verdict": "accept"}, follow=True)
    assert "处分已决定，通知书可以打印。" in said.content.decode()
    letter = manager.get(f"{url}letter")
    assert letter["Content-Type"] == "application/pdf" and letter["Cache-Control"] == "private, no-store"
    content = letter.content
    body = paper_text(content)
    for words in (
        "记小过处分通知书",
        "CF-D1-2026-001",
        "10月9日旷工一天",
        "当天发烧",
        "事实清楚",
        "x-minor小过处分",
    ):
        assert words in body, words
    assert all("/FontFile3" in font for font in fonts_of(content))
    assert text(person, url) and person.get(f"{url}letter").status_code == 200
    assert Incident.objects.get().code == "x-minor"


def test_the_same_form_sent_twice_proposes_once(client_of: Any) -> None:
    for _ in range(2):
        proposed(client_of("hr"))
    assert DisciplinaryCase.objects.count() == 1


def test_every_button_pressed_twice_counts_once(client_of: Any) -> None:
    case = proposed(client_of("hr"))
    url, manager = f"/discipline/{case.pk}/", client_of("manager")
    steps = (
        ("hear", {"statement": "没有", "heard_at": "2026-10-15T11:00"}, "heard"),
        ("decide", {"decision": "是", "verdict": "accept"}, "decided"),
        ("reverse", {"reason": "查错了人"}, "reversed"),
    )
    for step, given, state in steps:
        assert manager.post(f"{url}{step}", given).status_code == 302
        assert manager.post(f"{url}{step}", given).status_code == 404
        case.refresh_from_db()
        assert case.state == state
    assert Incident.objects.count() == Reversal.objects.count() == 1


def test_a_dismissal_is_for_the_gm_and_its_letter_ends_nothing(client_of: Any, agent: Staff) -> None:
    case = proposed(client_of("hr"), level="dismissal")
    url = f"/discipline/{case.pk}/"
    client_of("hr").post(f"{url}hear", {"statement": "没有异议", "heard_at": "2026-10-15T11:00"})
    given = {"decision": "连续旷工三天", "verdict": "accept"}
    assert client_of("manager").post(f"{url}decide", given).status_code == 404
    client_of("gm").post(f"{url}decide", given)
    body = paper_text(client_of("manager").get(f"{url}letter").content)
    assert "解除劳动合同通知书" in body and "不自动办理离职" in body and "通知工会" in body
    agent.refresh_from_db()
    assert agent.left_on is None


def test_what_does_not_fit_is_shown_again_with_what_was_typed(client_of: Any) -> None:
    hr = client_of("hr")
    page = hr.post("/discipline/new", {"who": "9999", "level": "minor", "grounds": "旷工", "key": "k"})
    assert "没有找到“9999”" in page.content.decode() and "旷工" in page.content.decode()
    page = hr.post(
        "/discipline/new",
        {
            "who": "1001",
            "level": "minor",
            "grounds": "旷工",
            "key": "k",
            "attached": [SimpleUploadedFile("a.png", b"MZ")],
        },
    )
    assert "不是JPEG、PNG、WebP图片或PDF" in page.content.decode()
    assert not DisciplinaryCase.objects.exists()
    case = proposed(hr)
    page = hr.post(f"/discipline/{case.pk}/hear", {"statement": "", "heard_at": "2026-10-15T11:00"})
    assert page.status_code == 200 and "必填" in page.content.decode()
    refused = hr.post(
        f"/discipline/{case.pk}/hear", {"statement": "没有", "heard_at": "2026-10-16T11:00"}, follow=True
    )
    assert "没有办成：陈述的时间还没有到；请核对时间。" in refused.content.decode()


def test_who_proposed_is_not_offered_the_decision(client_of: Any) -> None:
    manager = client_of("manager")
    case = proposed(manager)
    manager.post(f"/discipline/{case.pk}/hear", {"statement": "没有", "heard_at": "2026-10-15T11:00"})
    assert "决定记小过" not in text(manager, f"/discipline/{case.pk}/")
    answer = manager.post(f"/discipline/{case.pk}/decide", {"decision": "是", "verdict": "accept"})
    assert answer.status_code == 404
    assert DisciplinaryCase.objects.get().state == "heard"


@pytest.mark.parametrize("step", ["", "hear", "decide", "reverse", "letter"])
def test_a_stranger_finds_no_case(client_of: Any, department: Department, step: str) -> None:
    case = proposed(client_of("hr"))
    for account in (
        factories.account("agent", staff=factories.staff(department, "1031")),
        factories.account("manager", factories.department("D2")),
    ):
        stranger = Client()
        stranger.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        ask = stranger.get if step in ("", "letter") else stranger.post
        assert ask(f"/discipline/{case.pk}/{step}").status_code == 404
        assert case.staff.name not in text(stranger, "/discipline/")


def test_a_reversal_says_so_on_page_and_letter(client_of: Any) -> None:
    case = proposed(client_of("hr"))
    url, manager = f"/discipline/{case.pk}/", client_of("manager")
    assert manager.get(f"{url}letter").status_code == 404
    client_of("hr").post(f"{url}hear", {"statement": "没有", "heard_at": "2026-10-15T11:00"})
    manager.post(f"{url}decide", {"decision": "是", "verdict": "accept"})
    manager.post(f"{url}reverse", {"reason": "查错了人"})
    assert "查错了人" in text(manager, url) and "已撤销" in text(manager, url)
    body = paper_text(manager.get(f"{url}letter").content)
    assert "通知书不再有效。撤销理由：查错了人" in body


def test_a_suggestion_leads_to_a_case_and_back(client_of: Any, agent: Staff) -> None:
    for day in (1, 2, 3):
        row = incident_record(
            staff=agent, code="x-complaint", work_date=date(2026, 10, day), by=None, at=WHEN
        )
        incident_confirm(incident=row, by=None, at=WHEN)
    manager, suggestion = client_of("manager"), agent.proposals.get()
    link = f"/discipline/new?proposal={suggestion.pk}"
    assert link in text(manager, f"/proposals/{suggestion.pk}/")
    page = text(manager, link)
    assert 'value="dismissal"' in page and "1001 甲" in page
    fields = {"who": "1001", "level": "dismissal", "grounds": "三次", "key": "k"}
    manager.post(link, fields)
    assert DisciplinaryCase.objects.get().proposal == suggestion
    assert "待陈述" in text(manager, f"/proposals/{suggestion.pk}/")
    assert client_of("agent").get(link).status_code == 404


def test_a_record_that_counts_leads_to_a_proposal_that_names_it(client_of: Any, agent: Staff) -> None:
    row = incident_record(staff=agent, code="x-complaint", work_date=date(2026, 10, 9), by=None, at=WHEN)
    incident_confirm(incident=row, by=None, at=WHEN)
    manager = client_of("manager")
    assert "提出处分" in text(manager, f"/incidents/{row.pk}/")
    assert "提出处分" not in text(client_of("agent"), f"/incidents/{row.pk}/")
    page = text(manager, f"/discipline/new?who=1001&source=奖惩记录{row.pk}")
    assert 'value="1001"' in page and f'value="奖惩记录{row.pk}"' in page


def test_the_list_takes_the_same_queries_for_one_as_for_many(client_of: Any, agent: Staff) -> None:
    hr, counts = client_of("hr"), []
    account = Account.objects.get(groups__name="hr")
    text(hr, "/discipline/")
    for many in (1, 30):
        for _ in range(many):
            discipline_propose(staff=agent, level="warning", grounds="迟到", by=account, at=WHEN)
        with CaptureQueriesContext(connection) as queries:
            text(hr, "/discipline/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_the_notice_of_an_incident_is_printed_for_who_sees_it(client_of: Any, agent: Staff) -> None:
    row = incident_record(
        staff=agent, code="x-complaint", work_date=date(2026, 10, 9), note="客户投诉", by=None, at=WHEN
    )
    url = f"/incidents/{row.pk}/letter"
    assert client_of("manager").get(url).status_code == 404
    incident_confirm(incident=row, by=None, at=WHEN)
    for group in ("manager", "agent"):
        body = paper_text(client_of(group).get(url).content)
        assert "奖罚通知单" in body and "−50.00元" in body and "客户投诉" in body
