"""Visits to the pages of cases: signing in, reading a page, sending a form."""

from typing import Any

from django.test import Client
from django.urls import reverse

from people.models import Account


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def page(client: Client, name: str, *args: Any, **asked: Any) -> str:
    response = client.get(reverse(name, args=args), asked)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def post(client: Client, name: str, *args: Any, **data: Any) -> str:
    response = client.post(reverse(name, args=args), data, follow=True)
    assert response.status_code == 200, response.status_code
    return response.content.decode()
