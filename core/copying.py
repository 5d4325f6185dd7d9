"""Brings lines into PostgreSQL by COPY, and makes the next ones while it stores these."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def copy_lines(table: str, columns: str, lines: str) -> None:
    """COPY lines of PostgreSQL's text format into `columns` of a table.

    `table` and `columns` are names from the code, never from input. Raises psycopg2's errors.
    """
    content = lines.encode()
    with connection.cursor() as cursor:
        # In one piece: between pieces this thread would wait for the one that makes the next lines.
        cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", io.BytesIO(content), len(content) + 1)


def ahead(batches: Iterator[T]) -> Iterator[T]:
    """The same batches, the next one being made in a thread while the caller works on the last.

    The iterator must not touch the database: its connection belongs to the caller's thread.
    """
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, batches, None)
            yield batch
