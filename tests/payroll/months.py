"""Months that are settled and approved in tests, on the days on which people would do it.

A month is settled on the 1st of the next at nine and approved on the 2nd; what a test records late it
records on the 10th, unless it says otherwise.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Sum

from commissions.models import Metric, Order
from commissions.services import metric_record, order_record
from core.locks import Lock
from core.periods import shift_months
from payroll.models import PayLine, Payslip, SettledOrders, SettlementPeriod
from payroll.services.periods import period_approve
from payroll.settlement.draft import draft_write
from payroll.workflow import period_open
from penalties.models import Incident
from penalties.services import IncidentFact, incidents_record
from people.models import Account, Department, Staff
from rules.models import Version
from rules.services import version_publish
from tests import factories

AUGUST, SEPTEMBER, OCTOBER, NOVEMBER = (date(2026, month, 1) for month in (8, 9, 10, 11))

COMMISSION: dict[str, Any] = {
    "code": "t-comm",
    "title": "销售提成",
    "kind": "commission",
    "params": {"measure": "net_sales", "rate": "0.01"},
}
BY_CONVERSION: dict[str, Any] = {
    **COMMISSION,
    "params": {
        "measure": "net_sales",
        "by": "conversion_rate",
        "brackets": [{"from": "0", "rate": "0.01"}, {"above": "0.70", "rate": "0.015"}],
    },
}
FINE = {"code": "t-fine", "title": "记录疏漏", "kind": "fine", "params": {"amount": "10.00"}}
LOSS = {
    "code": "t-loss",
    "title": "赔偿损失",
    "kind": "range_fine",
    "params": {"min": "1.00", "max": "99999.00"},
    "basis": "loss",
}
CARELESS = {**LOSS, "code": "t-discipline", "title": "违纪扣款", "basis": "discipline"}
SLOW = {**LOSS, "code": "t-performance", "title": "绩效扣款", "basis": "performance"}
LATE = {"code": "t-late", "title": "迟到", "kind": "late", "params": {"amount": "20.00"}}


def moment(text: str) -> datetime:
    """`2026-10-01 09:00` in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


LONG_AGO = moment("2020-01-01 09:00")


def next_month(month: date, day: int) -> datetime:
    """Nine o'clock on a day of the month after."""
    following = shift_months(month, 1).replace(day=day)
    return moment(f"{following} 09:00")


def user(name: str) -> Account:
    return Account.objects.get_or_create(username=name)[0]


def publish(of: Department, *provisions: dict[str, Any], on: date, at: datetime = LONG_AGO) -> Version:
    return version_publish(
        department=of, effective_on=on, rulebooks=[], provisions=provisions, by=None, at=at
    )


def department(*provisions: dict[str, Any], code: str = "", **fields: Any) -> Department:
    """A department under these provisions since long ago."""
    made = factories.department(code, **fields)
    publish(made, *provisions, on=date(2020, 1, 1))
    return made


def capped(*provisions: dict[str, Any], wage: str = "1000.00") -> Department:
    return department(*provisions, caps=True, minimum_wage=Decimal(wage))


def agent(of: Department, number: str = "1001", base_pay: str | None = "3000.00", **fields: Any) -> Staff:
    """Somebody employed since 2020, recorded long ago."""
    pay = None if base_pay is None else Decimal(base_pay)
    return factories.staff(of, number, base_pay=pay, **{"at": LONG_AGO, **fields})


def order(person: Staff, paid_on: date, amount: str, *, at: datetime = LONG_AGO, no: str = "") -> Order:
    """An order of the person, paid at noon."""
    return order_record(
        department=person.department,
        order_no=no or f"T{Order.objects.count() + 1}",
        paid_at=moment(f"{paid_on} 12:00"),
        amount=Decimal(amount),
        remark=f"工号{person.number}",
        by=None,
        at=at,
    )


def conversion(person: Staff, month: date, value: str, *, at: datetime = LONG_AGO) -> Metric:
    return metric_record(
        department=person.department,
        staff=person,
        month=month,
        code="conversion_rate",
        value=Decimal(value),
        as_of=at.date(),
        source="测试",
        by=None,
        at=at,
    )


def incident(
    person: Staff, code: str, on: date, amount: str | None = None, *, at: datetime = LONG_AGO
) -> Incident:
    """A confirmed incident; `amount` where the provision leaves it to the recorder."""
    money = None if amount is None else Decimal(amount)
    fact = IncidentFact(staff=person, code=code, work_date=on, amount=money)
    return incidents_record(department=person.department, facts=[fact], confirm=True, by=None, at=at)[0]


def settled(of: Department, month: date, *, by: str | None = "编制人", at: datetime | None = None) -> Any:
    """The month's period with its draft, computed by a person or by the system."""
    period = period_open(department=of, month=month)
    draft_write(period=period, by=user(by) if by else None, at=at or next_month(month, 1))
    period.refresh_from_db()
    return period


def approved(of: Department, month: date) -> SettlementPeriod:
    """The month settled by one person and approved by another."""
    return period_approve(
        period=settled(of, month), reason="测试", by=user("批准人"), at=next_month(month, 2)
    )


def slip(period: SettlementPeriod, number: str = "1001") -> Payslip:
    return Payslip.objects.get(period=period, number=number)


def lines(period: SettlementPeriod, number: str = "1001", *natures: str) -> list[PayLine]:
    """A person's lines in their order, of some natures or all."""
    found = PayLine.objects.filter(payslip__period=period, payslip__number=number).order_by("position")
    return list(found.filter(nature__in=natures) if natures else found)


def amounts(period: SettlementPeriod, number: str = "1001", *natures: str) -> dict[str, Decimal]:
    """What each provision comes to for a person, after caps."""
    found = PayLine.objects.filter(payslip__period=period, payslip__number=number)
    if natures:
        found = found.filter(nature__in=natures)
    return dict(found.values_list("code").annotate(total=Sum("amount")).order_by("code"))


def adjustments(period: SettlementPeriod, number: str = "1001") -> dict[str, Decimal]:
    return amounts(period, number, PayLine.Nature.ADJUSTMENT)


def rows(period: SettlementPeriod) -> dict[str, list[dict[str, Any]]]:
    """Every stored row of a draft, without the ids that each run draws anew."""
    slips = Payslip.objects.filter(period=period).order_by("number", "staff_id").values()
    found = PayLine.objects.filter(payslip__period=period)
    found = found.order_by("payslip__number", "payslip__staff_id", "position")
    numbers = dict(Payslip.objects.filter(period=period).values_list("pk", "number"))
    stored = SettledOrders.objects.filter(period=period).order_by("staff")
    return {
        "payslips": [_without(row, "id") for row in slips],
        "lines": [
            {"number": numbers[row["payslip_id"]], **_without(row, "id", "payslip_id")}
            for row in found.values()
        ],
        "orders": [_without(row, "id") for row in stored.values()],
        "control": [SettlementPeriod.objects.get(pk=period.pk).control],
    }


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in names}


@contextmanager
def at_work(period: SettlementPeriod) -> Iterator[None]:
    """A worker is settling the month: it holds the lock and, as a settlement does, the row."""
    worker = connection.copy()
    with worker.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [Lock.SETTLEMENT, period.pk])
        cursor.execute("BEGIN")
        cursor.execute("SELECT FROM payroll_settlementperiod WHERE id = %s FOR UPDATE", [period.pk])
    try:
        yield
    finally:
        with worker.cursor() as cursor:
            cursor.execute("ROLLBACK")
            # Closing alone lets go of it only when the server notices.
            cursor.execute("SELECT pg_advisory_unlock_all()")
        worker.close()
