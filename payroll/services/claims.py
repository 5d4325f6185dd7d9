"""Claiming an order that nobody was given, until its month is approved."""

from datetime import datetime

from django.utils import timezone

from commissions.models import Order, OrderClaim
from commissions.services import order_claim
from core.periods import first_of
from payroll.errors import ClaimRefused
from payroll.selectors.claims import claimable_months
from people.models import Staff


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
