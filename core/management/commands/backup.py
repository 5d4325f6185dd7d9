"""`backup FILE.tar`: the database and everything that was attached, in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone

from core.backup import backup_write
from core.errors import Refused


class Command(BaseCommand):
    help = "备份：数据库和附件存成一个文件，只有运行命令的人能读"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.tar", help="写到哪个文件；不覆盖已有的")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            saved = backup_write(
                owner=connections["owner" if "owner" in settings.DATABASES else "default"],
                attachments=Path(settings.ATTACHMENT_DIR),
                target=Path(options["file"]),
                version=settings.VERSION,
                at=timezone.now(),
            )
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        except OSError as error:
            raise CommandError(f"写不了 {options['file']}：{error.strerror}；检查目录和空间") from error
        self.stdout.write(
            f"已备份：{Path(options['file']).resolve()}（版本 {saved.version}，附件 {saved.attachments} 个）"
        )
