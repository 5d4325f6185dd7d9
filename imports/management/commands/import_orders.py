from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.utils import timezone

from commissions.imports import orders_loader
from imports.management.base import ImportCommand
from people.management.base import date_argument
from people.models import Account, Department
from sheets.loading import Load


class Command(ImportCommand):
    help = "导入订单导出文件（天猫、淘宝或通用格式）。"
    kind = "orders"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--as-of", metavar="DATE", help="导出文件的日期，默认今天；后来增加的退款计入这一天"
        )
        parser.add_argument("--shop", default="", metavar="NAME", help="文件没有店铺名称时所属的店铺")

    def loader(
        self, *, department: Department, by: Account | None, at: datetime, options: dict[str, Any]
    ) -> Load:
        given = options["as_of"]
        as_of = date_argument(given) if given else timezone.localdate(at)
        return orders_loader(department=department, as_of=as_of, shop=options["shop"])
