"""Where two ways to the same money meet: claims of orders, appeals against incidents, objections to lines.

An order or an incident that is decided late comes back by itself, as an adjustment. An objection about it is
therefore answered afterwards and without an amount, and what an objection paid is not decided again.
"""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from commissions.models import Order, OrderClaim, OrderShare, OrderSplit
from commissions.order_sums import moment
from core.money import plain
from core.periods import first_of, parse_month, shift_months
from payroll.models import Objection, PayLine, SettledOrders, SettlementPeriod
from penalties.models import DisciplineAppeal, IncidentAppeal
from rules.kinds.sales import Commission, Guarantee, RankedAward, ScoreAward, StreakAward
from rules.models import Provision

Asked = IncidentAppeal.State
Appeal = IncidentAppeal | DisciplineAppeal
FROM_ORDERS = [kind.name for kind in (Commission, Guarantee, RankedAward, StreakAward, ScoreAward)]

FEN = Decimal("0.01")  # less than that is rounding


def month_objected_to(objection: Objection) -> date:
    """The month that the line is about: an adjustment's is an earlier one than its payslip's."""
    return parse_month(objection.line.split("/")[2])


def claims_overlapping(objection: Objection) -> QuerySet[OrderClaim]:
    """Claims that pay what an objection to a commission asks for: undecided, or accepted after the payslip.

    They are the person's own or a partner's, of orders paid in the month that the line is about; none for
    other lines.
    """
    month = month_objected_to(objection)
    is_paid_yet = Q(state=OrderClaim.State.OPEN)
    if objection.period.facts_read_at is not None:
        is_paid_yet |= Q(state=OrderClaim.State.ACCEPTED, decided_at__gt=objection.period.facts_read_at)
    claims = OrderClaim.objects.filter(
        is_paid_yet,
        Q(staff=objection.staff_id) | Q(partner=objection.staff_id),
        Exists(_from_orders(objection.period.department_id, objection.code)),
        order__paid_at__gte=moment(month),
        order__paid_at__lt=moment(shift_months(month, 1)),
    )
    return claims.select_related("order").order_by("id")


def orders_assigned_since(objection: Objection) -> list[Order]:
    """Orders of which somebody gave the person more after the payslip of an objection to a commission; of
    the month that the line is about.
    """
    month = month_objected_to(objection)
    own = OrderShare.objects.filter(split=OuterRef("split"), staff=objection.staff_id)
    orders = Order.objects.annotate(share=Subquery(own.values("share"))).filter(
        Exists(_from_orders(objection.period.department_id, objection.code)),
        attribution=Order.Attribution.ASSIGNED,
        split__shares__staff=objection.staff_id,
        paid_at__gte=moment(month),
        paid_at__lt=moment(shift_months(month, 1)),
    )
    if objection.period.facts_read_at is not None:
        orders = orders.filter(split__at__gt=objection.period.facts_read_at)
    found = list(orders.order_by("id"))
    paid = _paid_before(objection, month, found)
    return [each for each in found if each.amount * each.share - paid.get(each.pk, 0) >= FEN]


def _paid_before(objection: Objection, month: date, orders: Sequence[Order]) -> dict[int, Decimal]:
    """What each order had brought the person by the payslip, in yuan before refunds.

    The line of an adjustment counts what was said about the order since its month was settled.
    """
    if not orders:
        return {}
    settled = SettledOrders.objects.filter(
        period__department=objection.period.department_id, period__month=month, staff=objection.staff_id
    )
    paid = {
        order: amount
        for each in settled
        for order, amount in zip(each.order_ids, each.amounts, strict=True)
        if amount > 0
    }
    if month == objection.period.month or objection.period.facts_read_at is None:
        return paid
    own = OrderShare.objects.filter(split=OuterRef("pk"), staff=objection.staff_id)
    said = OrderSplit.objects.filter(order__in=orders, at__lte=objection.period.facts_read_at)
    amounts = {each.pk: each.amount for each in orders}
    for split in said.annotate(share=Subquery(own.values("share"))).order_by("at", "id"):
        paid[split.order_id] = amounts[split.order_id] * (split.share or 0)
    return paid


def objections_overlapping(order: Order, staff: Collection[int]) -> QuerySet[Objection]:
    """Upheld objections that pay some of these people for commissions of the order's month."""
    if order.paid_at is None:
        return Objection.objects.none()
    month = first_of(timezone.localdate(order.paid_at))
    upheld = Objection.objects.filter(
        Exists(_from_orders(OuterRef("period__department"), OuterRef("code"))),
        staff__in=staff,
        state=Objection.State.UPHELD,
        manual_line__amount__gt=0,
        manual_line__withdrawn_at__isnull=True,
        line__endswith=f"/{month:%Y-%m}",
    )
    return upheld.select_related("staff", "manual_line__period").order_by("id")


def paid_beside(period: SettlementPeriod) -> list[str]:
    """Adjustments of a month's draft that an upheld objection has paid for already, in words; two queries.

    Both are of one person, provision and earlier month: an import may bring what the objection paid.
    """
    adjusted = PayLine.objects.filter(
        payslip__period=period.pk, nature=PayLine.Nature.ADJUSTMENT, amount__gt=0
    ).values_list("payslip__staff", "code", "for_month", "amount")
    amounts = {(staff, code, month): amount for staff, code, month, amount in adjusted}
    if not amounts:
        return []
    upheld = Objection.objects.filter(
        state=Objection.State.UPHELD,
        staff__in={staff for staff, _, _ in amounts},
        manual_line__amount__gt=0,
        manual_line__withdrawn_at__isnull=True,
    )
    found = []
    for each in upheld.select_related("staff", "manual_line").order_by("staff__number", "id"):
        month = month_objected_to(each)
        amount = amounts.get((each.staff_id, each.code, month))
        if amount is not None and each.manual_line is not None:
            words = f"异议已补{plain(each.manual_line.amount)}元，本月又调整{plain(amount)}元"
            found.append(f"{each.staff}（{month:%Y年%m月}“{each.title}”{words}）")
    return found


def incidents_named(objection: Objection) -> set[int]:
    """The incidents that the line came from, a colleague's whom a lead answers for included."""
    parts = objection.line.split("/")[3:]
    return {*objection.incidents, *(int(part) for part in parts if part.isdecimal())}


def appeals_overlapping(objection: Objection, incidents: Collection[int]) -> list[Appeal]:
    """Appeals about incidents and their cases: anybody's that wait, the person's own that were decided."""
    undecided_or_own = Q(state=Asked.ASKED) | Q(
        state__in=[Asked.APPROVED, Asked.REFUSED], staff=objection.staff_id
    )
    of_incidents = IncidentAppeal.objects.filter(undecided_or_own, incident__in=incidents)
    of_cases = DisciplineAppeal.objects.filter(undecided_or_own, case__incident__in=incidents)
    return [
        *of_incidents.select_related("staff", "incident__staff").order_by("id"),
        *of_cases.select_related("staff").order_by("id"),
    ]


def _from_orders(department: Any, code: Any) -> QuerySet[Provision]:
    """The provisions of a code under which orders pay."""
    return Provision.objects.filter(version__department=department, code=code, kind__in=FROM_ORDERS)
