"""What the database itself refuses of rosters and punches."""

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.db.utils import DatabaseError

from shifts.models import PatternHours, Punch, Roster, RosterChange, RosterDay, ShiftPattern
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 31)


@pytest.fixture
def evening():
    department = factories.department()
    pattern = ShiftPattern.objects.create(department=department, code="晚", name="晚班")
    PatternHours.objects.create(pattern=pattern, starts_at=time(17, 30), ends_at=time(1))
    return pattern


def assigned(pattern, staff, day, hours):
    roster, _ = Roster.objects.get_or_create(department=staff.department, month=day.replace(day=1))
    span = hours.on(day)
    return RosterDay.objects.create(
        roster=roster,
        staff=staff,
        work_date=day,
        pattern=pattern,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
    )


def test_a_shift_that_ends_before_it_starts_ends_on_the_next_day(evening):
    span = evening.hours.get().on(DAY)
    assert span.ends_at.date() == date(2026, 11, 1)
    assert span.ends_at - span.starts_at == timedelta(hours=7, minutes=30)


def test_the_break_of_a_night_shift_is_within_it(evening):
    hours = PatternHours(
        starts_at=time(22), ends_at=time(6), break_starts_at=time(2), break_ends_at=time(2, 30)
    )
    assert hours.on(DAY).break_starts_at.date() == date(2026, 11, 1)


def test_nobody_is_on_two_shifts_at_once(evening):
    staff = factories.staff(evening.department)
    early = PatternHours(starts_at=time(0, 30), ends_at=time(9))
    assigned(evening, staff, DAY, evening.hours.get())
    with pytest.raises(IntegrityError, match="one_shift_at_once"), transaction.atomic():
        assigned(evening, staff, DAY + timedelta(days=1), early)
    assigned(evening, factories.staff(evening.department), DAY + timedelta(days=1), early)


def test_one_roster_a_team_and_month_even_without_a_team(evening):
    Roster.objects.create(department=evening.department, month=date(2026, 10, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        Roster.objects.create(department=evening.department, month=date(2026, 10, 1))


def test_what_was_changed_and_punched_stays(evening):
    staff = factories.staff(evening.department)
    change = RosterChange.objects.create(
        staff=staff, work_date=DAY, before=None, after=evening, reason="顶班", by=None, at=WHEN
    )
    punch = Punch.objects.create(staff=staff, at=WHEN)
    for write in (
        lambda: RosterChange.objects.filter(pk=change.pk).update(reason=""),
        lambda: RosterChange.objects.filter(pk=change.pk).delete(),
        lambda: Punch.objects.filter(pk=punch.pk).update(at=WHEN + timedelta(hours=1)),
    ):
        with pytest.raises((InternalError, DatabaseError), match="pgtrigger"), transaction.atomic():
            write()
