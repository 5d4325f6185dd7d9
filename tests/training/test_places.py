"""The mentors' award: places of a batch become the metric of a ranked award, in their own month."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from core.periods import first_of, last_of, shift_months
from payroll.models import SettlementPeriod
from people.models import Account, Department, FactChange, Staff
from tests import factories
from tests.payroll import months
from tests.payroll.months import moment
from tests.training_objects import PROGRAMME
from training.errors import PlacesRefused
from training.models import Enrolment, IntakePlace
from training.selectors.places import mentor_places, newcomers_by_mentor
from training.services.places import batch_rank
from training.services.programmes import enrolment_create, enrolment_end, enrolment_mentor_set

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 1)
PLACES: dict[str, Any] = {
    "code": "x-mentors",
    "title": "带教名次奖",
    "kind": "ranked_award",
    "params": {"metric": "onboarding_rank", "order": "asc", "places": ["150.00", "100.00", "50.00"]},
}
ORDERS: dict[str, Any] = {
    "code": "x-orders",
    "title": "带教订单奖",
    "kind": "ranked_award",
    "params": {"metric": "newcomer_orders", "places": ["150.00", "100.00", "50.00"]},
}
AT = moment("2026-10-20 09:00")


@pytest.fixture
def place() -> Department:
    return months.department(PROGRAMME, PLACES, ORDERS)


@pytest.fixture
def boss(place: Department) -> Account:
    return factories.account("manager", place)


@pytest.fixture
def intake(place: Department, boss: Account) -> list[Enrolment]:
    """Three newcomers of October, each with a mentor of the own: 1001 to 1003 guide 2001 to 2003."""
    return [enrolled(place, number, boss) for number in (1, 2, 3)]


def enrolled(of: Department, number: int, by: Account, on: date = OCTOBER) -> Enrolment:
    mentor = months.agent(of, f"{1000 + number}")
    newcomer = months.agent(of, f"{2000 + number}", hired_on=on)
    return enrolment_create(staff=newcomer, code="x-training", starts_on=on, mentor=mentor, by=by, at=AT)


def awards(period: SettlementPeriod, code: str) -> dict[str, Decimal]:
    found = {number: months.amounts(period, number) for number in ("1001", "1002", "1003")}
    return {number: amounts[code] for number, amounts in found.items() if code in amounts}


def test_places_pay_the_mentors_of_the_month_in_which_they_were_given(
    place: Department, intake: list[Enrolment], boss: Account
) -> None:
    first, second, third = intake
    assert batch_rank(
        department=place, batch="2026-10", order=[second, first, third], by=boss, at=AT
    ) == date(2026, 10, 20)
    changed = FactChange.objects.filter(source="metrics", note__startswith="带教名次").get()
    assert (changed.month, changed.note) == (OCTOBER, "带教名次：2026-10批")
    # Who guides the newcomer later has no part in it.
    enrolment_mentor_set(enrolment=second, mentor=None, by=boss, at=AT)
    period = months.settled(place, OCTOBER)
    assert awards(period, "x-mentors") == {
        "1001": Decimal("100.00"),
        "1002": Decimal("150.00"),
        "1003": Decimal("50.00"),
    }


def test_a_corrected_ranking_counts_in_the_month_of_the_first(
    place: Department, intake: list[Enrolment], boss: Account
) -> None:
    batch_rank(department=place, batch="2026-10", order=intake[:2], by=boss, at=AT)
    later = AT + timedelta(days=20)
    for _ in range(2):  # the same again changes nothing
        on = batch_rank(department=place, batch="2026-10", order=intake[1:], by=boss, at=later)
        assert on == date(2026, 10, 20)
    assert IntakePlace.objects.count() == 2 + 3
    assert awards(months.settled(place, OCTOBER), "x-mentors") == {
        "1002": Decimal("150.00"),
        "1003": Decimal("100.00"),
    }


def test_what_cannot_be_ranked_so_is_refused(
    place: Department, intake: list[Enrolment], boss: Account
) -> None:
    batch_rank(department=place, batch="2026-10", order=intake, by=boss, at=AT)
    stranger = enrolled(place, 4, boss, on=date(2026, 11, 2))
    cases = [
        ("2026-11", [], "一个名次也没有填"),
        ("2026-10", [intake[0], intake[0]], "两个名次"),
        ("2026-10", [stranger], "不是2026-10批"),
        ("2026-11", [stranger], "一个月只评一批"),
    ]
    for batch, order, said in cases:
        with pytest.raises(PlacesRefused, match=said):
            batch_rank(department=place, batch=batch, order=order, by=boss, at=AT)
    assert IntakePlace.objects.count() == 3


def test_a_corrected_ranking_pays_the_mentors_of_then(
    place: Department, intake: list[Enrolment], boss: Account
) -> None:
    first, second, third = intake
    batch_rank(department=place, batch="2026-10", order=[first, second, third], by=boss, at=AT)
    for each in (first, second):  # whoever guides them later has no part in it
        enrolment_mentor_set(enrolment=each, mentor=third.mentor, by=boss, at=AT)
    batch_rank(department=place, batch="2026-10", order=[second, first, third], by=boss, at=AT)
    assert awards(months.settled(place, OCTOBER), "x-mentors") == {
        "1001": Decimal("100.00"),
        "1002": Decimal("150.00"),
        "1003": Decimal("50.00"),
    }


def test_the_wrong_mentor_of_a_place_is_corrected_in_its_month(
    place: Department, intake: list[Enrolment], boss: Account
) -> None:
    first = intake[0]
    given: dict[str, Any] = {"department": place, "batch": "2026-10", "order": [first], "by": boss}
    batch_rank(**given, at=AT)
    right = intake[1].mentor
    assert right is not None
    for _ in range(2):
        on = batch_rank(**given, mentors={first.pk: right}, at=AT + timedelta(days=20))
        assert on == date(2026, 10, 20)
    batch_rank(**given, at=AT + timedelta(days=20))  # it stays as it was corrected
    assert IntakePlace.objects.count() == 2
    assert FactChange.objects.filter(source="metrics", note__startswith="带教名次").count() == 2
    assert awards(months.settled(place, OCTOBER), "x-mentors") == {"1002": Decimal("150.00")}
    for wrong, said in (
        (first.staff, "不能是本人"),
        (factories.staff(factories.department("T9")), "不在本部门"),
    ):
        with pytest.raises(PlacesRefused, match=said):
            batch_rank(**given, mentors={first.pk: wrong}, at=AT)
    assert IntakePlace.objects.count() == 2


def test_a_ranking_by_mistake_is_taken_back_and_leaves_its_month_free(
    place: Department, intake: list[Enrolment], boss: Account
) -> None:
    batch_rank(department=place, batch="2026-10", order=intake, by=boss, at=AT)
    batch_rank(department=place, batch="2026-10", order=[], by=boss, at=AT)
    with pytest.raises(PlacesRefused, match="一个名次也没有填"):
        batch_rank(department=place, batch="2026-10", order=[], by=boss, at=AT)
    other = enrolled(place, 4, boss, on=date(2026, 10, 2))
    Enrolment.objects.filter(pk=other.pk).update(batch="补录")
    batch_rank(department=place, batch="补录", order=[other], by=boss, at=AT)
    # The first batch is ranked in a month of its own.
    later = AT + timedelta(days=20)
    assert batch_rank(department=place, batch="2026-10", order=intake[:1], by=boss, at=later) == date(
        2026, 11, 9
    )
    found = mentor_places(place.pk, OCTOBER, date(2026, 11, 30))
    assert found == {(OCTOBER, other.mentor_id): 1, (date(2026, 11, 1), intake[0].mentor_id): 1}
    assert mentor_places(place.pk, OCTOBER, date(2026, 10, 31)) == {(OCTOBER, other.mentor_id): 1}


def test_mentors_may_be_ranked_by_the_orders_of_their_newcomers(
    place: Department, intake: list[Enrolment]
) -> None:
    for newcomer, count in zip((each.staff for each in intake), (1, 3, 0), strict=True):
        sell(newcomer, count)
    assert awards(months.settled(place, OCTOBER), "x-orders") == {
        "1001": Decimal("100.00"),
        "1002": Decimal("150.00"),
    }


def test_a_month_that_is_over_keeps_its_mentor(place: Department, boss: Account) -> None:
    now, this = timezone.now(), first_of(timezone.localdate())
    last = shift_months(this, -1)
    one, other = months.agent(place, "1001"), months.agent(place, "1002")
    newcomer = months.agent(place, "2001", hired_on=last)
    row = enrolment_create(staff=newcomer, code="x-training", starts_on=last, mentor=one, by=boss, at=now)
    assert touched("带教") == [last, this]

    def guided(month: date) -> dict[int, set[int]]:
        return newcomers_by_mentor(place.pk, month, last_of(month))

    for mentor, by_mentor in ((other, {other.pk: {newcomer.pk}}), (None, {})):
        enrolment_mentor_set(enrolment=row, mentor=mentor, by=boss, at=now)
        assert guided(this) == by_mentor
        assert guided(last) == {one.pk: {newcomer.pk}}
    assert touched("带教") == [last, this, this, this]
    enrolment_mentor_set(enrolment=row, mentor=other, by=boss, at=now)
    enrolment_end(enrolment=row, on=last, why="未完成", by=boss, at=now)
    assert guided(this) == {}
    assert touched("带教") == [last, *[this] * 5]


def touched(note: str) -> list[date]:
    rows = FactChange.objects.filter(note__startswith=note).order_by("month")
    return list(rows.values_list("month", flat=True))


def sell(newcomer: Staff, count: int) -> None:
    for _ in range(count):
        months.order(newcomer, date(2026, 10, 12), "50.00")
