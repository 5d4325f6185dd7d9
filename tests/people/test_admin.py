"""The administration pages of people: what each group gets to see and do there."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from people.models import Account, Department, FactChange, ImportBatch, Staff, Term
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def house():
    one, two = factories.department("D1"), factories.department("D2")
    team = factories.team(one, "A")
    return {
        "one": one,
        "two": two,
        "team": team,
        "ann": factories.staff(one, "101", name="陈晓", team=team, base_pay=Decimal("4321.00")),
        "ben": factories.staff(one, "102", name="林芳"),
        "eve": factories.staff(two, "201", name="许峰"),
    }


PAGES = ["department", "team", "staff", "term", "factchange", "importbatch", "account"]


@pytest.mark.parametrize("page", PAGES)
def test_superuser_opens_every_page(house, page):
    root = client_of(Account.objects.create_superuser("root"))
    ImportBatch.objects.create(department=house["one"], kind="staff", digest="x", rows=1, at=WHEN)
    assert root.get(f"/admin/people/{page}/").status_code == 200
    assert root.get(f"/admin/people/{page}/?q=a").status_code == 200
    adding = 403 if page in ("factchange", "importbatch") else 200
    assert root.get(f"/admin/people/{page}/add/").status_code == adding


def test_lists_hold_only_who_may_be_seen(house):
    agent = client_of(factories.account("agent", staff=house["ann"]))
    page = agent.get("/admin/people/staff/").content.decode()
    assert "陈晓" in page
    assert "林芳" not in page
    assert agent.get(f"/admin/people/staff/{house['ben'].pk}/change/").status_code == 302
    manager = client_of(factories.account("manager", house["one"]))
    page = manager.get("/admin/people/staff/").content.decode()
    assert "林芳" in page
    assert "许峰" not in page


@pytest.mark.parametrize("typed", ["101", "陈", "chenx", "cx"])
def test_staff_are_found_by_number_name_pinyin_and_initials(house, typed):
    page = client_of(factories.account("gm")).get(f"/admin/people/staff/?q={typed}").content.decode()
    assert "陈晓" in page
    assert "林芳" not in page


def test_pay_shows_to_hr_and_not_to_a_supervisor(house):
    path = f"/admin/people/staff/{house['ann'].pk}/change/"
    assert "4321.00" in client_of(factories.account("hr", house["one"])).get(path).content.decode()
    assert (
        "4321.00" not in client_of(factories.account("supervisor", house["one"])).get(path).content.decode()
    )
    assert (
        client_of(factories.account("supervisor", house["one"])).get("/admin/people/term/").status_code == 403
    )


def test_hr_adds_a_person_through_the_service(house):
    hr = client_of(factories.account("hr", house["one"]))
    sent = {"department": house["one"].pk, "number": "103", "name": "周涛", "hired_on": "2026-10-01"}
    inline = {"terms-TOTAL_FORMS": "0", "terms-INITIAL_FORMS": "0"}
    assert hr.post("/admin/people/staff/add/", {**sent, **inline}).status_code == 302
    staff = Staff.objects.get(number="103")
    assert (staff.initials, staff.joined_on) == ("zt", date(2026, 10, 1))
    assert staff.terms.get().valid.lower == date(2026, 10, 1)
    again = hr.post("/admin/people/staff/add/", {**sent, **inline})
    assert "本部门已有此工号" in again.content.decode()
    elsewhere = hr.post("/admin/people/staff/add/", {**sent, **inline, "department": house["two"].pk})
    assert elsewhere.status_code == 200
    assert Staff.objects.filter(number="103").count() == 1


def test_hr_records_leaving_corrects_the_hire_date_and_touches_the_months(house):
    hr = client_of(factories.account("hr", house["one"]))
    FactChange.objects.all().delete()
    inline = {"terms-TOTAL_FORMS": "0", "terms-INITIAL_FORMS": "0"}
    path = f"/admin/people/staff/{house['ann'].pk}/change/"
    given = {"name": "陈小", "hired_on": "2019-12-31", "left_on": "2026-09-15"}
    assert hr.post(path, {**given, **inline}).status_code == 302
    house["ann"].refresh_from_db()
    assert (house["ann"].left_on, house["ann"].name) == (date(2026, 9, 15), "陈小")
    assert house["ann"].hired_on == house["ann"].joined_on == date(2019, 12, 31)
    assert FactChange.objects.filter(month=date(2026, 9, 1)).exists()


def transfer(client: Client, staff: Staff, to: Department, **given: str) -> Any:
    address = reverse("admin:people_staff_transfer", args=[staff.pk])
    return client.post(address, {"_form_submitted": "on", "to": to.pk, "on": "2026-10-11", **given})


def test_who_manages_both_departments_transfers_somebody(house):
    hr = client_of(factories.account("hr", house["one"], house["two"]))
    account = factories.account("agent", staff=house["ann"])
    path = f"/admin/people/staff/{house['ann'].pk}/change/"
    assert "调部门" in hr.get(path).content.decode()
    dialog = hr.get(reverse("admin:people_staff_transfer", args=[house["ann"].pk])).content.decode()
    assert house["two"].name in dialog and f">{house['one'].name}<" not in dialog
    FactChange.objects.all().delete()
    answer = transfer(hr, house["ann"], house["two"])
    moved = Staff.objects.get(department=house["two"], number="101")
    assert answer.headers["Location"] == f"/admin/people/staff/{moved.pk}/change/"
    assert (moved.joined_on, moved.hired_on) == (date(2026, 10, 11), date(2020, 1, 1))
    assert (moved.account, moved.terms.get().base_pay) == (account, Decimal("4321.00"))
    house["ann"].refresh_from_db()
    assert house["ann"].left_on == date(2026, 10, 10)
    touched = FactChange.objects.filter(month=date(2026, 10, 1)).values_list("department", flat=True)
    assert set(touched) == {house["one"].pk, house["two"].pk}


def test_a_transfer_that_cannot_be_says_why_and_changes_nothing(house):
    hr = client_of(factories.account("hr", house["one"], house["two"]))
    factories.staff(house["two"], "101")
    before = Staff.objects.count()
    page = hr.get(transfer(hr, house["ann"], house["two"]).headers["Location"]).content.decode()
    assert "已有工号 101" in page
    assert transfer(hr, house["ann"], house["one"]).status_code == 200  # asks again
    transfer(hr, house["ann"], house["two"], number="1011")
    assert Staff.objects.count() == before + 1
    again = hr.get(transfer(hr, house["ann"], house["two"], number="1012").headers["Location"])
    assert "没有调动" in again.content.decode()
    assert Staff.objects.count() == before + 1


@pytest.mark.parametrize("group", ["hr", "manager", "supervisor", "gm", "auditor"])
def test_who_does_not_manage_both_departments_transfers_nobody(house, group):
    client = client_of(factories.account(group, house["one"]))
    assert "调部门" not in client.get(f"/admin/people/staff/{house['ann'].pk}/change/").content.decode()
    assert transfer(client, house["ann"], house["two"]).status_code == 403
    theirs = client_of(factories.account(group, house["two"], factories.department("D3")))
    assert transfer(theirs, house["ann"], house["two"]).status_code == 403
    assert Staff.objects.count() == 3


def test_hr_changes_terms_from_a_day(house):
    hr = client_of(factories.account("hr", house["one"]))
    sent = {"staff": house["ann"].pk, "on": "2026-10-05", "tier": "senior"}
    assert hr.post("/admin/people/term/add/", sent).status_code == 302
    old, new = house["ann"].terms.order_by("valid")
    assert (old.valid.upper, new.tier, new.base_pay) == (date(2026, 10, 5), "senior", Decimal("4321.00"))
    refused = hr.post("/admin/people/term/add/", {**sent, "on": "2019-01-01"}, follow=True)
    assert "不在职" in refused.content.decode()
    empty = hr.post("/admin/people/term/add/", {"staff": house["ann"].pk, "on": "2026-10-06"})
    assert "没有填写任何变更" in empty.content.decode()
    other = hr.post("/admin/people/term/add/", {**sent, "staff": house["eve"].pk})
    assert other.status_code == 200
    assert Term.objects.count() == 4


def test_who_only_reads_changes_nothing(house):
    auditor = client_of(factories.account("auditor"))
    path = f"/admin/people/staff/{house['ann'].pk}/change/"
    assert auditor.get(path).status_code == 200
    assert auditor.post(path, {"name": "假名"}).status_code == 403
    assert auditor.get("/admin/people/term/add/").status_code == 403
    assert client_of(factories.account("hr", house["one"])).get("/admin/people/account/").status_code == 403


def test_staff_list_costs_the_same_queries_for_any_number_of_people(house):
    manager = client_of(factories.account("manager", house["one"]))
    manager.get("/admin/people/staff/")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert manager.get("/admin/people/staff/").status_code == 200
        counts.append(len(queries))
        for _ in range(20):
            factories.staff(house["one"], team=house["team"])
    assert counts[0] == counts[1] < 25
