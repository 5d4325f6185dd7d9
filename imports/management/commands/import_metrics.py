from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from commissions.imports import metrics_loader
from imports.management.base import ImportCommand
from people.management.base import date_argument
from people.models import Account, Department
from sheets.loading import Load


class Command(ImportCommand):
    help = "导入绩效指标（绩效工具导出，或一行一个指标的长表）。"
    kind = "metrics"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--as-of", metavar="DATE", help="数值截至哪一天，默认所属时段的最后一天")

    def loader(
        self, *, department: Department, by: Account | None, at: datetime, options: dict[str, Any]
    ) -> Load:
        as_of = date_argument(options["as_of"]) if options["as_of"] else None
        return metrics_loader(department=department, as_of=as_of, by=by, at=at)
