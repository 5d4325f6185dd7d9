"""Every address of the API, walked by whoever has no business there: 403 or 404, and never a name."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from rest_framework.test import APIClient

from commissions.models import Metric, Order
from kefu.api import router
from people.models import Account, Alias
from rules.models import Provision, Version
from tests import factories
from tests.api.conftest import Client, Place

pytestmark = [pytest.mark.django_db, pytest.mark.walk]

# What a well-formed write says; `{}` where the address alone says it.
BODIES: dict[str, dict[str, Any]] = {
    "staff-list": {"number": "9999", "name": "新人", "hired_on": "2026-10-01"},
    "staff-terms": {"on": "2026-10-02", "role": "lead"},
    "staff-leave": {"last_day": "2026-10-31"},
    "alias-list": {"text": "小美", "number": "{number}", "from_on": "2026-10-01"},
    "alias-end": {"last_day": "2026-10-31"},
    "incident-list": {"number": "{number}", "code": "t-fine", "work_date": "2026-10-06"},
    "incident-reverse": {"reason": "不该有"},
    "order-list": {"orders": [{"order_no": "X1", "amount": "1.00"}]},
    "order-split-list": {"order_no": "{order}", "shares": [{"number": "9999", "share": "1"}]},
    "metric-list": {"number": "{number}", "month": "2026-10", "code": "sales", "value": "1"},
    "import-list": {"kind": "staff"},
    "settlement-list": {"month": "2026-10"},
    "settlement-approve": {"facts_read_at": "2026-10-15T12:00:00+08:00"},
    "settlement-send-back": {"reason": "不该有"},
    "settlement-pay-day": {"on": "2026-11-10"},
}
EVERYBODYS = ("rulebook", "library-provision")  # the library is the same for everybody
DEPARTMENTS_OWN = (
    "department",
    "version",
    "provision",
    "fund-transaction",
    "fund-count",
)  # what everybody in a department reads


def routes() -> list[tuple[str, list[str]]]:
    """(name, methods) of every address."""
    return [(str(url.name), sorted({"get", "post"} & url.callback.actions.keys())) for url in router.urls]


def key_of(place: Place, resource: str) -> Any:
    """The id by which somebody would guess the place's object."""
    person = place.agent
    return {
        "department": place.department.code,
        "staff": person.pk,
        "version": Version.objects.get(department=place.department).pk,
        "provision": Provision.objects.get(version__department=place.department, code="t-fine").pk,
        "incident": place.incident.pk,
        "incident-appeal": place.appeal.pk,
        "fund-transaction": place.transaction.pk,
        "fund-count": place.count.pk,
        "proposal": place.proposal.pk,
        "alias": Alias.objects.get(staff=person).pk,
        "order": Order.objects.get(agent=person).pk,
        "order-split": place.split.pk,
        "metric": Metric.objects.get(staff=person).pk,
        "import": place.batch.pk,
        "settlement": place.period.pk,
        "payslip": place.payslip.pk,
        "leave-balance": person.pk,
    }[resource]


def resource_of(name: str) -> str:
    known = ["library-provision", *EVERYBODYS, *DEPARTMENTS_OWN, "staff", "alias", "incident-appeal",
             "incident", "proposal", "order-split", "order", "metric", "import", "settlement", "payslip",
             "leave-balance"]  # fmt: skip
    return next(each for each in known if name.startswith(f"{each}-"))


def sent(client: APIClient, place: Place, name: str, method: str) -> Any:
    """The answer to a request for the place's object, or a write about its person."""
    address = _address(name, key_of(place, resource_of(name)))
    if method == "get":
        return client.get(address)
    own = {"{number}": place.agent.number, "{order}": place.split.order.order_no}
    body = {
        field: own.get(value, value) if isinstance(value, str) else value
        for field, value in BODIES.get(name, {}).items()
    }
    if name.endswith("-list"):
        body["department"] = place.department.code
    if name == "import-list":
        file = SimpleUploadedFile("a.csv", "工号,姓名\n1,甲\n".encode())
        return client.post(address, {**body, "file": file}, format="multipart")
    return client.post(address, body, format="json")


def _address(name: str, key: Any) -> str:
    if name.endswith("-list"):
        return reverse(f"api:{name}")
    return reverse(f"api:{name}", kwargs={"code" if resource_of(name) == "department" else "pk": key})


def assert_nothing(client: APIClient, place: Place, names: list[str], *, but: tuple[str, ...] = ()) -> None:
    """No route gives anything of the place; lists are there, without its rows."""
    walked = 0
    for name, methods in routes():
        if resource_of(name) in (*EVERYBODYS, *but):
            continue
        for method in methods:
            answer = sent(client, place, name, method)
            told = answer.content.decode()
            is_list = method == "get" and name.endswith("-list")
            assert answer.status_code in ((200, 403) if is_list else (403, 404)), (name, method, told)
            assert not [each for each in names if each in told], (name, method, told)
            walked += 1
    assert walked > 25


@pytest.fixture
def strangers(two: Place) -> dict[str, Account]:
    """Every role of the other department that is bound to it."""
    return {
        "agent": factories.account("agent", staff=two.agent),
        "lead": factories.account("lead", staff=two.lead),
        **two.managers,
    }


@pytest.mark.parametrize("role", ["agent", "lead", "supervisor", "manager", "hr"])
def test_nobody_of_another_department_reaches_anything(
    one: Place, two: Place, strangers, client_of: Client, role
):
    client = client_of(strangers[role])
    before = snapshot(one)
    assert_nothing(client, one, [*one.names, one.department.name])
    assert snapshot(one) == before


@pytest.mark.parametrize("role", ["agent", "lead", "supervisor", "manager", "hr"])
def test_a_token_reaches_only_its_own_departments(one: Place, two: Place, client_of: Client, role):
    """Somebody who may act in both, through a token for one of them."""
    both = two.managers.get(role) or factories.account(role, staff=two.lead)
    both.departments.add(one.department, two.department)
    both.groups.set([*both.groups.all(), *one.managers["manager"].groups.all()])
    client = client_of(both, departments=[two.department])
    assert_nothing(client, one, [*one.names, one.department.name])


def test_a_colleague_reaches_nothing_of_a_colleague(one: Place, client_of: Client):
    client = client_of(factories.account("agent", staff=one.colleague))
    before = snapshot(one)
    assert_nothing(client, one, [one.agent.name, one.lead.name], but=DEPARTMENTS_OWN)
    assert snapshot(one) == before


def test_a_lead_sees_the_team_but_no_pay_of_it(one: Place, client_of: Client):
    client = client_of(factories.account("lead", staff=one.lead))
    assert sent(client, one, "incident-detail", "get").status_code == 200
    assert 'base_pay":null' in sent(client, one, "staff-detail", "get").content.decode()
    for name in ("payslip-detail", "payslip-orders", "settlement-detail", "proposal-detail"):
        assert sent(client, one, name, "get").status_code == 404
    shown = client.get("/api/v1/payslips/").json()["results"]
    assert [each["number"] for each in shown] == [one.lead.number]


def test_without_a_token_nothing_is_told(one: Place):
    for name, methods in routes():
        for method in methods:
            if resource_of(name) in EVERYBODYS:
                continue
            answer = sent(APIClient(), one, name, method)
            assert answer.status_code == 401, name
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert not [each for each in one.names if each in answer.content.decode()]


def test_a_token_that_only_reads_writes_nothing(one: Place, client_of: Client):
    client = client_of(one.managers["manager"], actions=["read", "view_pay"])
    before = snapshot(one)
    for name, methods in routes():
        if "post" in methods:
            assert sent(client, one, name, "post").status_code == 403, name
    assert snapshot(one) == before


def test_a_token_that_may_not_read_reads_nothing(one: Place, client_of: Client):
    client = client_of(one.managers["manager"], actions=["record_incidents"])
    for name, methods in routes():
        if "get" in methods and resource_of(name) not in EVERYBODYS:
            assert sent(client, one, name, "get").status_code == 403, name


def snapshot(place: Place) -> dict[str, Any]:
    """What a write by somebody else would have changed."""
    place.incident.refresh_from_db()
    place.period.refresh_from_db()
    staff = place.department.staff
    return {
        "incident": place.incident.state,
        "period": (place.period.state, place.period.paid_at),
        "staff": list(staff.order_by("pk").values_list("number", "left_on")),
        "orders": place.department.orders.count(),
        "metrics": place.department.metrics.count(),
        "changes": place.department.fact_changes.count(),
        "imports": place.department.import_batches.count(),
    }
