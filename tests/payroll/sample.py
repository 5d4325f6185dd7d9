"""A month to be settled in tests: a department under rules that fill every column of the payroll."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from commissions.models import Metric, Order, Refund
from payroll.models import SettlementPeriod
from payroll.services.steps import stamp
from payroll.settlement.draft import draft_write
from payroll.workflow import period_open
from penalties.models import Incident
from penalties.services import IncidentFact, incidents_record
from people.models import Account, Department, Staff
from rules.services import version_publish
from tests import factories
from tests.factories import WHEN

MONTH = date(2026, 10, 1)
PROVISIONS: list[dict[str, Any]] = [
    {
        "code": "t-comm",
        "title": "销售提成",
        "kind": "commission",
        "params": {
            "measure": "net_sales",
            "by": "conversion_rate",
            "brackets": [{"from": "0", "rate": "0.01"}, {"above": "0.70", "rate": "0.015"}],
        },
    },
    {"code": "t-meal", "title": "餐补", "kind": "allowance", "params": {"amount": "300.00"}},
    {"code": "t-fine", "title": "记录疏漏", "kind": "fine", "params": {"amount": "10.00"}},
    {
        "code": "t-loss",
        "title": "赔偿损失",
        "kind": "range_fine",
        "params": {"min": "1.00", "max": "9000.00"},
        "basis": "loss",
    },
]


def department(code: str = "D1", **fields: Any) -> Department:
    """A department under PROVISIONS from the first of the month."""
    made = factories.department(code, **fields)
    version_publish(
        department=made, effective_on=MONTH, rulebooks=[], provisions=PROVISIONS, by=None, at=WHEN
    )
    return made


def agent(of: Department, number: str, *, sales: str = "10000.00", refunds: str = "", **fields: Any) -> Staff:
    """An agent with a base pay of 3,000, one order of `sales` yuan, part of it given back, and conversion."""
    team = factories.team(of, "A")
    terms = {"team": team, "tier": "junior", "base_pay": Decimal("3000.00"), **fields}
    person = factories.staff(of, number, **terms)
    day = datetime(2026, 10, 10, 12, tzinfo=WHEN.tzinfo)
    order = Order.objects.create(
        department=of,
        order_no=f"O{number}",
        paid_at=day,
        amount=Decimal(sales),
        agent=person,
        attribution=Order.Attribution.FILE,
        as_of=date(2026, 10, 31),
    )
    if refunds:
        Refund.objects.create(order=order, amount=Decimal(refunds), refunded_at=day, as_of=date(2026, 10, 31))
    Metric.objects.create(
        department=of,
        staff=person,
        month=MONTH,
        code="conversion_rate",
        value=Decimal("0.72"),
        as_of=date(2026, 10, 31),
        source="test",
        at=WHEN,
    )
    return person


def incident(person: Staff, code: str, day: int = 5, **fields: Any) -> Incident:
    """A confirmed incident of that day of the month."""
    fact = IncidentFact(staff=person, code=code, work_date=date(2026, 10, day), **fields)
    return incidents_record(department=person.department, facts=[fact], confirm=True, by=None, at=WHEN)[0]


def settled(of: Department, *, by: Account | None = None) -> SettlementPeriod:
    """The month's period with its draft."""
    period = period_open(department=of, month=MONTH)
    draft_write(period=period, by=by, at=WHEN)
    period.refresh_from_db()
    return period


def stamp_of(period: SettlementPeriod) -> str:
    """What a page that shows the month sends back with a step."""
    period.refresh_from_db()
    return stamp(period.state, period.facts_read_at)
