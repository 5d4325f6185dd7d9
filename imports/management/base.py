"""What the import commands share; each names its kind and brings its loader."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from imports.batches import run_import
from imports.explaining import recognised
from imports.remembering import LONGEST
from people.management.base import department_of
from people.models import Account, Department
from sheets.columns import COLUMN
from sheets.errors import SheetError
from sheets.loading import Load
from sheets.profiles import profiles_of
from sheets.table import Table
from sheets.values import key_of


class ImportCommand(BaseCommand):
    """`import_… FILE --department CODE [--profile NAME] [--dry-run]`. A subclass sets `kind` and `loader`.

    `--column FIELD=HEADER` says which column is meant, `--explain` what the file is taken for.
    """

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
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            type=_answer,
            metavar="FIELD=HEADER",
            help="某一项是文件里的哪一列，例如 实付金额=买家实付；可写多次，会记住",
        )
        parser.add_argument("--explain", action="store_true", help="说明认成什么、跳过什么、合计多少，不保存")

    def loader(
        self, *, department: Department, by: Account | None, at: datetime, options: dict[str, Any]
    ) -> Load:
        """The function that writes a parsed table; `options` are the command's own arguments."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        department = department_of(options["department"])
        at = timezone.now()
        columns = {self._field(name): header for name, header in options["column"]}
        tables: list[Table] = []

        def watch(table: Table) -> None:
            tables.append(table)
            for field, header in columns.items():
                placed = [each for each in table.header.placed if each.column.field == field]
                if not any(each.is_called(header) for each in placed):
                    raise SheetError(f"文件里没有「{header}」这一列。请照表头的写法写，例如 {field}=表头。")

        try:
            report = run_import(
                department=department,
                kind=self.kind,
                path=options["file"],
                profile=options["profile"],
                by=None,
                at=at,
                dry_run=options["dry_run"] or options["explain"],
                answers={
                    **dict(options["answer"]),
                    **{f"{COLUMN}{field}": header for field, header in columns.items()},
                },
                load=self.loader(department=department, by=None, at=at, options=options),
                watch=watch,
            )
        except SheetError as error:
            if options["explain"]:
                for label, value in [fact for table in tables for fact in recognised(table)]:
                    self.stdout.write(f"{label}：{value}")
            raise CommandError(str(error)) from error
        for line in report.explained() if options["explain"] else report.lines():
            self.stdout.write(line)

    def _field(self, name: str) -> str:
        """The field that is meant: by its code or by one of its headers."""
        columns = [column for profile in profiles_of(self.kind) for column in profile.columns]
        for column in columns:
            if name == column.field or key_of(name) in map(key_of, column.names):
                return column.field
        known = "、".join({column.field: column.title for column in columns}.values())
        raise CommandError(f"没有“{name}”这一项。可以写：{known}。")


def _answer(text: str) -> tuple[str, str]:
    key, equals, value = text.rpartition("=")
    if not equals or not key:
        raise ArgumentTypeError(f"“{text}”不是 问题=回答 的写法")
    if len(value) > LONGEST:
        raise ArgumentTypeError(f"回答超过 {LONGEST} 个字；请写短一点")
    return key, value
