"""The application's role in the database: what it may do, table by table, given by the owner after migrating.

The owner makes and migrates tables. The role of web, worker and beat reads and adds rows, and changes or
deletes only where a service does (settings.DATABASE_GRANTS): no TRUNCATE, no DDL, no trigger switched off.
"""

from collections.abc import Collection, Iterator

from django.apps import apps
from django.conf import settings
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from psycopg2 import sql

_MAKE_ROLE = """
DO $$ BEGIN
    CREATE ROLE {role} LOGIN PASSWORD {password};
EXCEPTION WHEN duplicate_object THEN NULL;
END $$
"""


def stored_models() -> Iterator[type[Model]]:
    """Every model with a table of its own."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            yield model


def verbs_of(model: type[Model]) -> frozenset[str]:
    """What the application may do to rows besides reading and adding: of `update`, `delete`, `lock`.

    The history of a model is only added to.
    """
    return frozenset(settings.DATABASE_GRANTS.get(model._meta.label, "").split())


def grants_apply(owner: BaseDatabaseWrapper, *, role: str, password: str = "") -> None:
    """Give the role what it may do, and nothing else; the role is made where it is not there.

    Needs the connection of whoever owns the tables. Where both are the same there is nothing to give.
    """
    if owner.settings_dict["USER"] == role:
        return
    name = sql.Identifier(role)
    with owner.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL(_MAKE_ROLE).format(role=name, password=sql.Literal(password or None)))
        there = set(owner.introspection.table_names(cursor))  # not all of them after a migration of one app
        for statement in _statements(there):
            cursor.execute(sql.SQL(statement).format(role=name, database=sql.Identifier(_name_of(owner))))


def become_owner() -> None:
    """From now on this process works as the owner: for measures, which make tables of their own."""
    if "owner" in settings.DATABASES:
        connection.close()
        connection.settings_dict = connections["owner"].settings_dict


def _name_of(owner: BaseDatabaseWrapper) -> str:
    return str(owner.settings_dict["NAME"])


def _statements(there: Collection[str]) -> Iterator[str]:
    yield "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role}"
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC, {role}"
    yield "GRANT USAGE ON SCHEMA public TO {role}"
    yield "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
    yield "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    yield "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"
    for model in stored_models():
        table, verbs = model._meta.db_table, verbs_of(model)
        if table not in there:
            continue
        rights = ["INSERT", *(verb.upper() for verb in ("update", "delete") if verb in verbs)]
        yield f'GRANT {", ".join(rights)} ON "{table}" TO {{role}}'
        if "lock" in verbs:
            yield f'GRANT UPDATE ("{_key_of(model)}") ON "{table}" TO {{role}}'


def _key_of(model: type[Model]) -> str:
    key = model._meta.pk
    assert key is not None
    return str(key.column)
