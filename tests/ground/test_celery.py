"""Celery with a real broker and a real worker."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from kefu import embedded
from kefu.celery import app
from kefu.redis_urls import broker_url, cache_url
from tests.ground import probe


def wait_until(happened: Callable[[], object], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def wait_for(key: str) -> object:
    wait_until(lambda: probe.answers().exists(key), f"nobody wrote {key}")
    return probe.answers().get(key)


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder for a Redis that no other test uses and that may be stopped."""
    base = Path(tempfile.mkdtemp(prefix="kefu-test-"))
    base.chmod(0o755)
    yield base
    redis = embedded.Redis(base)
    redis.stop()
    shutil.rmtree(redis.sockets)
    shutil.rmtree(base)


def test_a_worker_runs_a_task_on_the_tests_own_database_as_the_application(
    worker_process: "subprocess.Popen[bytes]",
) -> None:
    key = f"probe-{uuid.uuid4()}"
    probe.note_database.delay(key)
    assert wait_for(key) == f"{embedded.APPLICATION}@{connection.settings_dict['NAME']}"


def test_a_task_whose_process_is_killed_runs_again(worker_process: "subprocess.Popen[bytes]") -> None:
    key = f"probe-{uuid.uuid4()}"
    probe.die_the_first_time.delay(key)
    assert wait_for(key) != wait_for(f"{key}-first")


def test_a_worker_goes_on_with_a_broker_that_was_restarted_under_a_task(base: Path, tmp_path: Path) -> None:
    broker, url = embedded.Redis(base), embedded.redis_url(base)
    log, first, second = (tmp_path / name for name in ("worker.log", "first", "second"))
    for folder in (first, second):
        folder.mkdir()
    (second / "go").touch()
    # Unlike the other tests' worker it looks for neighbours, as one in production does.
    command = [sys.executable, "-m", "celery", "-A", "kefu", "worker", "--concurrency=2", "--loglevel=INFO"]
    with open(log, "wb") as output:
        worker = subprocess.Popen(
            [*command, "--include=tests.ground.probe"],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "kefu.settings.test", "REDIS_URL": url},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def send(folder: Path) -> None:
        with app.connection_for_write(broker_url(url)) as connection:
            probe.run_until_told.apply_async((str(folder),), connection=connection)

    try:
        send(first)
        wait_until((first / "started").exists, "nobody took the first task")
        broker.stop()
        wait_until(lambda: b"Connection to broker lost" in log.read_bytes(), "the broker was not missed")
        broker.ensure_up()
        wait_until(lambda: log.read_bytes().count(b"Connected to redis") == 2, "the worker did not come back")
        (first / "go").touch()
        wait_until((first / "done").exists, "the running task was lost")
        send(second)
        wait_until((second / "done").exists, "nobody took the second task")
    except AssertionError as error:
        error.add_note(log.read_text())
        raise
    finally:
        # With its pool, and by force: a worker that has lost its broker may not end when asked.
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


def test_tasks_wait_in_the_broker_for_a_worker() -> None:
    app.control.purge()
    probe.note_database.delay("name")
    probe.note_database.delay("name")
    assert app.control.purge() == 2


def test_beat_settles_on_the_first_of_the_month_at_two_in_shanghai() -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["settle-all-departments"]
    assert entry["task"] == "payroll.tasks.settle_all_departments"
    schedule = entry["schedule"]
    assert (schedule.day_of_month, schedule.hour, schedule.minute) == ({1}, {2}, {0})
    assert app.conf.timezone == "Asia/Shanghai"


def test_every_task_that_beat_sends_exists() -> None:
    app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["task"] in app.tasks


@pytest.mark.parametrize(
    ("queue", "cache"),
    [
        ("unix:///tmp/kefu/redis.sock?db=0", "unix:///tmp/kefu/redis.sock?db=1"),
        ("redis://redis:6379/0", "redis://redis:6379/1"),
        ("redis://:secret@redis:6379/2", "redis://:secret@redis:6379/3"),
        ("rediss://redis:6379", "rediss://redis:6379/1"),
    ],
)
def test_the_cache_has_a_redis_database_of_its_own(queue: str, cache: str) -> None:
    """Emptying Django's cache empties its whole database, and must not take the queued tasks along."""
    assert cache_url(queue) == cache


def test_celery_and_redis_py_read_the_same_address() -> None:
    url = "unix:///tmp/kefu-1/redis.sock?db=0"
    assert broker_url(url) == "redis+socket:///tmp/kefu-1/redis.sock?virtual_host=0"
    assert broker_url("redis://redis:6379/0") == "redis://redis:6379/0"
