"""DingTalk's daily report in: punches, shifts that nobody rostered, leave, and what the days come to."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.batches import run_import
from imports.undo import batch_undo
from people.models import Department, FactChange
from sheets.errors import CellError, SheetError
from shifts.days_owed import DaysOwed
from shifts.imports import attendance_loader
from shifts.imports.approvals import PersonDays, approvals_of, leaves_of
from shifts.imports.daily_cells import moment_of, shift_of
from shifts.models import Attendance, Leave, Outing, Punch, Roster, RosterDay, ShiftPattern
from shifts.models.roster import RosterRun
from shifts.services import attendance_record
from tests import factories
from tests.factories import WHEN
from tests.shifts.conftest import Bring
from tests.shifts.days import moment, pattern, rostered

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
HEADER = "姓名,考勤组,部门,工号,职位,日期,班次,上班1打卡时间,上班1打卡结果,下班1打卡时间,下班1打卡结果,"
HEADER += "关联的审批单"
DAY = date(2026, 10, 12)
EVENING = "晚班 17:30-次日01:00"


def line(
    day: str = "26-10-12 星期一",
    shift: str = "白班 08:30-17:30",
    came: str = "08:25",
    left: str = "17:31",
    *,
    said: str = "正常",
    approval: str = "",
    number: str = "1001",
) -> str:
    return f"员工{number},客服,客服,{number},客服,{day},{shift},{came},{said},{left},{said},{approval}"


def figures() -> dict[int, tuple]:
    rows = Attendance.objects.values_list(
        "work_date__day", "late_minutes", "early_minutes", "absent_days", "missing_punches"
    )
    return {day: tuple(rest) for day, *rest in rows}


def nothing() -> bool:
    return not any(
        model.objects.exists()
        for model in (Attendance, Punch, RosterDay, Roster, ShiftPattern, Leave, FactChange)
        if model is not FactChange
    )


def test_a_report_brings_punches_shifts_and_what_the_days_came_to(bring: Bring) -> None:
    done = bring(
        "attendance",
        HEADER,
        line(came="08:31"),
        line("26-10-13 星期二", "休息", "", "", said=""),
        line("26-10-14 星期三", EVENING, "17:35", "次日 01:07"),
        line("26-10-09 星期五", came="", left="", said="缺卡"),
        line("26-10-08 星期四", came="08:20", left=""),
    ).summary
    assert (done.rows, done.created, done.unchanged) == (5, 5, 0)
    assert figures() == {
        8: (0, 0, Decimal(0), 1),
        9: (0, 0, Decimal(1), 0),
        12: (1, 0, Decimal(0), 0),
        14: (5, 0, Decimal(0), 0),
    }
    roster = Roster.objects.get()
    assert (roster.state, roster.team, roster.month) == ("published", None, date(2026, 10, 1))
    assert RosterDay.objects.filter(pattern__isnull=True).get().work_date == date(2026, 10, 13)
    assert list(ShiftPattern.objects.values_list("name", flat=True)) == ["白班", "晚班"]
    last = Punch.objects.filter(work_date=date(2026, 10, 14), is_in=False).get()
    assert last.at == moment(date(2026, 10, 14), "+01:07")
    assert FactChange.objects.filter(source="attendance").count() == 1


def test_rows_that_are_known_change_nothing(bring: Bring) -> None:
    bring("attendance", HEADER, line(), line("26-10-13", EVENING, "17:30", "次日 01:00"))
    again = bring("attendance", HEADER, line("26-10-13", EVENING, "17:30", "次日 01:00"), line())
    assert (again.summary.created, again.summary.changed, again.summary.unchanged) == (0, 0, 2)
    assert again.summary.months == frozenset()
    assert Punch.objects.count() == 4


def test_a_later_report_corrects_a_time_and_may_take_it_back(bring: Bring) -> None:
    for came, late in (("08:40", 10), ("08:30", 0), ("08:40", 10), ("08:45", 15)):
        bring("attendance", HEADER, line(came=came))
        assert figures()[12][0] == late


def test_who_has_a_team_is_rostered_with_it(bring: Bring, department: Department) -> None:
    team = factories.team(department)
    factories.staff(department, "1003", team=team)
    bring("attendance", HEADER, line(number="1003"), line())
    rosters = Roster.objects.order_by("team__name").values_list("team__name", "state")
    assert list(rosters) == [("A", "published"), (None, "published")]


def test_a_published_roster_stands_and_the_difference_is_told(bring: Bring, department: Department) -> None:
    agent = department.staff.get(number="1001")
    rostered(agent, DAY, pattern(department, "早班", "08:00", "17:00"))
    done = bring("attendance", HEADER, line(came="08:25"), line("26-10-13")).summary
    assert figures()[12] == (25, 0, Decimal(0), 0)
    assert done.notes == ("1 天的班次与已公布的排班不同，以排班为准：1001 10-12。",)


def test_the_same_name_with_other_hours_is_another_pattern(bring: Bring, department: Department) -> None:
    pattern(department, "白班", "09:00", "18:00")
    bring("attendance", HEADER, line(), line("26-10-13"))
    names = ShiftPattern.objects.values_list("name", flat=True)
    assert sorted(names) == ["白班", "白班 08:30-17:30"]


def test_what_was_entered_stands(bring: Bring, department: Department) -> None:
    agent = department.staff.get(number="1001")
    attendance_record(staff=agent, work_date=DAY, late_minutes=3, by=None, at=WHEN)
    done = bring("attendance", HEADER, line(came="08:50")).summary
    assert figures()[12][0] == 3
    assert done.notes == ("1 天与录入的结果不同，保留录入的：1001 10-12。",)


def test_leave_comes_from_the_approvals(bring: Bring) -> None:
    two = "事假 10-08 到 10-09 2天"
    done = bring(
        "attendance",
        HEADER,
        line("26-10-08", came="", left="", said="请假", approval=two),
        line("26-10-09", came="", left="", said="请假", approval=two),
        line("26-10-12", came="13:00", approval="病假 10-12 上午 到 10-12 上午 0.5天"),
        line(
            "26-10-13", came="13:10", approval="年假10-13 09:00到10-13 12:00 0.5天；外出 10-13 15:00到16:00"
        ),
    ).summary
    leaves = Leave.objects.order_by("starts_on").values_list("starts_on__day", "days", "type", "half")
    assert list(leaves) == [
        (8, Decimal(2), "personal", ""),
        (12, Decimal("0.5"), "sick", "first"),
        (13, Decimal("0.5"), "annual", ""),
    ]
    assert figures() == {
        8: (0, 0, Decimal(0), 0),
        9: (0, 0, Decimal(0), 0),
        12: (0, 0, Decimal(0), 0),
        13: (10, 0, Decimal(0), 0),
    }
    assert done.notes == ()
    outing = Outing.objects.get()
    assert (outing.state, outing.leaves_at) == ("approved", moment(date(2026, 10, 13), "15:00"))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (line("26-10-04", number="1002"), "「日期」（2026-10-04）1002 员工1002 在 2026-10-04 不在职"),
        (line("26-02-31"), "「日期」（26-02-31）没有这一天"),
        (line("26-10-08"), "「日期」（2026-10-08）与第 2 行是同一人同一天；请核对人和日期"),
        (line(came="八点"), "「上班1打卡时间」（八点）看不懂这个时间；请写成 08:30 或“次日 01:07”"),
        (line(left="25:10"), "「下班1打卡时间」（25:10）没有 25:10 这个时间；请写成 08:30"),
        (line("26-10-15", left="17:40"), "「下班1打卡时间」（17:40）这个时间还没到；请检查日期和时间"),
        (line(shift="白班 25:00-17:30"), "「班次」（白班 25:00-17:30）没有 25:00 这个时间"),
        (line("26-10-09", "早班 00:30-09:00", "00:30", "09:00"), ""),
        (line(approval="事假 一天"), "「关联的审批单」（事假 一天）看不懂这张审批单；请写成“事假 02-01"),
        (line(approval="事假 10-12 09:00到10-12 10:00 3小时"), "10-12 09:00 至 10-12 10:00 没有 3 小时"),
        (line(approval="事假 10-12 到 10-12 2天"), "2026-10-12 至 2026-10-12 没有 2 天"),
        (line(came="", left="", said="请假"), "打卡结果是请假，却没有关联的审批单；请补上审批单"),
        (line(approval="事假 10-20 到 10-21 2天"), "与2026-10-20 起的病假重叠；请更正日期或天数"),
    ],
)
def test_a_bad_row_is_named_and_nothing_changes(
    bring: Bring, department: Department, row: str, said: str
) -> None:
    agent = department.staff.get(number="1001")
    sick = Leave.objects.create(staff=agent, starts_on=date(2026, 10, 20), days=1, type="sick")
    overlaps = line("26-10-08", "晚班 17:30-次日01:00", "17:30", "次日 01:00")
    lines = [overlaps if not said else line("26-10-08"), row]
    with pytest.raises(SheetError) as refused:
        bring("attendance", HEADER, *lines)
    wanted = said or "「班次」（2026-10-09）与相邻一天的班时间重叠；请更正班次的时间"
    assert "第 3 行" in str(refused.value) and wanted in str(refused.value)
    sick.delete()
    assert nothing()


def test_leave_across_rest_covers_the_days_that_it_takes(bring: Bring) -> None:
    """Two days from the 8th, the 9th a day of rest, which the same report brings: the 12th is the second."""
    leave = line("26-10-08", came="", left="", said="请假", approval="事假 10-08 到 10-12 2天")
    rest = [line(f"26-10-{day}", "休息", "", "", said="") for day in ("09", "10", "11")]
    second = line("26-10-12", came="", left="", said="请假")
    with pytest.raises(SheetError, match="与第 2 行的事假重叠"):
        bring("attendance", HEADER, leave, *rest, line(approval="病假 10-12 上午 到 10-12 上午 0.5天"))
    bring("attendance", HEADER, leave, *rest)
    bring("attendance", HEADER, second)
    assert figures()[12] == (0, 0, Decimal(0), 0)
    with pytest.raises(SheetError, match="没有关联的审批单"):
        bring("attendance", HEADER, line("26-10-13", came="", left="", said="请假"))


def test_leave_beyond_the_report_is_derived_and_told(bring: Bring) -> None:
    at = WHEN.replace(month=11, day=10)
    missed = {"came": "", "left": "", "said": "缺卡"}
    bring("attendance", HEADER, line("26-10-30", **missed), line("26-10-31", **missed), at=at)
    assert {day: each[2] for day, each in figures().items()} == {30: 1, 31: 1}
    told = FactChange.objects.filter(month=date(2026, 10, 1))
    before = told.count()
    leave = line("26-11-02", came="", left="", said="请假", approval="事假 10-30 到 11-03 5天")
    done = bring("attendance", HEADER, leave, line("26-11-03", **missed), at=at).summary
    assert {day: each[2] for day, each in figures().items()} == {30: 0, 31: 0, 2: 0, 3: 0}
    assert done.months == {date(2026, 10, 1), date(2026, 11, 1)}
    assert told.count() == before + 1
    # The same leave with fewer days: those that it took before are derived as well.
    leave = line("26-10-30", **missed, approval="事假 10-30 到 11-02 4天")
    done = bring("attendance", HEADER, leave, at=at).summary
    assert {day: each[2] for day, each in figures().items()} == {30: 0, 31: 0, 2: 0, 3: 1}
    assert done.months == {date(2026, 10, 1), date(2026, 11, 1)}


def test_a_draft_that_was_opened_and_left_empty_is_no_obstacle(bring: Bring, department: Department) -> None:
    empty = Roster.objects.create(department=department, month=date(2026, 10, 1))
    run = RosterRun.objects.create(roster=empty, job=uuid4(), asked_at=WHEN)
    with pytest.raises(SheetError, match="还没有公布"):
        bring("attendance", HEADER, line())
    run.delete()
    bring("attendance", HEADER, line())
    roster = Roster.objects.get()
    assert (roster, roster.state, roster.published_at, roster.version) == (empty, "published", WHEN, 2)
    assert figures() == {12: (0, 0, Decimal(0), 0)}


def test_a_roster_that_is_still_a_draft_is_published_first(bring: Bring, department: Department) -> None:
    rostered(department.staff.get(number="1002"), DAY, None, state=Roster.State.DRAFT)
    with pytest.raises(SheetError, match="未分组2026-10的排班表还没有公布；请先公布排班表，再导入打卡"):
        bring("attendance", HEADER, line(), line("26-10-13"))
    assert not Punch.objects.exists()


def test_of_a_workbook_the_daily_sheet_is_read(department: Department, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    other = book.active
    other.title = "原始记录"
    for row in (
        "原始记录 统计日期：2026-10-01 至 2026-10-31",
        "姓名,工号,考勤日期,打卡时间",
        "员工1001,1001,26-10-12,8点",
    ):
        other.append(row.split(","))
    sheet = book.create_sheet("每日统计")
    for row in ("每日汇总 统计日期：2026-10-01 至 2026-10-31", HEADER, line()):
        sheet.append(row.split(","))
    path = tmp_path / "report.xlsx"
    book.save(path)
    load = attendance_loader(department=department, by=None, at=WHEN)
    given = {"department": department, "kind": "attendance", "profile": None, "by": None, "at": WHEN}
    run_import(path=path, dry_run=False, load=load, **given)
    assert figures() == {12: (0, 0, Decimal(0), 0)}


def test_a_report_can_be_taken_back(bring: Bring, department: Department) -> None:
    bring("attendance", HEADER, line("26-10-08"))
    before = figures()
    report = bring(
        "attendance",
        HEADER,
        line("26-10-08", came="08:40"),
        line(came="", left="", said="请假", approval="事假 10-12 到 10-12 1天"),
    )
    assert figures()[8][0] == 10
    assert report.batch is not None
    batch_undo(batch=report.batch, by=factories.account("hr", department), at=WHEN)
    assert figures() == before
    assert not Leave.objects.exists()
    assert list(Punch.objects.values_list("work_date__day", flat=True)) == [8, 8]


def test_queries_do_not_grow_with_the_file(bring: Bring) -> None:
    counts = []
    for month, days in ((8, 2), (9, 28)):
        lines = [line(f"26-{month:02}-{n:02}") for n in range(1, days + 1)]
        with CaptureQueriesContext(connection) as captured:
            bring("attendance", HEADER, *lines)
        counts.append(len(captured))
    assert counts[1] <= counts[0]


def test_a_report_of_split_shifts(bring: Bring) -> None:
    header = HEADER.replace("关联的审批单", "上班2打卡时间,上班2打卡结果,下班2打卡时间,下班2打卡结果")
    start = "员工1001,客服,客服,1001,客服,26-10-12,两段班 08:00-12:00 13:00-17:30,08:05,迟到,12:00,正常"
    bring("attendance", header, f"{start},13:00,正常,17:20,早退")
    assert figures() == {12: (5, 10, Decimal(0), 0)}
    day = RosterDay.objects.get()
    assert day.break_starts_at == moment(DAY, "12:00")
    start = start.replace("26-10-12", "26-10-13")
    bring("attendance", header, f"{start},13:00,正常,,缺卡")
    assert figures()[13] == (5, 0, Decimal(0), 1)
    assert ShiftPattern.objects.get().punches == ShiftPattern.Punches.PARTS


def test_a_second_part_that_nobody_came_to_is_half_a_day(bring: Bring) -> None:
    header = HEADER.replace("关联的审批单", "上班2打卡时间,上班2打卡结果,下班2打卡时间,下班2打卡结果")
    start = "员工1001,客服,客服,1001,客服,{},两段班 08:00-12:00 13:00-17:30,08:00,正常,12:00,正常"
    rows = [
        f"{start.format('26-10-12')},,缺卡,,缺卡",
        f"{start.format('26-10-13')},13:20,迟到,17:30,正常",
        # One press at noon ended the first part and began the second.
        f"{start.format('26-10-14').replace('12:00,', '12:10,')},12:10,正常,17:30,正常",
    ]
    bring("attendance", header, *rows)
    wanted = {
        12: (0, 0, Decimal("0.5"), 0),
        13: (20, 0, Decimal(0), 0),
        14: (0, 0, Decimal(0), 0),
    }
    assert figures() == wanted
    punches = Punch.objects.count()
    bring("attendance", header, *rows)
    assert (figures(), Punch.objects.count()) == (wanted, punches)
    # What a later report says of the second part leaves the first as it was.
    bring("attendance", header, f"{start.format('26-10-12')},13:00,正常,17:30,正常")
    assert figures()[12] == (0, 0, Decimal(0), 0)


def test_a_rostered_shift_in_parts_is_clocked_so_whatever_the_report_calls_it(bring: Bring) -> None:
    header = HEADER.replace("关联的审批单", "上班2打卡时间,上班2打卡结果,下班2打卡时间,下班2打卡结果")
    start = "员工1001,客服,客服,1001,客服,26-10-12,{}08:05,正常,"
    bring(
        "attendance",
        header,
        start.format("两段班 08:00-12:00 13:00-17:30,") + "12:00,正常,13:00,正常,17:30,正常",
    )
    Punch.objects.all().delete()
    # One that knows the day's ends only, then one that has its parts, neither with the shift's name.
    bring("attendance", HEADER, start.format(",") + "17:30,正常,")
    bring("attendance", header, start.format(",") + "12:00,正常,13:20,正常,17:30,正常")
    assert figures() == {12: (25, 0, Decimal(0), 0)}
    assert sorted(Punch.objects.values_list("part", flat=True)) == [1, 1, 2, 2]


def test_one_press_ends_a_shift_and_begins_the_next(bring: Bring) -> None:
    rows = [
        line("26-10-09", "晚班 17:00-次日01:30", "16:58", "次日 08:27"),
        line("26-10-10", "白班 08:30-17:30", "08:27", "17:40"),
    ]
    bring("attendance", HEADER, *rows)
    assert figures() == {9: (0, 0, Decimal(0), 0), 10: (0, 0, Decimal(0), 0)}
    assert Punch.objects.filter(at=moment(date(2026, 10, 10), "08:27")).count() == 2
    bring("attendance", HEADER, *rows)
    assert Punch.objects.count() == 4


def test_a_shift_of_two_parts_without_a_second_coming_has_the_days_ends(bring: Bring) -> None:
    bring("attendance", HEADER, line(shift="两段班 08:00-12:00 13:00-17:30", came="08:05", left="17:30"))
    assert ShiftPattern.objects.get().punches == ShiftPattern.Punches.DAY
    assert list(figures().values()) == [(5, 0, Decimal(0), 0)]


def test_cells() -> None:
    due = datetime(2026, 10, 13, 1, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert moment_of("00:50", DAY, due) == moment(DAY, "+00:50")
    assert moment_of("次日01:07", DAY, due) == moment(DAY, "+01:07")
    assert moment_of("23:50", DAY, due) == moment(DAY, "23:50")
    assert moment_of("", DAY, due) is None
    assert shift_of("A班次") is None
    night = shift_of("夜班：22:00-次日06:00")
    assert night is not None and night.name == "夜班"
    january = approvals_of("年假 12-31 到 01-02 3天", date(2027, 1, 2), ())[0][0]
    assert january.starts_on == date(2026, 12, 31)
    (approval,) = approvals_of("事假 10-12 下午 到 10-13 下午 1.5天", DAY, ())[0]
    halves = leaves_of(approval, "personal", PersonDays({}, DaysOwed()))
    assert [(each.starts_on.day, each.days, each.half) for each in halves] == [
        (12, Decimal("0.5"), "second"),
        (13, Decimal(1), ""),
    ]
    with pytest.raises(CellError, match="没有 13-40 这一天"):
        approvals_of("事假 13-40 到 13-41 1天", DAY, ())


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shop's files are not beside this checkout")
def test_the_sample_is_read_whole(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    """Worked from the file: 10 late arrivals and what else its results say, but from the times alone."""
    call_command("create_department", code="kf1", name="客服一部")
    call_command("import_staff", str(SAMPLES / "staff.csv"), department="kf1")
    path = str(SAMPLES / "dingtalk_attendance_2020-02.csv")
    call_command("import_attendance", path, department="kf1")
    assert "共 230 行" in capsys.readouterr().out
    assert RosterDay.objects.count() == 230
    assert RosterDay.objects.filter(pattern__isnull=True).count() == 33
    assert Attendance.objects.count() == 197
    assert Attendance.objects.filter(late_minutes__gt=0).count() == 3 + 1 + 2 + 4
    assert Attendance.objects.filter(early_minutes__gt=0).count() == 3
    assert list(Attendance.objects.filter(absent_days=1).values_list("staff__number", flat=True)) != []
    assert Attendance.objects.filter(absent_days=1).count() == 3
    assert Leave.objects.count() == 5
    call_command("import_attendance", path, department="kf1")
    assert "内容相同" in capsys.readouterr().out
