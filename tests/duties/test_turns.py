"""The rota of turns: evenly given out, exchanged by two."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from duties.errors import TurnRefused
from duties.models import DutySwap, DutyTurn
from duties.services.missed_duties import missed_duties_record
from duties.services.turns import swap_answer, swap_ask, swap_withdraw, turn_give, turns_generate
from notices.models import Notice
from penalties.models import Incident
from shifts.services.leave import leave_record
from tests import factories
from tests.rostered import Place, moment, place

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1), date(2026, 10, 31)


@pytest.fixture
def here() -> Place:
    """Three on the day shift, 1003 only in the second half; one on the evening shift."""
    made = place()
    for number in ("1001", "1002", "1003", "1004"):
        made.staff[number] = factories.staff(made.department, number)
    made.shift(made.staff["1001"], "白班", *range(1, 32))
    made.shift(made.staff["1002"], "白班", *range(1, 32))
    made.shift(made.staff["1003"], "白班", *range(17, 32))
    made.shift(made.staff["1004"], "晚班", *range(1, 32))
    return made


def generate(here: Place, first: date = OCTOBER[0], last: date = OCTOBER[1]) -> list[DutyTurn]:
    """Given out the day before October."""
    at = moment(1, "09:00") - timedelta(days=1)
    return turns_generate(department=here.department, code="clean", first=first, last=last, by=None, at=at)


def turn(day: int) -> DutyTurn:
    return DutyTurn.objects.get(on=date(2026, 10, day))


def test_turns_are_even_and_only_of_who_works_that_shift(here: Place) -> None:
    made = generate(here)
    count = Counter((each.on.day > 16, each.staff.number) for each in made)
    assert count == {
        (False, "1001"): 8,
        (False, "1002"): 8,
        (True, "1001"): 5,
        (True, "1002"): 5,
        (True, "1003"): 5,
    }


def test_generating_again_keeps_what_is_there_and_counts_it(here: Place) -> None:
    first = generate(here, last=date(2026, 10, 15))
    turn_give(turn=turn(10), staff=here.staff["1002"], by=factories.account("lead"), at=moment(2, "09:00"))
    later = generate(here)
    assert len(first) == 15 and len(later) == 16
    assert turn(10).staff == here.staff["1002"]
    count = Counter(each.staff.number for each in DutyTurn.objects.filter(on__day__gt=16))
    assert count == {"1001": 5, "1002": 5, "1003": 5}


def test_what_is_no_rota_is_refused(here: Place) -> None:
    for code in ("report", "nothing"):
        with pytest.raises(TurnRefused, match="没有可排的值日"):
            turns_generate(
                department=here.department, code=code, first=OCTOBER[0], last=OCTOBER[1],
                by=None, at=moment(1, "09:00"),
            )  # fmt: skip
    with pytest.raises(TurnRefused, match="先后有序"):
        generate(here, *reversed(OCTOBER))


def test_turns_are_given_out_from_tomorrow_on(here: Place) -> None:
    """Whoever had a turn of today or of the past would have missed it."""
    given = {"department": here.department, "code": "clean", "by": None}
    with pytest.raises(TurnRefused, match="今天和以前的值日不能再排"):
        turns_generate(first=OCTOBER[0], last=date(2026, 10, 20), at=moment(20, "07:00"), **given)
    made = turns_generate(first=OCTOBER[0], last=OCTOBER[1], at=moment(20, "07:00"), **given)
    assert [each.on.day for each in made] == list(range(21, 32))
    missed_duties_record(department=here.department, at=moment(20, "23:00"))
    assert not Incident.objects.filter(code="clean-fine").exists()


def test_a_turn_is_given_by_hand_to_who_works_its_shift_and_is_not_away(here: Place) -> None:
    generate(here)
    by, at = factories.account("manager", here.department), moment(2, "09:00")
    leave_record(
        staff=here.staff["1002"],
        starts_on=date(2026, 10, 10),
        days=Decimal(1),
        type="personal",
        by=None,
        at=at,
    )
    row = turn(10)
    row.staff = here.staff["1003"]
    row.save()
    for number in ("1002", "1004"):  # on leave, on the evening shift
        with pytest.raises(TurnRefused, match=f"员工{number}在10月10日不当值日的班"):
            turn_give(turn=row, staff=here.staff[number], by=by, at=at)
    stranger = factories.staff(factories.department(), "1001")
    with pytest.raises(TurnRefused, match="不当值日的班"):
        turn_give(turn=row, staff=stranger, by=by, at=at)
    with pytest.raises(TurnRefused, match="须在前一天以前"):
        turn_give(turn=row, staff=here.staff["1001"], by=by, at=moment(10, "07:00"))
    assert turn(10).staff == here.staff["1003"]
    for number in ("1001", "1003"):
        here.staff[number].account = factories.account("agent", staff=here.staff[number])
    for _ in range(2):
        assert turn_give(turn=row, staff=here.staff["1001"], by=by, at=at).by == by
    assert turn(10).staff == here.staff["1001"]
    told = Notice.objects.order_by("account__staff__number").values_list("account__staff__number", "text")
    assert list(told) == [(number, "10月10日的值日改由员工1001做") for number in ("1001", "1003")]


def test_two_people_exchange_their_turns(here: Place) -> None:
    generate(here)
    mine, theirs = turn(19), turn(20)
    before = {19: mine.staff, 20: theirs.staff}
    asked = swap_ask(turn=mine, offered=theirs, staff=mine.staff, at=moment(15, "09:00"))
    assert swap_ask(turn=mine, offered=theirs, staff=mine.staff, at=moment(15, "09:01")) == asked
    with pytest.raises(TurnRefused, match="问别人的"):
        swap_answer(swap=asked, staff=here.staff["1004"], agree=True, at=moment(15, "10:00"))
    swap_answer(swap=asked, staff=theirs.staff, agree=True, at=moment(15, "10:00"))
    assert {19: turn(19).staff, 20: turn(20).staff} == {19: before[20], 20: before[19]}
    with pytest.raises(TurnRefused, match="已换，不能再改"):
        swap_answer(swap=asked, staff=theirs.staff, agree=True, at=moment(15, "10:01"))


def test_what_cannot_be_exchanged(here: Place) -> None:
    generate(here)
    turn_give(turn=turn(20), staff=here.staff["1003"], by=factories.account("lead"), at=moment(1, "09:00"))
    turn_give(turn=turn(10), staff=here.staff["1001"], by=factories.account("lead"), at=moment(1, "09:00"))
    early, late = turn(10), turn(20)
    with pytest.raises(TurnRefused, match="不是您的"):
        swap_ask(turn=early, offered=late, staff=here.staff["1003"], at=moment(5, "09:00"))
    with pytest.raises(TurnRefused, match="1003在10月10日没有班"):
        swap_ask(turn=early, offered=late, staff=here.staff["1001"], at=moment(5, "09:00"))
    with pytest.raises(TurnRefused, match="须在前一天以前"):
        swap_ask(turn=early, offered=late, staff=here.staff["1001"], at=moment(10, "07:00"))
    assert not DutySwap.objects.exists()


def test_an_exchange_that_was_overtaken_or_is_too_late_changes_nothing(here: Place) -> None:
    generate(here)
    mine, theirs = turn(19), turn(20)
    asked = swap_ask(turn=mine, offered=theirs, staff=mine.staff, at=moment(15, "09:00"))
    with pytest.raises(TurnRefused, match="须在前一天以前"):
        swap_answer(swap=asked, staff=theirs.staff, agree=True, at=moment(19, "07:00"))
    others = {"1001", "1002", "1003"} - {mine.staff.number, theirs.staff.number}
    turn_give(turn=mine, staff=here.staff[others.pop()], by=factories.account("lead"), at=moment(16, "09:00"))
    with pytest.raises(TurnRefused, match="不再有效"):
        swap_answer(swap=asked, staff=theirs.staff, agree=True, at=moment(16, "10:00"))
    assert turn(20).staff == theirs.staff
    with pytest.raises(TurnRefused, match="只有申请的人"):
        swap_withdraw(swap=asked, staff=theirs.staff, at=moment(16, "11:00"))
    assert swap_withdraw(swap=asked, staff=asked.asker, at=moment(16, "11:00")).state == "withdrawn"
