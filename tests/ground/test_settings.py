"""Production refuses to start unsafe; each case is a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT_DIR = Path(__file__).resolve().parents[2]
SAFE = {
    "DJANGO_SETTINGS_MODULE": "kefu.settings.production",
    "DJANGO_SECRET_KEY": "k8#Vn2!qLw" * 6,
    "KEFU_DATA_KEYS": "q7!Zr4@mTx" * 4 + "," + "w2$Yn8%kLp" * 4,
    "DJANGO_ALLOWED_HOSTS": "kefu.example.com,.example.org",
    "DATABASE_URL": "postgres://kefu:secret@db.example.com:5432/kefu",
    "REDIS_URL": "redis://redis.example.com:6379/0",
}


def start(**changes: str | None) -> "subprocess.CompletedProcess[str]":
    """Set Django up as a server would, and print some settings."""
    environment = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", **SAFE, **changes}
    code = """
import django, json
from django.conf import settings
django.setup()
names = ["DEBUG", "ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT",
         "SECURE_HSTS_SECONDS", "CSRF_TRUSTED_ORIGINS", "CELERY_BROKER_URL"]
print(json.dumps({name: getattr(settings, name) for name in names}))
"""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT_DIR,
        env={name: value for name, value in environment.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DJANGO_SECRET_KEY", None),
        ("DJANGO_SECRET_KEY", ""),
        ("DJANGO_SECRET_KEY", "short"),
        ("DJANGO_SECRET_KEY", "a" * 60),
        ("DJANGO_SECRET_KEY", "django-insecure-" + "k8#Vn2!qLw" * 6),
        ("DJANGO_SECRET_KEY", "please-CHANGE-me-" + "k8#Vn2!qLw" * 6),
        ("KEFU_DATA_KEYS", None),
        ("KEFU_DATA_KEYS", " , "),
        ("KEFU_DATA_KEYS", "short"),
        ("KEFU_DATA_KEYS", "q7!Zr4@mTx" * 4 + ",short"),
        ("KEFU_DATA_KEYS", "insecure-" + "q7!Zr4@mTx" * 4),
        ("DJANGO_DEBUG", "true"),
        ("DJANGO_ALLOWED_HOSTS", None),
        ("DJANGO_ALLOWED_HOSTS", ""),
        ("DJANGO_ALLOWED_HOSTS", "kefu.example.com,*"),
        ("DATABASE_URL", None),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "sqlite:///kefu.sqlite3"),
        ("REDIS_URL", None),
    ],
)
def test_production_refuses(name: str, value: str | None) -> None:
    result = start(**{name: value})
    assert result.returncode != 0
    assert f"ImproperlyConfigured: 拒绝启动：环境变量 {name} " in result.stderr


def test_production_starts_with_safe_settings() -> None:
    result = start()
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["kefu.example.com", ".example.org"],
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 31536000,
        "CSRF_TRUSTED_ORIGINS": ["https://kefu.example.com", "https://*.example.org"],
        "CELERY_BROKER_URL": "redis://redis.example.com:6379/0",
    }


def test_django_finds_nothing_unsafe_in_production() -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level=WARNING", "--tag=security"],
        cwd=PROJECT_DIR,
        env={"PATH": os.environ["PATH"], "PYTHONUTF8": "1", "DJANGO_HSTS_PRELOAD": "true", **SAFE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
