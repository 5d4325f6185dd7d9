"""`restore FILE.tar [--beside NAME | --replace]`: a backup brought back into an empty database, or beside."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

from core.backup import Manifest, backup_read, backup_restore
from core.errors import Refused
from core.grants import grants_apply


class Command(BaseCommand):
    help = "恢复备份：恢复到空的数据库；--beside 恢复到旁边的新库，不碰现在的；--replace 替换现在的一切"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.tar", help="backup 写的文件")
        place = parser.add_mutually_exclusive_group()
        place.add_argument("--beside", metavar="NAME", help="新建名为 NAME 的库，附件放在旁边的同名目录")
        place.add_argument("--replace", action="store_true", help="先清空现在的库；先停网站、worker 和 beat")

    def handle(self, *args: Any, **options: Any) -> None:
        source, beside = Path(options["file"]), options["beside"]
        owner = connections["owner" if "owner" in settings.DATABASES else "default"].copy()
        attachments = Path(settings.ATTACHMENT_DIR)
        try:
            said = backup_read(source)
            if beside:
                _make(owner, beside)
                attachments = attachments.with_name(f"{attachments.name}-{beside}")
            backup_restore(source=source, owner=owner, attachments=attachments, replace=options["replace"])
            application = settings.DATABASES["default"]
            grants_apply(owner, role=application["USER"], password=application["PASSWORD"])
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        except DatabaseError as error:
            raise CommandError(f"数据库拒绝：{str(error).strip()}；检查名称与所有者的权限") from error
        finally:
            owner.close()
        self.stdout.write(f"已恢复：数据库 {owner.settings_dict['NAME']}，附件 {attachments}。")
        for line in _next(said, beside):
            self.stdout.write(line)


def _make(owner: BaseDatabaseWrapper, name: str) -> None:
    """A database of that name, and the connection turned to it."""
    with owner.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {owner.ops.quote_name(name)}")
    owner.close()
    owner.settings_dict["NAME"] = name


def _next(said: Manifest, beside: str | None) -> list[str]:
    """What is left to do, in the light of the version that made the backup."""
    known = {".".join(key) for key in MigrationLoader(None, ignore_no_migrations=True).disk_migrations or ()}
    lines = []
    if set(said.migrations) - known:
        lines.append(f"备份由较新的版本 {said.version} 建立：用那个版本启动。")
    elif known - set(said.migrations):
        lines.append(f"备份由版本 {said.version} 建立：用那个版本启动，或先运行 migrate 升到本版本。")
    if beside:
        names = f"把 DATABASE_URL、DATABASE_OWNER_URL 的库名改为 {beside}，ATTACHMENT_DIR 改为上面的目录"
        lines.append(f"要用它：{names}。")
    return lines
