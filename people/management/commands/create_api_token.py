"""`create_api_token NAME --account USERNAME --action ACTION … [--department CODE …] [--days N]`"""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from people.errors import PeopleError
from people.management.base import department_of
from people.models import Account
from people.selectors import departments_visible_to
from people.tokens import SCOPES, token_create

DAYS, MOST_DAYS = 365, 3650


class Command(BaseCommand):
    help = "签发接口令牌：令牌只显示这一次"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="令牌名称：哪个系统用")
        parser.add_argument("--account", required=True, metavar="USERNAME", help="以哪个账号的权限")
        parser.add_argument(
            "--action",
            action="append",
            required=True,
            choices=[code for code, _ in SCOPES],
            help="许可的操作，可写多次；read 为读取，看他人工资另需 view_pay",
        )
        parser.add_argument(
            "--department",
            action="append",
            default=[],
            metavar="CODE",
            help="限于哪些部门，可写多次；不写则为账号现有的全部部门",
        )
        parser.add_argument("--days", type=int, default=DAYS, help=f"有效天数，默认 {DAYS}")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(username=options["account"]).first()
        if account is None:
            raise CommandError(f"没有登录名为“{options['account']}”的账号。请先用 create_account 建账号。")
        if not 1 <= options["days"] <= MOST_DAYS:
            raise CommandError(f"有效天数应在 1 至 {MOST_DAYS} 之间。")
        departments = [department_of(code) for code in options["department"]]
        now = timezone.now()
        try:
            token, secret = token_create(
                name=options["name"],
                account=account,
                departments=departments or departments_visible_to(account),
                actions=options["action"],
                expires_at=now + timedelta(days=options["days"]),
                by=None,
                at=now,
            )
        except PeopleError as error:
            raise CommandError(str(error)) from error
        codes = "、".join(token.departments.values_list("code", flat=True))
        self.stdout.write(f"已签发令牌“{token}”：账号 {account.username}，部门 {codes}，")
        self.stdout.write(
            f"操作 {'、'.join(token.actions)}，到 {timezone.localtime(token.expires_at):%Y-%m-%d}。"
        )
        self.stdout.write("令牌只显示这一次，请立即保存：")
        self.stdout.write(secret)
