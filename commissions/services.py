"""Writes about orders, refunds and metrics, one at a time; imports write many."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from commissions.attribution import NOBODY, Roster
from commissions.errors import CommissionRefused
from commissions.models import Metric, Order, Refund
from people.models import Account, Department, FactChange, Staff, Team
from people.services import facts_changed
from rules.periods import first_of


@transaction.atomic
def order_record(
    *,
    department: Department,
    order_no: str,
    shop: str = "",
    paid_at: datetime | None,
    amount: Decimal,
    remark: str = "",
    by: Account | None,
    at: datetime,
) -> Order:
    """Record a new order: `amount` yuan as paid, before refunds. The remark says whose it is.

    CommissionRefused for a number that the shop has already, or an amount below zero.
    """
    if amount < 0:
        raise CommissionRefused(f"订单{order_no}金额{amount}不能为负；退款请记为退款")
    if Order.objects.filter(department=department, shop=shop, order_no=order_no).exists():
        raise CommissionRefused(f"订单{order_no}已经存在；更正请重新导入订单文件")
    agent, basis = NOBODY
    if paid_at is not None:
        agent, basis = Roster.of(department).agent_of(remark, timezone.localdate(paid_at))
    order = Order.objects.create(
        department=department,
        shop=shop,
        order_no=order_no,
        paid_at=paid_at,
        amount=amount,
        remark=remark,
        agent_id=agent,
        attribution=basis,
        as_of=timezone.localdate(at),
    )
    days = [timezone.localdate(paid_at)] if paid_at else []
    _changed(department, days, FactChange.Source.ORDERS, by=by, at=at)
    return order


@transaction.atomic
def order_attribute(*, order: Order, agent: Staff | None, by: Account | None, at: datetime) -> None:
    """Say whose order it is, or that it is nobody's; holds like an attribution file against the remark.

    CommissionRefused for an agent of another department, or who was not employed at payment.
    """
    order = Order.objects.select_for_update().select_related("department").get(pk=order.pk)
    paid_on = timezone.localdate(order.paid_at) if order.paid_at else None
    if agent is not None:
        if agent.department_id != order.department_id:
            raise CommissionRefused(f"{agent}不在{order.department}；选择本部门的客服")
        if paid_on and not agent.is_employed_on(paid_on):
            raise CommissionRefused(f"{agent}在付款日{paid_on:%Y-%m-%d}不在职；选择当日在职的客服")
    basis = Order.Attribution.FILE if agent else Order.Attribution.NONE
    if (order.agent_id, order.attribution) == (agent.pk if agent else None, basis):
        return
    order.agent, order.attribution = agent, basis
    order.save(update_fields=["agent", "attribution"])
    days = [paid_on] if paid_on else []
    _changed(order.department, days, FactChange.Source.ATTRIBUTION, by=by, at=at)


@transaction.atomic
def refund_record(
    *,
    department: Department,
    order_no: str,
    shop: str = "",
    refunded_at: datetime | None = None,
    amount: Decimal,
    by: Account | None,
    at: datetime,
) -> Refund:
    """Record money given back on a paid order, at its own moment; without one, at the payment.

    CommissionRefused for an unknown or unpaid order, an amount not above zero, or more than was paid.
    """
    order = (
        Order.objects.select_for_update().filter(department=department, shop=shop, order_no=order_no).first()
    )
    if order is None or order.paid_at is None:
        raise CommissionRefused(f"没有已付款的订单{order_no}；先导入订单")
    refunded = sum((each.amount for each in order.refunds.all()), Decimal(0))
    if amount <= 0 or refunded + amount > order.amount:
        raise CommissionRefused(
            f"退款{amount}不对，订单{order_no}实付{order.amount}、已退{refunded}；检查退款金额"
        )
    moment = refunded_at or order.paid_at
    refund = Refund.objects.create(
        order=order, amount=amount, refunded_at=moment, as_of=timezone.localdate(at)
    )
    _changed(department, [timezone.localdate(moment)], FactChange.Source.ORDERS, by=by, at=at)
    return refund


@transaction.atomic
def metric_record(
    *,
    department: Department,
    staff: Staff | None = None,
    team: Team | None = None,
    month: date,
    code: str,
    value: Decimal,
    as_of: date,
    source: str,
    by: Account | None,
    at: datetime,
) -> Metric:
    """Record a metric of a person or a team; it holds unless a value with a later as-of date does."""
    metric = Metric.objects.create(
        department=department,
        staff=staff,
        team=team,
        month=first_of(month),
        code=code,
        value=value,
        as_of=as_of,
        source=source,
        by=by,
        at=at,
    )
    _changed(department, [month], FactChange.Source.METRICS, by=by, at=at)
    return metric


def _changed(
    department: Department, days: list[date], source: FactChange.Source, *, by: Account | None, at: datetime
) -> None:
    facts_changed(department=department, months=days, source=source, by=by, at=at)
