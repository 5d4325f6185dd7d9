"""Reads of periods and payslips: who may see which, which orders a line was settled on."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet

from commissions.models import Order
from core.periods import first_of, shift_months
from payroll.models import PayLine, Payslip, SettledOrders, SettlementPeriod
from people.models import Account, Department
from people.selectors import departments_where, pay_visible_to


def periods_visible_to(account: Account) -> QuerySet[SettlementPeriod]:
    """The months of the departments whose pay an account may see."""
    return SettlementPeriod.objects.filter(department__in=departments_where(account, "view_pay"))


def payslips_visible_to(account: Account) -> QuerySet[Payslip]:
    """The payslips of whose pay an account may see; its own only once the month is approved."""
    settled = Q(period__state__in=SettlementPeriod.FROZEN)
    drafts = Q(period__department__in=departments_where(account, "view_pay"))
    return Payslip.objects.filter(settled | drafts, staff__in=pay_visible_to(account))


def settled_orders_of(line: PayLine, *, limit: int) -> tuple[list[tuple[str, Decimal]], int]:
    """The first orders (number, yuan; refunds negative) of the line's payslip, and how many there are."""
    stored = SettledOrders.objects.filter(period=line.payslip.period_id, staff=line.payslip.staff_id).first()
    if stored is None:
        return [], 0
    ids = stored.order_ids[:limit]
    numbers = dict(Order.objects.filter(pk__in=ids).values_list("pk", "order_no"))
    pairs = zip(ids, stored.amounts[:limit], strict=True)
    return [(numbers.get(pk, str(pk)), amount) for pk, amount in pairs], len(stored.order_ids)


def frozen_months(department: Department, months: Iterable[date]) -> list[str]:
    """What to say where months (any day of each) are approved or paid: where their differences go.

    That is the month after the last frozen one, as settlement has it. One query.
    """
    frozen = SettlementPeriod.objects.filter(department=department, state__in=SettlementPeriod.FROZEN)
    labels = {each.month: each.get_state_display() for each in frozen}
    touched = sorted({first_of(day) for day in months} & labels.keys())
    if not touched:
        return []
    told = "、".join(f"{month:%Y-%m} {labels[month]}" for month in touched)
    return [f"{told}，差额计入 {shift_months(max(labels), 1):%Y年%m月}。"]
