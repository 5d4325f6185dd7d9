"""What became of a row: kept by the database for every way of writing, read in words."""

from datetime import date
from decimal import Decimal

import pghistory
import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext

from core.history import Change, FieldChange, changes_count, changes_of, creation_of, past_of
from people.models import Department, Staff, Term
from people.permissions import name_of
from people.services import staff_rename, staff_terms_change
from shifts.models import Leave
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db


def told(changes: list[Change]) -> list[tuple[str, str, str, str]]:
    return [(each.by, field.label, field.old, field.new) for each in changes for field in each.fields]


def test_a_change_names_who_the_field_and_both_values() -> None:
    staff = factories.staff(factories.department("D1"), "101", name="陈晓")
    by = factories.account("hr", username="hr1")
    Staff.objects.filter(pk=staff.pk).update(left_on=date(2026, 9, 30))
    staff.refresh_from_db()
    with pghistory.context(user=by.pk):
        staff_rename(staff=staff, name="陈小")
    assert told(changes_of(staff, name_of=name_of)) == [
        ("hr1", "姓名", "陈晓", "陈小"),
        ("", "最后工作日", "—", "2026-09-30"),
    ]
    assert changes_count(staff) == 2
    made = creation_of(staff)
    assert made is not None and made.is_creation


def test_choices_references_and_ranges_are_told_in_words() -> None:
    department = factories.department("D1")
    one, two = factories.team(department, "一组"), factories.team(department, "二组")
    staff = factories.staff(department, "101", team=one, tier="junior")
    term = Term.objects.get(staff=staff)
    Term.objects.filter(pk=term.pk).update(team=two, tier="senior", base_pay=Decimal("4000"))
    term.refresh_from_db()
    assert told(changes_of(term, name_of=name_of)) == [
        ("", "小组", "一组", "二组"),
        ("", "职级", "初级客服", "高级客服"),
        ("", "约定基本工资", "—", "4000.00"),
    ]
    staff_terms_change(staff=staff, on=date(2026, 10, 1), star=3, by=None, at=WHEN)
    term.refresh_from_db()
    first = changes_of(term)[0].fields[0]
    assert first.label == "有效期" and first.old.endswith("至 今") and first.new.endswith("至 2026-09-30")


def test_rows_written_in_bulk_and_by_sql_are_kept_as_well() -> None:
    department = factories.department("D1")
    leaves = [
        Leave.objects.create(
            staff=factories.staff(department), starts_on=date(2026, 9, 1), days=1, type="sick"
        )
        for _ in range(3)
    ]
    for each in leaves:
        each.certificate = True
    Leave.objects.bulk_update(leaves, ["certificate"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shifts_leave SET days = 2 WHERE id = %s", [leaves[0].pk])
    leaves[0].refresh_from_db()
    assert [each[1:] for each in told(changes_of(leaves[0], name_of=name_of))] == [
        ("天数", "1.00", "2.00"),
        ("有证明", "否", "是"),
    ]
    assert changes_count(leaves[1]) == 1


def test_nothing_is_kept_where_nothing_changed() -> None:
    department = factories.department("D1")
    Department.objects.filter(pk=department.pk).update(name=department.name)
    assert changes_of(department) == []


def test_groups_and_departments_of_an_account_are_told() -> None:
    department = factories.department("D1", name="客服一部")
    account = factories.account("hr", department)
    root = factories.account("gm", username="chief")
    with pghistory.context(user=root.pk):
        account.groups.add(Group.objects.get(name="manager"))
        account.departments.remove(department)
    fields = [
        field for each in changes_of(account, name_of=name_of) for field in each.fields if each.by == "chief"
    ]
    assert set(fields) == {
        FieldChange("登录组", "—", "部门经理"),
        FieldChange("管理的部门", "客服一部", "—"),
    }


def test_the_history_itself_cannot_be_rewritten() -> None:
    department = factories.department("D1")
    Department.objects.filter(pk=department.pk).update(name="别名")
    past = past_of(Department)
    assert past is not None
    with pytest.raises(DatabaseError), transaction.atomic():
        past.objects.update(name="旧名")


def test_a_history_costs_the_same_queries_for_any_number_of_changes() -> None:
    department = factories.department("D1")
    teams = [factories.team(department, str(place)) for place in range(8)]
    term = Term.objects.get(staff=factories.staff(department, "101", team=teams[0]))

    def queries() -> int:
        fresh = Term.objects.get(pk=term.pk)
        with CaptureQueriesContext(connection) as captured:
            assert changes_of(fresh)
        return len(captured)

    Term.objects.filter(pk=term.pk).update(team=teams[1])
    before = queries()
    for team in teams[2:]:
        Term.objects.filter(pk=term.pk).update(team=team)
    assert queries() == before <= 4
    assert len(changes_of(Term.objects.get(pk=term.pk), page=2)) == 0
