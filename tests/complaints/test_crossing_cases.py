"""Cases where they cross: other departments, whom a case is about, who decides what costs oneself."""

from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from commissions.models import Order
from complaints.errors import AppealRefused, CaseRefused, RulingRefused
from complaints.models import Appeal, Case, CaseEvent, Charge, ClockEvent, Loss, Ruling
from complaints.selectors.cases import cases_visible_to, takes_step
from complaints.selectors.waiting import cases_appealed, cases_awaiting, cases_to_rule
from complaints.services.appeals import appeal_decide, appeal_raise
from complaints.services.cases import case_open, case_step
from complaints.services.lifecycle import (
    case_assign,
    case_merge,
    case_pause,
    case_reopen,
    case_resume,
)
from complaints.services.rulings import (
    Party,
    loss_record,
    ruling_decide,
    ruling_propose,
    ruling_reverse,
)
from duties.models import HandoverItem, Memo
from files.errors import FileRefused
from notices.models import Notice
from people.models import Account, Staff
from tests import factories
from tests.complaints.losses import D
from tests.complaints.opened import PATH, SLOW, WEEK, Place, at, place

pytestmark = pytest.mark.django_db
SHARE: dict[str, Any] = {"code": "x-share", "title": "损失分担", "kind": "loss_share", "params": {}}
PICTURE = b"\x89PNG\r\n\x1a\n0000"
STORED = (Case, CaseEvent, ClockEvent, Loss, Ruling, Charge, Appeal)


class Huge(SimpleUploadedFile):
    """Says that it is a gigabyte, and is not to be read."""

    size = property(lambda self: 1 << 30, lambda self, size: None)

    def chunks(self, chunk_size: int | None = None) -> Any:
        raise AssertionError("read")


@pytest.fixture(autouse=True)
def clock(monkeypatch: Any, settings: Any, tmp_path: Path) -> datetime:
    settings.ATTACHMENT_DIR = tmp_path
    monkeypatch.setattr(timezone, "now", Mock(return_value=at(5)))
    return at(5)


@pytest.fixture
def here() -> Place:
    return place(WEEK, SLOW, SHARE)


def rows() -> list[list[dict[str, Any]]]:
    return [list(model._default_manager.order_by("pk").values()) for model in STORED]


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def employed(place: Place, group: str) -> tuple[Staff, Account]:
    """Somebody of the department with an account of a login group that manages it."""
    person = factories.staff(place.department)
    return person, factories.account(group, place.department, staff=person)


def closed(place: Place, **fields: Any) -> Case:
    case = place.open(at(3), **fields)
    by = place.accounts["agent"]
    return case_step(case=case, decision="结案", brings={"处理结果": "补发"}, by=by, at=at(4))


def ruled(place: Place, *people: Staff, case: Case | None = None) -> Ruling:
    case = case or closed(place)
    loss_record(case=case, amount=D("60"), basis="补发", by=None, at=at(4))
    parties = [Party(D(100) / len(people), staff=(each,)) for each in people]
    return ruling_propose(
        case=case, parties=parties, reason="漏发", by=place.accounts["supervisor"], at=at(4)
    )


# Whom a case is about


def test_a_supervisor_does_not_steer_the_case_against_oneself(here: Place) -> None:
    person, boss = employed(here, "supervisor")
    case, other = here.open(at(3), about=person), here.open(at(3))
    over = closed(here, about=person)
    given: dict[str, Any] = {"by": boss, "at": at(5)}
    before = rows()
    for act in (
        lambda: case_pause(case=case, reason="等", happened_at=at(5), **given),
        lambda: case_assign(case=case, holder=here.colleague, **given),
        lambda: case_merge(case=case, into=other, reason="同一件", **given),
        lambda: case_merge(case=other, into=case, reason="同一件", **given),
        lambda: case_reopen(case=over, reason="没完", **given),
    ):
        with pytest.raises(CaseRefused, match="被投诉的人不能调度"):
            act()
    for act in (
        lambda: loss_record(case=case, amount=D(5), basis="补发", **given),
        lambda: ruling_propose(
            case=over, parties=[Party(D(100), staff=(here.holder,))], reason="怪别人", **given
        ),
    ):
        with pytest.raises(RulingRefused):
            act()
    assert rows() == before
    client = signed_in(boss)
    text = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "暂停计时" not in text and "并入另一件" not in text
    for name in ("case_pause", "case_assign", "case_merge", "case_event", "case_take", "case_ruling"):
        assert client.post(reverse(name, args=[case.pk]), {"reason": "不该有"}).status_code == 404, name
    assert rows() == before


def test_a_paused_case_is_not_resumed_by_whom_it_is_about(here: Place) -> None:
    person, boss = employed(here, "supervisor")
    case = here.open(at(3), about=person)
    case_pause(case=case, reason="等", happened_at=at(4), by=here.accounts["manager"], at=at(4))
    before = rows()
    with pytest.raises(CaseRefused, match="被投诉的人"):
        case_resume(case=case, happened_at=at(5), by=boss, at=at(5))
    assert rows() == before


def test_a_manager_does_not_rule_on_the_case_against_oneself(here: Place) -> None:
    person, boss = employed(here, "manager")
    ruling = ruled(here, here.holder, case=closed(here, about=person))
    before = rows()
    with pytest.raises(RulingRefused, match="被投诉的人"):
        ruling_decide(ruling=ruling, accept=True, by=boss, at=at(5))
    assert rows() == before
    assert not cases_to_rule(boss).exists() and cases_to_rule(here.accounts["manager"]).exists()
    assert not Notice.objects.filter(account=boss).exists()
    ruling_decide(ruling=ruling, accept=True, by=here.accounts["manager"], at=at(5))
    appeal = appeal_raise(charge=Charge.objects.get(), reason="不是我", by=here.accounts["agent"], at=at(5))
    before = rows()
    with pytest.raises(AppealRefused, match="被投诉的人"):
        appeal_decide(appeal=appeal, state="approved", by=boss, at=at(5))
    with pytest.raises(RulingRefused, match="被投诉的人"):
        ruling_reverse(ruling=ruling, reason="算了", by=boss, at=at(5))
    assert rows() == before and not cases_appealed(boss).exists()


def test_who_bears_a_loss_does_not_take_the_ruling_back(here: Place) -> None:
    person, boss = employed(here, "manager")
    ruling = ruling_decide(
        ruling=ruled(here, person, here.holder), accept=True, by=here.accounts["manager"], at=at(5)
    )
    before = rows()
    with pytest.raises(RulingRefused, match="由自己承担"):
        ruling_reverse(ruling=ruling, reason="算了", by=boss, at=at(5))
    assert rows() == before
    ruling_reverse(ruling=ruling, reason="查错了", by=here.accounts["gm"], at=at(5))


def test_the_general_manager_is_told_where_the_only_manager_may_not_decide(here: Place) -> None:
    case = closed(here)
    loss_record(case=case, amount=D("60"), basis="补发", by=None, at=at(4))
    party = Party(D(100), staff=(here.holder,))
    ruling_propose(case=case, parties=[party], reason="漏发", by=here.accounts["manager"], at=at(4))
    told = Notice.objects.filter(text__contains="等您裁定").values_list("account", flat=True)
    assert list(told) == [here.accounts["gm"].pk]


# Other departments


def test_a_case_takes_nothing_from_another_department(here: Place) -> None:
    there = place(WEEK)
    item = HandoverItem.objects.create(
        author=there.holder, work_date=at(3).date(), text="客户等退款", key="h1", at=at(3)
    )
    order = Order.objects.create(
        department=there.department, order_no="T1", amount=1, paid_at=at(3), as_of=at(3).date()
    )
    memo = Memo.objects.create(staff=here.colleague, text="记得回电", key="m1", at=at(3))
    before = rows()
    for wrong in (
        {"handover_item": item},
        {"order": order},
        {"about": there.holder},
        {"holder": there.holder},
        {"memo": memo},
    ):
        with pytest.raises(CaseRefused):
            here.open(at(3), **wrong)
    assert rows() == before


def test_who_records_in_one_department_sees_and_does_nothing_in_another(here: Place) -> None:
    there = place(WEEK, SLOW, SHARE)
    case = there.open(at(3), complainant="王女士", phone="13812345678")
    mine = here.open(at(3))
    supervisor = here.accounts["supervisor"]
    before = rows()
    for account in (here.accounts["agent"], supervisor):
        client = signed_in(account)
        assert not cases_visible_to(account).filter(pk=case.pk).exists()
        assert client.get(reverse("case", args=[case.pk])).status_code == 404
        given = {"title": "越界", "received_at": "2026-10-04T09:00", "channel": "store", "key": "k-over"}
        address = f"{reverse('case_new')}?type=plain&department={there.department.code}"
        assert client.post(address, given).status_code == 404
    with pytest.raises(CaseRefused, match="不在同一部门"):
        case_merge(case=mine, into=case, reason="同一件", by=supervisor, at=at(5))
    with pytest.raises(CaseRefused):
        case_open(
            department=there.department, title="越界", received_at=at(4), key="k-2", by=supervisor, at=at(5)
        )
    assert rows() == before


def test_a_ruling_or_appeal_of_another_case_is_not_reached_by_its_number(here: Place) -> None:
    there = place(WEEK, SLOW, SHARE)
    ruling, mine = ruled(there, there.holder), closed(here)
    client = signed_in(here.accounts["manager"])
    decide = {"decision": "accept", "answer": "同意"}
    before = rows()
    assert client.post(reverse("ruling_decide", args=[mine.pk, ruling.pk]), decide).status_code == 404
    assert client.post(reverse("ruling_decide", args=[ruling.case_id, ruling.pk]), decide).status_code == 404
    assert rows() == before
    ruling_decide(ruling=ruling, accept=True, by=there.accounts["manager"], at=at(5))
    appeal = appeal_raise(charge=Charge.objects.get(), reason="不是我", by=None, at=at(5))
    before = rows()
    grant = {"decision": "approved", "answer": "好"}
    for case in (mine.pk, ruling.case_id):
        assert client.post(reverse("case_appeal", args=[case, appeal.pk]), grant).status_code == 404
    for account in (here.accounts["agent"], there.accounts["colleague"]):
        own = signed_in(account)
        raised = own.post(reverse("me_charge_appeal", args=[appeal.charge_id]), {"reason": "x"})
        assert raised.status_code == 404
        assert own.post(reverse("me_appeal_withdraw", args=[appeal.pk])).status_code == 404
    assert rows() == before


def test_the_files_of_a_case_are_opened_by_who_sees_it_alone(here: Place) -> None:
    picture = SimpleUploadedFile("a.png", PICTURE, "image/png")
    case = here.open(at(3), files=[picture])
    evidence = SimpleUploadedFile("b.png", PICTURE, "image/png")
    loss = loss_record(case=case, amount=D(5), basis="补发", files=[evidence], by=None, at=at(4))
    attached, kept = case.attachments.get(), loss.evidence.get()
    other = here.open(at(3), holder=here.colleague, by=here.accounts["colleague"])
    name = attached.stored_name
    colleague, agent = signed_in(here.accounts["colleague"]), signed_in(here.accounts["agent"])
    assert agent.get(reverse("case_file", args=[case.pk, name])).status_code == 200
    # Neither by its name alone, nor through another case; evidence of losses only with those.
    for client, address in (
        (colleague, reverse("case_file", args=[case.pk, name])),
        (colleague, reverse("case_file", args=[other.pk, name])),
        (colleague, reverse("attachment", args=[name])),
        (agent, reverse("attachment", args=[name])),
        (agent, reverse("case_file", args=[case.pk, kept.stored_name])),
    ):
        assert client.get(address).status_code == 404, address


def test_a_file_of_a_gigabyte_is_refused_unread_with_its_case(here: Place) -> None:
    before = rows()
    with pytest.raises(FileRefused, match="超过"):
        here.open(at(3), files=[Huge("a.png", PICTURE, "image/png")])
    assert rows() == before


def test_an_agent_reads_no_case_against_oneself_nor_one_of_a_colleague(here: Place) -> None:
    case = here.open(at(3), about=here.colleague, complainant="王女士")
    own = here.open(at(3), about=here.colleague, holder=None, by=here.accounts["colleague"])
    client = signed_in(here.accounts["colleague"])
    for each in (case, own):
        assert client.get(reverse("case", args=[each.pk])).status_code == 404
    assert case.number not in client.get(f"{reverse('cases')}?state=all").content.decode()


def test_the_evidence_of_a_loss_goes_with_it_into_the_other_case(here: Place) -> None:
    one, two = here.open(at(3)), here.open(at(3))
    evidence = SimpleUploadedFile("b.png", PICTURE, "image/png")
    loss = loss_record(case=one, amount=D(5), basis="补发", files=[evidence], by=None, at=at(4))
    case_merge(case=one, into=two, reason="同一件", by=None, at=at(4))
    moved = two.losses.get()
    assert list(moved.evidence.all()) == list(loss.evidence.all()) != []
    name = moved.evidence.get().stored_name
    boss = signed_in(here.accounts["manager"])
    assert boss.get(reverse("case_file", args=[two.pk, name])).status_code == 200


def test_whom_a_case_is_about_is_not_told_that_a_step_waits() -> None:
    here = place(WEEK, PATH)
    person, boss = employed(here, "supervisor")
    case = here.open(at(3), provision_code="x-path", card={"客户要求": "退货"}, about=person)
    case_step(case=case, decision="受理", by=here.accounts["agent"], at=at(4))
    told = set(Notice.objects.filter(text__contains="等您办理").values_list("account", flat=True))
    assert here.accounts["supervisor"].pk in told and boss.pk not in told


def test_a_holder_who_may_no_longer_record_cases_neither_sees_nor_takes_it() -> None:
    here = place(WEEK, PATH)
    case = here.open(at(3), provision_code="x-path", card={"客户要求": "退货"})
    account = here.accounts["agent"]
    assert takes_step(account, case) and cases_awaiting(account).exists()
    Staff.objects.filter(pk=here.holder.pk).update(left_on=at(4).date())
    account = Account.objects.get(pk=account.pk)
    assert not cases_visible_to(account).exists()
    assert not takes_step(account, case) and not cases_awaiting(account).exists()
    before = rows()
    with pytest.raises(CaseRefused):
        case_step(case=case, decision="受理", by=account, at=at(6))
    assert rows() == before


def test_what_one_holds_stands_on_the_handover_page_with_the_way_to_hand_it_over(here: Place) -> None:
    order = Order.objects.create(
        department=here.department, order_no="T1", amount=1, paid_at=at(3), as_of=at(3).date()
    )
    case = here.open(at(3), order=order)
    closed(here)
    other = here.open(at(3), holder=here.colleague, by=here.accounts["colleague"])
    client = signed_in(here.accounts["agent"])
    with CaptureQueriesContext(connection) as few:
        text = client.get(reverse("me_handover")).content.decode()
    assert text.count("写进交接") == 1 and case.number in text and other.number not in text
    assert "order_no=T1" in text and "10月10日 09:00 到期" in text
    for _ in range(3):
        here.open(at(3), order=order)
    with CaptureQueriesContext(connection) as many:
        text = client.get(reverse("me_handover")).content.decode()
    assert text.count("写进交接") == 4 and len(many) == len(few)
