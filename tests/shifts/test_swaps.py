"""Swaps: same day, two days, what is refused and why, approval that checks again."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from shifts.errors import RosterRefused
from shifts.models import Leave, RosterChange, Swap
from shifts.selectors.swaps import partners_of, swaps_decidable_by
from shifts.services.rosters import CellChange, roster_assign
from shifts.services.swaps import swap_answer, swap_ask, swap_decide, swap_withdraw
from tests import factories
from tests.shifts.planned import AT, NOVEMBER, pattern_made, planned, signed_in

pytestmark = pytest.mark.django_db
# Sunday, then four weeks of Monday to Sunday, then Monday.
ONE = "D" + "DDDDDD-" * 4 + "D"
OTHER = "E" + "EE-EEEE" * 4 + "E"


def day(number):
    return NOVEMBER.replace(day=number)


@pytest.fixture
def place():
    made = planned(3)
    made.plan(ONE, OTHER, ONE)
    made.publish()
    made.accounts = [signed_in(each) for each in made.people]
    return made


def ask(place, asker_day, partner_day=None, *, asker=0, partner=1):
    return swap_ask(
        asker=place.people[asker],
        partner=place.people[partner],
        asker_date=day(asker_day),
        partner_date=day(partner_day or asker_day),
        reason="家中有事",
        by=place.accounts[asker],
        at=AT,
    )


def agreed(place, *days):
    return swap_answer(swap=ask(place, *days), agrees=True, by=place.accounts[1], at=AT)


def test_a_swap_of_one_day_exchanges_both_shifts_once_it_is_approved(place):
    swap = agreed(place, 3)
    assert place.line(place.people[0])[2] == "D"
    swap = swap_decide(swap=swap, approves=True, by=place.manager, at=AT)
    assert (place.line(place.people[0])[2], place.line(place.people[1])[2]) == ("E", "D")
    assert swap.state == Swap.State.APPROVED
    changes = RosterChange.objects.order_by("staff")
    assert [(each.before.code, each.after.code, each.swap) for each in changes] == [
        ("D", "E", swap),
        ("E", "D", swap),
    ]
    assert "家中有事" in changes[0].reason
    place.roster.refresh_from_db()
    assert place.roster.version == 4


def test_a_swap_of_two_days_exchanges_rest_for_work():
    made = planned(2, [{"code": "r", "kind": "rest", "params": {"days_per_week": 1}}])
    made.plan(ONE, OTHER)
    made.publish()
    made.accounts = [signed_in(each) for each in made.people]
    # The one works on Wednesday the 4th, when the other rests; the other works on Sunday the 8th.
    swap_decide(swap=agreed(made, 4, 8), approves=True, by=made.manager, at=AT)
    one, other = (made.line(each) for each in made.people)
    assert (one[3], one[7], other[3], other[7]) == ("-", "E", "D", "-")
    assert RosterChange.objects.count() == 4


def test_a_swap_that_breaks_the_balance_of_four_weeks_is_refused_with_the_reason(place):
    with pytest.raises(RosterRefused, match="四周休息将少1天（每周休1天，r-rest）"):
        ask(place, 4)  # the other's day of rest, for nothing
    assert not Swap.objects.exists()


def test_a_swap_that_makes_too_long_a_row_is_refused():
    made = planned(2)
    made.plan("D-DDDDDD-DDDDDD-", "-DDDDDD-DDDDDD-D")
    made.publish()
    made.accounts = [signed_in(each) for each in made.people]
    with pytest.raises(RosterRefused, match="连续上班"):
        ask(made, 8, 9)


def test_rest_due_by_the_month_is_counted_in_the_whole_month():
    """Of five days of rest, the first on the 1st, one goes on the 30th: the four that are due stay."""
    made = planned(2, [{"code": "r", "kind": "rest", "params": {"days_per_month": 4}}])
    made.plan("-DDDDDD-DDDDDD-DDDDDD-DDDDDDD-", "EEEEEE-" * 4 + "EE")
    made.publish()
    made.accounts = [signed_in(each) for each in made.people]
    swap_decide(swap=agreed(made, 30), approves=True, by=made.manager, at=AT)
    assert made.line(made.people[0])[29] == "E"


def test_an_approval_without_words_keeps_the_answer_of_the_partner(place):
    swap = swap_answer(swap=ask(place, 3), agrees=True, answer="可以", by=place.accounts[1], at=AT)
    assert swap_decide(swap=swap, approves=True, by=place.manager, at=AT).answer == "可以"
    swap = swap_answer(swap=ask(place, 5), agrees=True, answer="可以", by=place.accounts[1], at=AT)
    swap = swap_decide(swap=swap, approves=True, answer="下次早说", by=place.manager, at=AT)
    assert swap.answer == "下次早说"


def test_a_swap_into_two_shifts_at_once_is_refused(place):
    early = pattern_made(place.department, "F", "早早班", time(0, 30), time(9))
    roster_assign(
        roster=place.roster,
        changes=[CellChange(place.people[0].pk, day(4), place.slot("D"), early.pk)],
        reason="早班缺人",
        by=place.manager,
        at=AT,
    )
    # The other's evening of the 3rd ends at one in the morning of the 4th.
    with pytest.raises(RosterRefused, match="11-03的晚班与11-04的早早班时间重叠"):
        ask(place, 3)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"asker_day": 3, "partner": 2}, "两人的班相同"),
        ({"asker_day": 3, "partner": 0}, "不能和自己换班"),
    ],
)
def test_a_swap_for_nothing_is_refused(place, given, said):
    with pytest.raises(RosterRefused, match=said):
        ask(place, **given)


def test_days_that_are_over_or_not_published_cannot_be_swapped(place):
    with pytest.raises(RosterRefused, match="11-03已过"):
        swap_ask(
            asker=place.people[0],
            partner=place.people[1],
            asker_date=day(3),
            partner_date=day(3),
            by=place.accounts[0],
            at=AT + timedelta(days=30),
        )
    with pytest.raises(RosterRefused, match="没有已公布的排班"):
        swap_ask(
            asker=place.people[0],
            partner=place.people[1],
            asker_date=date(2026, 12, 3),
            partner_date=date(2026, 12, 3),
            by=place.accounts[0],
            at=AT,
        )


def test_people_of_other_teams_and_departments_do_not_swap(place):
    other = planned(1)
    other.plan("D" * 6)
    other.publish()
    elsewhere = factories.staff(place.department, team=factories.team(place.department, "B"))
    for partner, said in ((other.people[0], "同一部门"), (elsewhere, "没有已公布的排班")):
        with pytest.raises(RosterRefused, match=said):
            swap_ask(
                asker=place.people[0],
                partner=partner,
                asker_date=day(3),
                partner_date=day(3),
                by=place.accounts[0],
                at=AT,
            )
    assert list(partners_of(place.people[0], day(3))) == place.people[1:]


def test_nobody_swaps_for_others(place):
    swap = ask(place, 3)
    with pytest.raises(RosterRefused, match="只能为自己"):
        swap_ask(
            asker=place.people[0],
            partner=place.people[1],
            asker_date=day(5),
            partner_date=day(5),
            by=place.accounts[1],
            at=AT,
        )
    with pytest.raises(RosterRefused, match="只有对方本人"):
        swap_answer(swap=swap, agrees=True, by=place.accounts[0], at=AT)
    with pytest.raises(RosterRefused, match="自己的申请"):
        swap_withdraw(swap=swap, by=place.accounts[1], at=AT)
    with pytest.raises(RosterRefused, match="待对方同意"):
        swap_decide(swap=swap, approves=True, by=place.manager, at=AT)
    swap_answer(swap=swap, agrees=True, by=place.accounts[1], at=AT)
    with pytest.raises(RosterRefused, match="不能批准自己的换班"):
        swap_decide(swap=swap, approves=True, by=place.accounts[1], at=AT)
    swap.refresh_from_db()
    assert swap.state == Swap.State.AGREED


def test_a_swap_is_asked_for_once(place):
    ask(place, 3)
    with pytest.raises(RosterRefused, match="已有同样的换班申请"):
        ask(place, 3)


def test_what_is_withdrawn_or_refused_stays_so(place):
    swap = swap_withdraw(swap=ask(place, 3), by=place.accounts[0], at=AT)
    with pytest.raises(RosterRefused, match="已撤回"):
        swap_answer(swap=swap, agrees=True, by=place.accounts[1], at=AT)
    refused = swap_answer(swap=ask(place, 3), agrees=False, answer="有约", by=place.accounts[1], at=AT)
    assert (refused.state, refused.answer) == (Swap.State.REFUSED, "有约")
    with pytest.raises(RosterRefused, match="须写明理由"):
        swap_decide(swap=agreed(place, 3), approves=False, by=place.manager, at=AT)
    assert place.line(place.people[0]) == ONE


def test_an_approval_looks_at_the_roster_as_it_is_then(place):
    swap = agreed(place, 3)
    Leave.objects.create(staff=place.people[0], starts_on=day(3), days=Decimal(1), type="sick")
    with pytest.raises(RosterRefused, match="101 员工101 11-03请假，不能上晚班"):
        swap_decide(swap=swap, approves=True, by=place.manager, at=AT)
    swap.refresh_from_db()
    assert swap.state == Swap.State.AGREED
    assert not RosterChange.objects.exists()
    Leave.objects.all().delete()
    roster_assign(
        roster=place.roster,
        changes=[CellChange(place.people[0].pk, day(3), place.slot("D"), place.slot("E"))],
        reason="顶班",
        by=place.manager,
        at=AT,
    )
    with pytest.raises(RosterRefused, match="两人的班相同"):
        swap_decide(swap=swap, approves=True, by=place.manager, at=AT)


def test_a_lead_decides_about_the_own_team_alone(place):
    swap = agreed(place, 3)
    lead = signed_in(factories.staff(place.department, team=place.team, role="lead"), "lead")
    stranger = signed_in(
        factories.staff(place.department, team=factories.team(place.department, "B"), role="lead"), "lead"
    )
    elsewhere = factories.account("manager", factories.department())
    assert list(swaps_decidable_by(lead)) == [swap]
    assert list(swaps_decidable_by(place.manager)) == [swap]
    stranger.groups.add(factories.account("auditor").groups.get())
    for account in (stranger, elsewhere, *place.accounts):
        assert not swaps_decidable_by(account).exists()
