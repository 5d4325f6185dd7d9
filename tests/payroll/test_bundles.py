"""Bundles for arbitration: one payslip line or one case with everything that it rests on, and hashes."""

import io
from collections.abc import Callable
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from complaints.models import Charge
from complaints.services.appeals import appeal_decide, appeal_raise
from complaints.services.rulings import ruling_decide
from files.storage import path_of
from payroll.models import PayLine
from payroll.services.cash import cash_payment_take
from payroll.services.objections import objection_raise
from penalties.models import DisciplinaryCase, Incident
from penalties.services import (
    discipline_appeal,
    discipline_decide,
    discipline_hear,
    discipline_propose,
    evidence_add,
    incident_sign,
)
from people.models import AccessLog, Account, Staff
from rules.models import Signature, Version
from tests import factories
from tests.complaints.losses import DECIDED, ground, proposed
from tests.papers import fonts_of, paper_text, picture_of
from tests.payroll import months
from tests.payroll.months import OCTOBER, moment

pytestmark = pytest.mark.django_db
MINOR = {
    "code": "x-minor",
    "title": "小过处分",
    "clause": "小过一次，扣决定当月的绩效奖金30%。",
    "kind": "discipline",
    "params": {"level": "minor", "rate": "0.3"},
}
CASH = {
    "code": "x-cash",
    "title": "抽查不合格",
    "kind": "fine",
    "params": {"amount": "20.00"},
    "collection": {"by": "cash", "due_days": 3, "overdue_multiplier": "2"},
}
SPOKEN = moment("2026-10-12 10:00")


@pytest.fixture
def person(settings: Any, tmp_path: Path) -> Staff:
    settings.ATTACHMENT_DIR = tmp_path
    department = months.department(MINOR, code="D1")
    return months.agent(department, name="甲", performance_bonus="600.00")


@pytest.fixture
def account(person: Staff) -> Callable[..., Account]:
    def make(group: str) -> Account:
        staff = person if group == "agent" else None
        return factories.account(group, person.department, staff=staff, username=f"{group}-{person.pk}")

    return make


@pytest.fixture
def demerit(person: Staff, account: Any) -> DisciplinaryCase:
    """A minor demerit of October, with a picture."""
    hr, manager = account("hr"), account("manager")
    picture = SimpleUploadedFile("打卡记录.png", b"\x89PNG\r\n\x1a\n" + b"0" * 20)
    case = discipline_propose(
        staff=person, level="minor", grounds="10月9日旷工一天", files=[picture], by=hr, at=SPOKEN
    )
    discipline_hear(case=case, statement="当天发烧忘了请假", heard_at=SPOKEN, by=hr, at=SPOKEN)
    return discipline_decide(case=case, accept=True, decision="事实清楚", by=manager, at=SPOKEN)


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def opened(client: Client, url: str) -> ZipFile:
    response = client.get(url)
    assert response.status_code == 200, url
    assert response["Content-Type"] == "application/zip"
    return ZipFile(io.BytesIO(response.content))


def url_of(line: PayLine) -> str:
    return f"/pay/D1/2026-10/1001/lines/{line.pk}/bundle"


def the_line() -> PayLine:
    return PayLine.objects.get(code="x-minor")


def test_a_line_comes_with_rule_signature_facts_hearing_decision_and_payslip(
    person: Staff, demerit: DisciplinaryCase, account: Any
) -> None:
    Signature.objects.create(version=Version.objects.get(), staff=person, at=moment("2026-09-01 08:30"))
    months.approved(person.department, OCTOBER)
    line = the_line()
    owner = factories.account("agent", staff=person)
    objection_raise(line=line, reason="没有听我解释", by=owner, at=moment("2026-11-03 09:00"))
    content = opened(client_of(Account.objects.get(username__startswith="manager")), url_of(line))
    body = paper_text(content.read("材料.pdf"))
    for words in (
        "仲裁材料：工资明细", "★小过处分", "−180.00", "小过一次，扣决定当月的绩效奖金30%。", "第1版",
        "2026-09-0108:30签署", "10月9日旷工一天", "当天发烧忘了请假", "事实清楚", "CF-D1-2026-001",
        "绩效奖金600.00×30%", "没有听我解释", "批准人", "应发",
    ):  # fmt: skip
        assert words in body, words
    assert all("/FontFile3" in font for font in fonts_of(content.read("材料.pdf")))


def test_a_decision_comes_with_its_evidence_signature_and_appeal(
    person: Staff, demerit: DisciplinaryCase
) -> None:
    manager = Account.objects.get(username__startswith="manager")
    owner = factories.account("agent", staff=person)
    incident = Incident.objects.select_related("staff__department").get()
    shot = SimpleUploadedFile("聊天.png", b"\x89PNG\r\n\x1a\n" + b"1" * 20)
    evidence_add(incident=incident, files=[shot], by=manager, at=SPOKEN)
    incident_sign(incident=incident, by=owner, at=SPOKEN)
    discipline_appeal(case=demerit, reason="那天请过假", by=owner, at=SPOKEN)
    months.approved(person.department, OCTOBER)
    content = opened(client_of(manager), url_of(the_line()))
    body = paper_text(content.read("材料.pdf"))
    assert "2026-10-1210:00待审批：那天请过假" in body and "本人签字" in body and "没有签字" not in body
    assert sorted(content.namelist())[-2:] == ["附件/01-打卡记录.png", "附件/02-聊天.png"]


def test_pictures_are_printed_and_what_cannot_be_read_is_said_to_lie_beside(
    person: Staff, demerit: DisciplinaryCase
) -> None:
    manager = Account.objects.get(username__startswith="manager")
    incident = Incident.objects.select_related("staff__department").get()
    shot = SimpleUploadedFile("现场.png", picture_of(30, 20))
    evidence_add(incident=incident, files=[shot], by=manager, at=SPOKEN)
    months.approved(person.department, OCTOBER)
    paper = opened(client_of(manager), url_of(the_line())).read("材料.pdf")
    assert "附件/01-打卡记录.png：打不开，没有印在这里" in paper_text(paper)
    printed = [each.image.size for page in PdfReader(io.BytesIO(paper)).pages for each in page.images]
    assert printed == [(30, 20)]


def test_a_fine_in_cash_comes_with_what_was_paid_into_the_fund(person: Staff, account: Any) -> None:
    months.publish(person.department, CASH, on=OCTOBER)
    fine = months.incident(person, "x-cash", OCTOBER.replace(day=5), at=moment("2026-10-05 12:00"))
    keeper, manager = account("supervisor"), account("manager")
    cash_payment_take(
        incident=fine, staff=person, amount=Decimal("15.00"), on=OCTOBER.replace(day=6), key="p1",
        by=keeper, at=moment("2026-10-06 18:00"),
    )  # fmt: skip
    months.approved(person.department, OCTOBER)
    line = PayLine.objects.get(code="x-cash")
    assert line.amount == Decimal("-10.00")
    body = paper_text(opened(client_of(manager), url_of(line)).read("材料.pdf"))
    assert f"2026-10-06{fine.pk}现金缴纳：甲抽查不合格{keeper}，2026-10-0618:0015.00" in body


def test_the_archive_has_the_evidence_and_hashes_that_are_right(
    person: Staff, demerit: DisciplinaryCase
) -> None:
    months.approved(person.department, OCTOBER)
    content = opened(client_of(Account.objects.get(username__startswith="manager")), url_of(the_line()))
    assert content.namelist() == ["材料.pdf", "附件/01-打卡记录.png", "sha256.txt"]
    hashes = dict(reversed(line.split("  ")) for line in content.read("sha256.txt").decode().splitlines())
    assert hashes == {
        name: sha256(content.read(name)).hexdigest() for name in content.namelist() if name != "sha256.txt"
    }
    assert hashes["附件/01-打卡记录.png"] in paper_text(content.read("材料.pdf"))


def test_a_file_that_is_gone_is_said_to_be_gone(person: Staff, demerit: DisciplinaryCase) -> None:
    months.approved(person.department, OCTOBER)
    path_of(demerit.evidence.get()).unlink()
    content = opened(client_of(Account.objects.get(username__startswith="manager")), url_of(the_line()))
    assert content.namelist() == ["材料.pdf", "sha256.txt"]
    assert "文件已不在，没有附上" in paper_text(content.read("材料.pdf"))


def test_who_has_not_signed_is_said_not_to_have(person: Staff, demerit: DisciplinaryCase) -> None:
    months.approved(person.department, OCTOBER)
    content = opened(client_of(Account.objects.get(username__startswith="manager")), url_of(the_line()))
    assert "甲：没有签署这一版" in paper_text(content.read("材料.pdf"))


def test_a_line_of_a_draft_has_no_bundle_and_no_button(person: Staff, demerit: DisciplinaryCase) -> None:
    months.settled(person.department, OCTOBER)
    manager = client_of(Account.objects.get(username__startswith="manager"))
    assert manager.get(url_of(the_line())).status_code == 404
    assert "仲裁材料" not in manager.get("/pay/D1/2026-10/1001/").content.decode()


def test_who_does_not_see_the_pay_gets_no_bundle_and_a_look_is_noted(
    person: Staff, demerit: DisciplinaryCase, account: Any
) -> None:
    months.approved(person.department, OCTOBER)
    line = the_line()
    assert "仲裁材料" in client_of(account("gm")).get("/pay/D1/2026-10/1001/").content.decode()
    before = AccessLog.objects.count()
    for group in ("agent", "lead", "supervisor"):
        assert client_of(account(group)).get(url_of(line)).status_code == 404, group
    stranger = factories.account("manager", factories.department("D2"))
    assert client_of(stranger).get(url_of(line)).status_code == 404
    assert AccessLog.objects.count() == before
    opened(client_of(account("auditor")), url_of(line))
    assert AccessLog.objects.latest("pk").staff == person


def test_a_bundle_takes_a_fixed_number_of_queries(person: Staff, demerit: DisciplinaryCase) -> None:
    for day in range(1, 6):
        months.incident(person, "x-minor", OCTOBER.replace(day=day))
    months.approved(person.department, OCTOBER)
    client = client_of(Account.objects.get(username__startswith="manager"))
    with CaptureQueriesContext(connection) as queries:
        opened(client, url_of(the_line()))
    assert len(queries) <= 40, len(queries)


def test_a_case_comes_with_its_story_losses_shares_appeals_and_pay(settings: Any, tmp_path: Path) -> None:
    settings.ATTACHMENT_DIR = tmp_path
    here = ground()
    ruling = ruling_decide(ruling=proposed(here), accept=True, answer="照此分担", by=None, at=DECIDED)
    charge = Charge.objects.get(ruling=ruling, staff__name="甲")
    appeal = appeal_raise(charge=charge, reason="不是我发的货", by=None, at=DECIDED)
    appeal_decide(appeal=appeal, state="refused", answer="发货单是你签的", by=None, at=DECIDED)
    months.approved(here.department, OCTOBER)
    case = ruling.case
    manager = client_of(here.account("manager"))
    assert "仲裁材料" in manager.get(f"/cases/{case.pk}/").content.decode()
    content = opened(manager, f"/cases/{case.pk}/bundle")
    body = paper_text(content.read("材料.pdf"))
    for words in (
        "仲裁材料：投诉案件", case.number, "退货与运费", "发错货", "照此分担", "不是我发的货",
        "发货单是你签的", "客诉损失分摊", "−300.00", "没有签署这一版", "−333.33",
    ):  # fmt: skip
        assert words in body, words
    assert set(AccessLog.objects.values_list("staff__name", flat=True)) == {"甲", "乙", "丙"}


def test_who_sees_no_pay_or_not_the_whole_case_gets_no_bundle(settings: Any, tmp_path: Path) -> None:
    settings.ATTACHMENT_DIR = tmp_path
    here = ground()
    ruling = ruling_decide(ruling=proposed(here), accept=True, by=None, at=DECIDED)
    url = f"/cases/{ruling.case_id}/bundle"
    stranger = factories.account("manager", factories.department("D2"))
    holder = here.account("agent", here.staff["甲"])
    for account in (here.account("supervisor"), holder, stranger):
        assert client_of(account).get(url).status_code == 404
    assert (
        "仲裁材料"
        not in client_of(here.account("supervisor")).get(f"/cases/{ruling.case_id}/").content.decode()
    )
    assert not AccessLog.objects.exists()
