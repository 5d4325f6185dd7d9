"""The administration pages of rules: the library and versions are read, changes are published as versions."""

from datetime import date

import pytest
from django.core.management import call_command
from django.test import Client

from people.models import Account
from rules.models import Edition, LibraryProvision, Provision, Rulebook, Version
from rules.services import rulebook_adopt
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def library(capsys):
    call_command("load_rulebooks")


@pytest.fixture
def adopted(library):
    one, two = factories.department("D1"), factories.department("D2")
    for department in (one, two):
        rulebook_adopt(
            department=department, rulebook="s000-01", effective_on=date(2026, 10, 1), by=None, at=WHEN
        )
    return one


@pytest.mark.parametrize("model", [Rulebook, Edition, LibraryProvision, Version, Provision])
def test_every_page_opens(adopted, model):
    root = client_of(Account.objects.create_superuser("root"))
    path = f"/admin/rules/{model._meta.model_name}/"
    assert root.get(path).status_code == 200
    assert root.get(f"{path}?q=s000").status_code == 200
    row = model.objects.order_by("pk").first()
    assert root.get(f"{path}{row.pk}/change/").status_code == 200
    assert root.post(f"{path}{row.pk}/delete/").status_code == 403


def test_manager_adopts_a_rulebook_and_is_told_what_is_blank(library):
    department = factories.department("D1")
    manager = client_of(factories.account("manager", department))
    sent = {"department": department.pk, "effective_on": "2026-10-01"}
    sent["rulebook"] = Rulebook.objects.get(code="s000-01").pk
    said = manager.post("/admin/rules/version/add/", sent, follow=True).content.decode()
    assert "s000-01-09" in said
    version = Version.objects.get()
    assert version.published_by.username.startswith("manager")
    sent["rulebook"] = Rulebook.objects.get(code="s000-03").pk
    sent["effective_on"] = "2026-09-01"
    said = manager.post("/admin/rules/version/add/", sent, follow=True).content.decode()
    assert "新版本只能从" in said
    assert Version.objects.count() == 1


def test_provisions_are_read_in_words_and_never_edited(adopted):
    manager = client_of(factories.account("manager", adopted))
    row = Provision.objects.get(code="s000-01-09", version__department=adopted)
    path = f"/admin/rules/provision/{row.pk}/change/"
    page = manager.get(path).content.decode()
    assert row.title in page and "待填" in page and "&quot;amount&quot;" not in page
    assert manager.post(path, {"title": "别的"}).status_code == 403


def test_other_departments_and_readers_publish_nothing(adopted):
    other = Provision.objects.exclude(version__department=adopted).first()
    manager = client_of(factories.account("manager", adopted))
    assert manager.get(f"/admin/rules/provision/{other.pk}/change/").status_code == 302
    own = Provision.objects.filter(version__department=adopted).first()
    hr = client_of(factories.account("hr", adopted))
    assert hr.post(f"/admin/rules/provision/{own.pk}/change/", {"title": "别的"}).status_code == 403
    assert hr.get("/admin/rules/version/add/").status_code == 403
    assert Version.objects.count() == 2
