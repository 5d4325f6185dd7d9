"""`create_account USERNAME --group GROUP [--department CODE …] [--staff CODE/NUMBER] [--password WORD]`"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from people.errors import PeopleError
from people.management.base import department_of
from people.models import Staff
from people.permissions import GROUP_LABELS
from people.selectors import numbered
from people.services import account_create


class Command(BaseCommand):
    help = "新建登录账号"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="USERNAME", help="登录名")
        parser.add_argument("--group", required=True, choices=list(GROUP_LABELS), help="登录组")
        parser.add_argument(
            "--department",
            action="append",
            default=[],
            metavar="CODE",
            help="主管、经理、人事管理的部门，可写多次",
        )
        parser.add_argument("--staff", metavar="CODE/NUMBER", help="登录的员工：部门代码/工号")
        parser.add_argument("--password", help="口令；不写则随机生成并显示一次")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            account, password = account_create(
                username=options["username"],
                group=options["group"],
                password=options["password"],
                departments=[department_of(code) for code in options["department"]],
                staff=_staff_of(options["staff"]) if options["staff"] else None,
            )
        except PeopleError as error:
            raise CommandError(str(error)) from error
        shown = "" if options["password"] else f"，口令 {password}（只显示这一次）"
        self.stdout.write(f"已建账号 {account.username}（{GROUP_LABELS[options['group']]}）{shown}。")


def _staff_of(place: str) -> Staff:
    code, _, number = place.partition("/")
    department = department_of(code)
    staff = numbered(Staff.objects.all(), department, number)
    if staff is None:
        raise CommandError(f"{department}没有工号“{number}”。请写成 部门代码/工号。")
    return staff
