"""The locks that processes take in the database on what only one of them may do at a time."""

from enum import IntEnum, unique

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper


@unique
class Lock(IntEnum):
    """The first number of an advisory lock: what is locked; the second is the id of the row.

    Two kinds under one number would wait for each other wherever their ids happen to be the same.
    """

    SETTLEMENT = 0x6B66  # a run that settles a period
    UPLOAD = 0x6B67  # a worker's check or import of an upload
    UNDO = 0x6B68  # a worker's undoing of an import
    ROSTER = 0x6B6A  # a worker that fills a roster
    ATTENDANCE = 0x6B69  # the derivation of a department's attendance
    FORM = 0x6B6B  # a form that is sent, by its key


def form_lock(key: str | None) -> None:
    """Until the transaction ends, whoever else sends a form of the same key waits, and then finds its row.

    Rows that the services lock would not meet where it is sent about somebody else. None locks nothing.
    """
    if key is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [Lock.FORM, key])


def lock_try(holder: BaseDatabaseWrapper, lock: Lock, pk: int) -> bool:
    """Take the lock on a connection of its own, which holds it while it lives; False where it is taken."""
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [lock, pk])
        return bool(cursor.fetchone()[0])


def lock_release(holder: BaseDatabaseWrapper, lock: Lock, pk: int) -> None:
    """Give back what `lock_try` took on this connection."""
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [lock, pk])


def is_locked(lock: Lock, pk: int) -> bool:
    """Whether a live worker holds the lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (
                SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND granted
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            )
            """,
            [lock, pk],
        )
        return bool(cursor.fetchone()[0])
