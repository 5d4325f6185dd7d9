"""What the database refuses to the application itself, table by table; the document says the same."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from core.grants import stored_models, verbs_of
from tests.roles import as_application

pytestmark = pytest.mark.django_db

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "security.md"
MODELS = sorted(stored_models(), key=lambda model: model._meta.label)
DENIED = "permission denied|must be owner"


def is_history(model: Any) -> bool:
    return hasattr(model, "pgh_tracked_model")


def refused(statement: str) -> bool:
    """Whether the application may not run the statement; what it would do is taken back."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(statement)
            transaction.set_rollback(True)
    except DatabaseError as error:
        assert re.search(DENIED, str(error)), (statement, error)
        return True
    return False


def test_every_model_has_taken_its_place() -> None:
    named = set(settings.DATABASE_GRANTS)
    labels = {model._meta.label for model in MODELS if not is_history(model)}
    assert labels == named
    assert not [model for model in MODELS if is_history(model) and verbs_of(model)]


def test_the_application_changes_and_deletes_only_what_it_is_granted() -> None:
    with as_application():
        for model in MODELS:
            table, verbs = model._meta.db_table, verbs_of(model)
            key = model._meta.pk.column
            column = next(each.column for each in model._meta.concrete_fields if not each.primary_key)
            assert not refused(f'SELECT 1 FROM "{table}" LIMIT 1'), table
            assert refused(f'UPDATE "{table}" SET "{column}" = "{column}" WHERE false') != (
                "update" in verbs
            ), table
            assert refused(f'DELETE FROM "{table}" WHERE false') != ("delete" in verbs), table
            may_lock = bool(verbs & {"update", "lock"})
            assert refused(f'SELECT "{key}" FROM "{table}" LIMIT 1 FOR UPDATE') != may_lock, table


@pytest.mark.parametrize(
    "statement",
    [
        'TRUNCATE "{table}" CASCADE',
        'ALTER TABLE "{table}" DISABLE TRIGGER ALL',
        'ALTER TABLE "{table}" ADD COLUMN extra int',
        'DROP TABLE "{table}" CASCADE',
        'CREATE TRIGGER extra BEFORE INSERT ON "{table}" EXECUTE FUNCTION tsvector_update_trigger()',
    ],
)
def test_no_table_is_the_applications(statement: str) -> None:
    with as_application():
        open_tables = [
            model._meta.db_table
            for model in MODELS
            if not refused(statement.format(table=model._meta.db_table))
        ]
    assert open_tables == []


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "CREATE TABLE extra (id int)",
        "CREATE FUNCTION extra() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE extra",
        "UPDATE django_migrations SET name = name",
    ],
)
def test_nothing_of_the_database_is_the_applications(statement: str) -> None:
    with as_application():
        assert refused(statement)


def told() -> str:
    """The table of the document, from the grants and triggers that the database has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, array_agg(t.tgname::text) FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal GROUP BY c.relname"
        )
        triggers = {
            table: {re.sub(r"^pgtrigger_|_[0-9a-f]{5}$", "", each) for each in names}
            for table, names in cursor
        }
        cursor.execute(
            "SELECT table_name, array_agg(privilege_type::text) FROM information_schema.table_privileges"
            " WHERE grantee = 'kefu_app' GROUP BY table_name"
        )
        rights = dict(cursor.fetchall())
    lines = ["| 模型 | 应用不能 | 触发器另外把守 |", "|---|---|---|"]
    for model in MODELS:
        table = model._meta.db_table
        denied = "、".join(
            label for right, label in (("UPDATE", "改"), ("DELETE", "删")) if right not in rights[table]
        )
        guards = "、".join(
            f"`{name}`" for name in sorted(triggers.get(table, ()))
            if not re.search(r"^rows_|^(update|insert|delete)_(update|insert|delete)$", name)
        )  # fmt: skip
        lines.append(f"| {model._meta.label} | {denied or '—'} | {guards or '—'} |")
    return "\n".join(lines)


def test_the_document_says_of_every_model_what_is_refused() -> None:
    with as_application():
        pass
    table = told()
    assert table in DOCUMENT.read_text(encoding="utf-8"), f"docs/security.md should have:\n\n{table}"


@pytest.mark.django_db(transaction=True)
def test_an_empty_database_is_migrated_by_its_owner_for_a_role_that_is_not_there_yet() -> None:
    name = f"{connection.settings_dict['NAME']}_empty"
    role = f"{name}_role"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    at = connection.settings_dict
    host = f"/{at['HOST']}" if at["HOST"].startswith("/") else f"{at['HOST']}:{at['PORT'] or 5432}"
    urls = {
        variable: f"postgres://{user}:{password}@{host}/{name}"
        for variable, user, password in (
            ("DATABASE_URL", role, "secret"),
            ("DATABASE_OWNER_URL", at["USER"], at["PASSWORD"] or "x"),
        )
    }
    other = connection.copy()
    other.settings_dict["NAME"] = name
    try:
        done = subprocess.run(
            [
                sys.executable,
                "manage.py",
                "migrate",
                "people",
                "0001",
                "--verbosity=0",
            ],  # with the login groups
            cwd=settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "kefu.settings.dev", **urls},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        with other.cursor() as cursor:
            cursor.execute(f"SET ROLE {role}")
            cursor.execute("SELECT count(*) FROM auth_group")
            assert cursor.fetchone() == (7,)
            with pytest.raises(DatabaseError, match="permission denied"):
                cursor.execute("TRUNCATE auth_group CASCADE")
    finally:
        other.close()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
            cursor.execute(f"DROP ROLE IF EXISTS {role}")
