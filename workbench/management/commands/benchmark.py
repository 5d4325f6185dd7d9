"""`manage.py benchmark …`: measures against a floor of the same run; the last line is JSON."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core.grants import become_owner
from workbench.benchmarks import (
    attendance,
    attendance_report,
    complaints,
    guards,
    promotions,
    reading,
    roster,
    settlement,
    statutory,
    workbook,
)
from workbench.benchmarks import order_import as import_benchmark


class Command(BaseCommand):
    help = (
        "测量结算、社保与个税、考勤核算、考勤报表、排班、投诉时限、晋升条件、读表、导入、导出的用时，"
        "并与同一次运行中的下限比较；最后一行是JSON。"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        part = parts.add_parser("settlement", help="结算一个生成的月份")
        part.add_argument("--staff", type=int, default=1000)
        part.add_argument("--orders", type=int, default=1_000_000)
        part = parts.add_parser("statutory", help="社保、公积金与个税给结算增加的用时")
        part.add_argument("--staff", type=int, default=1000)
        part.add_argument("--orders", type=int, default=100_000)
        part = parts.add_parser("import", help="导入订单文件")
        part.add_argument("--rows", type=int, default=1_000_000)
        part.add_argument("--items", type=int, default=1, help="每个订单有几行")
        part = parts.add_parser("reading", help="读一个生成的工作簿")
        part.add_argument("--rows", type=int, default=100_000)
        part = parts.add_parser("workbook", help="导出工资表")
        part.add_argument("--staff", type=int, default=1000)
        part = parts.add_parser("attendance", help="按打卡核算一个生成的月份")
        part.add_argument("--staff", type=int, default=1000)
        part = parts.add_parser("report", help="导入钉钉一个月的每日统计")
        part.add_argument("--staff", type=int, default=1000)
        part = parts.add_parser("complaints", help="扫一遍处理中投诉的时限")
        part.add_argument("--open", type=int, default=100_000)
        part = parts.add_parser("roster", help="为一个生成的小组自动排一个月")
        part.add_argument("--staff", type=int, default=50)
        part = parts.add_parser("promotions", help="核对一个生成的部门的晋升条件")
        part.add_argument("--staff", type=int, default=1000)
        part = parts.add_parser("guards", help="有无数据库防护时导入和结算的用时")
        part.add_argument("--staff", type=int, default=1000)
        part.add_argument("--orders", type=int, default=100_000)

    def handle(self, *args: Any, **options: Any) -> None:
        become_owner()
        match options["part"]:
            case "settlement":
                result = settlement.run(staff=options["staff"], orders=options["orders"])
            case "statutory":
                result = statutory.run(staff=options["staff"], orders=options["orders"])
            case "import":
                result = import_benchmark.run(options["rows"], items=options["items"])
            case "reading":
                result = reading.run(options["rows"])
            case "workbook":
                result = workbook.run(options["staff"])
            case "attendance":
                result = attendance.run(options["staff"])
            case "report":
                result = attendance_report.run(options["staff"])
            case "complaints":
                result = complaints.run(options["open"])
            case "roster":
                result = roster.run(options["staff"])
            case "promotions":
                result = promotions.run(staff=options["staff"])
            case "guards":
                role = settings.DATABASES["default"]["USER"]
                result = guards.run(staff=options["staff"], orders=options["orders"], role=role)
        self.stdout.write(json.dumps(result, ensure_ascii=False))
