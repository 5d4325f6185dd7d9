"""`create_department --code CODE --name NAME [--minimum-wage YUAN] [--caps | --no-caps]`"""

from argparse import ArgumentParser, BooleanOptionalAction
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from people.errors import PeopleError
from people.services import department_create


class Command(BaseCommand):
    help = "新建部门"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--code", required=True, help="代码，各命令以它指明部门")
        parser.add_argument("--name", required=True, help="名称")
        parser.add_argument("--minimum-wage", metavar="YUAN", help="当地月最低工资，元")
        parser.add_argument(
            "--caps",
            action=BooleanOptionalAction,
            default=None,
            help="启用封顶（须有最低工资）；不写则填了最低工资就启用",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wage = options["minimum_wage"]
        try:
            department = department_create(
                code=options["code"],
                name=options["name"],
                minimum_wage=None if wage is None else Decimal(wage),
                caps=options["caps"],
            )
        except InvalidOperation:
            raise CommandError(f"最低工资不是金额：{wage}。请写成 2490.00 的形式。") from None
        except PeopleError as error:
            raise CommandError(str(error)) from error
        caps = "启用封顶" if department.caps else "未启用封顶"
        self.stdout.write(f"已建部门 {department.code} {department.name}（{caps}）。")
