"""One worker at a time on one upload or undo, visible to others while its transaction is open.

The lock is an advisory lock of a second connection, which also writes the progress. When the worker dies,
both connections go: the lock is free, and what was under way is rolled back.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from core.locks import Lock, lock_try
from imports.models import Upload
from sheets.table import Table

_SECONDS = 0.5


@contextmanager
def locked(lock: Lock, pk: int) -> Iterator[BaseDatabaseWrapper | None]:
    """Hold the lock of that row; the connection that holds it, None where somebody else does."""
    other = connection.copy()
    other.inc_thread_sharing()
    try:
        yield other if lock_try(other, lock, pk) else None
    finally:
        other.close()


def die_with_the_worker() -> None:
    """Let the database notice within a second that the worker is gone; for the transaction under way."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL client_connection_check_interval = '1s'")


class Progress:
    """Says twice a second, over the second connection, at which step and row the work is."""

    def __init__(self, other: BaseDatabaseWrapper, upload: Upload) -> None:
        self.step = "打开文件"
        self.table: Table | None = None
        self._other = other
        self._pk = upload.pk
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> "Progress":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def watch(self, table: Table) -> None:
        """Count the rows of this table from now on."""
        self.table, self.step = table, "读取各行"

    def _tick(self) -> None:
        while not self._stopped.wait(_SECONDS):
            with self._other.cursor() as cursor:
                cursor.execute(
                    "UPDATE imports_upload SET step = %s, rows_read = %s"
                    " WHERE id = %s AND state IN ('checking', 'importing')",
                    [self.step, self.table.read_to if self.table else 0, self._pk],
                )
