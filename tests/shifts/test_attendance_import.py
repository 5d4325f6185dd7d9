"""Attendance figures in: a row a person and day, corrected by a later file, all or nothing."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people.models import Department, FactChange
from sheets.errors import SheetError
from shifts.models import Attendance
from tests.shifts.conftest import Bring

HEADER = "工号,姓名,日期,迟到分钟,早退分钟,旷工天数"


def rows() -> list[tuple]:
    stored = Attendance.objects.order_by("staff__number", "work_date")
    return list(
        stored.values_list("staff__number", "work_date", "late_minutes", "early_minutes", "absent_days")
    )


def test_figures_are_stored_per_person_and_day(bring: Bring) -> None:
    done = bring(
        "attendance", HEADER, "1001,员工1001,2026-10-08,12,,", "1002,员工1002,2026/10/9,,3,0.5"
    ).summary
    assert (done.created, done.months) == (2, {date(2026, 10, 1)})
    assert rows() == [
        ("1001", date(2026, 10, 8), 12, 0, Decimal(0)),
        ("1002", date(2026, 10, 9), 0, 3, Decimal("0.5")),
    ]
    assert [f"{each.month:%Y-%m}" for each in FactChange.objects.filter(source="attendance")] == ["2026-10"]


def test_a_later_file_corrects_what_changed(bring: Bring) -> None:
    bring("attendance", HEADER, "1001,员工1001,2026-09-30,12,,", "1001,员工1001,2026-10-08,12,5,")
    done = bring("attendance", "工号,日期,迟到分钟", "1001,2026-09-30,12", "1001,2026-10-08,0").summary
    assert (done.created, done.changed, done.unchanged) == (0, 1, 1)
    assert done.months == {date(2026, 10, 1)}
    assert rows()[1] == ("1001", date(2026, 10, 8), 0, 5, Decimal(0))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1009,丙,2026-10-08,1,,", "「工号」（1009）本部门没有此工号；请改正工号，或者先导入员工"),
        ("1002,员工1002,2026-10-04,1,,", "「日期」（2026-10-04）1002 员工1002 在 2026-10-04 不在职"),
        ("1001,员工1001,2026-02-31,1,,", "「日期」（2026-02-31）没有这一天"),
        ("1001,员工1001,2026-10-08,1441,,", "「迟到分钟」（1441）"),
        ("1001,员工1001,2026-10-08,,1441,", "「早退分钟」（1441）"),
        ("1001,员工1001,2026-10-08,-1,,", "「迟到分钟」（-1）"),
        ("1001,员工1001,2026-10-08,,,1.5", "「旷工天数」（1.5）旷工天数1.5应在0与1之间；按每天一行填写"),
        ("1001,员工1001,2026-10-08,,,0.125", "「旷工天数」（0.125）小数超过两位"),
        ("1001,员工1001,2026-10-07,2,,", "「日期」（2026-10-07）与第 2 行是同一人同一天；请核对人和日期"),
        ("1001,员工1001,2026-10-08,一会儿,,", "「迟到分钟」（一会儿）"),
    ],
)
def test_a_bad_row_is_named_and_nothing_changes(bring: Bring, row: str, said: str) -> None:
    bring("attendance", HEADER, "1001,员工1001,2026-10-08,9,,")
    before = rows()
    with pytest.raises(SheetError) as refused:
        bring("attendance", HEADER, "1001,员工1001,2026-10-07,1,,", row)
    assert f"第 3 行{said}" in str(refused.value)
    assert rows() == before
    assert FactChange.objects.filter(source="attendance").count() == 1


def test_queries_do_not_grow_with_the_file(bring: Bring) -> None:
    first = date(2021, 1, 1)
    counts = []
    for start, days in ((0, 2), (1, 400)):
        lines = [f"1001,员工1001,{first + timedelta(days=start + n)},{days},," for n in range(days)]
        with CaptureQueriesContext(connection) as captured:
            bring("attendance", HEADER, *lines)
        counts.append(len(captured))
    assert counts[1] <= counts[0] + 1  # the second file corrects a day as well


def test_command_takes_the_file(department: Department, tmp_path: Path, capsys) -> None:
    path = tmp_path / "attendance.csv"
    path.write_text(f"{HEADER}\n1001,员工1001,2026-10-08,12,,\n", encoding="utf-8-sig")
    call_command("import_attendance", str(path), "--department=D1", "--dry-run")
    assert "试运行" in capsys.readouterr().out
    assert not Attendance.objects.exists()
    call_command("import_attendance", str(path), "--department=D1")
    assert "新增 1" in capsys.readouterr().out
