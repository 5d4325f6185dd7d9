"""`import_tax_openings FILE --department CODE [--profile NAME] [--dry-run]`"""

from datetime import datetime
from typing import Any

from imports.management.base import ImportCommand
from payroll.imports import tax_openings_loader
from people.models import Account, Department
from sheets.loading import Load


class Command(ImportCommand):
    help = "导入个税期初：系统算工资以前本年的累计收入、扣除与已预扣税额"
    kind = "tax_openings"

    def loader(
        self, *, department: Department, by: Account | None, at: datetime, options: dict[str, Any]
    ) -> Load:
        return tax_openings_loader(department=department, by=by, at=at)
