"""`import_staff FILE --department CODE [--from DATE] [--profile NAME] [--dry-run]`"""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.utils import timezone

from imports.management.base import ImportCommand
from people.imports import staff_loader
from people.management.base import date_argument
from people.models import Account, Department
from sheets.loading import Load


class Command(ImportCommand):
    help = "导入员工花名册：新员工自入职日起，已有员工的变更自 --from 起"
    kind = "staff"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--from", dest="effective_on", metavar="DATE", help="变更的生效日期；不写则为今天"
        )

    def loader(
        self, *, department: Department, by: Account | None, at: datetime, options: dict[str, Any]
    ) -> Load:
        given = options["effective_on"]
        effective_on = date_argument(given) if given else timezone.localdate(at)
        return staff_loader(department=department, effective_on=effective_on, by=by, at=at)
