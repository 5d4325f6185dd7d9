"""A department's hours as they are written down and read, and its published rosters."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from complaints.errors import CaseRefused
from complaints.models import OpeningHours
from complaints.opening import USUAL_NOTE
from complaints.selectors.working_hours import working_time_of
from complaints.services.working_hours import opening_hours_set
from complaints.working_time import due_of
from people.models import Department
from rules.kinds.cases import CaseDeadline
from shifts.models import Roster, RosterDay
from tests import factories, rostered
from tests.rostered import moment

pytestmark = pytest.mark.django_db

DAYS = {"weekdays": [1, 2, 3, 4, 5], "start": "09:00", "end": "18:00"}
NIGHT = {"weekdays": [5], "start": "22:00", "end": "02:00"}
TWO_HOURS = CaseDeadline(hours=2, calendar="business")


def written(department: Department, *hours: dict[str, Any], from_on: date = date(2026, 1, 1)) -> OpeningHours:
    return opening_hours_set(
        department=department, from_on=from_on, hours=hours, holidays=True, by=None, at=factories.WHEN
    )


def test_hours_are_written_down_with_who_and_when_and_hold_from_their_day_on(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    department, other = factories.department(), factories.department()
    manager = factories.account("manager", department)
    written(department, DAYS)
    written(other, {**DAYS, "start": "00:00", "end": "00:00"})
    row = opening_hours_set(
        department=department,
        from_on=date(2026, 10, 16),
        hours=[{**DAYS, "weekdays": [5, 1, 5]}, NIGHT],
        holidays=False,
        by=manager,
        at=factories.WHEN,
    )
    row.refresh_from_db()
    assert row.hours == [{**DAYS, "weekdays": [1, 5]}, NIGHT]
    assert (row.by, row.at, row.holidays) == (manager, factories.WHEN, False)
    with django_assert_num_queries(2):
        working = working_time_of(department, "business")
        assert working.windows(date(2026, 10, 15), date(2026, 10, 16)) == [
            (moment(15, "09:00"), moment(15, "18:00")),
            (moment(16, "09:00"), moment(16, "18:00")),
            (moment(16, "22:00"), moment(17, "00:00")),
        ]
        assert due_of(TWO_HOURS, moment(16, "23:00"), [], working).at == moment(17, "01:00")
        assert not working.is_workday(date(2026, 10, 17))


def test_of_two_rows_from_one_day_the_later_holds() -> None:
    department = factories.department()
    written(department, DAYS)
    written(department, {**DAYS, "start": "10:00"})
    working = working_time_of(department, "calendar")
    assert working.windows(date(2026, 10, 12), date(2026, 10, 12)) == [
        (moment(12, "10:00"), moment(12, "18:00"))
    ]


def test_a_department_without_hours_works_as_usual_and_says_so() -> None:
    found = due_of(TWO_HOURS, moment(9, "17:00"), [], working_time_of(factories.department(), "business"))
    assert (found.at, found.notes) == (moment(10, "10:00"), (USUAL_NOTE,))


@pytest.mark.parametrize(
    ("hours", "reason"),
    [
        ([], "没有填写任何时段"),
        ([{"weekdays": [1], "start": "09:00"}], "第1个时段不完整"),
        ([{**DAYS, "label": "白天"}], "第1个时段不完整"),
        (["09:00-18:00"], "第1个时段不完整"),
        ([DAYS, {**NIGHT, "weekdays": []}], "第2个时段没有选星期"),
        ([{**DAYS, "weekdays": "12"}], "第1个时段没有选星期"),
        ([{**DAYS, "weekdays": [0]}], "第1个时段的星期“0”不对"),
        ([{**DAYS, "weekdays": [8]}], "第1个时段的星期“8”不对"),
        ([{**DAYS, "weekdays": [True]}], "第1个时段的星期“True”不对"),
        ([{**DAYS, "start": "24:00"}], "第1个时段的开始时间“24:00”不对"),
        ([{**DAYS, "start": "9:00"}], "第1个时段的开始时间“9:00”不对"),
        ([{**DAYS, "end": "18:60"}], "第1个时段的结束时间“18:60”不对"),
        ([{**DAYS, "end": None}], "第1个时段的结束时间“None”不对"),
        ([DAYS, {**DAYS, "weekdays": [6, 5]}], "周五的时段09:00–18:00写了两次"),
    ],
)
def test_hours_that_cannot_be_are_refused_and_nothing_is_stored(hours: list[Any], reason: str) -> None:
    department = factories.department()
    with pytest.raises(CaseRefused) as refused:
        written(department, *hours)
    assert refused.value.reason == reason
    assert refused.value.field == "hours"
    assert refused.value.remedy
    assert not OpeningHours.objects.exists()


def test_roster_time_is_that_of_the_published_rosters_of_the_department(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    place, elsewhere = rostered.place([]), rostered.place([])
    one, two, other = (factories.staff(each.department) for each in (place, place, elsewhere))
    place.shift(one, "白班", 12, 14)
    place.shift(two, "白班", 12)
    place.shift(two, "晚班", 14)
    place.shift(one, "休", 13)
    elsewhere.shift(other, "白班", 13)
    start, end = moment(15, "10:00"), moment(15, "16:00")
    RosterDay.objects.create(
        roster=place.roster,
        staff=one,
        work_date=date(2026, 10, 15),
        pattern=place.patterns["白班"],
        starts_at=start,
        ends_at=end,
        break_starts_at=start + timedelta(hours=2),
        break_ends_at=start + timedelta(hours=3),
    )
    with django_assert_num_queries(3):
        working = working_time_of(place.department, "roster")
        assert working.windows(date(2026, 10, 12), date(2026, 10, 15)) == [
            (moment(12, "08:30"), moment(12, "17:30")),
            (moment(14, "08:30"), moment(15, "01:00")),
            (moment(15, "10:00"), moment(15, "12:00")),
            (moment(15, "13:00"), moment(15, "16:00")),
        ]
        assert [working.is_workday(date(2026, 10, day)) for day in (12, 13, 14)] == [True, False, True]
    policy = CaseDeadline(hours=9, calendar="roster")
    found = due_of(policy, moment(12, "17:00"), [], working)
    assert (found.at, found.notes) == (moment(14, "17:00"), ())


def test_a_draft_is_no_roster_and_opening_hours_stand_in_for_it() -> None:
    place = rostered.place([])
    written(place.department, DAYS)
    place.shift(factories.staff(place.department), "晚班", 12)
    Roster.objects.update(state=Roster.State.DRAFT)
    found = due_of(
        CaseDeadline(hours=2, calendar="roster"),
        timezone.make_aware(datetime.combine(date(2026, 10, 12), time(17))),
        [],
        working_time_of(place.department, "roster"),
    )
    assert found.at == moment(13, "10:00")
    assert found.notes == ("2026年10月的排班表尚未公布，按工作时间计",)
