"""The pages of documents and bank accounts: HR enters and looks, everybody sees their own masked."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people.models import AccessLog, BankAccount, IdentityDocument, Staff
from people.services import account_record, document_record, staff_transfer
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db

NUMBER, MASKED, CARD = "11010519491231002X", "110***********002X", "6222020200112233446"
SINCE = date(2026, 1, 1)


@pytest.fixture
def person() -> Staff:
    place = factories.department("A", name="客服一部")
    staff = factories.staff(place, "1001", name="陈晓")
    staff.account = factories.account("agent", staff=staff)
    staff.save()
    return staff


@pytest.fixture
def page(client: Client, person: Staff) -> Client:
    client.force_login(factories.account("hr", person.department))
    return client


def at(person: Staff, name: str = "identity_person", *more: Any) -> str:
    return reverse(name, args=[person.department.code, person.pk, *more])


def known(person: Staff) -> tuple[IdentityDocument, BankAccount]:
    who: dict[str, Any] = {"staff": person, "since": SINCE, "by": None, "at": WHEN}
    document = document_record(kind="resident", number=NUMBER, **who)
    return document, account_record(bank="招商银行", number=CARD, **who)


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status
    return response.content.decode()


def test_hr_enters_document_and_account_once_however_often_it_is_sent(page: Client, person: Staff) -> None:
    document = {"form": "document", "kind": "resident", "number": " 1101051949 1231002x", "since": SINCE}
    account = {"form": "account", "bank": "招商银行", "number": "6222020200112233448", "since": SINCE}
    for sent in (document, document, account, account):
        assert page.post(at(person), sent).status_code == 302
    assert (IdentityDocument.objects.count(), BankAccount.objects.count()) == (1, 1)
    shown = text(page.get(at(person)))
    assert MASKED in shown
    assert NUMBER not in shown
    assert "银行账号的末位不合卡号的校验规则" in shown
    listed = text(page.get(reverse("identities_department", args=["A"])))
    assert MASKED in listed
    assert "622************3448" in listed


def test_a_refused_number_is_said_at_its_field_and_nothing_is_stored(page: Client, person: Staff) -> None:
    sent = {"form": "document", "kind": "resident", "number": "110105194912310021", "since": SINCE}
    shown = text(page.post(at(person), sent))
    assert "身份证号码的末位（校验码）不对；有一位写错了，请对照证件逐位核对。" in shown
    assert not IdentityDocument.objects.exists()


def test_the_number_is_shown_once_for_a_reason_that_is_noted(page: Client, person: Staff) -> None:
    document, account = known(person)
    view = at(person, "identity_document_view", document.pk)
    assert page.get(view).status_code == 405
    assert "没有写查看的理由" in text(page.post(view, {"reason": " "}, follow=True))
    assert not AccessLog.objects.exists()
    answer = page.post(view, {"reason": "办理个税申报"})
    assert NUMBER in text(answer)
    assert "no-store" in answer["Cache-Control"]
    assert CARD in text(page.post(at(person, "identity_account_view", account.pk), {"reason": "工资退回"}))
    noted = AccessLog.objects.order_by("pk").values_list("what", "staff", "reason")
    assert list(noted) == [("identity", person.pk, "办理个税申报"), ("account", person.pk, "工资退回")]


def test_a_broken_key_is_said_and_never_an_error(page: Client, person: Staff, settings: Any) -> None:
    document, account = known(person)
    settings.DATA_KEYS = ["another-key-than-that-of-then"]
    assert "（打不开）" in text(page.get(at(person)))
    assert "（打不开）" in text(page.get(reverse("identities_department", args=["A"])))
    view = at(person, "identity_document_view", document.pk)
    assert "请系统管理员把当时的密钥加回 KEFU_DATA_KEYS" in text(
        page.post(view, {"reason": "报税"}, follow=True)
    )
    assert not AccessLog.objects.exists()
    settings.DATA_KEYS = []
    sent = {"form": "account", "bank": "招商银行", "number": CARD, "since": date(2026, 2, 1)}
    assert "请系统管理员设置 KEFU_DATA_KEYS" in text(page.post(at(person), sent))
    assert BankAccount.objects.get() == account


def test_what_was_entered_wrong_is_withdrawn_and_stays_readable(page: Client, person: Staff) -> None:
    document, account = known(person)
    for _ in range(2):
        page.post(at(person, "identity_document_withdraw", document.pk))
        page.post(at(person, "identity_account_withdraw", account.pk))
    assert IdentityDocument.objects.get().withdrawn_at is not None
    assert BankAccount.objects.get().withdrawn_at is not None
    assert text(page.get(at(person))).count('class="badge">已撤回') == 2
    assert "未登记" in text(page.get(reverse("identities_department", args=["A"])))


def test_the_agent_sees_the_own_masked_and_no_page_of_hr(client: Client, person: Staff) -> None:
    document, _ = known(person)
    client.force_login(person.account)
    own = text(client.get(reverse("me_identity")))
    assert MASKED in own
    assert "622************3446" in own
    assert NUMBER not in own
    assert CARD not in own
    assert client.get(at(person)).status_code == 404
    assert client.post(at(person, "identity_document_view", document.pk), {"reason": "看"}).status_code == 404
    manager = factories.account("manager", person.department)
    client.force_login(manager)
    assert client.get(at(person)).status_code == 404
    assert not AccessLog.objects.exists()


def test_hr_of_another_department_sees_nothing(client: Client, person: Staff) -> None:
    document, account = known(person)
    stranger = factories.staff(factories.department("B"))
    client.force_login(factories.account("hr", stranger.department))
    for name, row in (("document", document), ("account", account)):
        for step in ("view", "withdraw"):
            for who in (person, stranger):
                address = at(who, f"identity_{name}_{step}", row.pk)
                assert client.post(address, {"reason": "看"}).status_code == 404
    assert not AccessLog.objects.exists()
    assert IdentityDocument.objects.get().withdrawn_at is None


def test_the_administration_and_its_history_and_export_are_masked(page: Client, person: Staff) -> None:
    document, account = known(person)
    document_record(
        staff=person, kind="passport", nationality="韩国", number="M1234567", since=date(2026, 5, 1),
        by=None, at=WHEN,
    )  # fmt: skip
    for row in (document, account):
        base = f"/admin/people/{row._meta.model_name}/"
        for address in (base, f"{base}{row.pk}/change/", f"{base}{row.pk}/history/"):
            shown = text(page.get(address))
            assert row.masked in shown, address
            assert not [each for each in (NUMBER, CARD, row.sealed, row.digest) if each in shown], address
        assert page.get(f"{base}xlsx/").status_code == 200
    manager = Client()
    manager.force_login(factories.account("manager", person.department))
    assert manager.get("/admin/people/identitydocument/").status_code == 403


def test_the_list_takes_the_same_queries_for_any_number(page: Client, person: Staff) -> None:
    address = reverse("identities_department", args=["A"])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page.get(address)
        return len(captured)

    known(person)
    few = queries()
    for number in range(10):
        other = factories.staff(person.department, f"20{number:02}")
        document_record(
            staff=other, kind="hk_mo_permit", number=f"H1234567{number}", since=SINCE, by=None, at=WHEN
        )
    assert queries() == few <= 12


def test_a_department_that_was_left_sees_nothing_of_what_came_after(page: Client, person: Staff) -> None:
    there = factories.department("B", name="客服二部")
    moved = staff_transfer(staff=person, to=there, on=date(2026, 3, 1), number="", by=None, at=WHEN)
    row = account_record(staff=moved, since=date(2026, 3, 1), bank="平安银行", number=CARD, by=None, at=WHEN)
    for shown in (
        page.get(at(person)),
        page.get(reverse("identities_department", args=["A"]), {"q": "陈晓"}),
    ):
        assert "平安银行" not in text(shown)
    for name in ("identity_account_view", "identity_account_withdraw"):
        assert page.post(at(person, name, row.pk), {"reason": "核对"}).status_code == 404
    row.refresh_from_db()
    assert row.withdrawn_at is None and not AccessLog.objects.filter(what="account").exists()
