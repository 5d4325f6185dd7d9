"""`import_deductions FILE --department CODE [--profile NAME] [--dry-run]`"""

from datetime import datetime
from typing import Any

from imports.management.base import ImportCommand
from people.models import Account, Department
from sheets.loading import Load
from statutory.imports import deductions_loader


class Command(ImportCommand):
    help = "导入专项附加扣除与其他扣除"
    kind = "deductions"

    def loader(
        self, *, department: Department, by: Account | None, at: datetime, options: dict[str, Any]
    ) -> Load:
        return deductions_loader(department=department, by=by, at=at)
