"""`import_incidents FILE --department CODE [--confirm] [--profile NAME] [--dry-run]`"""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from imports.management.base import ImportCommand
from penalties.imports import incidents_loader
from people.models import Account, Department
from sheets.loading import Load


class Command(ImportCommand):
    help = "导入奖惩记录：记录后待确认，条款写明自动生效的即时生效"
    kind = "incidents"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--confirm", action="store_true", help="全部视为已确认，即时计入台账")

    def loader(
        self, *, department: Department, by: Account | None, at: datetime, options: dict[str, Any]
    ) -> Load:
        return incidents_loader(department=department, confirm=options["confirm"], by=by, at=at)
