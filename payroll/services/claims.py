"""Claiming an order that nobody was given, until its month is approved; saying whose it is, once."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from commissions.models import Order, OrderClaim, OrderSplit
from commissions.selectors import orders_assignable_by, sharers_decided_by, sharers_of
from commissions.services import Shares, order_assign, order_claim, order_claim_decide
from core.money import plain
from core.periods import first_of
from payroll.errors import ClaimRefused
from payroll.selectors.claims import claimable_months
from payroll.selectors.overlaps import objections_overlapping
from penalties.services.incidents import staff_lock
from people.models import Account, Staff


def claim_make(
    *,
    order: Order,
    staff: Staff,
    reason: str,
    partner: Staff | None = None,
    share: Decimal | None = None,
    at: datetime,
) -> OrderClaim:
    """Claim an order as long as its month is open; ClaimRefused afterwards, else as `order_claim`."""
    if order.paid_at is not None:
        month = first_of(timezone.localdate(order.paid_at))
        if month not in claimable_months(staff.department, timezone.localdate(at)):
            raise ClaimRefused(
                f"{month:%Y年%m月}的订单已不能认领",
                "只能认领本月和上月、工资还没批准的；有误请找人事更正",
            )
    return order_claim(order=order, staff=staff, reason=reason, partner=partner, share=share, at=at)


@transaction.atomic
def claim_decide(
    *, claim: OrderClaim, accept: bool, answer: str = "", by: Account, at: datetime
) -> OrderClaim:
    """Decide a claim as `order_claim_decide`; an order that an upheld objection paid is not given as well.

    ClaimRefused then, naming the objection, and for people about whom one does not decide. Answering the
    person's objections waits meanwhile.
    """
    sharers = {each for each in (claim.staff, claim.partner) if each is not None}
    people = {each.pk for each in sharers}
    staff_lock(people)
    _check_decides(by, sharers)
    if accept:
        _check_unpaid(claim.order, people, "请不认定这条认领")
    return order_claim_decide(claim=claim, accept=accept, answer=answer, by=by, at=at)


@transaction.atomic
def order_give(*, order: Order, shares: Shares, by: Account, at: datetime) -> OrderSplit:
    """Say whose an order is, alone or shared, as `order_assign`; claims of it that wait are to be decided.

    ClaimRefused for one's own orders and those of people about whom one does not decide, for an order that
    somebody claims, and where an upheld objection has paid who would get more of it than before.
    """
    before = sharers_of(order)
    staff_lock({staff.pk for staff, _ in shares} | {staff.pk for staff in before})
    order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    _check_decides(by, {staff for staff, _ in shares})
    if not orders_assignable_by(by).filter(pk=order.pk).exists():
        raise ClaimRefused(f"订单{order}现在的归属不由您决定", "请由其组长、主管或经理分配")
    if order.claims.filter(state=OrderClaim.State.OPEN).exists():
        raise ClaimRefused(f"订单{order}有人认领，还没有决定", "先到“订单认领”决定，再分配")
    before = sharers_of(order)
    more = {staff.pk for staff, share in shares if share > before.get(staff, 0)}
    _check_unpaid(order, more, "请不要把这一单多分给他")
    return order_assign(order=order, shares=shares, by=by, at=at)


def _check_decides(by: Account, people: Collection[Staff]) -> None:
    """ClaimRefused for people whose orders others decide about, and for one's own."""
    decided = sharers_decided_by(by).filter(pk__in=[each.pk for each in people])
    if outside := set(people) - set(decided):
        raise ClaimRefused(
            f"{'、'.join(sorted(map(str, outside)))}的订单不由您决定", "请由管所有这些人的主管或经理决定"
        )


def _check_unpaid(order: Order, people: Collection[int], remedy: str) -> None:
    """ClaimRefused where an upheld objection has paid one of these people what the order would."""
    paid = objections_overlapping(order, people).first()
    if paid is not None:
        assert paid.manual_line is not None
        raise ClaimRefused(
            f"{paid.staff}对“{paid.title}”的异议（第{paid.pk}号）已经成立，"
            f"{paid.manual_line.period.month:%Y年%m月}补了{plain(paid.manual_line.amount)}元",
            f"{remedy}；补的不是这一单的，先撤回那条手工项目，已批准的月份另加手工项目补差",
        )
