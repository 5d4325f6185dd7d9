"""`demo`: loads the demonstration, settles October through a Celery worker, exports its workbook."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from payroll.exports import payroll_export
from payroll.models import SettlementPeriod, SettlementRun
from payroll.tasks import settle
from people.models import Account, Department
from people.permissions import GROUP_LABELS
from workbench.demonstration.complaints import complaints_load
from workbench.demonstration.fund import fund_load
from workbench.demonstration.pay import ACCOUNTS, CODE, NAME, Login, demo_load, demo_period
from workbench.demonstration.shifts import demo_shifts_load
from workbench.demonstration.training import exam_open

PASSWORD = "kefu-demo-2026"  # for development only: with --force passwords are random
SECONDS_TO_START, SECONDS_TO_FINISH = 120, 600


class Command(BaseCommand):
    help = "载入演示部门，由 Celery 结算，导出工资表；可反复运行"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="在非开发环境也载入；口令随机")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG and not options["force"]:
            raise CommandError("演示数据只载入开发环境。确要载入，请加 --force。")
        period = demo_period()
        logins: list[Login] = []
        if period is None:
            period, logins = self._load()
        else:
            self.stdout.write(f"{NAME}已经载入，没有改动任何数据。")
        self._settle(period)
        for login in logins:
            group = GROUP_LABELS[login.group]
            self.stdout.write(f"账号 {login.username}（{group}），口令 {login.password}")
        if not logins and settings.DEBUG:
            names = "、".join(username for username, _, _ in ACCOUNTS)
            self.stdout.write(f"账号 {names}，初始口令 {PASSWORD}")
        path = Path(settings.VAR_DIR) / "exports" / f"payroll-{CODE}-{period.month:%Y-%m}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        payroll_export(period=period, target=path)
        self.stdout.write(str(path))

    def _load(self) -> tuple[SettlementPeriod, list[Login]]:
        if Department.objects.filter(code=CODE).exists():
            raise CommandError(f"已有代码为“{CODE}”的部门，不是演示数据。请先换一个数据库。")
        logins = demo_load(password=PASSWORD if settings.DEBUG else None, say=self.stdout.write)
        period = demo_period()
        assert period is not None
        demo_shifts_load(department=period.department, now=timezone.now())
        complaints_load(department=period.department, now=timezone.now())
        fund_load(department=period.department, now=timezone.now())
        exam_open(department=period.department, now=timezone.now())
        self.stdout.write("本月：排班、打卡、交接、请假、值日、备忘、投诉、基金、申诉、处分、制度月考。")
        return period, logins

    def _settle(self, period: SettlementPeriod) -> None:
        """Have a worker compute the draft, unless it stands; progress comes from the database."""
        if period.state not in (SettlementPeriod.State.OPEN, SettlementPeriod.State.COMPUTING):
            self.stdout.write(f"{period}：{period.get_state_display()}。")
            return
        hr = Account.objects.get(username="demo-hr")
        last = period.runs.values_list("pk", flat=True).first() or 0
        settle.apply_async((period.department_id, f"{period.month:%Y-%m}", hr.pk), expires=SECONDS_TO_START)
        run = self._wait(period, last)
        if run.state != SettlementRun.State.SUCCEEDED:
            raise CommandError(f"{period}没有算完：{run.message}")
        period.refresh_from_db()
        self.stdout.write(f"{period}：{run.total}人，{run.failed}人未能结算，{period.get_state_display()}。")

    def _wait(self, period: SettlementPeriod, last: int) -> SettlementRun:
        """The run that comes after `last`, when it has ended."""
        self.stdout.write(f"{period}：已交给 Celery，等待结算……")
        deadline = time.monotonic() + SECONDS_TO_START
        run: SettlementRun | None = None
        shown = ""
        while True:
            if run is None:
                run = period.runs.filter(pk__gt=last).first()
                deadline += SECONDS_TO_FINISH if run else 0
            else:
                run.refresh_from_db()
            step = f"{run.step} {run.done}/{run.total}" if run else ""
            if step != shown:
                self.stdout.write(f"  {step}")
                shown = step
            if run is not None and run.state != SettlementRun.State.RUNNING:
                return run
            if time.monotonic() > deadline:
                raise CommandError(
                    TOO_LATE if run is None else f"{period}在{SECONDS_TO_FINISH}秒内没有算完。"
                )
            time.sleep(0.2)


TOO_LATE = (
    f"{SECONDS_TO_START}秒内没有工作进程接手结算。请另开终端运行 "
    "celery -A kefu worker，再运行一次本命令；日志见 var/demo-worker.log。"
)
