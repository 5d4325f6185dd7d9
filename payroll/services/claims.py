"""Claiming an order that nobody was given, until its month is approved; deciding who has it, once."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from commissions.models import Order, OrderClaim
from commissions.services import order_claim, order_claim_decide
from core.money import plain
from core.periods import first_of
from payroll.errors import ClaimRefused
from payroll.selectors.claims import claimable_months
from payroll.selectors.overlaps import objections_overlapping
from penalties.services.incidents import staff_lock
from people.models import Account, Staff


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


@transaction.atomic
def claim_decide(
    *, claim: OrderClaim, accept: bool, answer: str = "", by: Account, at: datetime
) -> OrderClaim:
    """Decide a claim as `order_claim_decide`; an order that an upheld objection paid is not given as well.

    ClaimRefused then, naming the objection. Answering the person's objections waits meanwhile.
    """
    staff_lock({claim.staff_id})
    paid = objections_overlapping(claim).first() if accept else None
    if paid is not None:
        assert paid.manual_line is not None
        raise ClaimRefused(
            f"{claim.staff}对“{paid.title}”的异议（第{paid.pk}号）已经成立，"
            f"{paid.manual_line.period.month:%Y年%m月}补了{plain(paid.manual_line.amount)}元",
            "请不认定这条认领；补的不是这一单的，先撤回那条手工项目，已批准的月份另加手工项目补差",
        )
    return order_claim_decide(claim=claim, accept=accept, answer=answer, by=by, at=at)
