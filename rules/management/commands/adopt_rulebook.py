"""`adopt_rulebook ID --department CODE --from DATE`: lists the parameters that are still blank."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from people.management.base import date_argument, department_of
from rules.library import RulebookError
from rules.services import rulebook_adopt


class Command(BaseCommand):
    help = "部门从某日起采用一部制度的最新版次"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rulebook", metavar="ID", help="制度编号，如 s000-05")
        parser.add_argument("--department", required=True, metavar="CODE", help="部门代码")
        parser.add_argument("--from", required=True, dest="effective_on", metavar="DATE", help="生效日期")

    def handle(self, *args: Any, **options: Any) -> None:
        department = department_of(options["department"])
        try:
            adoption = rulebook_adopt(
                department=department,
                rulebook=options["rulebook"],
                effective_on=date_argument(options["effective_on"]),
                by=None,
                at=timezone.now(),
            )
        except RulebookError as error:
            raise CommandError(str(error)) from error
        done = "已采用" if adoption.is_new else "早已采用，没有改动"
        self.stdout.write(f"{done}：{adoption.version}")
        if adoption.blanks:
            self.stdout.write(f"以下 {len(adoption.blanks)} 条还有数字未填，填好以前不起作用：")
        for blank in adoption.blanks:
            self.stdout.write(f"  {blank.code} {blank.title}：{'、'.join(blank.params)}")
        for collision in adoption.collisions:
            self.stdout.write(
                f"注意：{collision.in_words()}。它们现在一并适用；只要一种的，请在网页的草案里删去其余。"
            )
