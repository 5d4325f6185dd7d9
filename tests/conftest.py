"""What every test shares. Each xdist process has its own test database and its own Redis name space."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worker import celery_worker


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in the browser come last: what they load is committed, Playwright's loop runs on after them."""
    items.sort(key=lambda item: "browser" in item.path.relative_to(item.config.rootpath).parts)


@pytest.fixture
def worker_process(transactional_db: None, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A real Celery worker in a process of its own, on this test's database and queue."""
    with celery_worker(tmp_path / "worker.log") as worker:
        yield worker
