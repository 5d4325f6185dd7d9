"""A write that is sent again under its key is done once."""

import threading
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from commissions.models import Order
from people.api_base import KEYS_KEPT
from people.models import IdempotencyKey
from tests.api.conftest import Client, Place, issue, place, with_token

ADDRESS = "/api/v1/orders/"


def body(number: str = "N1") -> dict[str, Any]:
    return {"department": "D1", "orders": [{"order_no": number, "amount": "12.50"}]}


def send(client: Any, key: str, given: dict[str, Any] | None = None, address: str = ADDRESS) -> Any:
    return client.post(address, given or body(), format="json", headers={"Idempotency-Key": key})


@pytest.mark.django_db
def test_the_same_request_again_gets_the_same_answer_and_writes_nothing(one: Place, client_of: Client):
    client = client_of(one.managers["manager"])
    first, again = send(client, "k1"), send(client, "k1")
    assert (first.status_code, first.json()) == (201, again.json())
    assert again.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first.headers
    assert Order.objects.filter(order_no="N1").count() == 1


@pytest.mark.django_db
def test_a_key_serves_one_request_only(one: Place, client_of: Client):
    client = client_of(one.managers["manager"])
    send(client, "k1")
    for refused in (
        send(client, "k1", body("N2")),
        send(client, "k1", {"reason": "x"}, f"/api/v1/incidents/{one.incident.pk}/reverse/"),
    ):
        assert refused.status_code == 422
        assert refused.json()["type"] == "urn:kefu:problem:idempotency-key-reused"
    assert not Order.objects.filter(order_no="N2").exists()


@pytest.mark.django_db
def test_another_token_has_keys_of_its_own(one: Place, client_of: Client):
    account = one.managers["manager"]
    send(client_of(account), "k1")
    assert send(client_of(account), "k1", body("N2")).status_code == 201


@pytest.mark.django_db
def test_what_was_refused_may_be_tried_again_under_its_key(one: Place, client_of: Client):
    client = client_of(one.managers["manager"])
    taken = body("O1102")
    assert send(client, "k1", taken).status_code == 422
    assert not IdempotencyKey.objects.exists()
    Order.objects.filter(order_no="O1102").update(order_no="O9")
    assert send(client, "k1", taken).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 129, "bad\x7f", "a\tb"])
def test_a_key_is_short_and_visible(one: Place, client_of: Client, key):
    refused = send(client_of(one.managers["manager"]), key)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"] == "Idempotency-Key"
    assert not Order.objects.filter(order_no="N1").exists()


@pytest.mark.django_db
def test_an_uploaded_file_counts_by_its_bytes(one: Place, client_of: Client):
    client = client_of(one.managers["hr"])

    def upload(number: str) -> Any:
        file = SimpleUploadedFile("a.csv", f"工号,姓名,入职日期\n{number},李五零,2026-10-01\n".encode())
        given = {"department": "D1", "kind": "staff", "file": file}
        headers = {"Idempotency-Key": "k1"}
        return client.post("/api/v1/imports/", given, format="multipart", headers=headers)

    assert upload("1150").status_code == 201
    again = upload("1150")
    assert (again.status_code, again.json()["is_repetition"]) == (201, False)
    assert upload("1151").status_code == 422


@pytest.mark.django_db
def test_keys_are_kept_a_week(one: Place, client_of: Client):
    client = client_of(one.managers["manager"])
    send(client, "k1")
    IdempotencyKey.objects.update(at=timezone.now() - KEYS_KEPT)
    send(client, "k2", body("N2"))
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["k2"]


@pytest.mark.django_db(transaction=True)
def test_of_two_that_come_at_once_one_writes_and_both_get_its_answer():
    cache.clear()
    made = place("D1")
    _, secret = issue(made.managers["manager"], departments=[made.department])
    answers: list[Any] = []
    start = threading.Barrier(4)

    def ask() -> None:
        try:
            start.wait()
            answers.append(send(with_token(secret), "k1"))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.status_code for each in answers] == [201] * 4
    assert all(each.json() == answers[0].json() for each in answers)
    assert sum("Idempotency-Replayed" in each.headers for each in answers) == 3
    assert Order.objects.filter(order_no="N1").count() == 1
