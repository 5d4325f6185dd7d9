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


def test_the_home_page_leads_to_the_administration(client: Client) -> None:
    assert client.get("/").headers["Location"] == "/admin/"


@pytest.mark.django_db
def test_the_login_page_is_in_chinese(client: Client) -> None:
    page = client.get("/admin/login/").content.decode()
    assert "kefu 客服部管理" in page
    assert 'lang="zh-hans"' in page
