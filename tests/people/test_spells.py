"""A hire date is corrected; somebody comes back under the number of before."""

from datetime import date
from decimal import Decimal

import pytest

from commissions.attribution import EmployedStaff
from people.errors import PeopleError
from people.models import FactChange, Staff
from people.one_person import SamePerson, chains_of, other_rows
from people.services import staff_create, staff_hired_correct, staff_leave, staff_terms_change, staff_transfer
from tests import factories
from tests.payroll.months import OCTOBER, SEPTEMBER, agent, amounts, approved, department, moment, settled

pytestmark = pytest.mark.django_db
D = Decimal
AT = moment("2026-10-10 09:00")


def test_a_hire_date_that_was_too_late_is_corrected_and_the_months_are_settled_anew() -> None:
    """17 days of September were paid, the Sunday worked for the holiday and Mid-Autumn among them: 2,344.83
    of 3,000.00; hired on the 1st, all of it is due.
    """
    of = department()
    person = agent(of, hired_on=date(2026, 9, 9))
    assert amounts(approved(of, SEPTEMBER)) == {"base-pay": D("2344.83")}
    staff_hired_correct(staff=person, hired_on=date(2026, 9, 1), by=None, at=AT)
    person.refresh_from_db()
    assert person.hired_on == person.joined_on == person.terms.get().valid.lower == date(2026, 9, 1)
    assert amounts(settled(of, OCTOBER)) == {"base-pay": D("3655.17")}


def test_a_hire_date_that_was_too_early_takes_the_terms_along() -> None:
    person = factories.staff(factories.department(), "1001", hired_on=date(2026, 8, 1))
    staff_terms_change(staff=person, on=date(2026, 8, 20), tier="junior", by=None, at=AT)
    staff_hired_correct(staff=person, hired_on=date(2026, 9, 1), by=None, at=AT)
    (term,) = person.terms.all()
    assert (term.valid.lower, term.tier) == (date(2026, 9, 1), "junior")
    changed = FactChange.objects.filter(note__contains="入职日期更正为 2026-09-01")
    assert sorted(changed.values_list("month", flat=True)) == [date(2026, month, 1) for month in (8, 9, 10)]


def test_a_hire_date_after_the_last_day_is_refused_and_nothing_changes() -> None:
    person = factories.staff(
        factories.department(), "1001", hired_on=date(2026, 8, 1), left_on=date(2026, 9, 10)
    )
    with pytest.raises(PeopleError, match="入职 ≤ 到本部门 ≤ 最后工作日"):
        staff_hired_correct(staff=person, hired_on=date(2026, 9, 11), by=None, at=AT)
    person.refresh_from_db()
    assert person.hired_on == date(2026, 8, 1)


def test_the_hire_date_of_a_transferred_person_is_corrected_in_both_rows() -> None:
    first, second = factories.department(), factories.department()
    person = factories.staff(first, "1001", hired_on=date(2026, 8, 5))
    moved = staff_transfer(staff=person, to=second, on=date(2026, 9, 1), by=None, at=AT)
    staff_hired_correct(staff=moved, hired_on=date(2026, 8, 3), by=None, at=AT)
    assert list(Staff.objects.order_by("joined_on").values_list("hired_on", "joined_on")) == [
        (date(2026, 8, 3), date(2026, 8, 3)),
        (date(2026, 8, 3), date(2026, 9, 1)),
    ]


def came_back() -> tuple[Staff, Staff]:
    """1001 left on 30 June and comes back on 8 October."""
    of = department()
    before = agent(of, left_on=date(2026, 6, 30))
    after = staff_create(
        department=of,
        number="1001",
        name=before.name,
        hired_on=date(2026, 10, 8),
        base_pay=D("2175.00"),
        by=None,
        at=AT,
    )
    return before, after


def test_who_comes_back_has_the_number_of_before_and_is_paid_for_the_new_days_only() -> None:
    before, after = came_back()
    of = before.department
    assert not settled(of, SEPTEMBER).payslips.exists()
    assert settled(of, OCTOBER).payslips.get().staff == after
    roster = EmployedStaff.of(of)
    assert roster.agent_of("工号1001", date(2026, 6, 30)) == (before.pk, "remark", "number")
    assert roster.agent_of("工号1001", date(2026, 9, 30)) == (None, "none", "away")
    assert roster.agent_of("工号1001", date(2026, 10, 8)) == (after.pk, "remark", "number")


def test_on_no_day_two_people_have_one_number() -> None:
    before, after = came_back()
    with pytest.raises(PeopleError, match="本部门已有此工号"):
        staff_leave(staff=before, last_day=date(2026, 10, 8), by=None, at=AT)
    with pytest.raises(PeopleError, match="本部门已有此工号"):
        factories.staff(after.department, "1001", hired_on=date(2026, 11, 1))
    assert Staff.objects.filter(number="1001").count() == 2


def test_what_a_person_is_reaches_over_transfers_and_returns_and_counts_over_transfers_alone() -> None:
    before, after = came_back()
    moved = staff_transfer(staff=after, to=factories.department(), on=date(2026, 10, 20), by=None, at=AT)
    namesake = factories.staff(factories.department(), "1001", name=before.name)
    assert other_rows([before.pk]) == {after.pk: before.pk, moved.pk: before.pk}
    assert other_rows([moved.pk, namesake.pk]) == {before.pk: moved.pk, after.pk: moved.pk}
    assert SamePerson([moved.pk]).rows == {after.pk, moved.pk}
    assert chains_of([before.pk]) == {}
