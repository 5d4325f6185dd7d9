"""Orders that nobody was given, and who may still claim them: until their month is approved."""

from datetime import date

from django.db.models import Q, QuerySet

from commissions.models import Order
from commissions.order_sums import moment
from core.periods import first_of, shift_months
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
