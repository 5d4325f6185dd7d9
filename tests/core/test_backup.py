"""Everything saved in one file, brought back whole and guarded: beside, in place, to an earlier version."""

import tarfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from core.backup import BackupRefused, backup_read, backup_restore, backup_write
from files.models import Attachment
from files.services import attachment_add
from people.models import Department
from tests import factories
from tests.factories import WHEN

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


@pytest.fixture
def department(transactional_db: None, settings: LazySettings, tmp_path: Path) -> Department:
    """With something of everything that a backup holds: rows, a history, a file."""
    settings.ATTACHMENT_DIR = tmp_path / "attachments"
    made = factories.department("D1")
    person = factories.staff(made, "1001", base_pay="4000.00")
    attachment_add(
        staff=person,
        purpose=Attachment.Purpose.CERTIFICATE,
        content=SimpleUploadedFile("病历.png", PNG),
        by=None,
        at=WHEN,
    )
    made.name = "改过的名字"
    made.save()
    return made


@pytest.fixture
def saved(department: Department, settings: LazySettings, tmp_path: Path) -> Path:
    target = tmp_path / "kefu.tar"
    backup_write(
        owner=connection, attachments=settings.ATTACHMENT_DIR, target=target, version="0.2.0", at=WHEN
    )
    return target


@pytest.fixture
def beside() -> Iterator[BaseDatabaseWrapper]:
    """An empty database of its own."""
    name = f"{connection.settings_dict['NAME']}_beside"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    other = connection.copy()
    other.settings_dict["NAME"] = name
    yield other
    other.close()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


DIGEST = """SELECT count(*), md5(string_agg(t::text, ';' ORDER BY t::text)) FROM "{table}" t"""
TRIGGERS = "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"


def contents(of: BaseDatabaseWrapper) -> dict[str, Any]:
    """Every table's rows as one digest, and every trigger."""
    with of.cursor() as cursor:
        found: dict[str, Any] = {}
        for table in sorted(of.introspection.table_names(cursor)):
            cursor.execute(DIGEST.format(table=table))
            found[table] = cursor.fetchone()
        cursor.execute(TRIGGERS)
        return {**found, "triggers": cursor.fetchall()}


def test_a_backup_is_its_owners_alone_and_says_what_it_holds(saved: Path) -> None:
    said = backup_read(saved)
    assert saved.stat().st_mode & 0o777 == 0o600
    assert (said.version, said.at, said.attachments) == ("0.2.0", WHEN.isoformat(), 1)
    assert "people.0001_initial" in said.migrations
    assert [path for path in saved.parent.iterdir() if path.name.startswith(".")] == []


def test_what_is_brought_back_is_the_same_to_the_last_row_file_and_trigger(
    saved: Path, beside: BaseDatabaseWrapper, tmp_path: Path
) -> None:
    before = contents(connection)
    assert before["people_departmentpast"][0] and before["files_attachment"][0] == 1 and before["triggers"]
    backup_restore(source=saved, owner=beside, attachments=tmp_path / "elsewhere")
    assert contents(beside) == before
    (file,) = (tmp_path / "elsewhere").iterdir()
    assert file.read_bytes() == PNG and file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(DatabaseError, match="Cannot update"), beside.cursor() as cursor:
        cursor.execute("UPDATE people_departmentpast SET name = ''")


def test_nothing_is_brought_back_over_something(
    saved: Path, beside: BaseDatabaseWrapper, tmp_path: Path
) -> None:
    with beside.cursor() as cursor:
        cursor.execute("CREATE TABLE mine (id int)")
    with pytest.raises(BackupRefused, match=r"不是空的；.*--beside.*--replace"):
        backup_restore(source=saved, owner=beside, attachments=tmp_path / "elsewhere")
    with beside.cursor() as cursor:
        assert beside.introspection.table_names(cursor) == ["mine"]
    assert not (tmp_path / "elsewhere").exists()


def test_the_step_back_to_an_earlier_version_leaves_nothing_of_the_later_one(
    saved: Path, beside: BaseDatabaseWrapper, tmp_path: Path
) -> None:
    before = contents(connection)
    backup_restore(source=saved, owner=beside, attachments=tmp_path / "elsewhere")
    with beside.cursor() as cursor:  # an upgrade, and work under it
        cursor.execute("CREATE TABLE clients_client (id int)")
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('clients', '0001_initial', now())"
        )
        cursor.execute("ALTER TABLE people_department ADD COLUMN region text NOT NULL DEFAULT ''")
    backup_restore(source=saved, owner=beside, attachments=tmp_path / "elsewhere", replace=True)
    assert contents(beside) == before


def test_a_backup_does_not_overwrite_one(saved: Path, settings: LazySettings) -> None:
    before = saved.read_bytes()
    with pytest.raises(BackupRefused, match="已经存在；换一个文件名"):
        backup_write(
            owner=connection, attachments=settings.ATTACHMENT_DIR, target=saved, version="0.2.0", at=WHEN
        )
    assert saved.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no tar", None])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.tar"
    if content is None:
        with tarfile.open(path, "w") as archive:
            archive.add(__file__, "manifest.json")
    else:
        path.write_bytes(content)
    with pytest.raises(BackupRefused, match="不是备份，或者不完整；换一个文件"):
        backup_read(path)


def test_the_commands_save_and_bring_back_beside(
    department: Department, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"{connection.settings_dict['NAME']}_command"
    path = tmp_path / "backups" / f"{date(2026, 11, 30)}.tar"
    call_command("backup", str(path))
    assert "附件 1 个" in capsys.readouterr().out
    try:
        call_command("restore", str(path), "--beside", name)
        told = capsys.readouterr().out
        assert f"数据库 {name}" in told and "DATABASE_OWNER_URL" in told
        assert [each.name for each in tmp_path.glob("attachments-*")] == [f"attachments-{name}"]
        with pytest.raises(CommandError, match="already exists"):
            call_command("restore", str(path), "--beside", name)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    with pytest.raises(CommandError, match="没有文件"):
        call_command("restore", str(tmp_path / "none.tar"))
