"""Losses and responsibility on the page of a case, and one's own shares with their appeals."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commissions.models import Order
from complaints.models import Appeal, Case, Charge, Loss, Ruling
from complaints.selectors.responsibility import candidates_of
from complaints.services.cases import case_step
from duties.models import HandoverItem, HandoverSignature
from penalties.models import MoneyEntry
from tests import factories
from tests.complaints.opened import SLOW, WEEK, Place, at, place
from tests.complaints.visits import page, post, signed_in

pytestmark = pytest.mark.django_db
SHARE: dict[str, Any] = {
    "code": "x-share",
    "title": "损失分担",
    "kind": "loss_share",
    "params": {"charged": "closing"},
}
COUNTED = (Loss, Ruling, Charge, Appeal, MoneyEntry)
ALONE = {"party-0-percent": "100", "reason": "漏点一支"}


@pytest.fixture(autouse=True)
def fifth(clock: Any) -> None:
    """Everything is looked at on the fifth, when the case is closed."""
    clock(5)


@pytest.fixture
def here() -> Place:
    return place(WEEK, SLOW, SHARE)


@pytest.fixture
def case(here: Place) -> Case:
    """Recorded by the holder, closed the day after."""
    made = here.open(at(3))
    by = here.accounts["agent"]
    return case_step(case=made, decision="结案", brings={"处理结果": "补发"}, by=by, at=at(4))


def counts() -> list[int]:
    return [model._default_manager.count() for model in COUNTED]


def proposed(here: Place, case: Case) -> Ruling:
    client = signed_in(here.accounts["supervisor"])
    post(client, "case_loss", case.pk, amount="30", basis="补发的成本")
    post(client, "case_ruling", case.pk, **ALONE, **{"party-0-people": here.holder.number})
    return Ruling.objects.get()


def decided(here: Place, case: Case) -> Charge:
    ruling = proposed(here, case)
    client = signed_in(here.accounts["manager"])
    text = post(client, "ruling_decide", case.pk, ruling.pk, decision="accept", answer="同意")
    assert "已裁定" in text
    return Charge.objects.get()


def test_a_loss_is_recorded_once_with_its_evidence(here: Place, case: Case) -> None:
    client = signed_in(here.accounts["supervisor"])
    for _ in range(2):
        picture = SimpleUploadedFile("付款.png", b"\x89PNG\r\n\x1a\n0000")
        post(client, "case_loss", case.pk, amount="30.50", basis="补发的成本", attached=[picture])
    loss = Loss.objects.get()
    assert "30.50" in page(client, "case", case.pk)
    address = reverse("case_file", args=[case.pk, loss.evidence.get().stored_name])
    assert client.get(address).status_code == 200
    assert signed_in(here.accounts["agent"]).get(address).status_code == 404


@pytest.mark.parametrize(("amount", "word"), [("0", "应大于0"), ("-5", "应大于0"), ("1.005", "小数")])
def test_a_loss_of_zero_or_below_is_told_and_not_kept(
    here: Place, case: Case, amount: str, word: str
) -> None:
    before = counts()
    client = signed_in(here.accounts["supervisor"])
    text = post(client, "case_loss", case.pk, amount=amount, basis="补发的成本")
    assert word in text and "补发的成本" in text
    assert counts() == before


def test_shares_that_are_not_whole_are_told_with_their_sum(here: Place, case: Case) -> None:
    client = signed_in(here.accounts["supervisor"])
    post(client, "case_loss", case.pk, amount="30", basis="补发的成本")
    before = counts()
    given = {
        "party-0-people": here.holder.number, "party-0-percent": "60",
        "party-1-unit": "department", "party-1-percent": "39.99", "reason": "漏点一支",
    }  # fmt: skip
    text = post(client, "case_ruling", case.pk, **given)
    assert "合计为99.99%" in text and "比例合计 99.99%" in text and "漏点一支" in text
    assert counts() == before


@pytest.mark.parametrize(
    ("party", "word"),
    [
        ({"party-0-people": "9999"}, "没有找到"),
        ({"party-0-people": ""}, "请写工号"),
        ({"party-0-unit": "department", "party-0-people": "1"}, "不写人员"),
        ({"party-0-unit": "department", "party-0-percent": ""}, "请写比例"),
    ],
)
def test_a_party_that_is_nobody_is_told(here: Place, case: Case, party: dict[str, str], word: str) -> None:
    client = signed_in(here.accounts["supervisor"])
    post(client, "case_loss", case.pk, amount="30", basis="补发的成本")
    before = counts()
    assert word in post(client, "case_ruling", case.pk, **{**ALONE, **party})
    assert counts() == before


def test_who_proposed_does_not_decide_and_a_second_press_charges_nobody_again(
    here: Place, case: Case
) -> None:
    ruling = proposed(here, case)
    before = counts()
    supervisor = signed_in(here.accounts["supervisor"])
    given = {"decision": "accept", "answer": "同意"}
    address = reverse("ruling_decide", args=[case.pk, ruling.pk])
    for name in ("supervisor", "agent", "auditor", "hr"):
        assert signed_in(here.accounts[name]).post(address, given).status_code == 404
    assert counts() == before
    assert "等有权的另一个人裁定" in page(supervisor, "case", case.pk)
    manager = signed_in(here.accounts["manager"])
    assert "采纳并扣款" in page(manager, "case", case.pk)
    assert "已裁定" in post(manager, "ruling_decide", case.pk, ruling.pk, **given)
    after = counts()
    assert "不能再裁定" in post(manager, "ruling_decide", case.pk, ruling.pk, **given)
    assert counts() == after
    assert Charge.objects.get().amount == 30


def test_a_proposal_is_made_once_and_a_no_needs_a_word(here: Place, case: Case) -> None:
    ruling = proposed(here, case)
    before = counts()
    supervisor = signed_in(here.accounts["supervisor"])
    given = {**ALONE, "party-0-people": here.holder.number}
    assert "本案已有归责" in post(supervisor, "case_ruling", case.pk, **given)
    manager = signed_in(here.accounts["manager"])
    assert "不采纳须写明原因" in post(manager, "ruling_decide", case.pk, ruling.pk, decision="refuse")
    assert counts() == before
    post(manager, "ruling_decide", case.pk, ruling.pk, decision="refuse", answer="不是他")
    ruling.refresh_from_db()
    assert ruling.state == "refused"


def test_losses_and_shares_are_shown_to_who_sees_the_whole_alone(here: Place, case: Case) -> None:
    decided(here, case)
    agent = page(signed_in(here.accounts["agent"]), "case", case.pk)
    assert "漏点一支" not in agent and "责任裁定" not in agent
    for name in ("manager", "auditor", "gm"):
        text = page(signed_in(here.accounts[name]), "case", case.pk)
        assert "漏点一支" in text and "已裁定" in text, name


def test_a_ruling_is_reversed_once_with_a_reason(here: Place, case: Case) -> None:
    charge = decided(here, case)
    client = signed_in(here.accounts["manager"])
    before = counts()
    assert "没有写理由" in post(client, "ruling_reverse", case.pk, charge.ruling_id, reason="")
    assert counts() == before
    assert "裁定已撤销" in post(client, "ruling_reverse", case.pk, charge.ruling_id, reason="查明不是他")
    after = counts()
    assert "不能撤销" in post(client, "ruling_reverse", case.pk, charge.ruling_id, reason="再来")
    assert counts() == after
    assert "已退回" in page(signed_in(here.accounts["agent"]), "me_charges")


def test_a_person_sees_the_own_share_and_appeals_once(here: Place, case: Case) -> None:
    charge = decided(here, case)
    client = signed_in(here.accounts["agent"])
    assert "笔投诉损失由您承担" in page(client, "me")
    text = page(client, "me_charges")
    assert "30.00 元" in text and "漏点一支" in text and "怎样算出来" in text
    stranger = signed_in(here.accounts["colleague"])
    theirs = page(stranger, "me_charges")
    assert "30.00 元" not in theirs and "漏点一支" not in theirs
    address = reverse("me_charge_appeal", args=[charge.pk])
    assert stranger.post(address, {"reason": "不认"}).status_code == 404
    assert "看标红" in post(client, "me_charge_appeal", charge.pk, reason="")
    assert not Appeal.objects.exists()
    assert "申诉已提出" in post(client, "me_charge_appeal", charge.pk, reason="不是我发的")
    assert "已经申诉过" in post(client, "me_charge_appeal", charge.pk, reason="不是我发的")
    assert Appeal.objects.count() == 1


def test_an_appeal_after_its_time_or_in_pay_is_not_offered(here: Place, case: Case, clock: Any) -> None:
    charge = decided(here, case)
    clock(9)
    client = signed_in(here.accounts["agent"])
    assert "提出申诉" not in page(client, "me_charges")
    before = counts()
    assert "已经过了" in post(client, "me_charge_appeal", charge.pk, reason="不是我发的")
    assert counts() == before


def test_an_appeal_is_withdrawn_or_decided_by_another(here: Place, case: Case) -> None:
    charge = decided(here, case)
    client = signed_in(here.accounts["agent"])
    post(client, "me_charge_appeal", charge.pk, reason="不是我发的")
    first = Appeal.objects.get()
    for _ in range(2):
        post(client, "me_appeal_withdraw", first.pk)
    assert Appeal.objects.get().state == "withdrawn"
    post(client, "me_charge_appeal", charge.pk, reason="还是不认")
    second = Appeal.objects.exclude(pk=first.pk).get()
    manager, gm = signed_in(here.accounts["manager"]), signed_in(here.accounts["gm"])
    before = counts()
    assert "不能决定申诉" in post(manager, "case_appeal", case.pk, second.pk, decision="approved")
    assert counts() == before
    assert "等您决定" not in page(gm, "case", case.pk) and "批准申诉" in page(gm, "case", case.pk)
    assert "批准申诉" not in page(manager, "case", case.pk)
    for _ in range(2):
        post(gm, "case_appeal", case.pk, second.pk, decision="approved")
    second.refresh_from_db()
    assert second.state == "approved"
    assert sum(each.amount for each in MoneyEntry.objects.all()) == 0


def test_who_may_be_responsible_is_listed_with_reasons(here: Place) -> None:
    order = Order.objects.create(
        department=here.department, order_no="T9", amount=88, agent=here.colleague, attribution="file",
        paid_at=at(1), as_of=at(1).date(),
    )  # fmt: skip
    item = HandoverItem.objects.create(
        author=here.holder, work_date=at(2).date(), text="补发", key="h", order_no="T9", at=at(2)
    )
    HandoverSignature.objects.create(item=item, staff=here.colleague, work_date=at(2).date(), at=at(2))
    about = factories.staff(here.department)
    made = here.open(at(3), order=order, about=about)
    found = {each.staff.pk: each.reasons for each in candidates_of(made)}
    assert found == {
        here.colleague.pk: ("订单T9归此人（归属表）", "10-02签收了交接事项"),
        about.pk: ("投诉的就是此人",),
        here.holder.pk: ("10-02写了交接事项",),
    }
    client = signed_in(here.accounts["supervisor"])
    assert "订单T9归此人" in page(client, "case", made.pk)


def test_the_page_of_shares_takes_as_many_queries_however_many_there_are(here: Place, case: Case) -> None:
    charge = decided(here, case)
    client = signed_in(here.accounts["agent"])
    page(client, "me_charges")
    with CaptureQueriesContext(connection) as few:
        page(client, "me_charges")
    provision = charge.ruling.provision
    for number in range(12):
        other = here.open(at(3), title=f"第{number}件")
        ruling = Ruling.objects.create(
            case=other, provision=provision, amount=1, reason="漏发", proposed_at=at(4), state="decided",
            charged_on=at(4).date(), decided_at=at(4),
        )  # fmt: skip
        Charge.objects.create(ruling=ruling, staff=here.holder, amount=1, appeal_until=at(9).date(), at=at(4))
    with CaptureQueriesContext(connection) as many:
        page(client, "me_charges")
    assert len(many) == len(few) <= 12
