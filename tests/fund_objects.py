"""What addresses of the fund name, one of each or a lot, for tests that walk every page."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from penalties.models import FundCount, FundExpense, FundPosting, FundTransaction, Incident, MoneyEntry
from people.models import Department, Staff
from rules.models import Provision, Version
from tests import factories


def fund_known_of(staff: Staff, *, at: datetime) -> dict[str, Any]:
    """A fine of a person that is due in cash, something they spent, a count."""
    return _one(staff, _provision(staff.department, at), at)


def fund_fill(department: Department, people: list[Staff], *, many: int, at: datetime) -> dict[str, Any]:
    """A fund that everybody owes something; the second person has many fines, payments and expenses."""
    provision, agent = _provision(department, at), people[1]
    known = _one(agent, provision, at)
    for each in [*people, *[agent] * many]:
        _fined(each, provision, at)
    rows = FundTransaction.objects.bulk_create(
        FundTransaction(
            department=department, kind="payroll", on=at.date(), text=f"{each.name} 迟到", staff=each,
            key=f"fill-{place}", at=at,
        )
        for place, each in enumerate(people)
    )  # fmt: skip
    FundPosting.objects.bulk_create(
        FundPosting(transaction=row, account=book, amount=amount)
        for row in rows
        for book, amount in (("payroll", Decimal(10)), ("fines", Decimal(-10)))
    )
    FundExpense.objects.bulk_create(
        FundExpense(staff=agent, amount=5, on=at.date(), reason="聚餐", asked_at=at, key=f"fill-{place}")
        for place in range(many)
    )
    first = FundCount.objects.get(pk=known["count"])
    FundCount.objects.bulk_create(
        FundCount(
            department=department, counted_at=at, counted=0, booked=0, counted_by=first.counted_by,
            witness=first.witness, state="agreed", witnessed_at=at,
        )
        for _ in range(many)
    )  # fmt: skip
    return known


def _one(staff: Staff, provision: Provision, at: datetime) -> dict[str, Any]:
    counters = [factories.account("supervisor", staff.department) for _ in range(2)]
    expense = FundExpense.objects.create(
        staff=staff, amount=5, on=at.date(), reason=f"{staff.name}买水", asked_at=at, key=f"one-{staff.pk}"
    )
    count = FundCount.objects.filter(department=staff.department).first() or FundCount.objects.create(
        department=staff.department, counted_at=at, counted=0, booked=0, counted_by=counters[0],
        witness=counters[1],
    )  # fmt: skip
    return {"cash_fine": _fined(staff, provision, at).pk, "expense": expense.pk, "count": count.pk}


def _provision(department: Department, at: datetime) -> Provision:
    """A fine in cash, of a version long past: it changes nothing of months that are there or to come."""
    version = Version.objects.create(department=department, number=900, effective_on=date(1999, 1, 1))
    row = Provision.objects.create(
        version=version, code="z-cash", title="现金罚款", kind="fine", params={"amount": "20.00"},
        collection={"by": "cash", "due_days": 3},
    )  # fmt: skip
    Version.objects.filter(pk=version.pk).update(published_at=at)
    return row


def _fined(staff: Staff, provision: Provision, at: datetime) -> Incident:
    row = Incident.objects.create(
        staff=staff, provision=provision, code=provision.code, work_date=at.date() - timedelta(days=1),
        state="confirmed", recorded_at=at, decided_at=at,
    )  # fmt: skip
    MoneyEntry.objects.create(
        source_kind="incident", source_id=row.pk, staff=staff, provision=provision, work_date=row.work_date,
        key=f"fund-{row.pk}", reason="每次20元", at=at, amount=-20,
    )  # fmt: skip
    return row
