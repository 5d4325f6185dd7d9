"""Two departments that are alike, each with a settled month, and clients that come with a token."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from commissions.models import Order, OrderShare, OrderSplit
from payroll.models import Payslip, SettlementPeriod
from payroll.services.periods import period_approve
from penalties.models import FundCount, FundTransaction, Incident, IncidentAppeal, Proposal
from penalties.services import Withheld, count_record, incident_record, withheld_post
from people.models import Account, ApiToken, Department, ImportBatch, Staff
from people.services import alias_add
from people.tokens import SCOPES, token_create
from rules.proposals import ProposalKind
from tests import factories
from tests.factories import WHEN
from tests.payroll import sample

ALL_ACTIONS = [code for code, _ in SCOPES]
Client = Callable[..., APIClient]


@dataclass
class Place:
    """A department with its people, and one object of each resource."""

    department: Department
    lead: Staff
    agent: Staff
    colleague: Staff
    incident: Incident
    appeal: IncidentAppeal
    transaction: FundTransaction
    count: FundCount
    proposal: Proposal
    split: OrderSplit
    batch: ImportBatch
    period: SettlementPeriod
    managers: dict[str, Account]

    @property
    def payslip(self) -> Payslip:
        return Payslip.objects.get(period=self.period, staff=self.agent)

    @property
    def names(self) -> list[str]:
        return [self.lead.name, self.agent.name, self.colleague.name]


def place(code: str, *, approve: bool = True) -> Place:
    """Lead, agent and colleague (x101 to x103) of team A; October settled, approved unless told otherwise."""
    made = sample.department(code)
    first = {"D1": "赵", "D2": "钱"}[code]
    lead, agent, colleague = (
        sample.agent(made, f"{code[1]}10{index}", name=f"{first}{rest}同学", role=role)
        for index, rest, role in ((1, "领队", "lead"), (2, "当事", "agent"), (3, "旁人", "agent"))
    )
    contested = sample.incident(agent, "t-fine")
    incident = incident_record(
        staff=agent, code="t-fine", work_date=date(2026, 10, 6), note=f"{agent.name}漏记", by=None, at=WHEN
    )
    managers = {
        group: factories.account(group, made, username=f"{code}-{group}")
        for group in ("supervisor", "manager", "hr")
    }
    alias_add(
        department=made, text=f"{agent.name}的旺旺", staff=agent, from_on=sample.MONTH, by=None, at=WHEN
    )
    period = sample.settled(made, by=managers["hr"])
    if approve:
        period = period_approve(period=period, reason="测试", by=managers["manager"], at=WHEN)
    return Place(
        department=made,
        lead=lead,
        agent=agent,
        colleague=colleague,
        incident=incident,
        appeal=IncidentAppeal.objects.create(
            staff=agent, incident=contested, reason=f"{agent.name}没有漏记", asked_at=WHEN
        ),
        transaction=withheld_post(
            department=made,
            month=sample.MONTH,
            by=None,
            at=WHEN,
            lines=[Withheld(f"line:{agent.pk}", agent.pk, Decimal("10.00"), f"{agent.name}记录疏漏")],
        )[0],
        count=count_record(
            department=made,
            counted=Decimal("0.00"),
            explanation="",
            witness=managers["manager"],
            by=managers["hr"],
            at=WHEN,
        ),
        proposal=Proposal.objects.create(
            department=made,
            staff=agent,
            code="t-fine",
            kind=ProposalKind.TALK,
            incident=incident,
            evidence={"员工": agent.name},
            opened_at=WHEN,
        ),
        split=_split_of(agent),
        batch=ImportBatch.objects.create(
            department=made,
            kind="staff",
            profile="generic",
            file_name=f"{agent.name}.csv",
            digest="0" * 64,
            rows=1,
            summary={"created": 1, "changed": 0, "unchanged": 0, "months": ["2026-10"], "notes": []},
            at=WHEN,
        ),
        period=period,
        managers=managers,
    )


def _split_of(agent: Staff) -> OrderSplit:
    """The agent's order was assigned to the agent, after October was approved."""
    order = Order.objects.get(agent=agent)
    split = OrderSplit.objects.create(order=order, by=None, at=WHEN)
    OrderShare.objects.create(split=split, staff=agent, share=1)
    Order.objects.filter(pk=order.pk).update(split=split)
    return split


@pytest.fixture(autouse=True)
def forget_requests() -> None:
    """Requests of other tests do not count against this one's rate."""
    cache.clear()


@pytest.fixture
def one(db: None) -> Place:
    return place("D1")


@pytest.fixture
def two(db: None) -> Place:
    return place("D2")


def issue(account: Account, *, actions: list[str] | None = None, **fields: Any) -> tuple[ApiToken, str]:
    """A token for a year, with every action and every department of the account unless told otherwise."""
    now = timezone.now()
    given = {"name": "测试", "expires_at": now + timedelta(days=365), "by": None, "at": now, **fields}
    given.setdefault("departments", Department.objects.all())
    return token_create(account=account, actions=ALL_ACTIONS if actions is None else actions, **given)


@pytest.fixture
def client_of() -> Client:
    """client_of(account, actions=…, departments=…): requests with a new token of the account."""

    def make(account: Account, **fields: Any) -> APIClient:
        if "departments" not in fields:
            fields["departments"] = _reach(account)
        return with_token(issue(account, **fields)[1])

    return make


def with_token(secret: str) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def _reach(account: Account) -> list[Department]:
    own = Department.objects.filter(staff__account=account)
    return (
        list(own | account.departments.all()) if not account.is_superuser else list(Department.objects.all())
    )
