"""Documents and bank accounts: sealed, dated, one person's, looked at with a reason."""

from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from people.documents import check_digit
from people.errors import IdentityRefused, SealRefused
from people.identities import bank_accounts_of, identities_of, sharers_of
from people.models import AccessLog, BankAccount, Employer, IdentityDocument, Staff
from people.sealing import digest, digests, seal, unseal
from people.services import (
    account_record,
    document_record,
    identities_viewed,
    identity_view,
    number_withdraw,
    staff_transfer,
)
from people.services.data_keys import data_keys_rotate
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db

NUMBER = "11010519491231002X"
OTHER = "11010519900101001" + check_digit("11010519900101001")
CARD = "6222020200112233446"
HIRED, OCTOBER = date(2020, 1, 1), date(2026, 10, 1)
NEW, OLD = "a-new-key-for-tests-only", "insecure-test-data-key"


def documented(staff: Staff, number: str = NUMBER, since: date = HIRED, **fields: Any) -> IdentityDocument:
    given = {"kind": "resident", "by": None, "at": WHEN, **fields}
    return document_record(staff=staff, number=number, since=since, **given)


def banked(staff: Staff, number: str = CARD, since: date = HIRED, **fields: Any) -> BankAccount:
    given = {"bank": "中国工商银行", "by": None, "at": WHEN, **fields}
    return account_record(staff=staff, number=number, since=since, **given)


def held(text: str) -> list[str]:
    """The tables that hold a text in any column."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" row WHERE row::text LIKE %s', [f"%{text}%"])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def test_sealing_hides_and_gives_back(settings):
    sealed = seal(NUMBER)
    assert NUMBER not in sealed
    assert sealed != seal(NUMBER)
    assert unseal(sealed) == NUMBER
    assert digest(NUMBER) == digest(NUMBER) != digest(OTHER)
    settings.DATA_KEYS = [NEW, OLD]
    assert unseal(sealed) == NUMBER
    assert len(digests(NUMBER)) == 2
    settings.DATA_KEYS = [NEW]
    with pytest.raises(SealRefused, match="当时的密钥加回 KEFU_DATA_KEYS"):
        unseal(sealed)
    settings.DATA_KEYS = []
    with pytest.raises(SealRefused, match="没有数据密钥"):
        seal(NUMBER)


def test_no_table_holds_the_number_and_history_tells_of_no_ciphertext():
    staff = factories.staff(factories.department())
    hr = factories.account("hr", staff.department)
    first = documented(staff)
    banked(staff)
    documented(staff, OTHER, OCTOBER)
    number_withdraw(row=first, by=hr, at=WHEN)
    identity_view(row=first, reason="办理报税", by=hr, at=WHEN)
    assert [held(each) for each in (NUMBER, OTHER, CARD)] == [[], [], []]
    with connection.cursor() as cursor:
        cursor.execute("SELECT row::text FROM people_identitydocumentpast row")
        past = " ".join(row for (row,) in cursor.fetchall())
    assert past
    assert first.sealed not in past
    assert str(first) == "居民身份证 110***********002X"


def test_another_document_ends_the_one_before_and_the_same_changes_nothing():
    staff = factories.staff(factories.department())
    first = documented(staff)
    second = documented(staff, OTHER, OCTOBER)
    first.refresh_from_db()
    assert (first.until, second.until) == (date(2026, 9, 30), None)
    assert documented(staff, OTHER, date(2026, 11, 1)).pk == second.pk
    corrected = documented(staff, "H12345678", OCTOBER, kind="hk_mo_permit")
    second.refresh_from_db()
    assert second.withdrawn_at == WHEN
    assert corrected.until is None
    before = documented(staff, OTHER, date(2026, 5, 1))
    first.refresh_from_db()
    assert (first.until, before.until) == (date(2026, 4, 30), date(2026, 9, 30))
    told = {
        on: identities_of([staff.pk], on=on)[staff.pk].number for on in (HIRED, date(2026, 9, 30), OCTOBER)
    }
    assert list(told.values()) == [NUMBER, OTHER, "H12345678"]
    with pytest.raises(IntegrityError), transaction.atomic():
        IdentityDocument.objects.create(
            staff=staff, kind="resident", since=OCTOBER, sealed=seal("x"), digest="x", at=WHEN
        )


def test_a_number_is_one_persons_of_the_employer(django_assert_num_queries):
    employer = Employer.objects.create(name="某某电子商务有限公司")
    here, there, elsewhere = (factories.department() for _ in range(3))
    for each in (here, there):
        each.employer = employer
        each.save()
    staff, twin = factories.staff(here), factories.staff(there)
    documented(staff)
    with pytest.raises(IdentityRefused) as refused:
        documented(twin)
    assert f"已登记给{staff}" in str(refused.value)
    assert NUMBER not in str(refused.value)
    assert IdentityDocument.objects.count() == 1
    assert documented(factories.staff(elsewhere)).pk  # another employer
    moved = staff_transfer(staff=staff, to=there, on=OCTOBER, number="", by=None, at=WHEN)
    assert documented(moved, since=OCTOBER).staff == staff  # the same person, and nothing new
    banked(staff)
    with django_assert_num_queries(2):
        assert identities_of([moved.pk, staff.pk], on=OCTOBER)[moved.pk].number == NUMBER
    with django_assert_num_queries(2):
        assert bank_accounts_of([moved.pk, twin.pk], on=OCTOBER).keys() == {moved.pk}
    assert sharers_of(banked(twin), twin) == [staff]


def test_foreign_documents_need_a_nationality_and_others_have_none():
    staff = factories.staff(factories.department())
    for kind, nationality, told in (("passport", "", "没有写国籍"), ("resident", "韩国", "不填国籍")):
        with pytest.raises(IdentityRefused, match=told):
            documented(staff, kind=kind, nationality=nationality)
    assert not IdentityDocument.objects.exists()
    row = documented(staff, "M1234567", kind="passport", nationality="韩国")
    assert identities_of([staff.pk], on=OCTOBER)[staff.pk].nationality == row.nationality == "韩国"


def test_an_account_is_in_the_persons_name_unless_said_otherwise():
    staff = factories.staff(factories.department(), name="张三")
    banked(staff)
    account = bank_accounts_of([staff.pk], on=OCTOBER)[staff.pk]
    assert (account.number, account.holder) == (CARD, "张三")
    with pytest.raises(IdentityRefused, match="没有写开户行"):
        banked(staff, bank=" ")
    assert BankAccount.objects.count() == 1


def test_only_hr_of_the_department_sees_a_number_and_it_is_noted_why():
    staff = factories.staff(factories.department())
    row = documented(staff)
    hr, stranger = factories.account("hr", staff.department), factories.account("hr", factories.department())
    manager = factories.account("manager", staff.department)
    for who in (stranger, manager):
        with pytest.raises(IdentityRefused, match="不能登记和查看"):
            identity_view(row=row, reason="看看", by=who, at=WHEN)
        with pytest.raises(IdentityRefused):
            number_withdraw(row=row, by=who, at=WHEN)
        with pytest.raises(IdentityRefused):
            documented(staff, OTHER, by=who)
    with pytest.raises(IdentityRefused, match="没有写查看的理由"):
        identity_view(row=row, reason="  ", by=hr, at=WHEN)
    assert not AccessLog.objects.exists()
    assert IdentityDocument.objects.get().withdrawn_at is None
    assert identity_view(row=row, reason="办理 报税", by=hr, at=WHEN) == NUMBER
    identities_viewed(
        staff=[staff], what=AccessLog.What.ACCOUNT, reason="导出银行代发文件", month=OCTOBER, by=hr, at=WHEN
    )
    noted = AccessLog.objects.order_by("pk").values_list("by", "staff", "what", "month", "reason")
    assert list(noted) == [
        (hr.pk, staff.pk, "identity", OCTOBER, "办理 报税"),
        (hr.pk, staff.pk, "account", OCTOBER, "导出银行代发文件"),
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessLog.objects.create(what="identity", department=staff.department, month=OCTOBER, by=hr, at=WHEN)


def test_keys_are_rotated_all_or_none(settings, capsys):
    staff = factories.staff(factories.department())
    row, account = documented(staff), banked(staff)
    settings.DATA_KEYS = [NEW, OLD]
    twin = factories.staff(staff.department)
    with pytest.raises(IdentityRefused, match="已登记给"):  # known by the digest of the key before
        documented(twin)
    call_command("rotate_data_keys")
    assert "重新加密 2 个号码" in capsys.readouterr().out
    settings.DATA_KEYS = [NEW]
    assert identities_of([staff.pk], on=OCTOBER)[staff.pk].number == NUMBER
    assert bank_accounts_of([staff.pk], on=OCTOBER)[staff.pk].number == CARD
    with pytest.raises(IdentityRefused, match="已登记给"):
        documented(twin)
    assert data_keys_rotate() == 2
    sealed = list(IdentityDocument.objects.values("sealed", "digest"))
    BankAccount.objects.filter(pk=account.pk).update(sealed="not-a-token")
    with pytest.raises(CommandError, match=f"没有改动任何数据：银行账号 {account.pk}"):
        call_command("rotate_data_keys")
    assert list(IdentityDocument.objects.values("sealed", "digest")) == sealed
    row.refresh_from_db()
    assert row.masked == "110***********002X"


def transferred() -> tuple[Staff, Staff]:
    """Somebody of one employer who has been with another since October."""
    here, there = factories.department(), factories.department()
    for place, name in ((here, "甲公司"), (there, "乙公司")):
        place.employer = Employer.objects.create(name=name)
        place.save()
    staff = factories.staff(here)
    moved = staff_transfer(staff=staff, to=there, on=OCTOBER, number="", by=None, at=WHEN)
    staff.refresh_from_db()
    return staff, moved


@pytest.mark.parametrize("since", [HIRED, date(2026, 9, 30), OCTOBER, date(2026, 11, 1)])
def test_a_department_that_was_left_does_not_say_where_pay_goes_now(since: date):
    left, moved = transferred()
    former = factories.account("hr", left.department)
    banked(left)
    theirs = banked(moved, "4111111111111111", OCTOBER) if since != HIRED else None
    before = list(BankAccount.objects.order_by("pk").values())
    account = bank_accounts_of([moved.pk], on=OCTOBER)[moved.pk]
    if since in (HIRED, OCTOBER, date(2026, 11, 1)):
        with pytest.raises(IdentityRefused, match="已不在"):
            banked(left, "5555555555554444", since, by=former)
        assert list(BankAccount.objects.order_by("pk").values()) == before
    else:
        banked(left, "5555555555554444", since, by=former)
    assert bank_accounts_of([moved.pk], on=OCTOBER)[moved.pk] == account
    if theirs is not None:
        with pytest.raises(IdentityRefused, match="不能登记和查看"):
            number_withdraw(row=theirs, by=former, at=WHEN)
        with pytest.raises(IdentityRefused, match="不能登记和查看"):
            identity_view(row=theirs, reason="看看", by=former, at=WHEN)
        assert not AccessLog.objects.exists()


def test_what_was_entered_before_a_transfer_is_taken_back_by_the_department_after_it():
    left, moved = transferred()
    former, now = (factories.account("hr", each.department) for each in (left, moved))
    row = banked(left)
    with pytest.raises(IdentityRefused, match="请由现在的部门办理"):
        number_withdraw(row=row, by=former, at=WHEN)
    assert BankAccount.objects.get().withdrawn_at is None
    assert identity_view(row=row, reason="核对", by=now, at=WHEN) == CARD
    assert number_withdraw(row=row, by=now, at=WHEN).withdrawn_at == WHEN


def test_who_left_for_good_gets_the_last_pay_on_another_account_from_a_day_of_employment():
    staff = factories.staff(factories.department())
    staff.left_on = date(2026, 9, 30)
    staff.save()
    hr = factories.account("hr", staff.department)
    banked(staff)
    with pytest.raises(IdentityRefused, match="不晚于2026-09-30"):
        banked(staff, "4111111111111111", OCTOBER, by=hr)
    assert BankAccount.objects.count() == 1
    banked(staff, "4111111111111111", date(2026, 9, 30), by=hr)
    assert bank_accounts_of([staff.pk], on=OCTOBER)[staff.pk].number == "4111111111111111"


def test_a_number_entered_elsewhere_is_the_persons_here_as_well():
    left, moved = transferred()
    documented(left)
    twin = factories.staff(moved.department)
    with pytest.raises(IdentityRefused, match=f"已登记给{moved}"):
        documented(twin)
    assert IdentityDocument.objects.count() == 1
