"""Punches one a row: what goes in, what is no punch, and which shift each is of."""

from datetime import date
from decimal import Decimal

import pytest

from people.models import Department
from sheets.errors import SheetError
from shifts.models import Attendance, Punch
from tests.shifts.conftest import Bring
from tests.shifts.days import moment, pattern, rostered

HEADER = "姓名,工号,部门,打卡时间,打卡地点,来源,是否有效"
DAY = date(2026, 10, 9)


def line(at: str, number: str = "1001", valid: str = "是") -> str:
    return f"员工{number},{number},客服部,{at},某地,APP,{valid}"


def test_punches_find_their_shift(bring: Bring, department: Department) -> None:
    agent = department.staff.get(number="1001")
    rostered(agent, DAY, pattern(department))
    rostered(agent, date(2026, 10, 10), pattern(department, "晚班", "17:30", "01:00"))
    done = bring(
        "attendance",
        HEADER,
        line("2026-10-09 08:42:53"),
        line("2026-10-09 17:36:10"),
        line("2026-10-10 17:20"),
        line("2026/10/11 01:05:00"),
        line("2026-10-09 12:00:00", valid="否"),
        line("2026-10-09 08:00:00", number="88001"),
        line(""),
    )
    assert list(Attendance.objects.order_by("work_date").values_list("late_minutes", "early_minutes")) == [
        (12, 0),
        (0, 0),
    ]
    assert (done.summary.rows, done.summary.created) == (4, 4)
    assert done.summary.notes == (
        "无效的打卡 1 行没有导入（第 6 行）。",
        "没有打卡时间的 1 行没有导入（第 8 行）。",
        "不是本部门的人：员工88001 1 行没有导入（第 7 行）。",
    )
    again = bring("attendance", HEADER, line("2026-10-09 08:42:53"), line("2026-10-09 17:36:10"))
    assert (again.summary.created, again.summary.unchanged, Punch.objects.count()) == (0, 2, 4)


def test_days_that_nobody_rostered_are_told(bring: Bring) -> None:
    done = bring("attendance", HEADER, line("2026-10-09 08:22:53"), line("2026-10-09 17:36:10"))
    assert Punch.objects.count() == 2 and not Attendance.objects.exists()
    assert done.summary.notes == ("1 天有打卡、没有排班，排班以后才算得出迟到和缺卡：1001 10-09。",)


def test_original_records_know_their_day(bring: Bring, department: Department) -> None:
    rostered(department.staff.get(number="1001"), DAY, pattern(department))
    bring(
        "attendance",
        "姓名,工号,考勤日期,考勤时间,打卡时间,打卡结果,打卡地址",
        "员工1001,1001,26-10-09 星期五,2026-10-09 08:30,2026-10-09 08:22,正常,某地",
        "员工1001,1001,26-10-09 星期五,2026-10-09 17:30,2026-10-10 02:36,正常,某地",
        "员工1001,1001,26-10-09 星期五,2026-10-09 17:30,2026-10-09 17:00,打卡无效：此记录已被更新,某地",
    )
    assert Attendance.objects.get().clock_out == moment(DAY, "+02:36")
    assert Attendance.objects.get().absent_days == Decimal(0)


def test_a_time_beside_its_date(bring: Bring, department: Department) -> None:
    rostered(department.staff.get(number="1001"), DAY, pattern(department))
    bring("attendance", "姓名,账号,打卡日期,打卡时间,打卡类型", "员工1001,u1,2026-10-09,08:35,上班")
    punch = Punch.objects.get()
    assert (punch.at, punch.is_in) == (moment(DAY, "08:35"), True)
    assert Attendance.objects.get().late_minutes == 5


def test_all_times_of_a_day_may_stand_in_one_cell(bring: Bring, department: Department) -> None:
    rostered(department.staff.get(number="1001"), DAY, pattern(department))
    bring("attendance", "工号,日期,打卡时间", "1001,2026-10-09,08:35 12:01 17:20")
    assert Punch.objects.count() == 3
    assert list(Attendance.objects.values_list("late_minutes", "early_minutes")) == [(5, 10)]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (line("八点"), "「打卡时间」（八点）不是日期"),
        (line("2026-10-15 18:00"), "「打卡时间」（2026-10-15 18:00）这个时间还没到"),
        (line("2026-10-02 08:00", "1002"), "不在职"),
        ("员工1002,1001,客服部,2026-10-09 08:00,某地,APP,是", "「姓名」（员工1002）与工号不符"),
    ],
)
def test_a_bad_row_is_named_and_nothing_changes(bring: Bring, row: str, said: str) -> None:
    with pytest.raises(SheetError) as refused:
        bring("attendance", HEADER, line("2026-10-09 08:22:53"), row)
    assert "第 3 行" in str(refused.value) and said in str(refused.value)
    assert not Punch.objects.exists()
