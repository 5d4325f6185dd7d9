"""Cases in the administration: who opens which rows, what managers do there, what goes out."""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from complaints.models import (
    Appeal,
    Callback,
    Case,
    CaseEvent,
    Charge,
    Clock,
    ClockEvent,
    Loss,
    OpeningHours,
    Ruling,
)
from complaints.services.cases import case_step
from complaints.services.lifecycle import callback_record, case_pause, case_reopen
from people.models import Account
from tests import factories
from tests.complaints.opened import WEEK, Place, at, place
from tests.complaints.test_notices import SHARE, charged
from tests.kefu.test_admin_words import english

pytestmark = pytest.mark.django_db

MODELS = (Case, CaseEvent, Callback, Clock, ClockEvent, Loss, Ruling, Charge, Appeal, OpeningHours)
BUSINESS: dict[str, Any] = {
    "code": "x-days",
    "title": "3个工作日",
    "kind": "case_deadline",
    "params": {"days": 3, "calendar": "business"},
}


@pytest.fixture
def one() -> Place:
    return place({**WEEK, "params": {"days": 7}}, BUSINESS, SHARE)


@pytest.fixture
def filled(one: Place) -> Place:
    """A row of every model, all of one case."""
    charge = charged(one)
    case = charge.ruling.case
    Appeal.objects.create(charge=charge, staff=one.holder, reason="不是我", asked_at=at(8))
    callback_record(case=case, happened_at=at(8), is_reached=True, satisfaction=4, by=None, at=at(8))
    OpeningHours.objects.create(
        department=one.department, from_on=date(2026, 1, 1), at=at(1),
        hours=[{"weekdays": [1, 2], "start": "09:00", "end": "18:00"}],
    )  # fmt: skip
    return one


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def url_of(model: Any, page: str = "changelist", *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def steer(client: Client, what: str, case: Case, **given: Any) -> str:
    """Send the dialog of an action; what the page says then."""
    sent = {**given, "_form_submitted": "True"}
    client.post(reverse(f"admin:complaints_case_{what}", args=[case.pk]), sent)
    return client.get(url_of(Case, "change", case.pk)).content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_managers_read_every_row_with_its_history_in_chinese(filled: Place, model: Any) -> None:
    Account.objects.filter(pk=filled.accounts["manager"].pk).update(first_name="经理")
    manager = client_of(filled.accounts["manager"])
    row = model._default_manager.earliest("pk")
    for address in (
        url_of(model),
        url_of(model) + "?q=没有",
        url_of(model, "change", row.pk),
        url_of(model, "history", row.pk),
    ):
        response = manager.get(address)
        assert response.status_code == 200, address
        codes = {*Account.objects.values_list("username", flat=True), "x-week", "x-share"}
        found = english(response.content.decode()) - codes
        assert not found, (address, found)
    assert manager.get(url_of(model)).context_data["cl"].result_count >= 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("group", ["agent", "lead"])
def test_who_does_not_see_all_cases_opens_none_here(filled: Place, model: Any, group: str) -> None:
    account = factories.account(group, staff=factories.staff(filled.department, role=group))
    Account.objects.filter(pk=account.pk).update(is_staff=True)
    client, row = client_of(account), model._default_manager.earliest("pk")
    for page in (url_of(model), url_of(model, "change", row.pk), url_of(model, "xlsx"),
                 url_of(model, "history", row.pk)):  # fmt: skip
        assert client.get(page).status_code in (302, 403), page


@pytest.mark.parametrize("model", MODELS)
def test_rows_of_a_department_where_one_only_works_are_not_listed(filled: Place, model: Any) -> None:
    # Supervisor elsewhere, agent here: here nothing is seen whole.
    account = factories.account(
        "supervisor", factories.department(), staff=factories.staff(filled.department)
    )
    client, row = client_of(account), model._default_manager.earliest("pk")
    response: Any = client.get(url_of(model))
    assert response.context_data["cl"].result_count == 0
    assert client.get(url_of(model, "change", row.pk)).status_code == 302
    assert cells_of(client.get(url_of(model, "xlsx")))[1:] == []


def cells_of(response: Any) -> list[tuple[Any, ...]]:
    assert response.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    return list(book.worksheets[0].iter_rows(values_only=True))


def test_nothing_of_the_complainant_is_shown_or_exported(filled: Place) -> None:
    manager = client_of(filled.accounts["manager"])
    case = Case.objects.earliest("pk")
    for page in (url_of(Case), url_of(Case, "change", case.pk), url_of(Case, "history", case.pk)):
        text = manager.get(page).content.decode()
        assert "孙女士" not in text and "13800000001" not in text
    assert case.number in str(cells_of(manager.get(url_of(Case, "xlsx"))))
    assert "孙女士" not in str(cells_of(manager.get(url_of(Case, "xlsx"))))
    assert manager.get(url_of(Case), {"q": "孙女士"}).context_data["cl"].result_count == 0  # type: ignore[attr-defined]


def test_rows_are_neither_changed_nor_deleted_here(filled: Place) -> None:
    root = client_of(Account.objects.create_superuser("root1"))
    for model in MODELS:
        row = model._default_manager.earliest("pk")
        assert root.post(url_of(model, "change", row.pk), {"title": "别的"}).status_code == 403, model
        assert root.post(url_of(model, "delete", row.pk), {"post": "yes"}).status_code == 403, model
        assert model._default_manager.filter(pk=row.pk).exists()


def test_a_manager_gives_pauses_resumes_and_merges(one: Place) -> None:
    case, other = one.open(received=timezone.now()), one.open(received=timezone.now())
    manager = client_of(one.accounts["manager"])
    assert "已交给" in steer(manager, "assign", case, holder=one.colleague.pk)
    case.refresh_from_db()
    assert case.holder == one.colleague
    assert "已暂停计时" in steer(manager, "pause", case, reason="等检测")
    assert "没有办：" in steer(manager, "pause", case, reason="又等")
    assert "已恢复计时" in steer(manager, "resume", case)
    assert "没有编号X1的投诉" in steer(manager, "merge", case, into="X1", reason="同一件")
    assert f"已并入{other.number}" in steer(manager, "merge", case, into=other.number, reason="同一件")
    case.refresh_from_db()
    assert (case.state, case.merged_into) == (Case.State.MERGED, other)
    assert CaseEvent.objects.filter(case=case, by=one.accounts["manager"]).count() == 4


def test_a_closed_case_is_reopened_with_a_reason(one: Place) -> None:
    case = one.open()
    case_step(case=case, decision="结案", brings={"处理结果": "补发"}, note="晚了", by=None, at=at(20))
    manager = client_of(one.accounts["manager"])
    assert "重新打开" in steer(manager, "reopen", case, reason="")
    assert Case.objects.get(pk=case.pk).state == Case.State.CLOSED
    assert "已重新打开" in steer(manager, "reopen", case, reason="客户不认")
    assert Case.objects.get(pk=case.pk).is_open


@pytest.mark.parametrize("group", ["gm", "auditor"])
def test_who_only_sees_cases_steers_none(one: Place, group: str) -> None:
    case = one.open()
    client = client_of(one.accounts[group])
    assert client.get(url_of(Case, "change", case.pk)).status_code == 200
    for what, given in (("assign", {"holder": one.colleague.pk}), ("pause", {"reason": "等"})):
        address = reverse(f"admin:complaints_case_{what}", args=[case.pk])
        assert client.post(address, {**given, "_form_submitted": "True"}).status_code == 403
    case.refresh_from_db()
    assert case.holder == one.holder
    assert not CaseEvent.objects.filter(case=case, kind="paused").exists()


def test_a_supervisor_of_another_department_steers_nothing(one: Place) -> None:
    case = one.open()
    other = client_of(factories.account("supervisor", factories.department()))
    address = reverse("admin:complaints_case_pause", args=[case.pk])
    assert other.post(address, {"reason": "等", "_form_submitted": "True"}).status_code in (403, 404)
    assert not CaseEvent.objects.filter(case=case, kind="paused").exists()


def test_new_hours_move_deadlines_and_say_so_on_the_case(one: Place) -> None:
    case = one.open(received=timezone.now())
    due = Clock.objects.get(case=case, code="x-days").events.latest("id").due_at
    supervisor = client_of(one.accounts["supervisor"])
    given = {
        "department": one.department.pk,
        "from_on": "2020-01-01",
        "lines": "1 09:00-18:00\n3 22:00-02:00",
    }
    response = supervisor.post(url_of(OpeningHours, "add"), given, follow=True)
    assert response.status_code == 200
    assert "改了到期时间" in response.content.decode()
    row = OpeningHours.objects.get()
    assert row.hours == [
        {"weekdays": [1], "start": "09:00", "end": "18:00"},
        {"weekdays": [3], "start": "22:00", "end": "02:00"},
    ]
    assert (row.by, row.holidays) == (one.accounts["supervisor"], False)
    moved = Clock.objects.get(case=case, code="x-days").events.latest("id")
    assert (moved.kind, moved.reason) == ("moved", "工作时间变动") and moved.due_at > due
    assert CaseEvent.objects.filter(case=case, kind="policy").count() == 1


@pytest.mark.parametrize(
    "lines", ["周一 9点到18点", "8 09:00-18:00", "1 09:00-25:00", "1 09:00-18:00\n1 09:00-18:00"]
)
def test_hours_that_cannot_be_read_are_not_kept(one: Place, lines: str) -> None:
    supervisor = client_of(one.accounts["supervisor"])
    given = {"department": one.department.pk, "from_on": "2020-01-01", "lines": lines}
    assert supervisor.post(url_of(OpeningHours, "add"), given, follow=True).status_code == 200
    assert not OpeningHours.objects.exists()


def test_hours_of_another_department_are_not_to_be_set(one: Place) -> None:
    other = factories.account("supervisor", factories.department())
    given = {"department": one.department.pk, "from_on": "2020-01-01", "lines": "1 09:00-18:00"}
    assert client_of(other).post(url_of(OpeningHours, "add"), given).status_code == 200
    assert client_of(one.accounts["gm"]).post(url_of(OpeningHours, "add"), given).status_code == 403
    assert not OpeningHours.objects.exists()


def test_lists_take_as_many_queries_for_many_cases(one: Place) -> None:
    for index in range(6):
        case = one.open()
        Loss.objects.create(case=case, amount=Decimal(index + 1), basis="进货价", at=at(4))
        case_pause(case=case, reason="等", happened_at=at(4), by=None, at=at(4))
    charged(one)
    case = charged(one).ruling.case
    case_reopen(case=case, reason="客户不认", by=None, at=at(12))
    manager = client_of(one.accounts["manager"])
    manager.get(url_of(Case))
    for model in MODELS:
        for page in ("changelist", "xlsx"):
            with CaptureQueriesContext(connection) as queries:
                assert manager.get(url_of(model, page)).status_code == 200
            assert len(queries) <= 13, (model, page)
    assert {model for model in MODELS if admin.site.is_registered(model)} == set(MODELS)
