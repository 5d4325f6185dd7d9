"""What must hold before a database is used: that this version, or an earlier one, has made it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


@register(Tags.database)
def schema_is_known(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """A database in which migrations ran that this version does not have; `migrate` asks before it begins.

    It was made by a later version, or before the first release, whose schemas nobody has to keep: either
    way nothing may be migrated on top of it.
    """
    return [error for alias in databases or () if (error := _unknown(alias)) is not None]


def _unknown(alias: str) -> Error | None:
    own = {config.label for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR}
    applied = MigrationRecorder(connections[alias]).applied_migrations()
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations or {}
    strange = sorted(key for key in applied if key[0] in own and key not in known)
    if not strange:
        return None
    names = "、".join(".".join(key) for key in strange[:3])
    return Error(
        f"这个数据库不是本版本或更早的正式版本建立的：有本版本没有的迁移（{names} 等 {len(strange)} 个）。",
        hint=(
            "较新的版本建立的：请用那个版本，或恢复升级前的备份。"
            "0.2.0 以前的试用数据不能升级：导出需要的表格后运行 make clean，再运行 make demo；"
            "自备数据库的，换一个空的。"
        ),
        id="kefu.E001",
    )
