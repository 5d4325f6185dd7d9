"""`load_rulebooks [DIR…]`: loads rulebook files into the library, idempotent."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from rules.library import LIBRARY, RulebookError
from rules.services import rulebooks_load


class Command(BaseCommand):
    help = "载入制度库，可反复运行"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "directories",
            nargs="*",
            type=Path,
            metavar="DIR",
            default=[LIBRARY],
            help="制度文件所在目录；不写则为自带的制度库",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = rulebooks_load(directories=options["directories"], at=timezone.now())
        except RulebookError as error:
            raise CommandError(f"没有载入任何制度：\n{error}") from error
        for edition in report.loaded:
            self.stdout.write(f"载入 {edition}")
        self.stdout.write(f"新载入 {len(report.loaded)} 部，原已载入 {report.unchanged} 部。")
        for each in report.outdated:
            self.stdout.write(
                f"注意：{each.department}采用的是 {each.edition}，现有第{each.latest}版，"
                "可用 adopt_rulebook 换用。"
            )
