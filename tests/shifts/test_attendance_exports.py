"""Attendance as DingTalk and WeCom export it: workbooks, two rows of headers, other people, free hours."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.models import Answer
from imports.undo import batch_undo
from people.models import Department
from people.services import staff_leave
from sheets.errors import SheetError
from sheets.questions import QuestionsOpen
from shifts.models import Attendance, Leave, Outing, Punch, Roster, RosterDay
from tests import factories
from tests.factories import WHEN
from tests.shifts.conftest import Bring
from tests.shifts.days import moment, pattern, rostered

TITLES = ["每日汇总 统计日期：2026-10-01 至 2026-10-31", "报表生成时间：2026-10-15 09:00"]
HEADER = "姓名|考勤组|部门|工号|职位|UserId|日期|班次|上班1打卡时间|上班1打卡结果|下班1打卡时间|下班1打卡结果"
HEADER += "|关联的审批单"
# As it comes: all columns, the names of the last four in a second row.
FULL = "姓名|考勤组|部门|工号|职位|UserId|日期|workDate|班次"
FULL += "".join(
    f"|{way}{part}打卡{what}" for part in "123" for way in ("上班", "下班") for what in ("时间", "结果")
)
FULL += "|关联的审批单|出勤天数|休息天数|工作时长|迟到次数|迟到时长|旷工迟到天数|出差时长|外出时长"
FULL += "|请假||加班总时长|"
UNDER = "|" * (FULL.count("|") - 3) + "事假(小时)|年假(天)|工作日（转加班费）|休息日（转加班费）"
DAY_SHIFT, NIGHT = "白班 08:30-17:30", "晚班 17:00-次日01:30"
WECOM = [
    "上下班打卡_日报",
    "统计周期：2026/10/01-2026/10/31",
    "时间|姓名|账号|基础信息||考勤概况|||||异常统计|上班1||下班1|",
    "|||部门|职务|所属规则|班次|最早|假勤申请|考勤结果|迟到次数(次)|打卡时间|打卡状态|打卡时间|打卡状态",
]


def row(
    number: str = "1001",
    day: str = "09 星期五",
    shift: str = DAY_SHIFT,
    came: str = "08:22",
    left: str = "17:36",
    results: tuple[str, str] = ("正常", "正常"),
    approval: str = "",
    name: str | None = None,
) -> str:
    who = f"员工{number}" if name is None else name
    punches = f"{came}|{results[0]}|{left}|{results[1]}"
    return f"{who}|客服|客服部|{number}|客服|u1|26-10-{day}|{shift}|{punches}|{approval}"


def full(number: str, day: str, shift: str, came: str, left: str) -> str:
    said = "正常" if came else ""
    return (
        f"员工{number}|客服|客服部|{number}|客服|u1|26-10-{day}|1791504000000|{shift}|{came}|{said}|{left}|{said}"
        + "|" * 9
        + "|1|0|540"
        + "|" * 9
    )


def wecom(
    day: str, shift: str, came: str, left: str, *, name: str = "员工1001", said: str = "", result="正常"
) -> str:
    return (
        f"2026/10/{day}|{name}|u1|客服部|客服|规则|{shift}|{came}|{said}|{result}|0|{came}|正常|{left}|正常"
    )


def figures() -> dict[tuple[str, int], tuple[int, int, Decimal, int]]:
    rows = Attendance.objects.values_list(
        "staff__number", "work_date__day", "late_minutes", "early_minutes", "absent_days", "missing_punches"
    )
    return {(number, day): tuple(rest) for number, day, *rest in rows}


NOTHING = (0, 0, Decimal(0), 0)


def test_a_workbook_as_it_is_exported(bring_book: Bring) -> None:
    """Two shifts and a day of rest; the sheets beside them say the same in other words."""
    report = bring_book(
        "attendance",
        {
            "打卡时间": [*TITLES, "姓名|工号|打卡时间||", "||四|五|六", "员工1001|1001||08:22  \n17:36  |"],
            "原始记录": [
                *TITLES,
                "姓名|考勤组|部门|工号|考勤日期|考勤时间|打卡时间|打卡结果|打卡地址",
                "员工1001|客服|客服部|1001|26-10-09 星期五|2026-10-09 08:30|2026-10-09 08:22|正常|某地",
            ],
            "每日统计": [
                *TITLES,
                FULL,
                UNDER,
                full("1001", "09 星期五", DAY_SHIFT, "08:22", "17:36"),
                full("1001", "10 星期六", "休息", "", ""),
                full("1002", "09 星期五", NIGHT, "16:55", "次日 01:33"),
            ],
        },
    )
    assert report.profile == "dingtalk"
    assert figures() == {("1001", 9): NOTHING, ("1002", 9): NOTHING}
    assert RosterDay.objects.filter(pattern=None).get().work_date == date(2026, 10, 10)
    assert Punch.objects.count() == 4
    assert not any("没有导入" in note for note in report.summary.notes)
    assert report.summary.totals == (
        ("人", "2 人"),
        ("考勤", "3 天"),
        ("迟到", "0 分钟"),
        ("旷工", "0 天"),
        ("缺卡", "0 次"),
    )


def test_other_people_and_days_without_a_shift_are_counted(bring_book: Bring) -> None:
    report = bring_book(
        "attendance",
        {
            "每日统计": [
                *TITLES,
                HEADER,
                row(),
                row(day="10 星期六", shift="休息", came="", left="", results=("", "")),
                row("88001"),
                row("", name="某甲"),
                row("1002", shift="", came="", left="", results=("", "")),
                row("1002", day="10 星期六", shift="自由工时", came="", left="", results=("", "")),
                row("1002", day="12 星期一", shift="未排班", came="09:00", left=""),
                row("1002", day="03 星期六", shift=DAY_SHIFT, came="", left="", results=("", "")),
            ]
        },
    )
    assert report.summary.rows == 2
    assert report.summary.notes == (
        "不是本部门的人：员工88001（88001）、某甲（没有工号） 2 行没有导入（第 6、7 行）。",
        "没有排班的日子 2 行没有导入（第 8、9 行）。",
        "没有排班的日子，打卡没有读取（要计入的请先排班） 1 行没有导入（第 10 行）。",
        "不在职的日子 1 行没有导入（第 11 行）。",
    )
    assert not RosterDay.objects.filter(staff__number="1002").exists()


def test_a_report_of_nobody_of_ours_is_refused(bring_book: Bring) -> None:
    with pytest.raises(SheetError, match="文件里没有本部门的人"):
        bring_book("attendance", {"每日统计": [HEADER, row("88001")]})
    with pytest.raises(SheetError, match="请先公布排班表，再导入打卡"):
        bring_book("attendance", {"每日统计": [HEADER, row(shift="未排班", left="")]})
    with pytest.raises(SheetError, match="没有一天有班次、打卡或审批单"):
        bring_book("attendance", {"每日统计": [HEADER, row(shift="未排班", came="", left="")]})
    assert not Attendance.objects.exists() and not Roster.objects.exists()


@pytest.mark.parametrize("shift", ["", "未排班", "自由工时 06:00-22:00", "--", "A班次"])
def test_what_the_file_leaves_open_is_read_by_the_roster(
    bring_book: Bring, department: Department, shift: str
) -> None:
    rostered(department.staff.get(number="1001"), date(2026, 10, 9), pattern(department))
    answers = {"shift:A班次": "白班08:30"}
    bring_book("attendance", {"每日统计": [HEADER, row(shift=shift, came="08:40")]}, answers=answers)
    assert figures() == {("1001", 9): (10, 0, Decimal(0), 0)}


def test_a_shift_without_hours_is_asked_once(bring_book: Bring, department: Department) -> None:
    pattern(department, "早班", "07:00", "16:00")
    rows = {
        "每日统计": [
            HEADER,
            row(shift="弹性班次"),
            row(day="10 星期六", shift="晚班 17:30-次日01:00", came="", left=""),
        ]
    }
    with pytest.raises(QuestionsOpen) as asked:
        bring_book("attendance", rows)
    (question,) = asked.value.questions
    assert question.key == "shift:弹性班次"
    assert question.choices == (
        ("早班07:00", "早班 07:00-16:00"),
        ("晚班", "晚班 17:30-01:00"),
        ("none", "没有排班"),
    )
    assert not Attendance.objects.exists() and not Answer.objects.exists()
    bring_book("attendance", rows, answers={"shift:弹性班次": "早班07:00"})
    assert figures()["1001", 9] == (82, 0, Decimal(0), 0)
    bring_book("attendance", {"每日统计": [HEADER, row(day="12 星期一", shift="弹性班次", came="07:00")]})
    assert figures()["1001", 12] == NOTHING


def test_a_shift_that_nobody_knows_takes_its_hours_from_the_answer(bring_book: Bring) -> None:
    rows = {"每日统计": [HEADER, row(shift="A班次")]}
    with pytest.raises(QuestionsOpen, match="写上班和下班时间，如 08:30-17:30"):
        bring_book("attendance", rows)
    with pytest.raises(SheetError, match="回答不是上下班时间"):
        bring_book("attendance", rows, answers={"shift:A班次": "早上"})
    bring_book("attendance", rows, answers={"shift:A班次": "08:20-17:30"})
    assert figures() == {("1001", 9): (2, 0, Decimal(0), 0)}


def test_a_name_has_the_hours_that_the_file_or_the_department_gives_it(
    bring_book: Bring, department: Department
) -> None:
    pattern(department, "行政班", "09:00", "18:00")
    rows = [row(), row(day="10 星期六", shift="白班"), row(day="12 星期一", shift="行政班", left="18:00")]
    bring_book("attendance", {"每日统计": [HEADER, *rows]})
    assert {day: late for (_, day), (late, *_) in figures().items()} == {9: 0, 10: 0, 12: 0}
    assert RosterDay.objects.get(work_date=date(2026, 10, 12)).pattern.name == "行政班"


def test_three_parts_of_a_day_are_clocked_at_its_ends(bring_book: Bring) -> None:
    line = full("1001", "09 星期五", "三段班 08:00-11:00 12:00-16:00 17:00-20:00", "08:05", "11:00").split(
        "|"
    )
    line[13:21] = ["12:00", "正常", "16:00", "正常", "17:00", "正常", "19:50", "早退"]
    bring_book("attendance", {"每日统计": [*TITLES, FULL, UNDER, "|".join(line)]})
    assert figures() == {("1001", 9): (5, 10, Decimal(0), 0)}


def test_outings_and_business_trips_excuse(bring_book: Bring) -> None:
    trip = "出差10-13 上午到10-14 下午 2天"
    report = bring_book(
        "attendance",
        {
            "每日统计": [
                HEADER,
                row(left="", results=("正常", "外出"), approval="外出10-09 13:30到10-09 17:30 4小时"),
                row(
                    day="10 星期六",
                    came="",
                    left="",
                    results=("外出", "外出"),
                    approval="外出10-10 08:30到10-10 17:30 8小时",
                ),
                # Back ten minutes late by the approval, but the report calls the punch itself an outing.
                row(
                    "1002",
                    came="09:40",
                    results=("外出", "正常"),
                    approval="外出10-09 08:30到10-09 09:30 1小时",
                ),
                row("1002", day="12 星期一", came="", results=("外出", "正常")),
                row("1002", day="13 星期二", came="", left="", results=("出差", "出差"), approval=trip),
                row("1002", day="14 星期三", came="", left="", results=("出差", "出差"), approval=trip),
            ]
        },
    )
    assert set(figures().values()) == {NOTHING} and len(figures()) == 6
    assert report.summary.created == 6
    outings = Outing.objects.order_by("staff__number", "leaves_at").values_list(
        "leaves_at", "due_at", "state"
    )
    assert list(outings)[:3] == [
        (moment(date(2026, 10, 9), "13:30"), moment(date(2026, 10, 9), "17:30"), "approved"),
        (moment(date(2026, 10, 10), "08:30"), moment(date(2026, 10, 10), "17:30"), "approved"),
        (moment(date(2026, 10, 9), "08:30"), moment(date(2026, 10, 9), "09:40"), "approved"),
    ]
    assert outings.count() == 6


def test_an_outing_that_is_known_is_not_added_and_an_import_takes_its_own_back(
    bring_book: Bring, department: Department
) -> None:
    line = row(left="", results=("正常", "外出"), approval="外出10-09 13:30到10-09 17:30 4小时")
    report = bring_book("attendance", {"每日统计": [HEADER, line]})
    again = bring_book("attendance", {"每日统计": [HEADER, line, row(day="10 星期六")]})
    assert (Outing.objects.count(), again.summary.unchanged) == (1, 1)
    assert again.batch is not None and report.batch is not None
    for each in (again.batch, report.batch):
        batch_undo(batch=each, by=factories.account("hr", department), at=WHEN)
    assert not Outing.objects.exists() and not Attendance.objects.exists()


def test_leave_by_the_hour(bring_book: Bring) -> None:
    """Four hours and half an hour of a shift of nine, eight a day; nobody is late for having had leave."""
    report = bring_book(
        "attendance",
        {
            "每日统计": [
                HEADER,
                row(came="13:28", results=("请假", "正常"), approval="事假10-09 08:30到10-09 13:30 4小时"),
                row(
                    day="12 星期一",
                    came="",
                    left="",
                    results=("请假", "请假"),
                    approval="调休10-12 08:30到10-12 17:30 8小时",
                ),
                row(
                    "1002",
                    day="12 星期一",
                    came="09:00",
                    approval="加班10-12 18:00到10-12 20:00 2小时，事假10-12 08:30到10-12 09:00 0.5小时",
                ),
            ]
        },
    )
    leaves = Leave.objects.order_by("staff__number", "starts_on")
    assert list(leaves.values_list("staff__number", "starts_on__day", "type", "days", "ends_at")) == [
        ("1001", 9, "personal", Decimal("0.50"), moment(date(2026, 10, 9), "13:30")),
        ("1001", 12, "compensatory", Decimal(1), None),
        ("1002", 12, "personal", Decimal("0.06"), moment(date(2026, 10, 12), "09:00")),
    ]
    assert set(figures().values()) == {NOTHING}
    assert report.summary.notes == ("1 张加班、补卡、换班等审批单没有读取，请在系统里登记。",)
    assert report.summary.totals[-2:] == (("事假", "0.56 天"), ("调休", "1 天"))


def test_leave_of_hours_over_two_days_takes_its_part_of_each(bring_book: Bring) -> None:
    leave = "事假10-12 13:30到10-14 12:30 16小时"
    absent = {"came": "", "left": "", "results": ("请假", "请假"), "approval": leave}
    bring_book(
        "attendance",
        {
            "每日统计": [
                HEADER,
                row(day="12 星期一", left="13:30", results=("正常", "请假"), approval=leave),
                row(day="13 星期二", **absent),
                row(day="14 星期三", came="12:30", results=("请假", "正常"), approval=leave),
            ]
        },
    )
    leaves = Leave.objects.order_by("starts_on").values_list("starts_on__day", "days", "starts_at", "ends_at")
    assert list(leaves) == [
        (12, Decimal("0.50"), moment(date(2026, 10, 12), "13:30"), moment(date(2026, 10, 12), "17:30")),
        (13, Decimal(1), None, None),
        (14, Decimal("0.50"), moment(date(2026, 10, 14), "08:30"), moment(date(2026, 10, 14), "12:30")),
    ]
    assert set(figures().values()) == {NOTHING}


def test_a_leave_of_ones_own_is_mapped_once(bring_book: Bring) -> None:
    away = {"came": "", "left": "", "results": ("请假", "请假")}
    rows = {"每日统计": [HEADER, row(approval="例假10-09 08:30到10-09 17:30 1天", **away)]}
    with pytest.raises(QuestionsOpen, match="“例假”是哪一种假？"):
        bring_book("attendance", rows)
    assert not Leave.objects.exists() and not Answer.objects.exists()
    bring_book("attendance", rows, answers={"leave_type:例假": "sick"})
    assert Leave.objects.get().type == "sick"
    later = row(day="12 星期一", approval="例假10-12 08:30到10-12 17:30 1天", **away)
    bring_book("attendance", {"每日统计": [HEADER, later]})
    assert Leave.objects.count() == 2 and set(figures().values()) == {NOTHING}


@pytest.mark.parametrize(("answer", "absent"), [("outing", Decimal(0)), ("none", Decimal(1))])
def test_what_is_called_leave_may_be_none(bring_book: Bring, answer: str, absent: Decimal) -> None:
    line = row(came="", left="", results=("请假", "请假"), approval="培训10-09 08:30到10-09 17:30 1天")
    bring_book("attendance", {"每日统计": [HEADER, line]}, answers={"leave_type:培训": answer})
    assert not Leave.objects.exists()
    assert figures()["1001", 9][2] == absent


def test_one_press_ends_a_night_and_begins_a_day(bring_book: Bring) -> None:
    bring_book(
        "attendance",
        {
            "每日统计": [
                HEADER,
                row(shift=NIGHT, came="16:58", left="次日 08:27"),
                row(day="10 星期六", came="08:27"),
                row("1002", shift="夜班 20:00-次日08:00", came="19:55", left="次日 08:00"),
                row("1002", day="10 星期六", shift="白班 08:00-20:00", came="08:00", left="20:01"),
            ]
        },
    )
    assert set(figures().values()) == {NOTHING} and len(figures()) == 4


def test_a_column_of_numbers_that_is_blank_goes_by_names(bring_book: Bring) -> None:
    bring_book("attendance", {"每日统计": [HEADER, row("", name="员工1001"), row("", name="别人")]})
    assert list(figures()) == [("1001", 9)]


def test_wecoms_daily_report(bring_book: Bring) -> None:
    report = bring_book(
        "attendance",
        {
            "概况统计与打卡明细": [
                *WECOM,
                wecom("09 星期五", DAY_SHIFT, "08:20", "17:40"),
                wecom("10 星期六", "--", "--", "--", result="未排班"),
                wecom("11 星期日", "--", "--", "--", result="正常（休息）"),
                wecom(
                    "12 星期一", DAY_SHIFT, "13:20", "17:40", said="事假4.0小时（10/12 08:30 - 10/12 13:30）"
                ),
                wecom("13 星期二", DAY_SHIFT, "--", "--", said="出差1.0天（10/13 上午 - 10/13 下午）"),
                wecom("14 星期三", DAY_SHIFT, "08:20", "17:40", said="补卡申请（10-14 08:20）"),
                wecom("09 星期五", DAY_SHIFT, "08:20", "17:40", name="别人"),
            ]
        },
    )
    assert report.profile == "wecom_daily"
    assert {day for _, day in figures()} == {9, 12, 13, 14} and set(figures().values()) == {NOTHING}
    first = Attendance.objects.get(work_date=date(2026, 10, 9))
    assert (first.clock_in, first.clock_out) == (
        moment(date(2026, 10, 9), "08:20"),
        moment(date(2026, 10, 9), "17:40"),
    )
    assert RosterDay.objects.filter(pattern=None).get().work_date == date(2026, 10, 11)
    assert Leave.objects.get().days == Decimal("0.5")
    assert report.summary.notes == (
        "1 张加班、补卡、换班等审批单没有读取，请在系统里登记。",
        "不是本部门的人：别人（u1） 1 行没有导入（第 11 行）。",
        "没有排班的日子 1 行没有导入（第 6 行）。",
    )


def test_namesakes_are_asked_for_by_their_account(bring_book: Bring, department: Department) -> None:
    factories.staff(department, "1003", name="员工1001")
    rows = {"概况统计与打卡明细": [*WECOM, wecom("09 星期五", DAY_SHIFT, "08:20", "17:40")]}
    with pytest.raises(QuestionsOpen) as asked:
        bring_book("attendance", rows)
    assert [each.key for each in asked.value.questions] == ["person:u1"]
    bring_book("attendance", rows, answers={"person:u1": "1003"})
    assert list(figures()) == [("1003", 9)]


def test_wecoms_monthly_report_brings_figures(bring_book: Bring) -> None:
    head = "姓名|账号|基础信息||考勤概况||异常统计|每日统计" + "|" * 8
    names = "||部门|所属规则|应打卡天数(天)|正常天数(天)|迟到次数(次)"
    names += "|1\n星期四|2\n星期五|3\n星期六|4\n星期日|5\n星期一|6\n星期二|7\n星期三|8\n星期四|9\n星期五"
    says = "迟到20分钟 ;|旷工 ;|正常（休息）|--|正常 ;|早退5分钟;缺卡(17:30);|事假1.0天 ;|旷工240分钟;"
    says += "|正常- 08:54; 17:31"
    report = bring_book(
        "attendance",
        {
            "上下班打卡_月报": [
                "上下班打卡_月报",
                head,
                names,
                f"员工1001|u1|客服部|规则|7|2|1|{says}",
                "别人|u2" + "|" * 14,
            ]
        },
        file_name="上下班打卡_月报_20261001-20261009.xlsx",
    )
    assert {day: rest for (_, day), rest in figures().items()} == {
        1: (20, 0, Decimal(0), 0),
        2: (0, 0, Decimal(1), 0),
        5: NOTHING,
        6: (0, 5, Decimal(0), 1),
        7: NOTHING,
        8: (0, 0, Decimal("0.5"), 0),
        9: NOTHING,
    }
    assert report.summary.notes == (
        "1 天写着请假，月报没有审批单，请另外导入请假审批：1001 10-07。",
        "不是本部门的人：别人 1 行没有导入（第 5 行）。",
    )


def test_a_monthly_report_tells_both_employments_of_who_came_back(
    bring_book: Bring, department: Department
) -> None:
    left = factories.staff(department, "1009", name="回来")
    staff_leave(staff=left, last_day=date(2026, 10, 2), by=None, at=WHEN)
    back = factories.staff(department, "1009", name="回来", hired_on=date(2026, 10, 8))
    rows = [
        "姓名|账号|考勤概况|每日统计|",
        "||应打卡天数(天)|2\n星期五|8\n星期四",
        "回来|u9|2|正常|迟到20分钟",
    ]
    bring_book("attendance", {"上下班打卡_月报": rows}, answers={"month": "2026-10"})
    told = Attendance.objects.order_by("work_date").values_list("staff", "work_date__day", "late_minutes")
    assert list(told) == [(left.pk, 2, 0), (back.pk, 8, 20)]


def test_a_monthly_report_asks_what_it_does_not_say(bring_book: Bring) -> None:
    rows = [
        "姓名|账号|考勤概况|每日统计|",
        "||应打卡天数(天)|1\n星期四|2\n星期五",
        "员工1001|u1|2|正常|居家办公",
    ]
    book = {"上下班打卡_月报": rows}
    with pytest.raises(QuestionsOpen, match="是哪个月的"):
        bring_book("attendance", book)
    with pytest.raises(QuestionsOpen, match="月报里的“居家办公”算什么？"):
        bring_book("attendance", book, answers={"month": "2026-10"})
    bring_book("attendance", book, answers={"month": "2026-10", "state:居家办公": "normal"})
    assert set(figures().values()) == {NOTHING} and len(figures()) == 2
    rows[-1] = "员工1001|u1|2|正常|迟到"
    with pytest.raises(SheetError, match=r"第 3 行.*（迟到）只写着迟到，没有写几分钟"):
        bring_book("attendance", book, answers={"month": "2026-10"})


def test_queries_do_not_grow_with_a_report_of_approvals(bring_book: Bring) -> None:
    counts = []
    for days in (("05",), ("06", "07", "08", "09", "12", "13")):
        lines = [
            row(
                day=day,
                left="",
                results=("正常", "外出"),
                approval=f"外出10-{day} 13:30到10-{day} 17:30 4小时",
            )
            for day in days
        ]
        with CaptureQueriesContext(connection) as captured:
            bring_book("attendance", {"每日统计": [HEADER, *lines]})
        counts.append(len(captured))
    assert counts[1] <= counts[0]
