"""Writes about orders, refunds and metrics, one at a time; imports write many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from commissions.attribution import NOBODY, EmployedStaff, Evidence
from commissions.errors import CommissionRefused, OrderReadingRefused, OrdersRefused
from commissions.models import Metric, Order, OrderClaim, OrderReading, OrderShare, OrderSplit, Refund
from commissions.order_reading import words_of
from commissions.selectors import WHOLE, sharers_of
from core.money import percent
from core.periods import first_of
from core.text import listed
from notices.models import NoticeKind
from notices.services import notices_send
from people.models import Account, Department, FactChange, Staff, Team
from people.services import facts_changed

REASON_LENGTH = 500
NAMED = 5  # agents whom the note of a change names; the others are counted
Shares = Sequence[tuple[Staff, Decimal]]  # who has which part of an order: 0.25 is a quarter
SHARE_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFact:
    """A new order: `amount` yuan as paid, before refunds. The remark says whose it is."""

    order_no: str
    amount: Decimal
    shop: str = ""
    paid_at: datetime | None = None
    remark: str = ""


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
    fact = OrderFact(order_no=order_no, shop=shop, paid_at=paid_at, amount=amount, remark=remark)
    try:
        return orders_record(department=department, facts=[fact], by=by, at=at)[0]
    except OrdersRefused as error:
        raise error.refusals[0] from None


@transaction.atomic
def orders_record(
    *, department: Department, facts: Sequence[OrderFact], by: Account | None, at: datetime
) -> list[Order]:
    """Record new orders, all or none, in the order of `facts`; as many queries for one as for thousands.

    OrdersRefused with every order that is refused. Imports of the department wait meanwhile.
    """
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    _check_new(department, facts)
    roster, orders = EmployedStaff.of(department), []
    for fact in facts:
        paid_on = timezone.localdate(fact.paid_at) if fact.paid_at else None
        agent, basis, reason = roster.agent_of(fact.remark, paid_on) if paid_on else NOBODY
        orders.append(
            Order(
                department=department,
                shop=fact.shop,
                order_no=fact.order_no,
                paid_at=fact.paid_at,
                amount=fact.amount,
                remark=fact.remark,
                agent_id=agent,
                attribution=basis,
                reason=reason,
                as_of=timezone.localdate(at),
            )
        )
    Order.objects.bulk_create(orders)
    days = [timezone.localdate(fact.paid_at) for fact in facts if fact.paid_at]
    agents = Staff.objects.filter(pk__in={each.agent_id for each in orders}).order_by("number")
    note = listed([str(each) for each in agents], NAMED)
    _changed(department, days, FactChange.Source.ORDERS, note=note, by=by, at=at)
    return orders


def _check_new(department: Department, facts: Sequence[OrderFact]) -> None:
    numbers = [fact.order_no for fact in facts]
    stored = Order.objects.filter(department=department, order_no__in=numbers)
    known = set(stored.values_list("shop", "order_no"))
    met: dict[tuple[str, str], int] = {}
    refusals = {}
    for index, fact in enumerate(facts):
        key = (fact.shop, fact.order_no)
        first = met.setdefault(key, index)
        if fact.amount < 0:
            refusals[index] = f"订单{fact.order_no}金额{fact.amount}不能为负；退款请记为退款"
        elif key in known:
            refusals[index] = f"订单{fact.order_no}已经存在；更正请重新导入订单文件"
        elif first != index:
            refusals[index] = f"订单{fact.order_no}与第{first + 1}条是同一订单；请只保留一条"
    if refusals:
        raise OrdersRefused({index: CommissionRefused(told) for index, told in refusals.items()})


@transaction.atomic
def order_assign(*, order: Order, shares: Shares, by: Account, at: datetime) -> OrderSplit:
    """Say whose an order is: one person's, or several people's with the refunds, each by their share.

    It replaces whatever was said before, and no later import takes it away; saying the same again changes
    nothing. CommissionRefused for shares that do not come to the whole, somebody twice, who was not employed
    at the payment, and an unpaid order.
    """
    order = _locked(order)
    if order.paid_at is None:
        raise CommissionRefused(f"订单{order}还没有付款；付款以后再分")
    is_said = order.split is not None and order.attribution == Order.Attribution.ASSIGNED
    if is_said and len(shares) == len(dict(shares)) and sharers_of(order) == dict(shares):
        assert order.split is not None
        return order.split
    return _give(order, shares, Order.Attribution.ASSIGNED, by=by, at=at)


def _give(order: Order, shares: Shares, basis: Order.Attribution, *, by: Account, at: datetime) -> OrderSplit:
    """Give a locked order out; what becomes of claims that wait is the caller's."""
    _check_shares(order, shares)
    before = sharers_of(order)
    split = OrderSplit.objects.create(order=order, by=by, at=at)
    OrderShare.objects.bulk_create(
        OrderShare(split=split, staff=staff, share=share) for staff, share in shares
    )
    order.agent, order.attribution, order.split = _holder(shares), basis, split
    order.reason = basis  # what people decide is called as its reason is
    order.save(update_fields=["agent", "attribution", "split", "reason"])
    paid_on = [timezone.localdate(order.paid_at)] if order.paid_at else []
    concerned = dict.fromkeys([*(staff for staff, _ in shares), *before])
    note = "、".join(map(str, concerned))
    _changed(order.department, paid_on, FactChange.Source.ATTRIBUTION, note=note, by=by, at=at)
    return split


def _holder(shares: Shares) -> Staff:
    """Who has most of it, the first by number where several have as much."""
    return min(shares, key=lambda each: (-each[1], each[0].number))[0]


def _check_shares(order: Order, shares: Shares) -> None:
    if not shares:
        raise CommissionRefused(f"订单{order}没有写归谁；至少写一名客服")
    seen: set[int] = set()
    for staff, share in shares:
        if staff.pk in seen:
            raise CommissionRefused(f"{staff}写了两次；每人只写一次，份额合并")
        seen.add(staff.pk)
        if not 0 < share <= 1 or share != share.quantize(SHARE_STEP):
            raise CommissionRefused(f"{staff}的份额{percent(share)}不对；应大于0、不超过100%，最多两位小数")
        _check_agent(order, staff)
    total = sum((share for _, share in shares), Decimal(0))
    if total != WHOLE:
        raise CommissionRefused(f"各人份额合计{percent(total)}，不是100%；改到合计正好100%")


@transaction.atomic
def order_claim(
    *,
    order: Order,
    staff: Staff,
    reason: str,
    partner: Staff | None = None,
    share: Decimal | None = None,
    at: datetime,
) -> OrderClaim:
    """Say that an order that nobody was given is one's own; it waits for a decision.

    With a partner `share` of it is one's own and the rest the partner's. CommissionRefused for an order that
    is somebody's already, of another department, or unpaid, without a reason, and for shares as in
    `order_assign`. Claiming once more what waits gives the claim that stands.
    """
    order = _locked(order)
    _check_reason(reason, "认领须写理由，例如买家与谁咨询、何时成交")
    if order.paid_at is None:
        raise CommissionRefused(f"订单{order}还没有付款；付款以后再认领")
    if order.agent_id is not None:
        raise CommissionRefused(f"订单{order}已有归属；有疑问请找组长")
    if "claim" not in Evidence.of(order.department)[timezone.localdate(order.paid_at)].tests:
        raise CommissionRefused(f"订单{order}付款当天的制度不以认领为依据；有疑问请找组长")
    if (partner is None) != (share is None):
        raise CommissionRefused("共享的同事与自己的份额须一起写；一人的订单两项都不写")
    _check_shares(order, _claimed(staff, partner, share))
    claim, _ = OrderClaim.objects.get_or_create(
        order=order,
        staff=staff,
        state=OrderClaim.State.OPEN,
        defaults={"reason": reason.strip(), "partner": partner, "share": share, "at": at},
    )
    return claim


def _claimed(staff: Staff, partner: Staff | None, share: Decimal | None) -> Shares:
    """Whose an order is if the claim is accepted."""
    if partner is None or share is None:
        return [(staff, WHOLE)]
    return [(staff, share), (partner, WHOLE - share)]


@transaction.atomic
def order_claim_decide(
    *, claim: OrderClaim, accept: bool, answer: str = "", by: Account, at: datetime
) -> OrderClaim:
    """Give the order to who claimed it, with the partner's share if one is named, or decline with an answer.

    Accepting one declines the others of the same order. CommissionRefused for one's own claim, a claim
    that is decided already, and an order that became somebody's meanwhile.
    """
    order = _locked(claim.order)
    claims = OrderClaim.objects.select_for_update(of=("self",)).select_related("staff", "partner")
    claim = claims.get(pk=claim.pk)
    if claim.state != OrderClaim.State.OPEN:
        raise CommissionRefused(f"这条认领{claim.get_state_display()}；请刷新页面后再看")
    if by.pk in (claim.staff.account_id, claim.partner and claim.partner.account_id):
        raise CommissionRefused("不能决定自己的认领；请由另一位组长、主管或经理决定")
    if not accept:
        _check_reason(answer, "不认定须写明原因")
        return _decide(claim, OrderClaim.State.DECLINED, answer.strip(), by=by, at=at)
    if order.agent_id is not None:
        raise CommissionRefused(f"订单{order}已有归属；请不认定这条认领，或请人事先更正归属")
    if answer.strip():
        _check_reason(answer, "")
    shares = _claimed(claim.staff, claim.partner, claim.share)
    _give(order, shares, Order.Attribution.CLAIM, by=by, at=at)
    for other in order.claims.filter(state=OrderClaim.State.OPEN).exclude(pk=claim.pk):
        _decide(other, OrderClaim.State.DECLINED, "此订单已认定给另一位同事", by=by, at=at)
    return _decide(claim, OrderClaim.State.ACCEPTED, answer.strip(), by=by, at=at)


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
    days, note = [timezone.localdate(moment)], "、".join(map(str, sharers_of(order)))
    _changed(department, days, FactChange.Source.ORDERS, note=note, by=by, at=at)
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
    _changed(department, [month], FactChange.Source.METRICS, note=str(staff or team), by=by, at=at)
    return metric


@transaction.atomic
def order_reading_set(
    *,
    department: Department,
    from_on: date,
    sham: str,
    sham_words: str,
    cash_on_delivery: str,
    gifts: str,
    hidden: str,
    deposits: str,
    by: Account | None,
    at: datetime,
) -> OrderReading:
    """Store how imports from now on read orders paid from `from_on`; what was imported stays as it is.

    What was said last of the same day is not said again. OrderReadingRefused for a day more than a year
    away, and for sham orders without a word to know them by.
    """
    words = "、".join(words_of(sham_words))
    if from_on > timezone.localdate(at) + timedelta(days=366):
        raise OrderReadingRefused("日期太远", "最晚从一年以后起", field="from_on")
    if not words:
        raise OrderReadingRefused("没有写认补单的词", "请至少写一个，例如 补单", field="sham_words")
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    ways = {
        "sham": sham,
        "sham_words": words,
        "cash_on_delivery": cash_on_delivery,
        "gifts": gifts,
        "hidden": hidden,
        "deposits": deposits,
    }
    said = OrderReading.objects.filter(department=department, from_on=from_on).first()
    if said is not None and all(getattr(said, name) == way for name, way in ways.items()):
        return said
    return OrderReading.objects.create(department=department, from_on=from_on, **ways, by=by, at=at)


def _locked(order: Order) -> Order:
    rows = Order.objects.select_for_update(of=("self",)).select_related("department", "agent", "split")
    return rows.get(pk=order.pk)


def _check_agent(order: Order, agent: Staff) -> None:
    paid_on = timezone.localdate(order.paid_at) if order.paid_at else None
    if agent.department_id != order.department_id:
        raise CommissionRefused(f"{agent}不在{order.department}；选择本部门的客服")
    if paid_on and not agent.is_employed_on(paid_on):
        raise CommissionRefused(f"{agent}在付款日{paid_on:%Y-%m-%d}不在职；选择当日在职的客服")


def _check_reason(text: str, missing: str) -> None:
    if not text.strip():
        raise CommissionRefused(missing)
    if len(text.strip()) > REASON_LENGTH:
        raise CommissionRefused(f"最多{REASON_LENGTH}字，请写短一些")


def _decide(claim: OrderClaim, state: str, answer: str, *, by: Account, at: datetime) -> OrderClaim:
    claim.state, claim.answer, claim.decided_by, claim.decided_at = state, answer, by, at
    claim.save(update_fields=["state", "answer", "decided_by", "decided_at"])
    told = {claim.staff: "您认领的一笔订单"}
    if claim.partner is not None and state == OrderClaim.State.ACCEPTED:
        told[claim.partner] = "同事认领、与您共享的一笔订单"
    for staff, what in told.items():
        notices_send(
            to=[staff.account_id],
            kind=NoticeKind.CLAIM,
            text=f"{what}{claim.get_state_display()}",
            url=reverse("me_commission"),
            source=f"claim:{claim.pk}",
            at=at,
        )
    return claim


def _changed(
    department: Department,
    days: list[date],
    source: FactChange.Source,
    *,
    note: str = "",
    by: Account | None,
    at: datetime,
) -> None:
    facts_changed(department=department, months=days, source=source, note=note, by=by, at=at)
