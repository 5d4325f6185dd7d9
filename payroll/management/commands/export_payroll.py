"""`export_payroll YYYY-MM --department CODE --output FILE.xlsx`: the month's workbook as stored."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from payroll.errors import PeriodRefused
from payroll.exports import payroll_export
from payroll.management.months import add_month_arguments, month_argument
from payroll.models import SettlementPeriod
from payroll.settlement.runner import runs_check
from people.management.base import department_of


class Command(BaseCommand):
    help = "导出一个月的工资表（工资表、明细、罚款、提成、转下月、核对），只用已结算的结果"

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_month_arguments(parser)
        parser.add_argument("--output", required=True, metavar="FILE.xlsx", help="写到哪个文件")

    def handle(self, *args: Any, **options: Any) -> None:
        department, month = department_of(options["department"]), month_argument(options["month"])
        output = Path(options["output"])
        if output.suffix.lower() != ".xlsx":
            raise CommandError(f"文件名须以 .xlsx 结尾：{output}")
        period = SettlementPeriod.objects.filter(department=department, month=month).first()
        if period is None:
            raise CommandError(f"{department} {month:%Y年%m月}还没有结算，没有工资可导出。先结算")
        runs_check(period, at=timezone.now())
        try:
            output.parent.mkdir(parents=True, exist_ok=True)
            payroll_export(period=period, target=output)
        except PeriodRefused as refused:
            raise CommandError(str(refused)) from refused
        except OSError as error:
            raise CommandError(f"写不了文件 {output}：{error.strerror}。检查目录是否存在、可写") from error
        self.stdout.write(f"已导出：{output.resolve()}")
