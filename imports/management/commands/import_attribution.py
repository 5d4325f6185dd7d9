from datetime import datetime
from typing import Any

from commissions.imports import attribution_loader
from imports.management.base import ImportCommand
from people.models import Account, Department
from sheets.loading import Load


class Command(ImportCommand):
    help = "导入订单归属表（订单编号、落实客服工号）。"
    kind = "attribution"

    def loader(
        self, *, department: Department, by: Account | None, at: datetime, options: dict[str, Any]
    ) -> Load:
        return attribution_loader(department=department, by=by, at=at)
