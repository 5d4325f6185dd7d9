"""The order that a case is about, as the page shows it: what was paid, what was given back, whose it is."""

from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from commissions.models import Order
from people.models import Department

_MONEY: "DecimalField[Any, Any]" = DecimalField(max_digits=12, decimal_places=2)


def orders_told() -> QuerySet[Order]:
    """Orders with what was refunded of each (`refunded`, yuan) and whose they are."""
    none = Value(Decimal(0), output_field=_MONEY)
    orders = Order.objects.annotate(refunded=Coalesce(Sum("refunds__amount"), none))
    return orders.select_related("agent", "split").prefetch_related("split__shares__staff")


def orders_numbered(department: Department, number: str) -> QuerySet[Order]:
    """The orders of a department under a number; several where shops number alike."""
    return orders_told().filter(department=department, order_no=number).order_by("pk")
