"""What every test shares. Each xdist process has its own test database and its own Redis name space."""

import gc
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import TransactionTestCase
from pytest_django import fixtures
from xdist.scheduler import LoadScopeScheduling

from core.collecting import MANY
from people.services import groups_sync
from tests.database import empty_touched_tables, is_test_database, template_ensure
from tests.worker import celery_worker

# Fixtures that start processes.
WORKERS = {"worker_process", "worker", "new_base"}
LONG = ("browser", "long", "walk")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """With -n a module is one piece of work, in the order below: what is made for a module is made once."""
    config.option.loadscopereorder = False
    return LoadScopeScheduling(config, log)


def pytest_itemcollected(item: pytest.Item) -> None:
    """The browser's tests are marked by where they stand, those that start processes by their fixtures."""
    if "browser" in item.path.relative_to(item.config.rootpath).parts:
        item.add_marker("browser")
    if WORKERS & set(getattr(item, "fixturenames", ())):
        item.add_marker("worker")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser and other long modules come first: the last pieces of work should be short.

    Within a module tests that commit come first: what is made for the module may be in a transaction.
    """
    tests_of = Counter(item.path for item in items)

    def place(item: pytest.Item) -> tuple[Any, ...]:
        is_short = [item.get_closest_marker(each) is None for each in LONG]
        return *is_short, -tests_of[item.path], item.path, not _commits(item)

    items.sort(key=place)


def _commits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    given = bool(marker and marker.kwargs.get("transaction"))
    return given or "transactional_db" in getattr(item, "fixturenames", ())


def pytest_collection_finish() -> None:
    """What was imported and collected stays: looking for garbage in it again and again is dear.

    As within `new_objects_alone`, which therefore thaws nothing of it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(MANY, 20, 20)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    django_db_blocker: Any,
    monkeypatch_session: pytest.MonkeyPatch,
) -> None:
    """Every process copies one migrated template, whichever tests were chosen.

    pytest-django makes a database only where a chosen test is marked for it; tests that look at what a
    fixture laid for all of them (tests/browser) would then work on the database of the developer.
    """
    monkeypatch_session.setattr(fixtures, "_get_databases_for_setup", lambda items: ({"default"}, set()))
    with django_db_blocker.unblock():
        template_ensure()


@pytest.fixture(scope="session")
def monkeypatch_session() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: Any, monkeypatch_session: pytest.MonkeyPatch
) -> Iterator[None]:
    """The login groups have their permissions from the first test on, and keep them."""
    assert is_test_database()
    with django_db_blocker.unblock():
        groups_sync()
    monkeypatch_session.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_touched_tables())
    yield


@pytest.fixture
def worker_process(transactional_db: None, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A real Celery worker in a process of its own, on this test's database and queue."""
    with celery_worker(tmp_path / "worker.log") as worker:
        yield worker
