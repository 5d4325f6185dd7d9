"""Celery with a real broker and a real worker."""

import subprocess
import time
import uuid

import pytest
from django.conf import settings
from django.db import connection

from kefu import embedded
from kefu.celery import app
from tests.ground import probe


def wait_for(key: str, seconds: float = 60) -> object:
    deadline = time.monotonic() + seconds
    while (value := probe.answers().get(key)) is None:
        assert time.monotonic() < deadline, f"nobody wrote {key}"
        time.sleep(0.05)
    return value


def test_a_worker_runs_a_task_on_the_tests_own_database(worker_process: "subprocess.Popen[bytes]") -> None:
    key = f"probe-{uuid.uuid4()}"
    probe.note_database.delay(key)
    assert wait_for(key) == connection.settings_dict["NAME"]


def test_a_task_whose_process_is_killed_runs_again(worker_process: "subprocess.Popen[bytes]") -> None:
    key = f"probe-{uuid.uuid4()}"
    probe.die_the_first_time.delay(key)
    assert wait_for(key) != wait_for(f"{key}-first")


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
    assert embedded.cache_url(queue) == cache
