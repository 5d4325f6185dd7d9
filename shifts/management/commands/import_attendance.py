"""`import_attendance FILE --department CODE [--profile NAME] [--dry-run]`"""

from datetime import datetime
from typing import Any

from people.batches import Load
from people.management.base import ImportCommand
from people.models import Account, Department
from shifts.imports import attendance_loader


class Command(ImportCommand):
    help = "导入考勤结果（每人每天：迟到、早退分钟，旷工天数）。"
    kind = "attendance"

    def loader(
        self, *, department: Department, by: Account | None, at: datetime, options: dict[str, Any]
    ) -> Load:
        return attendance_loader(department=department)
