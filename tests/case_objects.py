"""Cases that addresses name, one with all that belongs to one or a lot, for tests that walk every page."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from complaints.models import (
    Appeal,
    Case,
    CaseEvent,
    Charge,
    Clock,
    ClockEvent,
    Complainant,
    Loss,
    Ruling,
)
from people.models import Department, Staff
from rules.models import Provision


def case_known_of(staff: Staff, *, at: datetime) -> dict[str, Any]:
    """A case that a person holds, with a share of its loss that they appealed."""
    case = Case.objects.create(
        department=staff.department, number="20200101-001", title=f"{staff.name}漏发", received_at=at,
        holder=staff, step="handle", key=f"one-{staff.pk}", recorded_at=at,
    )  # fmt: skip
    Complainant.objects.create(case=case, name=staff.name, phone="13812345678")
    Loss.objects.create(case=case, amount=10, basis="补发的成本", at=at)
    ruling = Ruling.objects.create(
        case=case, provision=_provision(staff.department), amount=10, reason=staff.name, state="refused",
        proposed_at=at,
    )  # fmt: skip
    return {"case": case.pk, **_charged(ruling, staff, at)}


def cases_fill(department: Department, people: list[Staff], *, many: int, at: datetime) -> dict[str, Any]:
    """A case of everybody's with a clock; the second person holds many and bears a share of each."""
    agent, received = people[1], at - timedelta(days=9)
    cases = Case.objects.bulk_create(
        Case(
            department=department,
            number=f"20261026-{place:03}",
            title="客户说少发一支面膜，要求当天补发",
            product="面膜",
            received_at=received + timedelta(minutes=place),
            holder=agent if place < many else each,
            step="handle",
            customer_key=f"{place // 2}",
            key=f"fill-{place}",
            recorded_at=received,
        )
        for place, each in enumerate(people)
    )
    Complainant.objects.bulk_create(
        Complainant(case=each, name="王女士", phone="13812345678") for each in cases
    )
    clocks = Clock.objects.bulk_create(
        Clock(case=each, code="x-week", title="7天结案", policy={"days": 7}) for each in cases
    )
    ClockEvent.objects.bulk_create(
        ClockEvent(
            clock=each, kind="started", at=each.case.received_at,
            due_at=each.case.received_at + timedelta(days=7), recorded_at=received,
        )
        for each in clocks
    )  # fmt: skip
    CaseEvent.objects.bulk_create(
        CaseEvent(case=cases[0], kind="note", at=received, note="已联系客户", recorded_at=received)
        for _ in range(many)
    )
    Loss.objects.bulk_create(
        Loss(case=cases[0], amount=10, basis="补发的成本", at=at) for _ in range(many // 4)
    )
    rulings = Ruling.objects.bulk_create(
        Ruling(
            case=each,
            provision=_provision(department),
            amount=10,
            reason="漏发",
            state="decided",
            proposed_at=at,
            decided_at=at,
            charged_on=at.date(),
        )
        for each in cases[:many]
    )
    found = [_charged(each, agent, at) for each in rulings]
    return {"case": cases[0].pk, **found[0]}


def _provision(department: Department) -> Provision:
    return Provision.objects.filter(version__department=department).latest("pk")


def _charged(ruling: Ruling, staff: Staff, at: datetime) -> dict[str, Any]:
    charge = Charge.objects.create(
        ruling=ruling, staff=staff, amount=Decimal(10), arithmetic=["10元×100%=10元"],
        appeal_until=at.date() + timedelta(days=3), at=at,
    )  # fmt: skip
    appeal = Appeal.objects.create(staff=staff, charge=charge, reason=f"{staff.name}不认", asked_at=at)
    return {"ruling": ruling.pk, "charge": charge.pk, "appeal": appeal.pk}
