"""`import_opening FILE --department CODE [--profile NAME] [--dry-run]`"""

from datetime import datetime
from typing import Any

from imports.management.base import ImportCommand
from penalties.balances_import import openings_loader
from people.models import Account, Department
from sheets.loading import Load


class Command(ImportCommand):
    help = "导入期初余额：次数、得分、未扣损失、连续第一的月数"
    kind = "opening"

    def loader(
        self, *, department: Department, by: Account | None, at: datetime, options: dict[str, Any]
    ) -> Load:
        return openings_loader(department=department, by=by, at=at)
