"""`import_bases FILE --department CODE [--profile NAME] [--dry-run]`"""

from datetime import datetime
from typing import Any

from imports.management.base import ImportCommand
from people.models import Account, Department
from sheets.loading import Load
from statutory.imports import bases_loader


class Command(ImportCommand):
    help = "导入缴费基数：谁、哪个险种、多少、从哪月起"
    kind = "bases"

    def loader(
        self, *, department: Department, by: Account | None, at: datetime, options: dict[str, Any]
    ) -> Load:
        return bases_loader(department=department, by=by, at=at)
