"""Fines between pay and the fund: cash until pay has taken them, and what pay took becomes the fund's."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from core.periods import first_of, last_of
from payroll.models import PayLine, SettlementPeriod
from penalties.cash_fines import cash_fines
from penalties.errors import FundRefused
from penalties.models import FundTransaction, Incident
from penalties.services import Withheld, cash_payment_record, withheld_post
from people.models import Account, Staff
from rules.kinds import parse_kind
from rules.kinds.fund import Fund, is_fined_by_occurrence
from rules.models import ProvisionFields
from rules.selectors import timeline_of


@transaction.atomic
def cash_payment_take(
    *, incident: Incident, staff: Staff, amount: Decimal, on: date, key: str, by: Account | None, at: datetime
) -> FundTransaction:
    """Take cash as `cash_payment_record`; FundRefused too where approved or paid pay has the fine already.

    The month in which the fine is due is locked: who approves it waits, or has approved it before.
    """
    for fine in cash_fines(Incident.objects.filter(pk=incident.pk)):
        month = first_of(fine.due_on)
        period = (
            SettlementPeriod.objects.select_for_update()
            .filter(department=staff.department_id, month=month)
            .first()
        )
        is_known = FundTransaction.objects.filter(key=key).exists()
        if period is not None and period.is_frozen and not is_known:
            raise FundRefused(
                f"{fine.incident}{fine.due_on}到期未交，已在{month:%Y年%m月}批准的工资里",
                "不要再收现金；收了的请退给本人",
                field="incident",
            )
    return cash_payment_record(incident=incident, staff=staff, amount=amount, on=on, key=key, by=by, at=at)


def withheld_fines_post(*, period: SettlementPeriod, by: Account | None, at: datetime) -> int:
    """Enter the fines that a paid month took into the department's fund, where its rules have one.

    Only what is fined by the occurrence, and no compensation. Returns how many lines were entered.
    """
    if not timeline_of(period.department).on(last_of(period.month)).of_kind(Fund):
        return 0
    lines = PayLine.objects.filter(payslip__period=period, provision__isnull=False).exclude(amount=0)
    lines = lines.exclude(basis=ProvisionFields.Basis.LOSS).select_related("payslip", "provision")
    withheld = [
        Withheld(
            key=f"payroll:{period.pk}:{line.payslip.staff_id}:{line.position}",
            staff_id=line.payslip.staff_id,
            amount=-line.amount,
            text=f"{line.payslip.name} {line.title}",
            incident_id=_cash_incident(line.trace),
        )
        for line in lines.order_by("payslip__number", "position")
        if line.provision
        and is_fined_by_occurrence(parse_kind(line.provision.kind, line.provision.params)[0])
    ]
    return len(withheld_post(department=period.department, month=period.month, lines=withheld, by=by, at=at))


def _cash_incident(trace: Any) -> int | None:
    """The incident of a line that took what was not paid in cash."""
    if not isinstance(trace, Mapping) or "cash" not in trace:
        return None
    facts = trace.get("facts")
    return facts.get("incident") if isinstance(facts, Mapping) else None
