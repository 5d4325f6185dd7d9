"""Which rows an import wrote, so that it can be taken back: recorded by the database, statement by statement.

Triggers on the tables of facts write RowChange rows: what an import inserted (as ranges of ids), and what it
changed, with the rows as they were. Changes outside an import are recorded by id alone, so that an import
whose rows were changed since is not taken back over somebody's head. No loader takes part in it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pgtrigger
from django.apps import apps
from django.db import connection, models

_VARIABLE = "kefu.import_batch"  # of the transaction: the id of the batch under way, or `undo`
_NOW = f"coalesce(current_setting('{_VARIABLE}', true), '')"
_UNDO = "undo"

_INSERTED = f"""
    IF {_NOW} NOT IN ('', '{_UNDO}') THEN
        INSERT INTO people_rowchange (batch_id, table_name, created)
        SELECT {_NOW}::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')) FROM new_rows
        HAVING count(*) > 0;
    END IF;
    RETURN NULL;
"""
_CHANGED = f"""
    IF {_NOW} <> '{_UNDO}' THEN
        INSERT INTO people_rowchange (batch_id, table_name, changed, before)
        SELECT nullif({_NOW}, '')::bigint, TG_TABLE_NAME, range_agg(int8range(id, id, '[]')),
            CASE WHEN {_NOW} <> '' THEN jsonb_agg(to_jsonb(old_rows)) END
        FROM old_rows HAVING count(*) > 0;
    END IF;
    RETURN NULL;
"""

_MINE = """
SELECT table_name, span FROM (
    SELECT table_name, unnest(created) AS span FROM people_rowchange WHERE batch_id = %(batch)s
    UNION ALL
    SELECT table_name, unnest(changed) FROM people_rowchange WHERE batch_id = %(batch)s
) written
"""

_TOUCHED_SINCE = f"""
SELECT later.batch_id, later.at
FROM people_rowchange later
JOIN (SELECT table_name, range_agg(span) AS spans FROM ({_MINE}) mine GROUP BY table_name) written
    USING (table_name)
LEFT JOIN people_importbatch batch ON batch.id = later.batch_id
WHERE later.id > (SELECT max(id) FROM people_rowchange WHERE batch_id = %(batch)s)
    AND later.batch_id IS DISTINCT FROM %(batch)s
    AND later.changed && written.spans AND batch.undone_at IS NULL
ORDER BY later.id LIMIT 1
"""

_DELETE = """
DELETE FROM {table} USING (
    SELECT unnest(created) AS span FROM people_rowchange WHERE batch_id = %(batch)s AND table_name = %(table)s
) written
WHERE {table}.id >= lower(written.span) AND {table}.id < upper(written.span)
"""

_RESTORE = """
UPDATE {table} SET ({columns}) = ROW({olds})
FROM people_rowchange change, jsonb_populate_recordset(NULL::{table}, change.before) former
WHERE change.id = %(change)s AND {table}.id = former.id
"""


class MultirangeField(models.Field):
    """Ranges of ids; read and written by SQL alone."""

    def db_type(self, connection: object) -> str:
        return "int8multirange"


def recorded() -> list[pgtrigger.Trigger]:
    """The triggers of a table whose rows come from imports; its key must be a bigint `id`."""
    kinds = (
        ("inserted", pgtrigger.Insert, pgtrigger.Referencing(new="new_rows"), _INSERTED),
        ("updated", pgtrigger.Update, pgtrigger.Referencing(old="old_rows"), _CHANGED),
        ("deleted", pgtrigger.Delete, pgtrigger.Referencing(old="old_rows"), _CHANGED),
    )
    return [
        pgtrigger.Trigger(
            name=f"rows_{name}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=referencing,
            func=func,
        )
        for name, operation, referencing, func in kinds
    ]


@contextmanager
def rows_recorded(batch_id: int) -> Iterator[None]:
    """What is written inside belongs to the batch. Needs a transaction, which must fail if this does."""
    with _variable(str(batch_id)):
        yield


def rows_touched_since(batch_id: int) -> tuple[int | None, datetime] | None:
    """(batch or None for a change by hand, when) of the first later change of a row that the batch wrote."""
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED_SINCE, {"batch": batch_id})
        return cursor.fetchone()


def has_rows(batch_id: int) -> bool:
    """Whether anything that the batch wrote was recorded."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM people_rowchange WHERE batch_id = %s)", [batch_id])
        return bool(cursor.fetchone()[0])


def rows_created(batch_id: int, table: str) -> list[int]:
    """The ids of the rows of a table that the batch created; for kinds of which there are few."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT generate_series(lower(span), upper(span) - 1) FROM (
                SELECT unnest(created) AS span FROM people_rowchange
                WHERE batch_id = %s AND table_name = %s
            ) written
            """,
            [batch_id, table],
        )
        return [pk for (pk,) in cursor.fetchall()]


def batch_that_created(table: str, pk: int) -> int | None:
    """The import that brought a row, where one did."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT batch_id FROM people_rowchange"
            " WHERE table_name = %s AND created @> %s::bigint AND batch_id IS NOT NULL ORDER BY id LIMIT 1",
            [table, pk],
        )
        found = cursor.fetchone()
        return found[0] if found else None


def rows_take_back(batch_id: int) -> None:
    """Delete what the batch created and restore what it changed; a handful of statements at any size.

    Needs a transaction. Raises IntegrityError where rows that came later refer to one that goes.
    """
    models_of = {model._meta.db_table: model for model in apps.get_models()}
    with _variable(_UNDO), connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT table_name FROM people_rowchange WHERE batch_id = %s AND created IS NOT NULL",
            [batch_id],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(_DELETE.format(table=table), {"batch": batch_id, "table": table})
        cursor.execute(
            "SELECT id, table_name FROM people_rowchange WHERE batch_id = %s AND before IS NOT NULL"
            " ORDER BY id DESC",
            [batch_id],
        )
        for change, table in cursor.fetchall():
            names = [
                field.column for field in models_of[table]._meta.concrete_fields if not field.primary_key
            ]
            columns, olds = (", ".join(f'{lead}"{name}"' for name in names) for lead in ("", "former."))
            cursor.execute(_RESTORE.format(table=table, columns=columns, olds=olds), {"change": change})
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@contextmanager
def _variable(value: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [_VARIABLE, value])
    yield  # on an error the caller's transaction takes the setting back
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, '', true)", [_VARIABLE])
