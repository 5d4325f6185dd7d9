"""When clocks run out, by hand: the 12th of October 2026 is a Monday, the 10th a make-up Saturday."""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from complaints.opening import USUAL_NOTE, Hours, WorkingDays
from complaints.working_time import Due, alarms_of, due_of
from rules.kinds.cases import CaseDeadline

SHANGHAI = ZoneInfo("Asia/Shanghai")
USUAL = WorkingDays()
WEEKDAYS, WEEK = range(1, 6), range(1, 8)


def moment(text: str) -> datetime:
    """`10-08 09:00` of 2026, or with its year."""
    return datetime.fromisoformat(text if len(text) > 11 else f"2026-{text}").replace(tzinfo=SHANGHAI)


def hours(days: Sequence[int], *spans: str, holidays: bool = True, since: str = "2020-01-01") -> Hours:
    intervals = []
    for each in spans:
        start, end = each.split("-")
        intervals.append((time.fromisoformat(start), time.fromisoformat(end)))
    return Hours(date.fromisoformat(since), dict.fromkeys(days, intervals), holidays)


def due(start: str, *pauses: tuple[str, str], at: WorkingDays = USUAL, **policy: object) -> Due:
    stopped = [(moment(begin), moment(end)) for begin, end in pauses]
    return due_of(CaseDeadline(**policy), moment(start), stopped, at)  # type: ignore[arg-type]


def business(start: str, *pauses: tuple[str, str], at: WorkingDays = USUAL, **policy: object) -> Due:
    return due(start, *pauses, at=at, calendar="business", **policy)


@pytest.mark.parametrize(
    ("start", "policy", "end"),
    [
        ("10-01 09:13", {"days": 7}, "10-08 09:13"),
        ("2028-02-25 10:00", {"days": 7}, "2028-03-03 10:00"),
        ("2027-02-25 10:00", {"days": 7}, "2027-03-04 10:00"),
        ("12-28 18:30", {"days": 7}, "2027-01-04 18:30"),
        ("10-01 09:13", {"days": 7, "ends": "day"}, "10-08 23:59"),
        ("12-31 23:30", {"hours": 2}, "2027-01-01 01:30"),
        ("10-01 09:13", {"hours": 48}, "10-03 09:13"),
        ("10-01 09:13", {"hours": 2, "ends": "day"}, "10-01 23:59"),
    ],
)
def test_calendar_time_ends_to_the_minute(start: str, policy: dict[str, object], end: str) -> None:
    found = due(start, **policy)
    assert found.at == moment(end)
    assert found.notes == ()


def test_the_seconds_and_the_zone_of_the_start_make_no_difference_to_the_length() -> None:
    start = datetime(2026, 10, 1, 1, 13, 20, tzinfo=ZoneInfo("UTC"))
    found = due_of(CaseDeadline(days=1), start, [], USUAL).at
    assert (found.isoformat(), found.hour) == ("2026-10-02T09:13:20+08:00", 9)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("05-08 16:00", 2, "05-11 16:00"),  # a Friday; the Saturday makes up for the Labour Day holiday
        ("09-30 16:00", 3, "10-10 16:00"),  # over National Day to the make-up Saturday
        ("10-18 10:00", 2, "10-20 10:00"),  # a Sunday
        ("10-16 20:00", 1, "10-19 20:00"),  # a Friday evening, after hours
        ("10-12 09:00", 5, "10-19 09:00"),
        ("10-10 09:00", 1, "10-12 09:00"),  # received on the make-up Saturday
    ],
)
def test_working_days_end_at_the_same_time_of_the_nth(start: str, days: int, end: str) -> None:
    assert business(start, days=days).at == moment(end)


def test_a_department_that_works_on_saturdays_and_through_holidays_counts_those_days() -> None:
    open_days = WorkingDays([hours(range(2, 7), "09:00-18:00", holidays=False)])
    assert business("09-30 16:00", days=2, at=open_days).at == moment("10-02 16:00")
    assert business("10-10 16:00", days=1, at=open_days).at == moment("10-13 16:00")  # closed on Mondays


def test_working_days_with_ends_day_run_to_the_end_of_the_nth() -> None:
    assert business("10-15 10:00", days=2, ends="day").at == moment("10-19 23:59")


LUNCH = WorkingDays([hours(WEEKDAYS, "09:00-12:00", "13:00-18:00")])
NIGHT = WorkingDays([hours(WEEKDAYS, "09:00-12:00", "13:00-18:00", "22:00-02:00")])
OVERLAPPING = WorkingDays([hours(WEEKDAYS, "09:00-14:00", "12:00-18:00")])
ALWAYS = WorkingDays([hours(WEEK, "00:00-00:00", holidays=False)])


@pytest.mark.parametrize(
    ("start", "count", "at", "end"),
    [
        ("10-16 20:00", 2, USUAL, "10-19 11:00"),  # after hours on a Friday
        ("10-16 16:00", 2, USUAL, "10-16 18:00"),  # to the minute of closing
        ("10-16 18:00", 2, USUAL, "10-19 11:00"),  # closing is outside
        ("10-18 12:00", 9, USUAL, "10-19 18:00"),
        ("09-30 17:00", 2, USUAL, "10-08 10:00"),
        ("10-09 17:00", 2, USUAL, "10-10 10:00"),
        ("10-12 11:00", 4, LUNCH, "10-12 16:00"),
        ("10-12 12:30", 1, LUNCH, "10-12 14:00"),
        ("10-12 17:00", 6, NIGHT, "10-13 10:00"),
        ("10-17 01:00", 2, NIGHT, "10-19 10:00"),  # Friday's night runs into Saturday
        ("10-12 23:00", 2, NIGHT, "10-13 01:00"),
        ("10-12 11:00", 4, OVERLAPPING, "10-12 15:00"),
        ("10-16 20:00", 48, ALWAYS, "10-18 20:00"),
    ],
)
def test_working_hours_run_in_opening_hours(start: str, count: int, at: WorkingDays, end: str) -> None:
    assert business(start, hours=count, at=at).at == moment(end)


def test_a_make_up_workday_has_mondays_hours() -> None:
    at = WorkingDays(
        [Hours(date(2020, 1, 1), {1: [(time(8), time(12))], 5: [(time(9), time(18))]}, holidays=True)]
    )
    assert business("10-10 07:00", hours=2, at=at).at == moment("10-10 10:00")


def test_the_hours_of_each_day_hold_and_of_two_from_one_day_the_later_written() -> None:
    at = WorkingDays(
        [
            hours(WEEKDAYS, "09:00-18:00", since="2026-10-01"),
            hours(WEEKDAYS, "10:00-11:00", since="2026-10-14"),
            hours(WEEKDAYS, "12:00-20:00", since="2026-10-14"),
        ]
    )
    assert business("10-13 17:00", hours=3, at=at).at == moment("10-14 14:00")
    assert business("10-13 17:00", hours=3, at=at).notes == ()
    assert business("09-30 17:00", hours=2, at=at).notes == (USUAL_NOTE,)


def test_hours_without_any_interval_are_refused() -> None:
    with pytest.raises(ValueError, match="interval"):
        Hours(date(2026, 1, 1), {1: []})


def test_a_year_whose_holidays_are_not_published_counts_by_weekends_and_says_so() -> None:
    at = WorkingDays([hours(WEEKDAYS, "09:00-18:00")])
    found = business("2060-09-30 10:00", days=2, at=at)  # a Thursday
    assert found.at == moment("2060-10-05 10:00")  # the 1st to the 3rd are 国庆节
    assert found.notes == (
        "2060年的调休本版本还不知道，按法定节假日和周末计；更新软件，或录入2060年的放假通知",
    )
    assert business("2060-09-30 10:00", days=2).notes == (
        USUAL_NOTE,
        "2060年的调休本版本还不知道，按法定节假日和周末计；更新软件，或录入2060年的放假通知",
    )
    through = WorkingDays([hours(WEEKDAYS, "09:00-18:00", holidays=False)])
    assert business("2060-09-30 10:00", days=2, at=through).notes == ()


@pytest.mark.parametrize(
    ("pauses", "end"),
    [
        ([("10-03 10:00", "10-04 12:00")], "10-09 11:00"),
        ([("10-03 10:00", "10-03 12:00"), ("10-05 10:00", "10-06 10:00")], "10-09 11:00"),
        ([("10-03 10:00", "10-04 10:00"), ("10-03 12:00", "10-03 18:00")], "10-09 09:00"),  # one in the other
        ([("09-28 09:00", "10-02 09:00")], "10-09 09:00"),  # counts from the start
        ([("10-08 09:00", "10-20 09:00")], "10-08 09:00"),  # begins when it is over
        ([("10-08 08:59", "10-20 09:00")], "10-20 09:01"),
        ([("10-07 09:00", "10-08 09:00"), ("10-08 10:00", "10-08 11:00")], "10-09 10:00"),
        ([("10-03 10:00", "10-03 10:00")], "10-08 09:00"),
    ],
)
def test_a_pause_moves_calendar_time_by_its_length(pauses: list[tuple[str, str]], end: str) -> None:
    assert due("10-01 09:00", *pauses, days=7).at == moment(end)


@pytest.mark.parametrize(
    ("pause", "end"),
    [
        (("10-03 10:00", "10-04 12:00"), "10-09 23:59"),
        (("10-03 10:00", "10-03 12:00"), "10-08 23:59"),
        (("10-08 20:00", "10-08 21:00"), "10-08 23:59"),
        (("10-08 22:00", "10-09 02:00"), "10-09 23:59"),  # it does not run out while it is paused
        (("10-08 23:59", "10-09 02:00"), "10-08 23:59"),
    ],
)
def test_a_pause_before_the_end_of_the_day(pause: tuple[str, str], end: str) -> None:
    assert due("10-01 09:00", pause, days=7, ends="day").at == moment(end)


def test_a_pause_on_the_last_evening_moves_working_time_to_a_working_day() -> None:
    friday = "10-16 10:00"
    assert business(friday, ("10-16 20:00", "10-16 21:00"), hours=2, ends="day").at == moment("10-16 23:59")
    assert business(friday, ("10-16 20:00", "10-17 21:00"), hours=2, ends="day").at == moment("10-19 23:59")


@pytest.mark.parametrize(
    ("pauses", "end"),
    [
        ([("10-17 10:00", "10-18 12:00")], "10-20 10:00"),  # a weekend
        ([("10-16 10:00", "10-19 10:00")], "10-21 10:00"),  # one day's worth of Friday and Monday
        ([("10-19 09:00", "10-19 12:00")], "10-20 13:00"),
        ([("10-19 09:00", "10-19 12:00"), ("10-20 08:00", "10-20 20:00")], "10-21 01:00"),
        ([("10-20 12:00", "10-25 12:00")], "10-20 10:00"),
    ],
)
def test_a_pause_moves_working_days_by_the_working_days_in_it(
    pauses: list[tuple[str, str]], end: str
) -> None:
    assert business("10-16 10:00", *pauses, days=2).at == moment(end)


def test_working_days_never_end_on_a_day_off() -> None:
    # 14 hours after Friday 10:00 is midnight: the working day after it begins on Monday.
    assert business("10-15 10:00", ("10-16 06:00", "10-16 20:00"), days=1).at == moment("10-19 00:00")


@pytest.mark.parametrize(
    ("pauses", "end"),
    [
        ([("10-16 19:00", "10-18 12:00")], "10-19 11:00"),  # nobody works then
        ([("10-16 17:00", "10-19 09:30")], "10-19 12:30"),
        ([("10-16 16:30", "10-16 17:00"), ("10-19 09:00", "10-19 09:10")], "10-19 11:40"),
    ],
)
def test_a_pause_stops_working_hours(pauses: list[tuple[str, str]], end: str) -> None:
    assert business("10-16 16:00", *pauses, hours=4).at == moment(end)


def test_the_arithmetic_of_seven_days() -> None:
    assert due("10-01 09:00", ("10-03 10:00", "10-04 12:30"), days=7).steps == (
        "10月1日 09:00 接到投诉",
        "第1天到 10月2日 09:00",
        "第2天到 10月3日 09:00",
        "第3天到 10月4日 09:00",
        "第4天到 10月5日 09:00",
        "第5天到 10月6日 09:00",
        "第6天到 10月7日 09:00",
        "第7天到 10月8日 09:00",
        "10月3日 10:00 至 10月4日 12:30 暂停，顺延1天2小时30分钟，到 10月9日 11:30",
        "10月9日 11:30 到期",
    )


def test_the_arithmetic_of_many_days_is_short_and_names_another_year() -> None:
    steps = due("12-15 09:00", days=30, ends="day").steps
    assert len(steps) == 13
    assert steps[7:] == (
        "第7天到 12月22日 09:00",
        "……",
        "第28天到 2027年1月12日 09:00",
        "第29天到 2027年1月13日 09:00",
        "第30天到 2027年1月14日 09:00",
        "2027年1月14日 23:59 到期",
    )


def test_the_arithmetic_of_working_days_names_what_is_special() -> None:
    found = business("09-30 16:00", ("10-01 08:00", "10-01 12:00"), ("10-08 06:00", "10-08 07:00"), days=3)
    assert found.steps == (
        "9月30日 16:00 接到投诉",
        "当天不计，自次日起数",
        "10月1日至10月7日（国庆节）休息",
        "10月8日 第1个工作日",
        "10月9日 第2个工作日",
        "10月10日（国庆节调休上班）第3个工作日",
        "10月1日 08:00 至 10月1日 12:00 暂停，不在工作日内，不顺延",
        "10月8日 06:00 至 10月8日 07:00 暂停，顺延1小时，到 10月10日 17:00",
        "10月10日 17:00 到期",
    )


def test_the_arithmetic_of_working_hours_adds_up() -> None:
    assert business("10-09 20:00", hours=12, at=NIGHT, from_="accepted").steps == (
        "10月9日 20:00 受理",
        "不在工作时间内，10月9日 22:00 起计",
        "10月9日 22:00–24:00，累计2小时",
        "10月10日（国庆节调休上班）00:00–02:00，累计4小时",
        "10月10日（国庆节调休上班）09:00–12:00，累计7小时",
        "10月10日（国庆节调休上班）13:00–18:00，累计12小时",
        "10月10日 18:00 到期",
    )


def rostered(month: date) -> dict[date, list[tuple[datetime, datetime]]]:
    """October 2026 alone is rostered: the holidays by day, and a night over its end."""
    if month != date(2026, 10, 1):
        return {}
    spans = [("10-01 10:00", "10-01 14:00"), ("10-02 10:00", "10-02 14:00"), ("10-31 20:00", "11-01 04:00")]
    return {moment(start).date(): [(moment(start), moment(end))] for start, end in spans}


def test_roster_time_runs_while_somebody_is_rostered() -> None:
    at = WorkingDays([hours(WEEKDAYS, "09:00-18:00")], rostered)
    found = due("10-01 12:00", calendar="roster", hours=5, at=at)
    assert (found.at, found.notes) == (moment("10-02 13:00"), ())
    assert due("10-01 12:00", calendar="roster", days=2, at=at).at == moment("10-31 12:00")
    assert "10月2日（国庆节）第1个排班日" in due("10-01 12:00", calendar="roster", days=1, at=at).steps


def test_roster_time_falls_back_to_opening_hours_where_no_roster_is_published() -> None:
    at = WorkingDays([hours(WEEKDAYS, "09:00-18:00")], rostered)
    found = due("10-31 22:00", calendar="roster", hours=7, at=at)
    assert found.at == moment("11-02 10:00")  # six hours of the night, one of Monday
    assert found.notes == ("2026年11月的排班表尚未公布，按工作时间计",)


def alarms(start: str, end: str, at: WorkingDays = USUAL, **policy: object) -> list[tuple[str, str]]:
    found = alarms_of(CaseDeadline(**policy), moment(end), moment(start), at)  # type: ignore[arg-type]
    return [(level, f"{when:%m-%d %H:%M}") for level, when in found]


def test_seven_days_remind_two_days_and_one_day_before() -> None:
    assert alarms("10-16 10:00", "10-23 10:00", days=7) == [
        ("before-48", "10-21 10:00"),
        ("before-24", "10-22 10:00"),
        ("due", "10-23 10:00"),
    ]


@pytest.mark.parametrize(
    ("start", "end", "reminders"),
    [
        # In the evening: the morning of that day.
        ("10-16 20:00", "10-23 20:00", [("before-48", "10-21 09:00"), ("before-24", "10-22 09:00")]),
        # Both on the weekend before a Monday: one reminder on Friday, not an hour before the end.
        ("10-12 10:00", "10-19 10:00", [("before-24", "10-16 09:00")]),
        # Sunday, and due before anybody comes on Monday: on Friday, and not before the earlier reminder.
        ("10-12 08:00", "10-19 08:00", [("before-24", "10-16 09:00")]),
        ("10-11 10:00", "10-18 10:00", [("before-24", "10-16 10:00")]),
        # Due within the holidays: on the last day before.
        ("09-29 19:00", "10-06 19:00", [("before-24", "09-30 09:00")]),
        # Nobody comes to work in between: as it is.
        ("10-01 10:00", "10-07 10:00", [("before-48", "10-05 10:00"), ("before-24", "10-06 10:00")]),
    ],
)
def test_a_reminder_outside_of_hours_is_moved(start: str, end: str, reminders: list[tuple[str, str]]) -> None:
    assert alarms(start, end, days=7)[:-1] == reminders


def test_hours_remind_at_half_time() -> None:
    assert alarms("10-12 10:00", "10-12 12:00", hours=2)[0] == ("before-1", "10-12 11:00")
    assert alarms("10-12 10:00", "10-12 13:00", hours=3)[0] == ("before-1.5", "10-12 11:30")
    # Of twelve working hours six are left at 16:00, although the end is 21 hours away.
    end = business("10-12 10:00", hours=12).at
    assert alarms("10-12 10:00", f"{end:%m-%d %H:%M}", hours=12, calendar="business") == [
        ("before-6", "10-12 16:00"),
        ("due", "10-13 13:00"),
    ]


def test_the_policy_says_when_to_remind_and_whom_to_tell_after() -> None:
    policy = {"remind_before": (4, 72), "escalate": ("lead", "manager", "gm")}
    assert alarms("10-15 10:00", "10-16 17:00", days=1, calendar="business", **policy) == [
        ("before-4", "10-16 13:00"),
        ("due", "10-16 17:00"),
        ("after-1", "10-19 17:00"),
        ("after-2", "10-20 17:00"),
    ]


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ({"days": 1}, "10-17 17:00"),
        ({"days": 1, "calendar": "business"}, "10-19 17:00"),
        ({"hours": 2}, "10-16 19:00"),
        ({"hours": 2, "calendar": "business"}, "10-19 10:00"),
    ],
)
def test_the_next_group_is_told_a_day_or_a_period_later_in_the_time_of_the_clock(
    policy: dict[str, object], told: str
) -> None:
    assert alarms("10-15 17:00", "10-16 17:00", escalate=("lead", "gm"), **policy)[-1] == ("after-1", told)
