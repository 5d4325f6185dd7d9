"""`import_leave FILE --department CODE [--profile NAME] [--dry-run]`"""

from datetime import datetime
from typing import Any

from imports.management.base import ImportCommand
from people.models import Account, Department
from sheets.loading import Load
from shifts.imports import leave_loader


class Command(ImportCommand):
    help = "导入请假记录。"
    kind = "leave"

    def loader(
        self, *, department: Department, by: Account | None, at: datetime, options: dict[str, Any]
    ) -> Load:
        return leave_loader(department=department, at=at)
