"""The site as production serves it: gunicorn, hashed static files, secure cookies, behind a proxy for TLS."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.production import HTTPS, SECONDS, gunicorn
from tests.roles import application_url


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("production")


@pytest.fixture(scope="module")
def production(django_db_setup: None, django_db_blocker: Any, folder: Path) -> Iterator[str]:
    """The address of a running server under production settings, on this process's test database."""
    with django_db_blocker.unblock():
        database = application_url()
    with gunicorn(folder, database=database) as address:
        yield f"http://{address}"


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


def test_the_access_log_keeps_no_names_that_were_searched(production: str, folder: Path) -> None:
    requests.get(
        f"{production}/login?q=张三",
        headers={**HTTPS, "Referer": "https://kefu.example.com/?q=%E5%BC%A0"},
        timeout=SECONDS,
    )
    written = (folder / "gunicorn.log").read_text().splitlines()
    (line,) = [each for each in written if " GET /login " in each][-1:]
    assert " 200 " in line and "?" not in line and "%E5" not in line
