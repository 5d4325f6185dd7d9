"""Tests: real PostgreSQL and Redis; each test process has a database and a Redis name space of its own."""

import os

from kefu.settings.base import *

SECRET_KEY = "insecure-test-key"
DATA_KEYS = ["insecure-test-data-key"]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # first passwords
]

# Tests own their database; whoever wants to see what the application may do asks as it (tests/roles.py).
DATABASES = {"default": DATABASES["owner"]}
# Two runs at once on one server need different names: TEST_DATABASE=test_mine make test
TEST_DATABASE = env.str("TEST_DATABASE", default="test_kefu")
DATABASES["default"]["TEST"] = {"NAME": TEST_DATABASE}
# What a test committed may be lost with the machine; nobody waits for the disk.
DATABASES["default"]["OPTIONS"] = {
    "options": "-c synchronous_commit=off",
    **DATABASES["default"].get("OPTIONS", {}),
}
_process = f"{TEST_DATABASE}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
CELERY_BROKER_TRANSPORT_OPTIONS = {**CELERY_BROKER_TRANSPORT_OPTIONS, "global_keyprefix": f"{_process}:"}
CACHES["default"]["KEY_PREFIX"] = _process
