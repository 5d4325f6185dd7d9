"""What is granted, taken, carried over and lapses, to the day; no database."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from rules.kinds import parse_kind
from rules.kinds.leave_balance import LeaveBalance
from shifts.leave_account import LeaveAccount, Use
from shifts.leave_grants import Added, Earned, Held, Opened, grants_of, limits_of

LONG_AGO = date(2010, 1, 1)
FAR = date(2029, 12, 31)
DAY = timedelta(days=1)


def rule(**params):
    kind, _ = parse_kind("leave_balance", {"type": "annual", "accrual": "by_service", **params})
    assert isinstance(kind, LeaveBalance)
    return kind


def granted(kind, first=LONG_AGO, last=FAR, since=LONG_AGO, **more):
    return {
        (grant.on, grant.days): grant.until for grant in grants_of([Held(first, last, kind)], since, **more)
    }


def account(kind, *uses, first=date(2026, 1, 1), last=FAR, since=LONG_AGO, **more):
    held = [Held(first, last, kind)]
    grants = grants_of(held, since, **more)
    taken = tuple(Use(on, D(days), "年假", leave=number) for number, (on, days) in enumerate(uses, 1))
    start = more["opened"].on + DAY if more.get("opened") else first
    return LeaveAccount("annual", kind, start, tuple(grants), taken, tuple(limits_of(held)))


def figures(account, on):
    got = account.balance(on)
    return got.carried, got.granted, got.used, got.expired, got.left


@pytest.mark.parametrize(
    ("since", "days"),
    [
        (date(2025, 7, 1), 2),  # one year on 1 July: 184 ÷ 365 × 5 = 2.52
        (date(2024, 12, 31), 5),
        (date(2016, 7, 1), 7),  # ten years on 1 July: (181 × 5 + 184 × 10) ÷ 365 = 7.52
        (date(2016, 1, 1), 10),
        (date(2006, 1, 1), 15),
        (date(2006, 1, 2), 14),  # 364 days of 15, one of 10: 14.98
    ],
)
def test_annual_leave_follows_service(since, days):
    got = granted(rule(), date(2026, 1, 1), date(2026, 12, 31), since)
    assert [grant[1] for grant in got] == [D(days)]


def test_nothing_is_due_before_the_first_year_and_then_from_the_day_on():
    assert granted(rule(), date(2026, 1, 1), date(2026, 6, 30), date(2025, 7, 1)) == {}
    assert list(granted(rule(), date(2026, 1, 1), date(2026, 12, 31), date(2025, 7, 1))) == [
        (date(2026, 7, 1), D(2))
    ]


def test_who_joins_or_leaves_in_the_year_has_a_part_and_parts_of_a_day_are_dropped():
    since = date(2016, 1, 1)
    assert list(granted(rule(), date(2026, 7, 1), date(2026, 12, 31), since)) == [(date(2026, 7, 1), D(5))]
    assert list(granted(rule(), date(2026, 1, 1), date(2026, 9, 30), since)) == [(date(2026, 1, 1), D(7))]
    assert list(granted(rule(), date(2026, 1, 1), date(2026, 1, 31), since)) == []  # 0.84: less than a day


def test_a_leap_year_gives_no_more_than_the_figure():
    assert list(granted(rule(), date(2028, 1, 1), date(2028, 12, 31), date(2020, 1, 1))) == [
        (date(2028, 1, 1), D(5))
    ]


def test_a_month_gives_its_figure_and_a_part_of_it_down_to_a_half():
    kind = rule(accrual="monthly", days="1")
    got = granted(kind, date(2026, 9, 16), date(2026, 11, 9))
    assert list(got) == [(date(2026, 9, 16), D("0.5")), (date(2026, 10, 1), D(1))]


def test_another_figure_from_a_day_on_is_due_by_calendar_days():
    five, ten = rule(accrual="yearly", days=5), rule(accrual="yearly", days=10)
    held = [Held(date(2026, 1, 1), date(2026, 6, 30), five), Held(date(2026, 7, 1), date(2026, 12, 31), ten)]
    assert [(grant.on, grant.days) for grant in grants_of(held, LONG_AGO)] == [(date(2026, 1, 1), D(7))]


def test_days_carried_are_taken_first_and_lapse_on_their_day():
    kind = rule(accrual="yearly", days=5, expires_on="03-31")
    taken = account(kind, (date(2027, 2, 1), 2), (date(2027, 5, 3), 1))
    # 5 of 2026: 2 in February, 3 lapse at the end of March; of the 5 of 2027 one in May.
    assert figures(taken, date(2027, 3, 31)) == (D(5), D(5), D(3), D(0), D(7))
    assert figures(taken, date(2027, 6, 1)) == (D(5), D(5), D(3), D(3), D(4))
    assert taken.balance(date(2027, 3, 10)).parts == [(date(2027, 3, 31), D(3)), (date(2028, 3, 31), D(4))]
    assert taken.balance(date(2027, 3, 10)).expiring == D(3)
    assert taken.balance(date(2027, 2, 28)).expiring == D(0)


def test_no_more_than_the_figure_is_carried_over():
    kind = rule(accrual="yearly", days=5, carry_over="3")
    left = account(kind, (date(2026, 8, 3), 1))
    assert figures(left, date(2026, 12, 31)) == (D(0), D(5), D(1), D(0), D(4))
    assert left.balance(date(2026, 12, 15)).expiring == D(1)
    assert figures(left, date(2027, 1, 1)) == (D(3), D(5), D(0), D(0), D(8))


def test_what_is_not_carried_over_lapses_with_the_year():
    kind = rule(accrual="yearly", days=5, carry_over="none")
    assert figures(account(kind), date(2027, 1, 1)) == (D(0), D(5), D(0), D(0), D(5))


def test_overtime_earns_days_that_lapse_so_many_days_later():
    kind = rule(type="compensatory", accrual="overtime", expires_after=90)
    earned = [Earned(date(2026, 10, 11), D(4)), Earned(date(2026, 10, 18), D(8))]
    got = account(kind, (date(2026, 12, 1), 1), earned=earned)
    assert figures(got, date(2026, 10, 11)) == (D(0), D("0.5"), D("0.5"), D(0), D(0))  # half is spoken for
    assert figures(got, date(2026, 10, 18)) == (D(0), D("1.5"), D(1), D(0), D("0.5"))
    assert got.balance(date(2026, 10, 20)).parts == [(date(2027, 1, 16), D("0.5"))]
    assert figures(got, date(2027, 1, 17)) == (D("0.5"), D(0), D(0), D("0.5"), D(0))


def test_thirds_of_days_add_up():
    kind = rule(type="compensatory", accrual="overtime", hours_per_day="7.5")
    earned = [Earned(date(2026, 10, day), D("2.5")) for day in (11, 18, 25)]
    got = account(kind, earned=earned)
    assert got.refusal([Use(date(2026, 11, 2), D(1), "调休")]) == ""
    assert got.refusal([Use(date(2026, 11, 2), D("1.01"), "调休")])


def test_an_opening_takes_the_place_of_what_was_before_it():
    kind = rule(accrual="yearly", days=5, expires_on="03-31")
    opened = Opened(date(2026, 9, 30), D("2.5"))
    got = account(kind, (date(2026, 4, 1), 2), (date(2026, 10, 8), 1), opened=opened)
    assert figures(got, date(2026, 10, 15)) == (D(0), D("2.5"), D(1), D(0), D("1.5"))
    assert figures(got, date(2027, 1, 1)) == (D("1.5"), D(5), D(0), D(0), D("6.5"))


def test_an_opening_of_nothing_leaves_nothing():
    kind = rule(accrual="yearly", days=5)
    got = account(kind, opened=Opened(date(2026, 9, 30), D(0)))
    assert figures(got, date(2026, 12, 1)) == (D(0), D(0), D(0), D(0), D(0))


def test_a_correction_counts_from_its_day_with_its_own_end():
    kind = rule(accrual="none")
    got = account(kind, added=[Added(date(2026, 10, 1), D(2), "先进奖励", date(2026, 12, 31))])
    assert got.balance(date(2026, 9, 30)).left == 0
    assert got.balance(date(2026, 10, 1)).parts == [(date(2026, 12, 31), D(2))]
    assert got.balance(date(2027, 1, 1)).left == 0


def test_the_end_of_a_correction_holds_over_the_end_of_a_year():
    """Neither "nothing is carried over" nor "at most three" takes what was given until another day."""
    for carried in ("none", "3"):
        kind = rule(accrual="yearly", days=5, carry_over=carried)
        got = account(kind, added=[Added(date(2026, 12, 20), D(2), "先进奖励", date(2027, 3, 31))])
        kept = D(2) if carried == "none" else D(5)
        assert got.balance(date(2027, 1, 1)).carried == kept
        assert (date(2027, 3, 31), D(2)) in got.balance(date(2027, 1, 1)).parts


def test_a_correction_before_an_opening_is_in_it_already():
    kind = rule(accrual="none")
    got = account(kind, first=LONG_AGO, opened=Opened(date(2026, 6, 30), D(3)))
    got = got.having([Use(date(2026, 3, 1), D(2), "更正：多记")])
    assert figures(got, date(2026, 10, 15)) == (D(0), D(3), D(0), D(0), D(3))


def test_beyond_the_balance_is_refused_with_what_is_left():
    got = account(rule(accrual="yearly", days=5), (date(2026, 3, 2), 3))
    assert got.refusal([Use(date(2026, 10, 19), D(2), "年假")]) == ""
    three = [Use(date(2026, 10, day), D(1), "年假") for day in (19, 20, 21)]
    assert got.refusal(three) == "年假到2026-10-19只剩2天，这次请3天"


def test_leave_before_another_cannot_take_what_that_one_has():
    got = account(rule(accrual="yearly", days=5), (date(2026, 12, 1), 4))
    assert "只剩1天" in got.refusal([Use(date(2026, 11, 2), D(2), "年假")])


def test_what_lapses_on_the_way_is_not_there_at_its_end():
    got = account(rule(accrual="yearly", days=3, carry_over="none"), last=date(2026, 12, 31))
    wanted = [Use(date(2026, 12, 31), D(1), "年假"), Use(date(2027, 1, 4), D(1), "年假")]
    assert got.refusal(wanted) == "年假到2026-12-31只剩1天（其余在此之前到期），这次请2天"


def test_leave_beyond_the_balance_may_be_owed_and_comes_off_the_next_days():
    kind = rule(accrual="yearly", days=5, beyond="allow")
    got = account(kind, (date(2026, 3, 2), 7))
    assert got.refusal([Use(date(2026, 10, 19), D(2), "年假")]) == ""
    assert got.balance(date(2026, 12, 1)).left == D(-2)
    assert figures(got, date(2027, 1, 1)) == (D(-2), D(5), D(0), D(0), D(3))


def test_the_entries_add_up_to_what_is_left():
    kind = rule(accrual="yearly", days=5, carry_over="3", expires_on="03-31", beyond="allow")
    got = account(kind, (date(2026, 8, 3), 1), (date(2027, 2, 1), 1), (date(2027, 11, 1), 7))
    for day in (date(2026, 8, 1), date(2027, 1, 1), date(2027, 4, 1), date(2027, 12, 1), date(2028, 1, 1)):
        balance = got.balance(day)
        assert sum(entry.days for entry in balance.entries) == balance.left, day
        assert balance.carried + balance.granted - balance.used - balance.expired == balance.left
