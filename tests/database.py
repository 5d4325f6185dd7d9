"""The test databases: copies of one template, and how a test that commits leaves its own.

Migrating takes many times longer than copying, so the first process of a run migrates a template and every
process copies it. The template stays on the server under its own name (`<TEST_DATABASE>_template`) and is
made anew when a migration has changed.
"""

import hashlib
import inspect

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

# Made by `migrate` and `groups_sync`, the same for every test: one that commits leaves them as they are.
KEPT = {
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
}


def template_ensure() -> None:
    """Let test databases be made as copies of an empty migrated one, which one of the processes makes."""
    name, wanted = f"{settings.TEST_DATABASE}_template", _fingerprint()
    quoted = connection.ops.quote_name(name)
    with connection._nodb_cursor() as cursor:
        # Let go with the connection, also when this process is killed.
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        )
        if cursor.fetchone() != (wanted,):
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted}")
            _migrate(name)
            cursor.execute(f"COMMENT ON DATABASE {quoted} IS '{wanted}'")
    connection.settings_dict["TEST"]["TEMPLATE"] = name


def is_test_database() -> bool:
    """Whether the connection leads to a database for tests and to no other."""
    used = connection.settings_dict
    return used["TEST"]["NAME"] in used["NAME"]


def _migrate(name: str) -> None:
    """Make the database and leave it: a template is copied while nobody is connected to it."""
    used = connection.settings_dict
    before = {key: used[key] for key in ("NAME", "TEST")}
    used["TEST"] = {**used["TEST"], "NAME": name, "TEMPLATE": None}
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        used.update(before)


def _fingerprint() -> str:
    """What the schema is made of: the text of every migration."""
    migrations = MigrationLoader(None).disk_migrations
    text = "".join(inspect.getsource(inspect.getmodule(type(migrations[key]))) for key in sorted(migrations))
    return hashlib.sha256(text.encode()).hexdigest()


def empty_touched_tables() -> None:
    """Instead of flushing every table and making permissions anew: empty those that have rows.

    They are emptied by DELETE without triggers, for which one has to be a superuser, since TRUNCATE makes new
    files for each table and each index of all that refer to them, nearly the whole schema, and waits for the
    disk.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - KEPT)
        quoted = [connection.ops.quote_name(each) for each in tables]
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{each}' WHERE EXISTS (SELECT FROM {each})" for each in quoted)
        )
        if touched := [row[0] for row in cursor.fetchall()]:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("; ".join(f"DELETE FROM {each}" for each in touched))
