"""One file that holds everything: the database and what people attached; and bringing it back.

The database is read first, the files after it: a row names a file that was there before it, and no row goes
away, so every file of the saved rows is still there. Bringing back needs an empty database, since a dump on
top of another version's tables would leave those that came later.
"""

import json
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from core import postgres
from core.errors import Refused

FORMAT = 1
DUMP, MANIFEST, ATTACHMENTS = "database.dump", "manifest.json", "attachments"


class BackupRefused(Refused):
    """A backup that cannot be written there, or not be brought back here."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; `migrations` as `app.name`, sorted."""

    version: str
    at: str
    migrations: tuple[str, ...]
    attachments: int


def backup_write(
    *, owner: BaseDatabaseWrapper, attachments: Path, target: Path, version: str, at: datetime
) -> Manifest:
    """Save the database and the folder of attachments in a tar file that only its owner reads.

    The file is there whole or not at all. BackupRefused where it is there already.
    """
    if target.exists():
        raise BackupRefused(f"{target} 已经存在；换一个文件名，备份不覆盖备份")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        dump = Path(folder) / DUMP
        postgres.run("pg_dump", "--format=custom", f"--file={dump}", database=owner.settings_dict)
        files = (
            sorted(path for path in attachments.iterdir() if path.is_file()) if attachments.is_dir() else []
        )
        manifest = Manifest(version, at.isoformat(), _migrations(owner), len(files))
        said = Path(folder) / MANIFEST
        said.write_text(json.dumps({"format": FORMAT, **_plain(manifest)}, ensure_ascii=False, indent=1))
        part = Path(folder) / "whole.tar"
        part.touch(mode=0o600)
        with tarfile.open(part, "w") as archive:
            archive.add(said, MANIFEST)
            archive.add(dump, DUMP)
            for path in files:
                archive.add(path, f"{ATTACHMENTS}/{path.name}")
        part.replace(target)
    return manifest


def backup_read(source: Path) -> Manifest:
    """What a file says that it holds. BackupRefused for what is no backup."""
    try:
        with tarfile.open(source) as archive:
            said = archive.extractfile(MANIFEST)
            given = json.load(said) if said else {}
        if given.pop("format") != FORMAT:
            raise KeyError("format")
        return Manifest(**{**given, "migrations": tuple(given["migrations"])})
    except FileNotFoundError:
        raise BackupRefused(f"没有文件 {source}；检查路径") from None
    except (tarfile.TarError, KeyError, TypeError, ValueError) as error:
        raise BackupRefused(f"{source} 不是备份，或者不完整；换一个文件") from error


def backup_restore(
    *, source: Path, owner: BaseDatabaseWrapper, attachments: Path, replace: bool = False
) -> Manifest:
    """Bring a backup back: into an empty database, or with `replace` in place of everything that is there.

    Files of the same name stay as they are: under one name there is ever only one content. BackupRefused for
    a database that holds something, PostgresError where the dump does not come in; then the database is
    empty or as it was.
    """
    manifest = backup_read(source)
    if not replace and _tables(owner):
        raise BackupRefused(
            "数据库不是空的；恢复到旁边的新库（--beside 名称），或用 --replace 替换其中的一切"
        )
    with tempfile.TemporaryDirectory(prefix="restore-") as folder, tarfile.open(source) as archive:
        dump = Path(folder) / DUMP
        _copy(archive, DUMP, dump)
        if replace:
            _empty(owner)
        owner.close()
        # Rights are given anew by whoever calls: the role of the application may have another name here.
        postgres.run(
            "pg_restore", "--no-owner", "--no-acl", "--exit-on-error", "--single-transaction",
            f"--dbname={owner.settings_dict['NAME']}", str(dump), database=owner.settings_dict,
        )  # fmt: skip
        _files_restore(archive, attachments)
    return manifest


def _files_restore(archive: tarfile.TarFile, attachments: Path) -> None:
    attachments.mkdir(mode=0o700, parents=True, exist_ok=True)
    for member in archive.getmembers():
        folder, _, name = member.name.partition("/")
        target = attachments / name
        if folder != ATTACHMENTS or not member.isfile() or "/" in name or target.exists():
            continue
        _copy(archive, member.name, target)


def _copy(archive: tarfile.TarFile, name: str, target: Path) -> None:
    """One file of the archive, by its name alone, readable for its owner."""
    content = archive.extractfile(name)
    assert content is not None
    target.touch(mode=0o600)
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)


def _migrations(owner: BaseDatabaseWrapper) -> tuple[str, ...]:
    with owner.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        return tuple(name for (name,) in cursor.fetchall())


def _tables(owner: BaseDatabaseWrapper) -> list[str]:
    with owner.cursor() as cursor:
        return owner.introspection.table_names(cursor)


def _empty(owner: BaseDatabaseWrapper) -> None:
    with owner.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")


def _plain(manifest: Manifest) -> Mapping[str, Any]:
    return {name: getattr(manifest, name) for name in Manifest.__slots__}
