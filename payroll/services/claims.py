"""Orders that nobody was given, and who may still claim them: until their month is approved."""

from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from commissions.contributions import moment
from commissions.models import Order, OrderClaim
from commissions.services import order_claim
from core.periods import first_of, shift_months
from payroll.errors import ClaimRefused
from payroll.models import SettlementPeriod
from people.models import Department, Staff


def claimable_months(department: Department, on: date) -> list[date]:
    """This month and the last, as far as they are not approved; the latest first. One query."""
    months = [first_of(on), shift_months(on, -1)]
    frozen = SettlementPeriod.objects.filter(
        department=department, month__in=months, state__in=SettlementPeriod.FROZEN
    )
    taken = set(frozen.values_list("month", flat=True))
    return [month for month in months if month not in taken]


def orders_claimable(staff: Staff, on: date) -> QuerySet[Order]:
    """Nobody's paid orders of those months in the person's department, of the days of the employment."""
    paid = Q(pk__in=[])
    for month in claimable_months(staff.department, on):
        paid |= Q(paid_at__gte=moment(month), paid_at__lt=moment(shift_months(month, 1)))
    orders = Order.objects.filter(
        paid, department=staff.department_id, agent__isnull=True, paid_at__gte=moment(staff.joined_on)
    )
    return orders.order_by("-paid_at", "-id")


def claim_make(*, order: Order, staff: Staff, reason: str, at: datetime) -> OrderClaim:
    """Claim an order as long as its month is open; ClaimRefused afterwards, else as `order_claim`."""
    if order.paid_at is not None:
        month = first_of(timezone.localdate(order.paid_at))
        if month not in claimable_months(staff.department, timezone.localdate(at)):
            raise ClaimRefused(
                f"{month:%Y年%m月}的订单已不能认领",
                "只能认领本月和上月、工资还没批准的；有误请找人事更正",
            )
    return order_claim(order=order, staff=staff, reason=reason, at=at)
