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


def test_manager_fills_in_a_blank_from_a_date(adopted):
    manager = client_of(factories.account("manager", adopted))
    blank = Provision.objects.get(code="s000-01-09", version__department=adopted)
    path = f"/admin/rules/provision/{blank.pk}/change/"
    sent = {"new_params": '{"amount": "20.00"}', "effective_on": "2026-11-01"}
    assert "已发布" in manager.post(path, sent, follow=True).content.decode()
    new = Provision.objects.get(code="s000-01-09", version__department=adopted, version__number=2)
    assert new.params["amount"] == "20.00"
    blank.refresh_from_db()
    assert blank.params["amount"] is None
    said = manager.post(path, {**sent, "new_params": '{"amount": "二十"}'}, follow=True).content.decode()
    assert "不是数字" in said
    assert Version.objects.filter(department=adopted).count() == 2


def test_other_departments_and_readers_publish_nothing(adopted):
    other = Provision.objects.exclude(version__department=adopted).first()
    manager = client_of(factories.account("manager", adopted))
    assert manager.get(f"/admin/rules/provision/{other.pk}/change/").status_code == 302
    own = Provision.objects.filter(version__department=adopted).first()
    hr = client_of(factories.account("hr", adopted))
    sent = {"new_params": "{}", "effective_on": "2026-11-01"}
    assert hr.post(f"/admin/rules/provision/{own.pk}/change/", sent).status_code == 403
    assert hr.get("/admin/rules/version/add/").status_code == 403
    assert Version.objects.count() == 2
