"""A month of DingTalk's daily report against its floor: the cells of its sheet read.

What is read is everything that comes before the first write: the sheet found among others, every cell read
strictly, people and shifts found. All in one transaction that is rolled back.
"""

import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import python_calamine
from django.utils import timezone

from core.periods import last_of
from imports.batches import run_import
from people.models import Department, Staff
from people.services import department_create
from sheets.table import read_table
from shifts.imports import attendance_loader
from shifts.imports.daily_report import daily_rows
from workbench.benchmarks.attendance import MONTH, REPEATS, taken_back
from workbench.benchmarks.settlement import check_constraints, timed

SHEET = "每日统计"
HEADER = (
    "姓名 考勤组 部门 工号 职位 UserId 日期 workDate 班次 "
    + " ".join(f"{way}{n}打卡{what}" for n in "123" for way in ("上班", "下班") for what in ("时间", "结果"))
    + " 关联的审批单 出勤天数 休息天数 工作时长 迟到次数 迟到时长 严重迟到次数 严重迟到时长 旷工迟到天数"
    " 早退次数 早退时长 上班缺卡次数 下班缺卡次数 旷工天数 出差时长 外出时长 请假 加班总时长"
).split()
DAYS = "一二三四五六日"


def run(staff: int) -> dict[str, Any]:
    """Seconds of reading (`seconds`) and of importing so many people's month, of their floor, and the ratios.

    `cells_seconds` are those of calamine alone, without the checks of the archive. Reading and floors take
    turns; of each the best time counts, of the import the only one.
    """
    at = timezone.make_aware(datetime.combine(last_of(MONTH) + timedelta(days=2), datetime.min.time()))
    with tempfile.TemporaryDirectory() as folder, taken_back():
        path = Path(folder) / "report.xlsx"
        write_report(path, staff)
        department = make_department(staff)
        floors, cells, reads = [], [], []
        for _ in range(REPEATS):
            cells.append(_seconds(lambda: read_cells(path)))
            floors.append(_seconds(lambda: read_rows(path)))
            with taken_back():
                reads.append(_seconds(lambda: read_days(path, department, at)))
        with taken_back(), timed() as done:
            import_report(path, department, at)
            check_constraints()
    floor = min(floors)
    return {
        "seconds": round(min(reads), 2),
        "import_seconds": round(done.seconds, 2),
        "floor_seconds": round(floor, 2),
        "cells_seconds": round(min(cells), 2),
        "ratio": round(min(reads) / floor, 2),
        "import_ratio": round(done.seconds / floor, 2),
        "queries": done.queries,
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def read_cells(path: Path) -> int:
    """Every cell of the sheet as calamine alone yields it."""
    sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_name(SHEET)
    return sum(len(row) for row in sheet.iter_rows())


def read_rows(path: Path) -> int:
    """Every cell of the sheet as the project's reader yields it, nothing made of them."""
    return sum(len(row) for _, row in read_table(path, kind="attendance").raw_rows())


def read_days(path: Path, department: Department, at: datetime) -> int:
    """The days of the report as they would be written."""
    table = read_table(path, kind="attendance")
    rows, _ = daily_rows(table, department=department, by=None, at=at)
    return len(rows)


def import_report(path: Path, department: Department, at: datetime) -> None:
    """The import itself, as a page or a command has it."""
    run_import(
        department=department,
        kind="attendance",
        path=path,
        profile=None,
        by=None,
        at=at,
        dry_run=False,
        load=attendance_loader(department=department, by=None, at=at),
    )


def make_department(staff: int) -> Department:
    department = department_create(code=f"benchmark-{time.time_ns()}", name="导入测量")
    hired = date(2024, 1, 1)
    Staff.objects.bulk_create(
        Staff(department=department, number=f"{10000 + i}", name=f"员工{i}", hired_on=hired, joined_on=hired)
        for i in range(staff)
    )
    return department


def write_report(path: Path, staff: int) -> None:
    """The report as it is exported: two days in seven of rest, a third of the people in the evening."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.append([f"每日汇总 统计日期：{MONTH} 至 {last_of(MONTH)}"])
    sheet.append([f"报表生成时间：{last_of(MONTH) + timedelta(days=1)} 09:00"])
    sheet.append(HEADER)
    for person in range(staff):
        for number in range(last_of(MONTH).day):
            sheet.append(_row(person, MONTH + timedelta(days=number)))
    book.save(path)


def _row(person: int, day: date) -> list[str]:
    who = [f"员工{person}", "客服考勤", "客服部", f"{10000 + person}", "客服", f"u{person}"]
    when = [f"{day:%y-%m-%d} 星期{DAYS[day.weekday()]}", f"{1790000000000 + day.day}"]
    if (person + day.day) % 7 < 2:
        return [*who, *when, "休息", *[""] * 13, "0", "1", "0", *["0"] * 13]
    late = 20 + 20 * ((person + day.day) % 20 == 0)
    if person % 3 == 0:
        punches = [
            "晚班 17:30-次日01:00",
            f"17:{late + day.day % 9}",
            "正常",
            f"次日 01:0{person % 10}",
            "正常",
        ]
    else:
        punches = ["白班 08:30-17:30", f"08:{late + person % 9}", "正常", f"17:3{day.day % 10}", "正常"]
    return [*who, *when, *punches, *[""] * 9, "1", "0", "540", *["0"] * 13]
