"""What the import commands share; each names its kind and brings its loader."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from imports.batches import run_import
from people.management.base import department_of
from people.models import Account, Department
from sheets.errors import SheetError
from sheets.loading import Load


class ImportCommand(BaseCommand):
    """`import_… FILE --department CODE [--profile NAME] [--dry-run]`. A subclass sets `kind` and `loader`."""

    kind: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="CSV（UTF-8、GB18030）或 XLSX")
        parser.add_argument("--department", required=True, metavar="CODE", help="部门代码")
        parser.add_argument("--profile", metavar="NAME", help="表格格式；不写则按表头辨认")
        parser.add_argument("--dry-run", action="store_true", help="只检查和报告，不保存")
        parser.add_argument(
            "--answer",
            action="append",
            default=[],
            type=_answer,
            metavar="QUESTION=ANSWER",
            help="回答导入时提出的问题，可写多次；回答会记住",
        )

    def loader(
        self, *, department: Department, by: Account | None, at: datetime, options: dict[str, Any]
    ) -> Load:
        """The function that writes a parsed table; `options` are the command's own arguments."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        department = department_of(options["department"])
        at = timezone.now()
        try:
            report = run_import(
                department=department,
                kind=self.kind,
                path=options["file"],
                profile=options["profile"],
                by=None,
                at=at,
                dry_run=options["dry_run"],
                answers=dict(options["answer"]),
                load=self.loader(department=department, by=None, at=at, options=options),
            )
        except SheetError as error:
            raise CommandError(str(error)) from error
        for line in report.lines():
            self.stdout.write(line)


def _answer(text: str) -> tuple[str, str]:
    key, equals, value = text.rpartition("=")
    if not equals or not key:
        raise ArgumentTypeError(f"“{text}”不是 问题=回答 的写法")
    return key, value
