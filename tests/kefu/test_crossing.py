"""Every page, walked by whoever has no business there: nothing of the place is shown, and nothing changes."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from commissions.models import Order, OrderClaim
from files.models import Attachment
from imports.models import Upload
from notices.models import Notice
from payroll.models import ManualLine, Objection, PayLine, SettlementPeriod
from payroll.selectors.objections import line_name
from payroll.services.periods import period_approve
from penalties.models import Incident
from people.models import Account, Staff
from tests import factories
from tests.addresses import Route, admin_pages, pages, row_of
from tests.api.conftest import Place, place
from tests.factories import WHEN
from tests.shift_objects import known_of

pytestmark = [pytest.mark.django_db, pytest.mark.walk]

# One's own (what has vanished meanwhile leads back to the list), and what is the same for everybody.
OWN = ("me_slip", "me_slip_orders", "me_rules_sign", "me_object", "me_claim")
EVERYBODYS = ("rules_book",)
OPEN = ("login", "healthz", "logout", "manifest", "worker", "offline")
# What everybody of a department reads.
DEPARTMENTS_OWN = ("rules_department", "rules_version", "rules_differences")
# The handover book lies open to everybody of a department, names and all, on the page of the day as well.
BOOK = ("me", "me_handover", "me_handover_book", "me_handover_item", "me_handover_sign", "me_handover_say")
# Swaps are asked of the colleagues of one's team, by name.
MATES = ("me_swaps",)
# Of the administration: what speaks to scripts.
MACHINES = ("admin:logout", "admin:jsi18n")
ROW_KEYS = ("object_id", "id", "pk")
NOTHING = (302, 403, 404, 405)
REFUSED = (403, 404, 405)


@pytest.fixture
def one() -> Place:
    """The place, whose approved month has a manual line."""
    made = place("D1", approve=False)
    ManualLine.objects.create(
        period=made.period, staff=made.agent, title="补贴", amount=1, reason=f"{made.agent.name}带教", at=WHEN
    )
    made.period = period_approve(period=made.period, by=made.managers["manager"], at=WHEN)
    return made


@pytest.fixture
def two() -> Place:
    return place("D2")


@pytest.fixture
def known(one: Place) -> dict[str, Any]:
    """What addresses of the place's objects are made of; there is one of each."""
    line = PayLine.objects.filter(payslip=one.payslip).earliest("pk")
    order = Order.objects.get(agent=one.agent)
    by = one.managers["hr"]
    given = {"department": one.department, "by": by, "at": WHEN}
    upload = Upload.objects.create(
        **given, file_name=f"{one.agent.name}.csv", stored_name="x", size=1, job=uuid.uuid4(), queued_at=WHEN
    )
    objection = Objection.objects.create(
        period=one.period,
        staff=one.agent,
        line=line_name(line),
        code=line.code,
        title=line.title,
        amount=line.amount,
        line_reason=line.reason,
        reason=f"{one.agent.name}不同意",
        at=WHEN,
    )
    free = Order.objects.create(
        department=one.department, order_no="N1", amount=1, paid_at=timezone.now(), as_of=timezone.localdate()
    )
    claim = OrderClaim.objects.create(order=order, staff=one.agent, reason=one.agent.name, at=WHEN)
    attached = Attachment.objects.create(
        staff=one.agent, purpose="certificate", file_name="病假条.pdf", stored_name="x1", size=1, at=WHEN,
        type="application/pdf",
    )  # fmt: skip
    return {
        **known_of(one.agent, one.lead, at=WHEN),
        "name": attached.stored_name,
        "code": one.department.code,
        "month": f"{one.period.month:%Y-%m}",
        "key": "done",
        "notice": _notice(one).pk,
        "number": one.agent.number,
        "staff_id": one.agent.pk,
        "book": "s000-05",
        "kind": "fine",
        "provision": "t-fine",
        "version": 1,
        "incident": one.incident.pk,
        "proposal": one.proposal.pk,
        "objection": objection.pk,
        "claim": claim.pk,
        "batch": one.batch.pk,
        "upload": upload.pk,
        "manual": ManualLine.objects.get(period=one.period).pk,
        "line": line.pk,
        "order": free.pk,
    }


def _notice(one: Place) -> Notice:
    """Something that the agent was told, which names somebody."""
    account = one.agent.account or factories.account("agent", staff=one.agent)
    return Notice.objects.create(
        account=account, kind="payslip", text=f"{one.agent.name}的工资条", url="/me/", source="x", at=WHEN
    )


def asked(number: str) -> dict[str, tuple[str, ...]]:
    """How one would ask lists and search boxes for somebody."""
    return {
        "incidents": ("?state=", f"?state=&who={number}"),
        "incident_new": (f"?who={number}",),
        "incident_people": (f"?who={number}", f"?q={number}", f"?staff={number}"),
        "incident_provisions": (f"?who={number}&work_date=2026-10-06",),
        "proposals": ("?state=",),
        "objections": ("?state=", f"?q={number}"),
        "claims": ("?state=",),
    }


def signed_in(account: Account) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def walk(client: Client, route: Route, known: dict[str, Any]) -> list[tuple[str, Any]]:
    """(what was sent, answer) of every way to ask the address and of a write to it."""
    address = route.path(known)
    queries = asked(known["number"]).get(route.name, ())
    answers = [(f"GET {each}", client.get(each)) for each in (address, *(address + q for q in queries))]
    if route.name == "logout":
        return answers
    who = {"who": known["number"], "staff": known["staff_id"], "ids": known["incident"], "reason": "不该有"}
    return [*answers, (f"POST {address}", client.post(address, who))]


def assert_nothing(answers: list[tuple[str, Any]], names: list[str], allowed: tuple[int, ...]) -> None:
    for sent, answer in answers:
        assert answer.status_code in allowed, (sent, answer.status_code)
        told = b"".join(answer) if answer.streaming else answer.content
        assert not [each for each in names if each in told.decode(errors="replace")], sent


def snapshot(of: Place) -> dict[str, Any]:
    """Every row of the place that a write by somebody else would have changed."""
    department = of.department
    return {
        "incidents": list(Incident.objects.filter(staff__department=department).values()),
        "periods": list(SettlementPeriod.objects.filter(department=department).values()),
        "staff": list(Staff.objects.filter(department=department).order_by("pk").values()),
        "orders": list(department.orders.order_by("pk").values()),
        "versions": list(department.versions.values_list("number", "published_at")),
        "uploads": list(department.uploads.values("state")),
        "imports": department.import_batches.count(),
        "manual": list(ManualLine.objects.filter(period=of.period).values()),
        "objections": list(Objection.objects.filter(period=of.period).values()),
        "claims": list(OrderClaim.objects.filter(order__department=department).values()),
    }


@pytest.mark.parametrize("role", ["agent", "lead", "supervisor", "manager", "hr"])
def test_nobody_of_another_department_sees_or_changes_anything(
    one: Place, two: Place, known: dict[str, Any], role: str
) -> None:
    person = {"agent": two.agent, "lead": two.lead}.get(role)
    client = signed_in(factories.account(role, staff=person) if person else two.managers[role])
    before, names = snapshot(one), [*one.names, one.department.name]
    for route in pages():
        is_free = not route.params or route.name in (*OWN, *EVERYBODYS)
        assert_nothing(walk(client, route, known), names, (200, *NOTHING) if is_free else REFUSED)
    assert snapshot(one) == before


def test_a_colleague_sees_and_changes_nothing_of_a_colleague(one: Place, known: dict[str, Any]) -> None:
    client = signed_in(factories.account("agent", staff=one.colleague))
    before, names = snapshot(one), [one.agent.name, one.lead.name]
    for route in pages():
        if route.name in (*BOOK, *MATES):
            continue
        is_free = not route.params or route.name in (*OWN, *EVERYBODYS, *DEPARTMENTS_OWN)
        assert_nothing(walk(client, route, known), names, (200, *NOTHING) if is_free else REFUSED)
    after = snapshot(one)
    mine = [each for each in after["claims"] if each["staff_id"] == one.colleague.pk]
    assert {**after, "claims": [each for each in after["claims"] if each not in mine]} == before


@pytest.mark.parametrize("role", ["lead", "supervisor", "manager", "hr"])
def test_the_administration_shows_nothing_of_another_department(
    one: Place, two: Place, known: dict[str, Any], role: str
) -> None:
    client = signed_in(factories.account(role, staff=two.lead) if role == "lead" else two.managers[role])
    before, names = snapshot(one), [*one.names, one.department.name]
    walked = 0
    for route in admin_pages():
        row = row_of(route.model, one.department) if route.model else None
        keys = dict.fromkeys(ROW_KEYS, row.pk) if row else {}
        if route.name in MACHINES or not keys.keys() >= set(route.params):
            continue
        assert_nothing(walk(client, route, {**known, **keys}), names, (200, *NOTHING))
        walked += 1
    assert walked > 100
    assert snapshot(one) == before


def test_without_signing_in_nothing_is_shown(one: Place, known: dict[str, Any]) -> None:
    for route in pages():
        answer = Client().get(route.path(known))
        assert answer.status_code == 302 or route.name in OPEN, route
        assert not [each for each in one.names if each in answer.content.decode()], route
