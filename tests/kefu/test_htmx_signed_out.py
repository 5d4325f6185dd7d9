"""Parts of pages asked for when the session has lapsed: the whole page goes to sign in and comes back."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests import factories

pytestmark = pytest.mark.django_db

PARTS = ["/commission/A/", "/imports/1/progress", "/incidents/people", "/pay/A/2026-10/progress"]


def asked(client: Client, path: str, page: str, method: str = "get") -> str:
    """Where the browser is sent as a whole by what a part answers."""
    response = getattr(client, method)(path, headers={"HX-Request": "true", "HX-Current-URL": page})
    assert response.status_code == 200 and not response.content
    return str(response.headers["HX-Redirect"])


@pytest.mark.parametrize("path", PARTS)
def test_a_part_asked_for_without_a_session_sends_the_page_to_sign_in(client: Client, path: str) -> None:
    sent = urlsplit(asked(client, path, "http://testserver/pay/A/2026-10/?page=2"))
    assert sent.path == "/login"
    assert parse_qs(sent.query) == {"next": ["/pay/A/2026-10/?page=2"]}


def test_a_form_that_htmx_sends_does_the_same(client: Client) -> None:
    sent = asked(client, "/rules/A/draft/add/fine", "http://testserver/rules/A/draft", "post")
    assert sent == "/login?next=%2Frules%2FA%2Fdraft"


def test_nobody_is_sent_back_to_another_site(client: Client) -> None:
    assert asked(client, "/incidents/people", "https://elsewhere.example/x") == "/login"


def test_a_whole_page_is_redirected_as_ever(client: Client) -> None:
    assert client.get("/incidents/").headers["Location"] == "/login?next=/incidents/"


def test_a_part_asked_for_with_a_first_password_sends_the_page_to_change_it(client: Client) -> None:
    account = factories.account("manager", factories.department("A"))
    account.must_change_password = True
    account.save(update_fields=["must_change_password"])
    client.force_login(account)
    assert asked(client, "/incidents/people", "http://testserver/incidents/new") == "/password"
