"""A real Celery worker for tests."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from django.conf import settings

from kefu.celery import app
from tests.roles import application_url

PROJECT_DIR = Path(__file__).resolve().parents[1]
WORKER_SECONDS = 60


@contextmanager
def celery_worker(log: Path, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker in a process of its own, on this process's test database and queue; it writes to `log`.

    It may do in the database what the application may, and no more.
    """
    app.control.purge()
    database = application_url()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "kefu.settings.test",
        "DATABASE_URL": database,
        "DATABASE_OWNER_URL": database,  # as which the tests' settings connect
        "REDIS_URL": settings.REDIS_URL,
        **environment,
    }
    command = [sys.executable, "-m", "celery", "-A", "kefu", "worker", "--concurrency=1", "--loglevel=INFO"]
    # Nothing else is on the queue, so there are no neighbours to look for.
    command += ["--include=tests.ground.probe", "--without-mingle", "--without-gossip"]
    with open(log, "wb") as output:
        worker = subprocess.Popen(
            command, cwd=PROJECT_DIR, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + WORKER_SECONDS
        while b" ready." not in log.read_bytes():
            assert worker.poll() is None and time.monotonic() < deadline, log.read_text(errors="replace")
            time.sleep(0.1)
        yield worker
    finally:
        _kill(worker.pid)
        worker.wait()
        app.control.purge()


def _kill(pid: int) -> None:
    """End a worker and its pool at once: a polite end waits three seconds for timers of its own.

    It is held first, so that it begins no more; its pool shares its connections and is waited for.
    """
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        process.suspend()
        family = [process, *process.children(recursive=True)]
        for each in family:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(family, timeout=WORKER_SECONDS)
