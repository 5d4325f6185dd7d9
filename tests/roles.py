"""The database as the application has it, for tests that otherwise own their database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connection

from core.grants import grants_apply
from kefu.embedded import APPLICATION


@contextmanager
def as_application() -> Iterator[None]:
    """What runs inside may do what web, worker and beat may."""
    grants_apply(connection, role=APPLICATION)
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {APPLICATION}")
        try:
            yield
        finally:
            cursor.execute("RESET ROLE")


def application_url() -> str:
    """The address of this process's test database for the application's role, which it makes.

    For a process of its own: what the role may do is committed at once, whatever the test takes back.
    """
    owner = connection.copy()
    owner.inc_thread_sharing()

    def grant() -> None:
        try:
            grants_apply(owner, role=APPLICATION, password=APPLICATION)
        finally:
            owner.close()

    # In a thread, where the loop of the browser does not run: Django talks to no database beside one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(grant).result()
    at = connection.settings_dict
    host = f"/{at['HOST']}" if at["HOST"].startswith("/") else f"{at['HOST']}:{at['PORT'] or 5432}"
    return f"postgres://{APPLICATION}:{APPLICATION}@{host}/{at['NAME']}"
