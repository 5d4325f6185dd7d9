"""What days come to: a table of cases, each worked by hand."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shifts.derivation import (
    Clock,
    Corrected,
    Figures,
    LeavePart,
    Out,
    RosteredShift,
    clocks_by_day,
    day_figures,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 10, 30)
LAST = date(2026, 10, 31)  # the last day of a month
HALF = Decimal("0.5")


def moment(text: str, day: date = DAY) -> datetime:
    """`17:30` of the day; `+01:07` of the one after."""
    on = day + timedelta(days=text.startswith("+"))
    hours, *rest = map(int, text.lstrip("+").split(":"))
    return datetime(on.year, on.month, on.day, hours, *rest, tzinfo=SHANGHAI)


def shift(start: str, end: str, *pause: str, day: date = DAY, name: str = "班") -> RosteredShift:
    return RosteredShift(day, name, *(moment(each, day) for each in (start, end, *pause)))


def on_day(*texts: str, day: date = DAY) -> list[Clock]:
    """Punches of the page, which know neither their day nor their end."""
    return [Clock(moment(text, day)) for text in texts]


def told(**given: Any) -> tuple[int, int, Decimal, int]:
    return (
        given.get("late", 0),
        given.get("early", 0),
        Decimal(given.get("absent", 0)),
        given.get("missing", 0),
    )


def short(figures: Figures) -> tuple[int, int, Decimal, int]:
    return figures.late_minutes, figures.early_minutes, figures.absent_days, figures.missing_punches


WORK = shift("08:30", "17:30")
EVENING = shift("17:30", "+01:00")
NIGHT = shift("22:00", "+06:00")
SPLIT = shift("08:00", "17:30", "12:00", "13:00")
PARTS = SPLIT._replace(punches=4)


@pytest.mark.parametrize(
    ("of", "texts", "wanted"),
    [
        # the day's two ends, to the minute
        (WORK, ("08:30", "17:30"), told()),
        (WORK, ("08:30:59", "17:30"), told()),
        (WORK, ("08:31", "17:30"), told(late=1)),
        (WORK, ("08:31:30", "17:30"), told(late=1)),
        (WORK, ("08:20", "17:29:59"), told(early=1)),
        (WORK, ("09:15", "16:30"), told(late=45, early=60)),
        # neither punch, one of two
        (WORK, (), told(absent=1)),
        (WORK, ("08:25",), told(missing=1)),
        (WORK, ("08:45",), told(late=15, missing=1)),
        (WORK, ("17:35",), told(missing=1)),  # a clock-out without a clock-in
        (WORK, ("17:10",), told(early=20, missing=1)),
        (WORK, ("13:00",), told(late=270, missing=1)),  # as near to one end as to the other: came
        # pressed twice
        (WORK, ("08:25", "08:27", "17:31", "17:40"), told()),
        (WORK, ("08:25", "08:27"), told(missing=1)),
        (WORK, ("17:31", "17:45"), told(missing=1)),
        # gone after an hour or more is a clock-out
        (WORK, ("08:30", "10:30"), told(early=420)),
        (WORK, ("08:20", "12:05", "13:20", "17:30"), told()),  # out and in at noon
        # after midnight
        (EVENING, ("17:30", "+01:07"), told()),
        (EVENING, ("17:42", "+00:50"), told(late=12, early=10)),
        (EVENING, ("+01:07",), told(missing=1)),
        (NIGHT, ("22:05", "+06:00"), told(late=5)),
        (NIGHT, ("21:50", "+05:30"), told(early=30)),
        # a shift in two parts: only the ends of the day count
        (SPLIT, ("08:00", "12:00", "13:05", "17:30"), told()),
        (SPLIT, ("08:00", "12:00"), told(early=330)),
        (SPLIT, ("13:00", "17:30"), told(late=300)),
        # came when it was over: no more than the shift is long
        (WORK, ("19:00", "21:00"), told(late=540)),
    ],
)
def test_punches_of_a_day(of: RosteredShift, texts: tuple[str, ...], wanted: tuple) -> None:
    assert short(day_figures(of, on_day(*texts))) == wanted


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (("08:00", "12:00", "13:00", "17:30"), told()),
        (("08:10", "12:00", "13:05", "17:20"), told(late=15, early=10)),
        (("08:00", "11:40", "13:00", "17:30"), told(early=20)),
        # a part without a punch is half a day
        (("08:00", "12:00"), told(absent="0.5")),
        (("13:20", "17:30"), told(late=20, absent="0.5")),
        ((), told(absent=1)),
        # of each part one punch is missing
        (("08:00", "17:30"), told(missing=2)),
        (("08:00", "12:00", "17:30"), told(missing=1)),
        (("08:00", "12:00", "13:00"), told(missing=1)),
        # out late and in early, pressed twice, a long break and a short one
        (("08:00", "12:40", "12:55", "17:30"), told()),
        (("08:00", "12:01", "12:02", "13:05", "17:30"), told(late=5)),
        (("08:00", "12:01", "12:02", "12:58", "17:30"), told()),
    ],
)
def test_parts_that_are_clocked_apart_count_each(texts: tuple[str, ...], wanted: tuple) -> None:
    assert short(day_figures(PARTS, on_day(*texts))) == wanted


@pytest.mark.parametrize(
    ("texts", "given", "wanted"),
    [
        # one part is leave, the other is judged by every punch there is
        (("13:10", "17:30"), {"half": "first"}, told(late=10)),
        (("08:00", "12:40"), {"half": "second"}, told()),
        (("08:00",), {"half": "second"}, told(missing=1)),
        (("08:00", "12:00"), {}, told()),
        ((), {}, told(absent="0.5")),
        ((), {"approved": False}, told(absent="0.5")),
        (("08:00", "12:00"), {"part": Decimal("0.25"), "approved": False}, told(absent="0.375")),
    ],
)
def test_leave_from_a_part(texts: tuple[str, ...], given: dict[str, Any], wanted: tuple) -> None:
    assert short(day_figures(PARTS, on_day(*texts), aways=[leave(**given)])) == wanted


def by_hour(start: str, end: str, part: str) -> LeavePart:
    return LeavePart(Decimal(part), starts_at=moment(start), ends_at=moment(end))


@pytest.mark.parametrize(
    ("texts", "hours", "wanted"),
    [
        # four hours of leave with the noon break in them, out of nine: due at 13:30, not in the middle
        (("13:28", "17:30"), [("08:30", "13:30", "0.5")], told()),
        (("13:35", "17:30"), [("08:30", "13:30", "0.5")], told(late=5)),
        (("08:30", "15:30"), [("15:30", "17:30", "0.25")], told()),
        (("08:30", "15:10"), [("15:30", "17:30", "0.25")], told(early=20)),
        (("08:40", "17:30"), [("10:00", "12:00", "0.25")], told(late=10)),
        # twice on one day, and who came to none of the rest
        (("10:30", "15:30"), [("08:30", "10:30", "0.25"), ("15:30", "17:30", "0.25")], told()),
        ((), [("08:30", "13:30", "0.5")], told(absent="0.5")),
    ],
)
def test_leave_by_the_hour_excuses_its_hours(
    texts: tuple[str, ...], hours: list[tuple[str, str, str]], wanted: tuple
) -> None:
    aways = [by_hour(*each) for each in hours]
    figures = day_figures(WORK, on_day(*texts), aways=aways)
    assert short(figures) == wanted and figures.outing_minutes == 0


def test_leave_by_the_hour_stands_beside_half_a_day_and_an_outing() -> None:
    aways = [leave(half="first"), by_hour("16:30", "17:30", "0.12")]
    assert short(day_figures(WORK, on_day("13:00", "16:30"), aways=aways)) == told()
    out = [Out(moment("08:30"), moment("09:30"))]
    late = day_figures(WORK, on_day("11:40", "17:30"), aways=[by_hour("09:30", "11:30", "0.25")], outings=out)
    assert (short(late), late.outing_minutes) == (told(late=10), 60)


def test_two_halves_of_leave_are_the_day() -> None:
    halves = [leave(half="first"), leave(half="second")]
    for of in (WORK, SPLIT, PARTS):
        assert short(day_figures(of, (), aways=halves)) == told()
    # One of them alone leaves the other half to answer for.
    assert short(day_figures(PARTS, (), aways=halves[:1])) == told(absent="0.5")


def test_an_outing_over_the_break_excuses_both_parts() -> None:
    out = [Out(moment("11:00"), moment("14:00"))]
    assert short(day_figures(PARTS, on_day("08:00", "11:00", "14:05", "17:30"), outings=out)) == told(late=5)
    assert short(day_figures(PARTS, on_day("08:00", "17:30"), outings=out)) == told()


def test_a_source_says_of_which_part_a_punch_is() -> None:
    def said(text: str, is_in: bool, part: int) -> Clock:
        return Clock(moment(text), DAY, is_in, part=part)

    # One press at 12:20 ended the first part and began the second.
    whole = [said("08:00", True, 1), said("12:20", False, 1), said("12:20", True, 2), said("17:30", False, 2)]
    assert short(day_figures(PARTS, whole)) == told()
    assert short(day_figures(PARTS, whole[:2])) == told(absent="0.5")
    # Where the roster has two punches a day, the inner ones say nothing.
    assert short(day_figures(SPLIT, whole)) == told()
    # Without its part, who comes within the break comes back.
    unsaid = [clock._replace(part=None) for clock in whole]
    assert short(day_figures(PARTS, unsaid)) == told()


def test_a_correction_is_of_a_part_or_of_the_days_ends() -> None:
    punches = on_day("08:00", "17:30")
    first = Corrected(clock_out=moment("12:00"), part=1)
    second = Corrected(clock_in=moment("13:10"), part=2)
    assert short(day_figures(PARTS, punches, corrections=[first])) == told(missing=1)
    assert short(day_figures(PARTS, punches, corrections=[first, second])) == told(late=10)
    ends = Corrected(moment("08:20"), moment("17:00"))
    assert short(day_figures(PARTS, (), corrections=[ends])) == told(late=20, early=30, missing=2)


def leave(part: Decimal = HALF, half: str = "", *, approved: bool = True) -> LeavePart:
    return LeavePart(part, half, approved)


@pytest.mark.parametrize(
    ("of", "texts", "aways", "wanted"),
    [
        (WORK, (), [leave(Decimal(1))], told()),
        (WORK, ("10:00", "11:30"), [leave(Decimal(1))], told()),  # looked in on a day off
        # without a break the middle of the shift is 13:00
        (WORK, ("13:00", "17:30"), [leave(half="first")], told()),
        (WORK, ("13:10", "17:30"), [leave(half="first")], told(late=10)),
        (WORK, ("08:30", "13:00"), [leave(half="second")], told()),
        (WORK, ("08:30", "12:45"), [leave(half="second")], told(early=15)),
        (WORK, ("13:00", "17:30"), [leave(half="second")], told(late=270)),
        # nobody said which half: the one that was not worked
        (WORK, ("13:00", "17:30"), [leave()], told()),
        (WORK, ("08:30", "13:00"), [leave()], told()),
        (WORK, ("08:35", "13:00"), [leave()], told(late=5)),
        (WORK, ("08:30",), [leave()], told(missing=1)),
        # the other half was not worked either
        (WORK, (), [leave()], told(absent="0.5")),
        (WORK, (), [leave(half="second")], told(absent="0.5")),
        # two halves are the day
        (WORK, (), [leave(half="first"), leave()], told()),
        # a break is where the day is cut
        (SPLIT, ("13:00", "17:30"), [leave(half="first")], told()),
        (SPLIT, ("13:01", "17:30"), [leave(half="first")], told(late=1)),
        (SPLIT, ("08:00", "12:00"), [leave(half="second")], told()),
        # the middle of 17:30–01:00 is 21:15
        (EVENING, ("21:15", "+01:02"), [leave(half="first")], told()),
        (EVENING, ("21:20", "+01:02"), [leave()], told(late=5)),
        # a quarter of nine hours is 2:15
        (WORK, ("10:45", "17:30"), [leave(Decimal("0.25"))], told()),
        (WORK, ("08:30", "15:00"), [leave(Decimal("0.25"))], told(early=15)),
        # leave that nobody approved excuses nothing, but is charged by itself
        (WORK, (), [leave(Decimal(1), approved=False)], told()),
        (WORK, ("13:00", "17:30"), [leave(approved=False)], told(late=270)),
        (WORK, (), [leave(approved=False)], told(absent="0.5")),
    ],
)
def test_leave(of: RosteredShift, texts: tuple[str, ...], aways: list[LeavePart], wanted: tuple) -> None:
    assert short(day_figures(of, on_day(*texts), aways=aways)) == wanted


@pytest.mark.parametrize(
    ("texts", "outing", "minutes", "wanted"),
    [
        (("08:30", "17:30"), ("14:00", "15:00"), 60, told()),
        (("08:30", "17:30"), ("14:00", "15:00", "14:40"), 40, told()),
        (("08:30", "17:30"), ("14:00", "15:00", "15:30"), 90, told()),  # back later than due
        # straight from home to the customer, due at the office at ten
        (("10:00", "17:30"), ("08:00", "10:00"), 90, told()),
        (("10:20", "17:30"), ("08:00", "10:00", "10:20"), 110, told(late=20)),
        (("17:30",), ("08:00", "10:00"), 90, told()),
        # and not back in the evening
        (("08:30", "16:00"), ("16:00", "18:00"), 90, told()),
        (("08:30",), ("16:00", "18:00"), 90, told()),
        (("08:30", "15:50"), ("16:00", "18:00"), 90, told(early=10)),
        ((), ("08:00", "18:00"), 540, told()),
        ((), ("08:00", "10:00"), 90, told(absent=1)),
    ],
)
def test_outings(texts: tuple[str, ...], outing: tuple[str, ...], minutes: int, wanted: tuple) -> None:
    figures = day_figures(WORK, on_day(*texts), outings=[Out(*map(moment, outing))])
    assert (short(figures), figures.outing_minutes) == (wanted, minutes)


@pytest.mark.parametrize(
    ("texts", "outings", "wanted"),
    [
        (("08:30", "15:00"), [("15:00", "16:00"), ("16:00", "18:00")], told()),
        (("08:30", "14:50"), [("15:00", "16:00"), ("16:00", "18:00")], told(early=10)),
        (("10:05", "17:30"), [("08:00", "09:00"), ("09:00", "10:00")], told(late=5)),
        (("08:30", "15:00"), [("15:00", "15:30"), ("16:00", "18:00")], told(early=60)),
        ((), [("08:00", "13:00"), ("13:00", "18:00")], told()),
    ],
)
def test_outings_that_follow_one_another(
    texts: tuple[str, ...], outings: list[tuple[str, str]], wanted: tuple
) -> None:
    outs = [Out(*map(moment, each)) for each in outings]
    assert short(day_figures(WORK, on_day(*texts), outings=outs)) == wanted


@pytest.mark.parametrize(
    ("texts", "corrections", "wanted"),
    [
        (("08:50", "17:30"), [("08:25", None)], told()),
        (("17:30",), [("08:40", None)], told(late=10)),
        ((), [("08:30", "17:00")], told(early=30)),
        ((), [("08:30", None)], told(missing=1)),
        (("08:20", "17:30"), [("08:50", None)], told(late=20)),  # over the punch, for the worse as well
        (("17:30",), [("08:40", None), ("08:30", None)], told()),  # the later one holds
    ],
)
def test_corrections(texts: tuple[str, ...], corrections: list[tuple], wanted: tuple) -> None:
    given = [Corrected(*(each and moment(each) for each in pair)) for pair in corrections]
    assert short(day_figures(WORK, on_day(*texts), corrections=given)) == wanted


def test_what_a_source_says_of_an_end_holds() -> None:
    said = [
        Clock(moment("08:20")),
        Clock(moment("08:40"), DAY, True, order=1),
        Clock(moment("08:35"), DAY, True, order=2),
        Clock(moment("17:31"), DAY, False, order=1),
    ]
    figures = day_figures(WORK, said)
    assert (figures.clock_in, figures.clock_out) == (moment("08:35"), moment("17:31"))
    only_out = [Clock(moment("08:31")), Clock(moment("17:30"), DAY, False)]
    assert short(day_figures(WORK, only_out)) == told(late=1)
    just_before = [Clock(moment("17:10")), Clock(moment("17:30"), DAY, False)]
    assert short(day_figures(WORK, just_before)) == told(missing=1)


def test_staying_on_is_no_overtime_and_approved_hours_are() -> None:
    long = on_day("08:30", "21:30")
    assert day_figures(WORK, long).overtime_minutes == 0
    assert day_figures(WORK, long, overtime_hours=Decimal("2.5")).overtime_minutes == 150


def test_a_day_of_rest_has_nothing_but_approved_overtime() -> None:
    assert day_figures(None, on_day("09:00", "12:00")) == Figures()
    assert day_figures(None, on_day("09:00"), overtime_hours=Decimal(3)) == Figures(overtime_minutes=180)


def test_a_shift_that_was_swapped_is_judged_by_its_new_hours() -> None:
    punches = on_day("17:25", "+01:03")
    assert short(day_figures(EVENING, punches)) == told()
    assert short(day_figures(WORK, on_day("17:25"))) == told(early=5, missing=1)


def days(shifts: list[RosteredShift], *clocks: Clock) -> dict[date, list[str]]:
    found = clocks_by_day(shifts, clocks)
    return {day: [f"{clock.at:%d %H:%M}" for clock in each] for day, each in found.items()}


def test_the_punches_of_the_last_evening_of_a_month_are_of_that_month() -> None:
    evening = shift("17:30", "+01:00", day=LAST)
    found = clocks_by_day([evening], on_day("17:25", "+01:07", day=LAST))
    assert list(found) == [LAST]
    assert short(day_figures(evening, found[LAST])) == told()


def test_between_two_shifts_a_punch_belongs_to_the_nearer_one() -> None:
    evening, morning = shift("17:30", "+01:00"), shift("08:30", "17:30", day=LAST)
    # 01:00 and 08:30 are 7 h 30 apart: up to 04:45 it is the evening's
    found = days([evening, morning], *on_day("04:45", "04:46", "08:29", day=LAST))
    assert found == {DAY: ["31 04:45"], LAST: ["31 04:46", "31 08:29"]}


def test_shifts_that_touch_share_no_punch() -> None:
    late, early = shift("16:00", "+00:00"), shift("00:00", "08:00", day=LAST)
    found = days([late, early], *on_day("15:55", "23:59"), *on_day("00:01", "08:02", day=LAST))
    assert found == {DAY: ["30 15:55", "30 23:59"], LAST: ["31 00:01", "31 08:02"]}


def test_a_punch_that_knows_its_day_is_of_that_day() -> None:
    wrong = Clock(moment("08:30", LAST), DAY, True)
    assert list(clocks_by_day([WORK, shift("08:30", "17:30", day=LAST)], [wrong])) == [DAY]


def test_a_punch_for_the_wrong_day_leaves_both_days_as_the_clock_has_them() -> None:
    """Rostered for the 31st, came on the 30th: no shift is near, and the 31st is a day of absence."""
    found = clocks_by_day([shift("08:30", "17:30", day=LAST)], on_day("08:30", "17:30"))
    assert list(found) == [DAY]
    assert short(day_figures(shift("08:30", "17:30", day=LAST), found.get(LAST, []))) == told(absent=1)


def test_there_is_no_summer_time() -> None:
    """Night shifts are eight hours long on every night of the year, also where others turn their clocks."""
    for day in (date(2026, 3, 28), date(2026, 10, 24), date(2026, 10, 31)):
        night = shift("22:00", "+06:00", day=day)
        assert night.ends_at - night.starts_at == timedelta(hours=8)
        assert short(day_figures(night, on_day("22:01", "+05:59", day=day))) == told(late=1, early=1)
