"""The shell's own pages."""

import pytest
from django.db import OperationalError, connection
from django.test import Client


@pytest.mark.django_db
def test_health_is_good_when_every_service_answers(client: Client) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"database": True, "redis": True}
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_health_is_bad_without_redis(client: Client, settings: pytest.FixtureRequest) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock?db=0"
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"database": True, "redis": False}


@pytest.mark.django_db
def test_health_is_bad_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused by db.example.com")

    monkeypatch.setattr(connection, "cursor", refuse)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"database": False, "redis": True}
    assert b"example.com" not in response.content


@pytest.mark.django_db
def test_the_home_page_asks_to_sign_in(client: Client) -> None:
    assert client.get("/").headers["Location"] == "/login?next=/"


@pytest.mark.django_db
def test_the_administration_signs_in_through_the_same_page(client: Client) -> None:
    page = client.get("/admin/", follow=True)
    assert page.redirect_chain[-1][0].startswith("/login?next=")
    assert "kefu 客服部管理" in page.content.decode()
    assert 'lang="zh-CN"' in page.content.decode()
