"""The site on a phone's home screen: its manifest, its icons, and a worker that keeps nothing of anybody."""

import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


def test_the_manifest_names_icons_that_are_there(client: Client) -> None:
    response = client.get("/manifest.webmanifest")
    assert response.headers["Content-Type"] == "application/manifest+json"
    shown = json.loads(response.content)
    assert (shown["scope"], shown["start_url"], shown["display"]) == ("/", "/", "standalone")
    assert {"192x192", "512x512"} <= {each["sizes"] for each in shown["icons"]}
    assert "maskable" in {each["purpose"] for each in shown["icons"]}
    for icon in shown["icons"]:
        path = finders.find(icon["src"].removeprefix("/static/"))
        assert path is not None, icon
        with open(path, "rb") as file:
            head = file.read(24)
        size = int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
        assert head[:8] == b"\x89PNG\r\n\x1a\n" and "{}x{}".format(*size) == icon["sizes"]


def test_every_page_leads_to_the_manifest_and_the_worker(client: Client) -> None:
    page = client.get(reverse("login")).content.decode()
    assert 'rel="manifest" href="/manifest.webmanifest"' in page
    assert 'data-worker="/worker.js"' in page and page.count('name="theme-color"') == 2


def test_the_worker_keeps_static_files_and_the_page_for_no_line_alone(client: Client) -> None:
    client.force_login(factories.account("agent"))
    response = client.get("/worker.js")
    assert response.headers["Content-Type"] == "text/javascript"
    assert "no-cache" in response.headers["Cache-Control"]
    text = response.content.decode()
    match = re.search(r"const GIVEN = (.*);", text)
    assert match is not None
    given = json.loads(match[1])
    assert given["kept"][0] == "/offline" and len(given["kept"]) > 4
    for url in given["kept"][1:]:
        assert finders.find(url.removeprefix("/static/")), url
    # Nothing that somebody sees ever gets into a cache: what is asked for later is never put there.
    assert ".put(" not in text and text.count("addAll") == 1 and 'credentials: "omit"' in text


def test_the_page_for_no_line_is_the_same_for_everybody(client: Client) -> None:
    nobodys = client.get("/offline").content
    client.force_login(factories.account("agent", username="somebody"))
    assert client.get("/offline").content == nobodys
    assert "没有网络" in nobodys.decode() and "补卡" in nobodys.decode()
