"""Reads about orders and metrics."""

from django.db.models import Q, QuerySet

from commissions.models import Metric, Order, OrderClaim
from people.models import Account
from people.selectors import departments_visible_to, staff_visible_to, staff_where


def orders_visible_to(account: Account) -> QuerySet[Order]:
    """The orders of the staff that an account may see, and nobody's orders of its departments."""
    return Order.objects.filter(
        Q(agent__in=staff_visible_to(account).order_by().values("pk"))
        | Q(agent__isnull=True, department__in=departments_visible_to(account).order_by().values("pk"))
    )


def claims_decidable_by(account: Account) -> QuerySet[OrderClaim]:
    """The claims, open or not, of the people about whom an account decides; never its own."""
    return OrderClaim.objects.filter(
        staff__in=staff_where(account, "decide_claims").order_by().values("pk")
    ).exclude(staff__account=account)


def metrics_visible_to(account: Account) -> QuerySet[Metric]:
    """The metrics of the staff that an account may see, and of the teams of its departments."""
    return Metric.objects.filter(
        Q(staff__in=staff_visible_to(account).order_by().values("pk"))
        | Q(team__isnull=False, department__in=departments_visible_to(account).order_by().values("pk"))
    )
