"""Reads of published rosters, and hours by season."""

from datetime import date, time

import pytest
from django.utils import timezone

from shifts.models import PatternHours, Roster, RosterDay, ShiftPattern
from shifts.selectors.rosters import hours_on, patterns_of, roster_days_of, span_on
from tests import factories

pytestmark = pytest.mark.django_db
FIRST, SECOND = date(2026, 10, 1), date(2026, 10, 2)


@pytest.fixture
def day_shift():
    pattern = ShiftPattern.objects.create(department=factories.department(), code="白", name="白班")
    for month, day, start in ((5, 1, 8), (10, 8, 9)):
        PatternHours.objects.create(
            pattern=pattern, from_month=month, from_day=day, starts_at=time(start), ends_at=time(18)
        )
    return pattern


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2026, 5, 1), 8),
        (date(2026, 10, 7), 8),
        (date(2026, 10, 8), 9),
        (date(2027, 4, 30), 9),  # the winter's hours hold until summer begins
    ],
)
def test_hours_are_those_of_the_season(day_shift, day, start):
    assert hours_on(day_shift, day).starts_at == time(start)
    assert timezone.localtime(span_on(day_shift, day).starts_at).hour == start


def test_only_published_days_count(day_shift, django_assert_num_queries):
    department = day_shift.department
    one, other = factories.staff(department, "1"), factories.staff(department, "2")
    roster = Roster.objects.create(department=department, month=FIRST)
    span = span_on(day_shift, FIRST)
    hours = {"starts_at": span.starts_at, "ends_at": span.ends_at}
    for staff in (other, one):
        RosterDay.objects.create(roster=roster, staff=staff, work_date=FIRST, pattern=day_shift, **hours)
    RosterDay.objects.create(roster=roster, staff=one, work_date=SECOND)
    assert not roster_days_of([one.pk], FIRST, SECOND)
    Roster.objects.update(state=Roster.State.PUBLISHED)
    with django_assert_num_queries(1):
        found = [(row.work_date, row.pattern) for row in roster_days_of([one.pk], FIRST, SECOND)]
    assert found == [(FIRST, day_shift), (SECOND, None)]


def test_retired_patterns_can_be_left_out(day_shift):
    day_shift.is_retired = True
    day_shift.save()
    assert patterns_of(day_shift.department) == [day_shift]
    assert patterns_of(day_shift.department, retired=False) == []
