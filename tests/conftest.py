"""What every test shares. Each xdist process has its own test database and its own Redis name space."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import TransactionTestCase

from people.services import groups_sync
from tests.database import empty_touched_tables, is_test_database, template_ensure
from tests.worker import celery_worker


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in the browser come last: what they load is committed, Playwright's loop runs on after them."""
    items.sort(key=lambda item: "browser" in item.path.relative_to(item.config.rootpath).parts)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any
) -> None:
    """Every process copies one migrated template."""
    with django_db_blocker.unblock():
        template_ensure()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The login groups have their permissions from the first test on, and keep them."""
    if is_test_database():
        with django_db_blocker.unblock():
            groups_sync()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_touched_tables())
        yield


@pytest.fixture
def worker_process(transactional_db: None, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A real Celery worker in a process of its own, on this test's database and queue."""
    with celery_worker(tmp_path / "worker.log") as worker:
        yield worker
