"""Dated terms: what the database refuses, and how changes, leavings and transfers are recorded."""

from datetime import date
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from psycopg2.extras import DateRange

from people.errors import PeopleError
from people.models import FactChange, Staff, Term
from people.one_person import SamePerson, chains_of
from people.services import (
    account_create,
    department_create,
    facts_changed,
    months_since,
    staff_leave,
    staff_rename,
    staff_terms_change,
    staff_transfer,
)
from people.terms import people_of_month
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db

BY = {"by": None, "at": WHEN}


def months_touched() -> list[str]:
    return sorted(f"{each.department.code} {each.month:%Y-%m}" for each in FactChange.objects.all())


def spans(staff: Staff) -> list[tuple[date, date | None]]:
    return [(each.valid.lower, each.valid.upper) for each in staff.terms.order_by("valid")]


@pytest.mark.parametrize("valid", [(date(2026, 10, 1), None), (date(2019, 1, 1), date(2020, 1, 2))])
def test_database_refuses_overlapping_terms(valid):
    staff = factories.staff(factories.department())
    with pytest.raises(IntegrityError, match="people_term_no_overlap"), transaction.atomic():
        Term.objects.create(staff=staff, valid=valid)
    assert staff.terms.count() == 1


def test_adjoining_terms_and_other_peoples_terms_do_not_overlap():
    department = factories.department()
    staff = factories.staff(department)
    Term.objects.create(staff=staff, valid=(date(2019, 1, 1), date(2020, 1, 1)))
    assert factories.staff(department).terms.count() == 1


def test_database_refuses_an_empty_range():
    staff = factories.staff(factories.department())
    with pytest.raises(IntegrityError, match="people_term_valid_not_empty"), transaction.atomic():
        Term.objects.create(staff=staff, valid=DateRange(empty=True))


def test_database_refuses_overlap_in_raw_sql():
    staff = factories.staff(factories.department())
    staff_terms_change(staff=staff, on=date(2026, 10, 5), tier="senior", **BY)
    with (
        pytest.raises(IntegrityError, match="people_term_no_overlap"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE people_term SET valid = '[2020-01-01,)' WHERE staff_id = %s", [staff.pk])


def test_negative_pay_is_refused_in_words():
    with pytest.raises(PeopleError, match="不能为负"):
        factories.staff(factories.department(), base_pay=Decimal(-1))
    assert not Staff.objects.exists()


def test_change_closes_the_open_term_the_day_before():
    staff = factories.staff(factories.department("D1"), tier="junior", base_pay=Decimal(3000))
    FactChange.objects.all().delete()
    term = staff_terms_change(staff=staff, on=date(2026, 8, 10), tier="senior", **BY)
    assert spans(staff) == [(date(2020, 1, 1), date(2026, 8, 10)), (date(2026, 8, 10), None)]
    assert (term.tier, term.base_pay) == ("senior", Decimal(3000))
    assert months_touched() == ["D1 2026-08", "D1 2026-09", "D1 2026-10"]


def test_change_that_changes_nothing_is_not_recorded():
    staff = factories.staff(factories.department(), tier="junior")
    FactChange.objects.all().delete()
    staff_terms_change(staff=staff, on=date(2026, 8, 10), tier="junior", **BY)
    assert len(spans(staff)) == 1
    assert not FactChange.objects.exists()


def test_change_on_the_first_day_of_a_term_corrects_it():
    staff = factories.staff(factories.department(), tier="junior")
    staff_terms_change(staff=staff, on=date(2026, 8, 10), tier="senior", **BY)
    staff_terms_change(staff=staff, on=date(2026, 8, 10), tier="intermediate", **BY)
    assert [each.tier for each in staff.terms.order_by("valid")] == ["junior", "intermediate"]


def test_change_outside_the_employment_is_refused():
    staff = factories.staff(factories.department(), left_on=date(2026, 9, 30))
    for day in (date(2019, 12, 31), date(2026, 10, 1)):
        with pytest.raises(PeopleError, match="不在职（2020-01-01 至 2026-09-30）"):
            staff_terms_change(staff=staff, on=day, tier="senior", **BY)
    assert len(spans(staff)) == 1


def test_team_of_another_department_is_refused():
    staff = factories.staff(factories.department())
    other = factories.team(factories.department())
    with pytest.raises(PeopleError, match="不属于"):
        staff_terms_change(staff=staff, on=date(2026, 10, 1), team=other, **BY)
    with pytest.raises(PeopleError, match="不属于"):
        factories.staff(staff.department, team=other)
    assert Staff.objects.count() == 1


def test_leaving_touches_its_month_and_can_be_taken_back():
    staff = factories.staff(factories.department("D1"))
    FactChange.objects.all().delete()
    staff_leave(staff=staff, last_day=date(2026, 9, 20), **BY)
    staff.refresh_from_db()
    assert staff.left_on == date(2026, 9, 20)
    assert months_touched() == ["D1 2026-09", "D1 2026-10"]
    staff_leave(staff=staff, last_day=None, **BY)
    staff.refresh_from_db()
    assert staff.left_on is None
    with pytest.raises(PeopleError, match="日期次序"):
        staff_leave(staff=staff, last_day=date(2019, 1, 1), **BY)


def test_transfer_in_mid_month_splits_the_days_between_departments():
    one, two = factories.department("D1"), factories.department("D2")
    staff = factories.staff(one, "1001", team=factories.team(one), tier="senior", base_pay=Decimal(4000))
    FactChange.objects.all().delete()
    moved = staff_transfer(staff=staff, to=two, on=date(2026, 10, 11), team=factories.team(two, "B"), **BY)
    first, last = date(2026, 10, 1), date(2026, 10, 31)
    (before,), (after,) = people_of_month(one, first, last), people_of_month(two, first, last)
    assert (before.first, before.last) == (date(2026, 10, 1), date(2026, 10, 10))
    assert (after.first, after.last) == (date(2026, 10, 11), date(2026, 10, 31))
    assert (after.at_end.team, after.at_end.tier, after.at_end.base_pay) == ("B", "senior", Decimal(4000))
    assert (moved.hired_on, moved.joined_on) == (date(2020, 1, 1), date(2026, 10, 11))
    assert set(months_touched()) == {"D1 2026-10", "D2 2026-10"}
    # One person: each part knows of the other, and no day of the month is outside.
    assert [part.staff_id for part in before.elsewhere] == [moved.pk] and not before.is_last_part
    assert [part.department for part in after.elsewhere] == [one.name] and after.is_last_part
    assert before.is_whole_month and after.is_whole_month


def test_what_was_entered_ahead_goes_along_in_a_transfer_save_the_team():
    one, two = factories.department("D1"), factories.department("D2")
    staff = factories.staff(one, "1001", team=factories.team(one), tier="junior", base_pay=Decimal(4000))
    pay, tier, team = date(2026, 10, 20), date(2026, 12, 1), date(2027, 1, 1)
    staff_terms_change(staff=staff, on=pay, base_pay=Decimal(4500), **BY)
    staff_terms_change(staff=staff, on=tier, tier="senior", **BY)
    staff_terms_change(staff=staff, on=team, team=factories.team(one, "乙"), **BY)
    moved = staff_transfer(staff=staff, to=two, on=date(2026, 10, 11), **BY)
    assert [
        (term.valid.lower, term.valid.upper, term.tier, term.base_pay, term.team)
        for term in moved.terms.order_by("valid")
    ] == [
        (date(2026, 10, 11), pay, "junior", Decimal(4000), None),
        (pay, tier, "junior", Decimal(4500), None),
        (tier, None, "senior", Decimal(4500), None),
    ]


def test_what_was_entered_ahead_changes_what_a_transfer_sets_only_where_it_differs():
    one, two = factories.department("D1"), factories.department("D2")
    staff = factories.staff(one, "1001", tier="junior", base_pay=Decimal(4000), left_on=date(2026, 11, 30))
    staff_terms_change(staff=staff, on=date(2026, 10, 20), base_pay=Decimal(4500), **BY)
    moved = staff_transfer(staff=staff, to=two, on=date(2026, 10, 11), tier="senior", **BY)
    assert [(term.tier, term.base_pay) for term in moved.terms.order_by("valid")] == [
        ("senior", Decimal(4000)), ("senior", Decimal(4500)),
    ]  # fmt: skip


def test_transfer_to_a_taken_number_or_the_same_department_changes_nothing():
    one, two = factories.department("D1"), factories.department("D2")
    staff = factories.staff(one, "1001")
    factories.staff(two, "1001")
    with pytest.raises(PeopleError, match="已有工号 1001"):
        staff_transfer(staff=staff, to=two, on=date(2026, 10, 11), **BY)
    with pytest.raises(PeopleError, match="换小组请变更任职条件"):
        staff_transfer(staff=staff, to=one, on=date(2026, 10, 11), **BY)
    staff.refresh_from_db()
    assert staff.left_on is None
    assert Staff.objects.count() == 2


def test_name_brings_its_pinyin():
    staff = factories.staff(factories.department(), name="单晓Amy")
    assert (staff.pinyin, staff.initials) == ("shanxiaoamy", "sxa")
    renamed = staff_rename(staff=staff, name="长孙无忌")
    assert renamed.pinyin == "zhangsunwuji"


def test_same_number_twice_in_a_department_is_refused():
    department = factories.department()
    factories.staff(department, "1001")
    with pytest.raises(PeopleError, match="本部门已有此工号"):
        factories.staff(department, "1001")
    factories.staff(factories.department(), "1001")


def test_caps_need_the_minimum_wage():
    with pytest.raises(PeopleError, match="启用封顶须填写当地最低工资"):
        department_create(code="D1", name="客服", caps=True)
    assert department_create(code="D1", name="客服", minimum_wage=Decimal(2490)).caps
    assert not department_create(code="D2", name="客服").caps


def test_months_since_counts_up_to_the_month_of_the_moment():
    assert months_since(date(2025, 12, 31), WHEN)[0] == date(2025, 12, 1)
    assert len(months_since(date(2025, 12, 31), WHEN)) == 11
    assert months_since(date(2026, 12, 5), WHEN) == [date(2026, 12, 1)]


def test_account_signs_in_with_the_password_that_was_shown():
    department = factories.department()
    staff = factories.staff(department, name="陈晓")
    account, password = account_create(
        username="chen", group="manager", departments=[department], staff=staff
    )
    assert account.check_password(password)
    assert len(password) >= 12
    assert str(account) == "陈晓"
    assert [group.name for group in account.groups.all()] == ["manager"]
    with pytest.raises(PeopleError, match="没有登录组“boss”"):
        account_create(username="other", group="boss")


def test_rows_of_one_person_lead_back_to_each_other_whichever_is_asked():
    one, two, three = (factories.department(code) for code in ("D1", "D2", "D3"))
    first = factories.staff(one, "1001")
    stays = factories.staff(one, "1002")
    second = staff_transfer(staff=first, to=two, on=date(2026, 10, 11), **BY)
    third = staff_transfer(staff=second, to=three, on=date(2026, 10, 20), **BY)
    rows = [first.pk, second.pk, third.pk]
    found = chains_of([*rows, stays.pk])
    assert {asked: [part.staff_id for part in parts] for asked, parts in found.items()} == dict.fromkeys(
        rows, rows
    )
    same = SamePerson([third.pk, stays.pk])
    assert same.rows == {*rows, stays.pk}
    assert [same.key(pk) for pk in (*rows, stays.pk)] == [first.pk] * 3 + [stays.pk]


def test_who_was_transferred_does_not_come_back_to_the_old_row():
    one, two = factories.department("D1"), factories.department("D2", name="客服二部")
    staff = factories.staff(one, "1001")
    staff_transfer(staff=staff, to=two, on=date(2026, 10, 11), **BY)
    for last_day in (None, date(2026, 10, 11)):
        with pytest.raises(PeopleError, match="自 2026-10-11 起调往客服二部"):
            staff_leave(staff=staff, last_day=last_day, **BY)
    with pytest.raises(PeopleError, match="已自 2026-10-11 起调往客服二部"):
        staff_transfer(staff=staff, to=factories.department("D3"), on=date(2026, 10, 5), **BY)
    staff.refresh_from_db()
    assert staff.left_on == date(2026, 10, 10)
    assert Staff.objects.count() == 2


def test_a_change_is_told_to_departments_whose_months_count_on_it():
    one, two = factories.department("D1"), factories.department("D2")
    staff = factories.staff(one, "1001")
    moved = staff_transfer(staff=staff, to=two, on=date(2026, 5, 11), **BY)
    told = [
        # What was before the transfer counts on in the new department, from its first month there.
        (one, date(2026, 3, 1), ["D1 2026-03", "D2 2026-05"]),
        (two, date(2026, 5, 1), ["D1 2026-05", "D2 2026-05"]),
        # What comes after concerns the old department no more.
        (two, date(2026, 6, 1), ["D2 2026-06"]),
        (one, date(2026, 6, 1), ["D1 2026-06"]),
    ]
    for department, month, touched in told:
        FactChange.objects.all().delete()
        facts_changed(department=department, months=[month], source="staff", note=str(moved), **BY)
        assert months_touched() == touched
        assert not FactChange.objects.exclude(department=department).filter(note__contains="1001").exists()


def test_transfers_of_before_are_linked_where_exactly_one_row_fits():
    one, two, three = (factories.department(code) for code in ("D1", "D2", "D3"))
    account = account_create(username="wang", group="agent", departments=[])[0]
    left = {"left_on": date(2026, 5, 10)}
    joined = {"joined_on": date(2026, 5, 11)}
    by_account = factories.staff(one, "1001", account=account, **left)
    followed = factories.staff(two, "2001", name="另名", account=account, **joined)
    by_number = factories.staff(one, "1002", **left)
    follows = factories.staff(two, "1002", **joined)
    for of, of_number in ((one, "1003"), (two, "1004"), (three, "1004")):  # another number; two that fit
        factories.staff(of, of_number, **(left if of == one else joined))
    factories.staff(one, "1004", **left)
    factories.staff(one, "1005", **left)
    factories.staff(two, "1005", joined_on=date(2026, 5, 12))  # a day between
    import_module("people.migrations.0004_link_transfers").link(apps, connection.schema_editor())
    linked = dict(Staff.objects.filter(moved_from__isnull=False).values_list("pk", "moved_from"))
    assert linked == {followed.pk: by_account.pk, follows.pk: by_number.pk}
