"""Pages of the handover book: writing and signing on the phone, searching and countersigning."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from duties.models import HandoverEntry, HandoverItem, HandoverReview, HandoverSignature
from duties.services.handover import handover_sign, handover_write
from people.models import Account
from tests import factories
from tests.rostered import Place, moment, place

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: Any) -> Callable[[int, str], None]:
    """`clock(15, "17:40")`: what the time is."""

    def put(day: int, at: str) -> None:
        monkeypatch.setattr(timezone, "now", Mock(return_value=moment(day, at)))

    put(15, "17:20")
    return put


@pytest.fixture
def here(clock: Any, settings: Any, tmp_path: Path) -> Place:
    """1001 by day, 1002 in the evening, each with an account."""
    settings.ATTACHMENT_DIR = tmp_path
    made = place()
    for number, pattern in (("1001", "白班"), ("1002", "晚班")):
        made.staff[number] = factories.staff(made.department, number)
        made.shift(made.staff[number], pattern, 15, 16)
        factories.account("agent", staff=made.staff[number], username=f"a-{number}")
    return made


def signed_in(account: Account | str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=account) if isinstance(account, str) else account)
    return client


def post(client: Client, name: str, *args: Any, **data: Any) -> str:
    response = client.post(reverse(name, args=args), data, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def item(here: Place, text: str = "张三的退款未到账") -> HandoverItem:
    return handover_write(author=here.staff["1001"], text=text, key=text, by=None, at=moment(15, "17:20"))


def test_an_agent_writes_an_item_and_the_next_signs_it(here: Place, clock: Any) -> None:
    day, evening = signed_in("a-1001"), signed_in("a-1002")
    picture = SimpleUploadedFile("截图.png", b"\x89PNG\r\n\x1a\n0000")
    given = {
        "text": "张三的退款未到账",
        "urgency": "urgent",
        "customer": "张三",
        "attached": [picture],
        "key": "k",
    }
    assert "已写入交接本" in post(day, "me_handover", **given)
    row = HandoverItem.objects.get()
    assert (row.shift_name, row.urgency, row.attachments.count()) == ("白班", "urgent", 1)
    post(day, "me_handover", **{**given, "attached": []})
    assert HandoverItem.objects.count() == 1
    assert "您自己写的" in post(day, "me_handover_sign", row.pk)
    assert not HandoverSignature.objects.exists()
    clock(15, "17:40")
    assert "张三的退款未到账" in evening.get(reverse("me_handover")).content.decode()
    for _ in range(2):
        assert "已签收" in post(evening, "me_handover_sign", row.pk)
    assert HandoverSignature.objects.get().staff == here.staff["1002"]
    assert "已登记办完" in post(evening, "me_handover_say", row.pk, kind="done")
    assert HandoverEntry.objects.get().kind == "done"


def test_a_wrong_file_is_told_beside_the_form_and_nothing_is_kept(here: Place) -> None:
    page = SimpleUploadedFile("假.png", b"<html><script>")
    given = {"text": "看图", "urgency": "normal", "key": "k", "attached": [page]}
    assert "的内容不是" in post(signed_in("a-1001"), "me_handover", **given)
    assert not HandoverItem.objects.exists()


def test_nothing_to_hand_over_is_one_button(here: Place) -> None:
    client = signed_in("a-1001")
    for _ in range(2):
        assert "本班无交接事项" in post(client, "me_handover", nothing="1")
    assert HandoverItem.objects.get().is_nothing


def test_an_item_is_passed_on_from_the_page(here: Place, clock: Any) -> None:
    first = item(here)
    handover_sign(item=first, staff=here.staff["1002"], at=moment(15, "17:40"))
    clock(15, "23:00")
    client = signed_in("a-1002")
    address = f"{reverse('me_handover')}?follows={first.pk}"
    assert "张三的退款未到账" in client.get(address).content.decode()
    client.post(address, {"text": "仍未到账", "urgency": "today", "key": "k"})
    assert HandoverItem.objects.get(text="仍未到账").follows == first
    assert client.get(address).status_code == 404


def test_the_next_shift_says_that_an_item_was_not_done(here: Place, clock: Any) -> None:
    first = item(here)
    handover_sign(item=first, staff=here.staff["1002"], at=moment(15, "17:40"))
    clock(16, "09:00")
    client = signed_in("a-1001")
    assert "请写明内容" in post(client, "me_handover_say", first.pk, kind="not_done", text=" ")
    assert "等经理确认" in post(client, "me_handover_say", first.pk, kind="not_done", text="没联系客户")
    assert "登记未办" not in client.get(reverse("me_handover_item", args=[first.pk])).content.decode()
    assert client.post(reverse("me_handover_say", args=[first.pk]), {"kind": "?"}).status_code == 404


def test_what_was_waived_has_no_button_for_undone(here: Place, clock: Any) -> None:
    first = item(here)
    handover_sign(item=first, staff=here.staff["1002"], at=moment(15, "17:40"))
    clock(16, "09:00")
    client, page = signed_in("a-1001"), reverse("me_handover_item", args=[first.pk])
    assert "登记未办" in client.get(page).content.decode()
    post(signed_in(factories.account("manager", here.department)), "handover_say", first.pk,
         kind="waived", text="系统故障")  # fmt: skip
    assert "登记未办" not in client.get(page).content.decode()
    assert "这一项已经免究" in post(client, "me_handover_say", first.pk, kind="not_done", text="没办")


def test_the_book_is_searched_and_read_by_the_department_alone(here: Place) -> None:
    row = item(here)
    item(here, "李四要换货")
    stranger = factories.account("agent", staff=factories.staff(factories.department()))
    managing = [factories.account(group, here.department) for group in ("supervisor", "manager")]
    for client, name, single in (
        (signed_in("a-1002"), "me_handover_book", "me_handover_item"),
        *((signed_in(each), "handover", "handover_item") for each in managing),
    ):
        found = client.get(reverse(name), {"q": "李四"}).content.decode()
        assert "李四要换货" in found and "张三的退款" not in found
        assert "没有找到" in client.get(reverse(name), {"q": "王五"}).content.decode()
        assert (
            "张三的退款"
            in client.get(reverse(name), {"state": "unsigned", "first": "2026-10-15"}).content.decode()
        )
        assert client.get(reverse(single, args=[row.pk])).status_code == 200
    theirs = signed_in(stranger)
    assert "张三" not in theirs.get(reverse("me_handover_book")).content.decode()
    for name in ("me_handover_item", "me_handover_sign", "me_handover_say", "handover_item", "handover_say"):
        send = theirs.get if name.endswith("item") else theirs.post
        assert send(reverse(name, args=[row.pk])).status_code == 404, name
    assert theirs.get(reverse("handover")).status_code == 404


def test_other_departments_managers_find_nothing(here: Place) -> None:
    row = item(here)
    client = signed_in(factories.account("manager", factories.department()))
    assert client.get(reverse("handover_item", args=[row.pk])).status_code == 404
    assert (
        client.post(reverse("handover_say", args=[row.pk]), {"kind": "waived", "text": "x"}).status_code
        == 404
    )
    review = reverse("handover_review", args=[here.department.code, "2026-10-15"])
    assert client.post(review).status_code == 404
    assert "张三" not in client.get(reverse("handover")).content.decode()


def test_the_supervisor_countersigns_and_later_items_are_marked(here: Place, clock: Any) -> None:
    item(here)
    lead = factories.staff(here.department, "1009", role="lead")
    review = [here.department.code, "2026-10-15"]
    assert (
        signed_in(factories.account("lead", staff=lead))
        .post(reverse("handover_review", args=review))
        .status_code
        == 404
    )
    client = signed_in(factories.account("supervisor", here.department))
    clock(15, "17:30")
    for _ in range(2):
        assert "10月15日的交接已复核" in post(client, "handover_review", *review, remark="齐了")
    assert HandoverReview.objects.count() == 1
    handover_write(author=here.staff["1001"], text="补一项", key="late", by=None, at=moment(15, "17:45"))
    page = client.get(reverse("handover"), {"day": "2026-10-15"}).content.decode()
    assert "齐了" in page and page.count("复核以后写的") == 1
    assert (
        client.post(reverse("handover_review", args=[here.department.code, "2026-13-45"])).status_code == 404
    )


def test_the_first_pages_figures_lead_to_the_rows_of_all_departments(here: Place) -> None:
    item(here)
    author = factories.staff(factories.department("Z", name="夜班部"))
    for text in ("李四要换货", "王五催单"):
        handover_write(author=author, text=text, key=text, by=None, at=moment(15, "17:20"))
    client = signed_in(factories.account("manager", here.department, author.department))
    home = client.get("/").content.decode()
    figures = {}
    for words in ("项交接没有签收", "天交接待复核"):
        found = re.search(rf'href="([^"]+)"><span class="stat-figure">(\d+)</span>[^/]*{words}', home)
        assert found
        figures[words] = (client.get(found[1]).content.decode(), int(found[2]))
    rows, unsigned = figures["项交接没有签收"]
    assert unsigned == 3 == rows.count("<tr>") - 1
    assert f"{here.department.name} 员工1001" in rows and "夜班部" in rows
    page, days = figures["天交接待复核"]
    links = re.findall(r'href="([^"]+day=[^"]+)">', page)
    assert days == 2 == len(links)
    for link in links:
        one = client.get(reverse("handover") + link.replace("&amp;", "&")).content.decode()
        assert "复核 10月15日 的交接" in one
        assert ("张三的退款" in one, "李四要换货" in one) == (code_in(link) != "Z", code_in(link) == "Z")


def code_in(link: str) -> str:
    return link.partition("department=")[2].partition("&")[0]


def test_a_manager_remarks_and_waives(here: Place) -> None:
    row = item(here)
    client = signed_in(factories.account("manager", here.department))
    post(client, "handover_say", row.pk, kind="remark", text="注意时效")
    post(client, "handover_say", row.pk, kind="waived", text="系统故障")
    assert [entry.kind for entry in row.entries.all()] == ["remark", "waived"]


@pytest.mark.parametrize("username", ["a-1002", "manager"])
def test_pages_take_few_queries_however_many_items(
    here: Place, username: str, django_assert_max_num_queries: Any
) -> None:
    for index in range(60):
        item(here, f"事项{index}")
    who: Any = username if username.startswith("a-") else factories.account("manager", here.department)
    client = signed_in(who)
    for name in ("me_handover", "me_handover_book") if username.startswith("a-") else ("handover",):
        client.get(reverse(name))
        with django_assert_max_num_queries(12):
            page = client.get(reverse(name)).content.decode()
        assert page.count("事项") >= 20 and page.count("<tr") <= 51
