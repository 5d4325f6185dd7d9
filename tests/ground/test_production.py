"""The site as production serves it: gunicorn, hashed static files, secure cookies, behind a proxy for TLS."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings

from tests.ground.test_settings import SAFE
from tests.roles import application_url
from tests.worker import PROJECT_DIR

HTTPS = {"X-Forwarded-Proto": "https", "Host": "kefu.example.com"}
SECONDS = 60


def served(address: str) -> list[str]:
    """The command of the Dockerfile, at another address."""
    text = (PROJECT_DIR / "Dockerfile").read_text().replace("\\\n", "")
    command: list[str] = json.loads(text.rpartition("CMD ")[2])
    return [sys.executable, "-m", *("--bind=" + address if "--bind" in each else each for each in command)]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("production") / "gunicorn.log"


@pytest.fixture(scope="module")
def production(django_db_setup: None, django_db_blocker: Any, log: Path) -> Iterator[str]:
    """The address of a running server under production settings, on this process's test database."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{found.getsockname()[1]}"
    with django_db_blocker.unblock():
        database = application_url()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONUTF8": "1",
        **SAFE,
        "DATABASE_URL": database,
        "REDIS_URL": settings.REDIS_URL,
        "STATIC_ROOT": str(log.with_name("static")),
    }
    collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    subprocess.run(collect, cwd=PROJECT_DIR, env=environment, check=True)
    with open(log, "wb") as output:
        server = subprocess.Popen(
            served(address), cwd=PROJECT_DIR, env=environment, stdout=output, stderr=output
        )
    try:
        _wait_for(address, server, log)
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait(timeout=SECONDS)


def _wait_for(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        assert server.poll() is None and time.monotonic() < deadline, log.read_text(errors="replace")
        try:
            requests.get(f"http://{address}/healthz", headers=HTTPS, timeout=5)
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.1)
        else:
            return


def test_phones_get_the_worker_and_everything_that_it_keeps(production: str) -> None:
    worker = requests.get(f"{production}/worker.js", headers=HTTPS, timeout=SECONDS)
    assert worker.status_code == 200, worker.text
    match = re.search(r"const GIVEN = (.*);", worker.text)
    assert match is not None
    given = json.loads(match[1])
    assert given["static"] == "/static/"
    for url in given["kept"]:
        kept = requests.get(production + url, headers=HTTPS, timeout=SECONDS)
        assert kept.status_code == 200, url
    hashed = [url for url in given["kept"] if re.search(r"\.[0-9a-f]{12}\.", url)]
    assert len(hashed) == len(given["kept"]) - 1  # all but the page


@pytest.mark.parametrize("path", ["/login", "/offline", "/manifest.webmanifest", "/healthz"])
def test_what_nobody_signs_in_for_is_served(production: str, path: str) -> None:
    response = requests.get(production + path, headers=HTTPS, timeout=SECONDS, allow_redirects=False)
    assert response.status_code == 200
    for link in set(re.findall(r'(?:href|src)="(/static/[^"]+)"', response.text)):
        found = requests.get(production + link, headers=HTTPS, timeout=SECONDS)
        assert found.status_code == 200 and "immutable" in found.headers["Cache-Control"], link


def test_without_tls_the_visitor_is_sent_to_it_and_cookies_stay_on_it(production: str) -> None:
    plain = requests.get(
        f"{production}/login", headers={"Host": HTTPS["Host"]}, timeout=SECONDS, allow_redirects=False
    )
    assert plain.status_code == 301 and plain.headers["Location"] == "https://kefu.example.com/login"
    secure = requests.get(f"{production}/login", headers=HTTPS, timeout=SECONDS)
    assert (
        "Secure" in secure.headers["Set-Cookie"]
        and "max-age=31536000" in secure.headers["Strict-Transport-Security"]
    )


def test_the_access_log_keeps_no_names_that_were_searched(production: str, log: Path) -> None:
    requests.get(
        f"{production}/login?q=张三",
        headers={**HTTPS, "Referer": "https://kefu.example.com/?q=%E5%BC%A0"},
        timeout=SECONDS,
    )
    (line,) = [each for each in log.read_text().splitlines() if " GET /login " in each][-1:]
    assert " 200 " in line and "?" not in line and "%E5" not in line
