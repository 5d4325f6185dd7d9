"""One worker's run over one row: handed to the queue, locked, told while it lasts, noticed when it dies.

The lock is an advisory lock (core/locks.py) of a second connection. So it outlives the transaction of the
work, and the progress written over that connection is seen at once while the work itself is not. When the
worker dies both connections go: the lock is free, and what was under way is rolled back. A lock that nobody
holds is the only proof that a run has died; there is no heartbeat and no time after which it counts as dead.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from celery import Task
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from kombu.exceptions import OperationalError

from core.errors import Refused
from core.locks import Lock, lock_release, lock_try

TICK_SECONDS = 0.5


class QueueDown(Refused):
    """The queue takes no tasks at the moment."""


def task_send(task: Task, *args: Any) -> None:
    """Hand a task to the queue. QueueDown where there is none: the caller takes back what waits for it."""
    try:
        task.delay(*args)
    except OperationalError as error:
        raise QueueDown("任务队列连不上，没有开始；请管理员检查 Redis 与 worker 后再试") from error


class Run:
    """A run that holds its lock; what it tells of itself is committed at once, over its own connection."""

    def __init__(self, other: BaseDatabaseWrapper) -> None:
        self._other = other

    def tell(self, model: type[Model], pk: int, **columns: Any) -> None:
        """Write columns of a row for others to see, whatever becomes of the work."""
        given = ", ".join(f"{name} = %s" for name in columns)
        with self._other.cursor() as cursor:
            cursor.execute(
                f"UPDATE {model._meta.db_table} SET {given} WHERE id = %s", [*columns.values(), pk]
            )

    @contextmanager
    def telling(self, tell: Callable[[], object]) -> Iterator[None]:
        """Call `tell` twice a second from a thread of its own while the work inside goes on."""
        stopped = threading.Event()

        def tick() -> None:
            while not stopped.wait(TICK_SECONDS):
                tell()

        thread = threading.Thread(target=tick, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()


@contextmanager
def run_of(lock: Lock, pk: int) -> Iterator[Run | None]:
    """Hold the lock of that row: the run, or None where somebody else holds it."""
    other = connection.copy()
    other.inc_thread_sharing()
    is_held = False
    try:
        is_held = lock_try(other, lock, pk)
        yield Run(other) if is_held else None
    finally:
        # The server notices a closed connection a moment later; whoever looks now must find the lock free.
        if is_held:
            with suppress(DatabaseError):
                lock_release(other, lock, pk)
        other.close()


def die_with_the_worker() -> None:
    """Let the database notice within a second that the worker is gone; for the transaction under way.

    Without it a statement that is under way would hold its rows to its end, and with them the next run.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL client_connection_check_interval = '1s'")
