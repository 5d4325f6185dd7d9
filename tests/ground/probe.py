"""Tasks with which the tests probe a real worker; they answer under a key of Redis or in a file."""

import os
import signal
import time
from pathlib import Path

import redis
from celery import shared_task
from django.conf import settings
from django.db import connection

SECONDS_TO_LIVE = 600


def answers() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, decode_responses=True)


@shared_task
def note_database(key: str) -> None:
    """Write down as whom the worker works on which database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user || '@' || current_database()")
        (told,) = cursor.fetchone()
    answers().set(key, told, ex=SECONDS_TO_LIVE)


@shared_task
def die_the_first_time(key: str) -> None:
    """Kill the process that runs the task, as a machine out of memory would; the second time, end well."""
    if answers().set(f"{key}-first", os.getpid(), nx=True, ex=SECONDS_TO_LIVE):
        os.kill(os.getpid(), signal.SIGKILL)
    answers().set(key, os.getpid(), ex=SECONDS_TO_LIVE)


@shared_task
def run_until_told(folder: str) -> None:
    """Write `started`, go on until `go` is there, and write `done`; all in the folder."""
    place = Path(folder)
    (place / "started").touch()
    deadline = time.monotonic() + SECONDS_TO_LIVE
    while not (place / "go").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    (place / "done").touch()
