"""Tasks with which the tests probe a real worker."""

import os
import signal

from celery import shared_task
from django.core.cache import cache
from django.db import connection


@shared_task
def note_database(key: str) -> None:
    """Write down which database the worker works on."""
    cache.set(key, connection.settings_dict["NAME"])


@shared_task
def die_the_first_time(key: str) -> None:
    """Kill the process that runs the task, as a machine out of memory would; the second time, end well."""
    if cache.add(f"{key}-first", os.getpid()):
        os.kill(os.getpid(), signal.SIGKILL)
    cache.set(key, os.getpid())
