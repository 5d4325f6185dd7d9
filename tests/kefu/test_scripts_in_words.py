"""A script in a name, a remark or a title is only text, on every page that shows it."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from payroll.services.manual_lines import manual_line_add
from payroll.services.objections import objection_raise
from payroll.services.periods import period_approve
from penalties.models import Proposal
from penalties.services import incident_record
from people.models import Account
from tests import factories
from tests.payroll import sample

pytestmark = [pytest.mark.django_db, pytest.mark.walk]

SCRIPT = "<script>alert(1)</script>"
MANAGERS = (
    "/", "/incidents/?state=", "/incidents/new?who=1001", "/proposals/", "/proposals/?state=", "/accounts/A/",
    "/pay/", "/pay/A/2026-10/", "/pay/A/2026-10/differences", "/pay/A/2026-10/checks",
    "/pay/A/2026-10/history", "/pay/A/2026-10/manual", "/pay/A/2026-10/1001/", "/objections/?state=",
    "/claims/", "/imports/", "/rules/", "/rules/A/", "/rules/A/1/", "/rules/A/1/signatures",
    "/commission/A/", "/incidents/people?who=1001",
)  # fmt: skip
AGENTS = (
    "/me/", "/me/pay/", "/me/pay/2026-10/", "/me/pay/2026-10/orders", "/me/objections/", "/me/ledger/",
    "/me/ledger/next", "/me/commission/", "/me/commission/so-far", "/me/commission/unclaimed", "/me/rules/",
)  # fmt: skip


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def test_no_page_runs_what_people_wrote() -> None:
    now = timezone.now()
    department = sample.department("A", name=SCRIPT)
    agent = sample.agent(department, "1001", name=SCRIPT)
    account = factories.account("agent", staff=agent)
    hr, manager = (factories.account(group, department) for group in ("hr", "manager"))
    Account.objects.update(first_name=SCRIPT)
    sample.incident(agent, "t-fine", note=SCRIPT)
    waiting = incident_record(
        staff=agent, code="t-fine", work_date=timezone.localdate(), note=SCRIPT, by=hr, at=now
    )
    proposal = Proposal.objects.create(
        department=department, staff=agent, code="t-fine", kind="talk", incident=waiting,
        evidence={"provision": {"title": SCRIPT, "version": SCRIPT}, SCRIPT: SCRIPT}, opened_at=now,
    )  # fmt: skip
    period = sample.settled(department, by=hr)
    manual_line_add(period=period, staff=agent, title=SCRIPT, amount=Decimal(5), reason=SCRIPT, by=hr, at=now)
    period = period_approve(period=sample.settled(department, by=hr), reason="测试", by=manager, at=now)
    line = period.payslips.get().lines.get(code="t-fine")
    objection = objection_raise(line=line, reason=SCRIPT, by=account, at=now)
    theirs = signed_in(manager)
    places = [
        *MANAGERS, reverse("incident", args=[waiting.pk]), reverse("proposal", args=[proposal.pk]),
        reverse("objection", args=[objection.pk]), "/pay/A/2026-10/1001/orders",
    ]  # fmt: skip
    escaped = 0
    for client, paths in ((theirs, places), (signed_in(account), AGENTS)):
        for path in paths:
            response = client.get(path, follow=True)
            page = response.content.decode()
            assert response.status_code == 200, path
            assert "<script>alert" not in page, path
            escaped += "&lt;script&gt;alert" in page
    assert escaped > len(places)  # the words are there, or this proves nothing
