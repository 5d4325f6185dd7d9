"""`settle YYYY-MM --department CODE`: computes the month's draft through the same service as the task."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from payroll.errors import PeriodRefused
from payroll.management.months import add_month_arguments, month_argument
from payroll.settlement.runner import period_settle
from payroll.workflow import period_open
from people.management.base import department_of


class Command(BaseCommand):
    help = "结算部门的一个月，得到待批准的草稿；批准须由人在网页上做"

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_month_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        month = month_argument(options["month"])
        period = period_open(department=department_of(options["department"]), month=month)
        try:
            summary = period_settle(period=period, by=None, at=timezone.now())
        except PeriodRefused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{period}：已结算{summary.people}人，{summary.failed}人未能结算")
        failed = period.payslips.exclude(failure="").order_by("number")
        for slip in failed:
            self.stdout.write(f"  {slip.number} {slip.name}：{slip.failure}。补救：{slip.remedy}")
        if summary.failed:
            self.stdout.write("有人未能结算时不能批准；处理后请重新结算。")
