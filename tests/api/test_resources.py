"""What each resource shows and how it is written."""

import pytest

from tests.api.conftest import Client, Place

pytestmark = pytest.mark.django_db

LISTS = [
    "departments", "staff", "rulebooks", "library-provisions", "versions", "provisions", "incidents",
    "proposals", "orders", "metrics", "imports", "settlements", "payslips",
]  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_a_manager_lists_and_opens_everything_of_the_department(one: Place, client_of: Client, name):
    client = client_of(one.managers["manager"])
    listed = client.get(f"/api/v1/{name}/")
    assert listed.status_code == 200, listed.content.decode()
    if name in ("rulebooks", "library-provisions"):
        return
    rows = listed.json()["results"]
    assert rows
    opened = client.get(f"/api/v1/{name}/{rows[0].get('id', rows[0].get('code'))}/")
    assert opened.status_code == 200, opened.content.decode()
    assert opened.json() == {**opened.json(), **rows[0]}
