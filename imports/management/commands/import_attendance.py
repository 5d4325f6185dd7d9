"""`import_attendance FILE --department CODE [--profile NAME] [--dry-run]`"""

from datetime import datetime
from typing import Any

from imports.management.base import ImportCommand
from people.models import Account, Department
from sheets.loading import Load
from shifts.imports import attendance_loader


class Command(ImportCommand):
    help = "导入考勤：每人每天的结果（迟到、早退分钟，旷工天数），或钉钉的每日统计（打卡时间）。"
    kind = "attendance"

    def loader(
        self, *, department: Department, by: Account | None, at: datetime, options: dict[str, Any]
    ) -> Load:
        return attendance_loader(department=department, by=by, at=at)
