"""Tests: real PostgreSQL and Redis; each test process has a database and a Redis name space of its own."""

import os

from kefu.settings.base import *

SECRET_KEY = "insecure-test-key"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

_process = os.environ.get("PYTEST_XDIST_WORKER", "main")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    **CELERY_BROKER_TRANSPORT_OPTIONS,
    "global_keyprefix": f"kefu-test-{_process}:",
}
CACHES["default"]["KEY_PREFIX"] = f"kefu-test-{_process}"
