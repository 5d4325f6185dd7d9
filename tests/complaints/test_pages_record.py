"""Recording a case on its page: type, card, order, repeats; what is wrong is told and nothing is kept."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from commissions.models import Order, Refund
from complaints.models import Callback, Case, CaseEvent, Clock, ClockEvent, Complainant
from duties.models import HandoverItem, Memo
from tests import factories
from tests.complaints.opened import CALL, PATH, SLOW, WEEK, Place, at, place
from tests.complaints.visits import page, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PICTURE = b"\x89PNG\r\n\x1a\n0000"
PHONE = "13812345678"
COUNTED = (Case, CaseEvent, Clock, ClockEvent, Complainant, Callback)


@pytest.fixture
def here() -> Place:
    return place(WEEK, CALL, SLOW)


def counts() -> list[int]:
    return [model._default_manager.count() for model in COUNTED]


def card(**fields: Any) -> dict[str, Any]:
    given = {"title": "漏发一件", "received_at": "2026-10-03T09:00", "channel": "store", "key": "k-page"}
    return given | fields


def new(client: Client, kind: str = "plain", **fields: Any) -> str:
    response = client.post(f"{reverse('case_new')}?type={kind}", card(**fields), follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_the_type_comes_first_and_brings_its_card() -> None:
    here = place(WEEK, PATH)
    client = signed_in(here.accounts["agent"])
    first = page(client, "case_new")
    assert "客户投诉" in first and "受理 → 调查 → 批阅 → 答复客户" in first
    second = page(client, "case_new", type="x-path")
    assert "客户要求" in second and "批号" in second
    before = counts()
    assert "请选择" in new(client, "x-path")
    assert counts() == before
    text = new(client, "x-path", **{"card-0": "退货", "card-1": "B7"})
    assert "已登记投诉20261003-001" in text
    case = Case.objects.get()
    assert (case.type_code, case.card, case.step) == ("x-path", {"客户要求": "退货", "批号": "B7"}, "accept")


def test_the_same_form_records_one_case(here: Place) -> None:
    client = signed_in(here.accounts["agent"])
    for _ in range(2):
        new(client)
    assert Case.objects.count() == 1


def test_an_order_brings_its_amount_refunds_and_agent(here: Place) -> None:
    order = Order.objects.create(
        department=here.department, order_no="T9", amount=88, agent=here.colleague, attribution="file",
        paid_at=at(1), as_of=at(1).date(),
    )  # fmt: skip
    Refund.objects.create(order=order, amount=20, refunded_at=at(2), as_of=at(2).date())
    client = signed_in(here.accounts["agent"])
    part = page(client, "case_order", order_no="T9")
    assert "88.00 元" in part and "20.00 元" in part and here.colleague.name in part
    assert 'value="T9"' in page(client, "case_new", type="plain", order="T9")
    before = counts()
    assert "没有找到订单“T8”" in new(client, order_no="T8")
    assert counts() == before
    text = new(client, order_no="T9")
    assert "88.00 元" in text and Case.objects.get().order == order


def test_a_handover_item_and_a_memo_begin_a_case(here: Place) -> None:
    item = HandoverItem.objects.create(
        author=here.holder, work_date=at(3).date(), text="客户说少发", customer="王女士", key="h", at=at(3)
    )
    memo = Memo.objects.create(staff=here.holder, text="回电李先生", key="m", at=at(3))
    client = signed_in(here.accounts["agent"])
    text = page(client, "case_new", type="plain", handover=item.pk)
    assert "客户说少发" in text and "王女士" in text
    assert "回电李先生" in page(client, "case_new", type="plain", memo=memo.pk)
    others = signed_in(here.accounts["colleague"])
    assert "回电李先生" not in page(others, "case_new", type="plain", memo=memo.pk)
    client.post(f"{reverse('case_new')}?type=plain&handover={item.pk}", card())
    assert Case.objects.get().handover_item == item
    assert "登记投诉" in page(client, "me_handover_item", item.pk)
    assert "登记投诉" in page(client, "me_memo", memo.pk)


def test_a_repeat_is_shown_before_it_is_recorded(here: Place) -> None:
    first = here.open(complainant="王女士", phone=PHONE)
    client = signed_in(here.accounts["agent"])
    before = counts()
    text = new(client, phone="138-1234-5678")
    assert first.number in text and "再按一次" in text
    assert counts() == before
    assert "已登记投诉" in new(client, phone="138-1234-5678", seen=f"{first.pk}")
    assert Case.objects.count() == 2
    assert first.number in page(client, "case", Case.objects.latest("pk").pk)


def test_the_duplicate_of_a_colleague_is_named_by_its_number_alone(here: Place) -> None:
    first = here.open(title="面膜过敏", complainant="王女士", phone=PHONE)
    text = new(signed_in(here.accounts["colleague"]), phone=PHONE)
    assert first.number in text and "面膜过敏" not in text


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("received_at", "2026-10-04T09:00", "时间在将来"),
        ("platform_due_at", "2026-10-03T08:00", "平台时限早于接到时间"),
        ("about", "9999", "没有找到“9999”"),
        ("title", "", "必填"),
    ],
)
def test_a_wrong_card_is_told_and_nothing_is_kept(here: Place, field: str, value: str, word: str) -> None:
    before = counts()
    text = new(signed_in(here.accounts["agent"]), **{field: value, "product": "面霜"})
    assert word in text and "面霜" in text
    assert counts() == before


def test_an_attachment_that_is_no_picture_is_told(here: Place) -> None:
    before = counts()
    wrong = SimpleUploadedFile("假.png", b"<html>")
    assert "不是JPEG" in new(signed_in(here.accounts["agent"]), attached=[wrong])
    assert counts() == before


def test_who_only_looks_records_nothing(here: Place) -> None:
    before = counts()
    for name in ("auditor", "gm"):
        client = signed_in(here.accounts[name])
        assert client.get(reverse("case_new")).status_code == 404
        assert client.post(f"{reverse('case_new')}?type=plain", card()).status_code == 404
    assert counts() == before


def test_people_are_looked_up_in_the_own_department_alone(here: Place) -> None:
    stranger = factories.staff(factories.department())
    client = signed_in(here.accounts["agent"])
    assert here.colleague.name in page(client, "case_people", about=here.colleague.number)
    assert stranger.name not in page(client, "case_people", about=stranger.number)
