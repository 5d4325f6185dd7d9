"""The description of the API is valid, readable, and nothing that fits or does not fit it ends in a 5xx."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client as Browser
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from kefu.api_limits import TokenThrottle
from kefu.celery import app
from kefu.wsgi import application
from tests import factories
from tests.api.conftest import Place, issue

pytestmark = [pytest.mark.django_db, pytest.mark.walk]

EXAMPLES = 5  # of each operation


def test_the_description_is_valid_and_complete(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", file=str(tmp_path / "schema.yml"))


def test_every_operation_speaks_chinese():
    paths: dict[str, Any] = SchemaGenerator().get_schema(public=True)["paths"]
    operations = [each for path in paths.values() for each in path.values()]
    assert len(operations) > 35
    for operation in operations:
        assert re.search(r"[一-鿿]", operation["summary"]), operation["operationId"]
        assert re.search(r"[一-鿿]", operation["description"]), operation["operationId"]
        for parameter in operation.get("parameters", []):
            assert parameter["in"] == "path" or parameter.get("description"), parameter


def test_a_token_or_somebody_signed_in_reads_the_description(one: Place, client: Browser):
    assert client.get("/api/v1/schema/").status_code == 401
    _, secret = issue(one.managers["hr"], departments=[one.department])
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/schema/", headers=bearer).status_code == 200
    client.force_login(one.managers["hr"])
    assert client.get("/api/v1/schema/").status_code == 200


def test_being_signed_in_is_no_token(one: Place, client: Browser):
    client.force_login(one.managers["manager"])
    assert client.get("/api/v1/staff/").status_code == 401


def test_the_readable_page_asks_to_sign_in_and_needs_no_script_in_the_page(one: Place, client: Browser):
    assert client.get("/api/v1/docs/").headers["Location"].startswith("/login")
    client.force_login(one.managers["hr"])
    assert client.get("/api/v1/").headers["Location"] == "/api/v1/docs/"
    page = client.get("/api/v1/docs/")
    told = page.content.decode()
    assert page.status_code == 200
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert not re.search(r"<style|<script>|style=| on\w+=|https?://", told)
    for source in re.findall(r'(?:src|href)="([^"]+)"', told):
        assert source.startswith("/"), source
    script = client.get("/api/v1/docs/?script=")
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert "/api/v1/schema/" in script.content.decode()


@pytest.fixture
def kept_connection() -> Iterator[None]:
    """Requests through WSGI leave the test's connection, and so its transaction, open."""
    for signal in request_started, request_finished:
        signal.disconnect(close_old_connections)
    yield
    for signal in request_started, request_finished:
        signal.connect(close_old_connections)


def test_nothing_ends_in_a_server_error(one: Place, kept_connection: None, monkeypatch: pytest.MonkeyPatch):
    """Requests that fit the description and requests that do not, by somebody who may do everything."""
    monkeypatch.setitem(TokenThrottle.THROTTLE_RATES, "token", "1000000/min")
    root = factories.account("gm", username="root")
    root.is_superuser = True
    root.save()
    _, secret = issue(root, departments=[one.department])
    described = SchemaGenerator().get_schema(public=True)
    for operation in (each for path in described["paths"].values() for each in path.values()):
        del operation["security"]  # or half of the requests would bring made-up tokens
    schema = schemathesis.openapi.from_dict(described)
    schema.app = application
    answered: Counter[int] = Counter()
    for operation in (result.ok() for result in schema.get_all_operations()):
        for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def check(case: schemathesis.Case) -> None:
                response = case.call(headers={"Authorization": f"Bearer {secret}"})
                assert response.status_code < 500, (case.as_curl_command(), response.text[-2000:])
                if response.status_code >= 400:
                    told = response.headers["content-type"], case.as_curl_command()
                    assert told[0] == ["application/problem+json"], told
                    assert {"type", "title", "status", "detail", "errors"} <= response.json().keys()
                answered[response.status_code] += 1

            with suppress(Unsatisfiable):  # an operation without input has none that does not fit
                check()
    app.control.purge()
    assert answered[200] > 20 and answered[400] > 20 and answered[404] > 20
    assert not answered[401] and not answered[429]
