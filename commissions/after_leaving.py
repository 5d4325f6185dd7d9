"""Orders of who has left the department: refunds that come later, payments that count all the same.

They are charged and paid under the rules of the last day worked there; a base that was left below zero is
settled in money with them, since no later month of the department could take it up.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from commissions.contributions import CommissionFacts
from commissions.models import Metric, Order, OrderShare, Refund
from commissions.order_sums import moment, sums_between
from core.money import ZERO, plain
from core.periods import first_of, shift_months
from people.models import Department
from people.terms import PersonMonth
from rules.kinds.sales import COMPUTED, Commission, metric_label
from rules.lines import Line, SettlementFailure
from rules.provisions import Rule, Timeline, has_kind


def agents_after_leaving(department: Department, first: date) -> set[int]:
    """Who had left before a month (its first day) and has payments or refunds in it; one query."""
    begin, end = moment(first), moment(shift_months(first, 1))
    paid = Order.objects.filter(department=department, paid_at__gte=begin, paid_at__lt=end)
    refunded = Refund.objects.filter(
        order__department=department,
        order__paid_at__isnull=False,
        refunded_at__gte=begin,
        refunded_at__lt=end,
    )
    agents = paid.filter(agent__left_on__lt=first).order_by().values_list("agent")
    sharing = OrderShare.objects.filter(staff__left_on__lt=first).order_by().values_list("staff")
    found = agents.union(
        refunded.filter(order__agent__left_on__lt=first).order_by().values_list("order__agent"),
        sharing.filter(split__in=paid.filter(split__isnull=False).order_by().values("split")),
        sharing.filter(
            split__in=refunded.filter(order__split__isnull=False).order_by().values("order__split")
        ),
    )
    return {agent for (agent,) in found}


def lines_after_leaving(facts: CommissionFacts, person: PersonMonth) -> list[Line]:
    """One line a commission for who left before the month; SettlementFailure where its bracket is unknown.

    Nothing for who only joins after it.
    """
    if person.left_on is None or person.left_on >= facts.month.first:
        return []
    return [line for rule in _rules(facts, person) if (line := _line(facts, person, rule)) is not None]


def has_moved_on(person: PersonMonth) -> bool:
    """Whether somebody who left works on in another department, which takes up what base was left."""
    return person.left_on is not None and any(part.first > person.left_on for part in person.others)


def _rules(facts: CommissionFacts, person: PersonMonth) -> Iterator[Rule[Commission]]:
    """The commissions of the last day worked, and those under which a base was left."""
    assert person.left_on is not None
    binding = facts.month.timeline.on(person.left_on).of_kind(Commission)
    bound = {rule.code: rule for rule in binding if rule.binds(person.at_end.role)}
    yield from bound.values()
    for code in facts.codes_carried(person.staff_id) - bound.keys():
        rule = _last_known(facts.month.timeline, code, person.left_on)
        if rule is not None:
            yield rule


def _last_known(timeline: Timeline, code: str, day: date) -> Rule[Commission] | None:
    for _, _, rules in reversed(timeline.segments(date.min, day)):
        rule = rules.get(code)
        if rule is not None and has_kind(rule, Commission):
            return rule
    return None


def _line(facts: CommissionFacts, person: PersonMonth, rule: Rule[Commission]) -> Line | None:
    kind, who = rule.kind, person.staff_id
    # What is sold together is charged to those who share it still.
    brought = None if kind.is_common else facts.brought(who, kind.measure)
    sums = facts.orders.of(who, kind.exclude)
    counts = kind.measure in COMPUTED and kind.requires_attribution and not kind.is_common
    of_month = brought if brought is not None else sums.value(kind.measure) if counts else ZERO
    carried = ZERO if has_moved_on(person) else facts.carried(who, rule.code)
    base = of_month + carried
    if not base:
        return None
    reached = _reached(facts, person, kind)
    amount, steps = _charge(kind, base, reached)
    label = metric_label(kind.measure)
    steps.insert(0, f"{label}{plain(of_month)}" + (f"，上月结转{plain(carried)}" if carried else ""))
    words = f"最后工作日{person.left_on}以后，按当日的提成条款：{'；'.join(steps)}＝{amount}元"
    told = {"measure": kind.measure, "base": plain(of_month)}
    if kind.measure in COMPUTED and not kind.is_common:
        told |= {"sales": plain(sums.sales), "refunds": plain(sums.refunds), "orders": plain(sums.orders)}
    if carried:
        told["carried"] = plain(carried)
    return Line(
        code=rule.code,
        title=rule.title,
        amount=amount,
        column=kind.column,
        basis=rule.basis,
        on=facts.month.last,
        reason=f"{rule.title}：{words}",
        trace={"provision": rule.cite(), "facts": told, "arithmetic": steps},
        provision_id=rule.id,
    )


def _charge(kind: Commission, base: Decimal, reached: Decimal | None) -> tuple[Decimal, list[str]]:
    """What a base comes to, below zero too; `reached` decides the bracket."""
    if kind.scale == "marginal" and reached is not None and base < 0 <= reached + base:
        before, after = kind.charge(reached, None)[0], kind.charge(reached + base, None)[0]
        return after - before, [f"在职最后一月的{plain(reached)}减为{plain(reached + base)}"]
    amount, steps = kind.charge(abs(base), reached)
    return (amount, steps) if base > 0 else (-amount, steps)


def _reached(facts: CommissionFacts, person: PersonMonth, kind: Commission) -> Decimal | None:
    """The figure that chooses the bracket; None where there are no brackets.

    What was brought for this month, else that of the last month worked.
    """
    if kind.brackets is None:
        return None
    assert person.left_on is not None
    code, month = kind.by or kind.measure, first_of(person.left_on)
    if kind.needs() and (brought := facts.brought(person.staff_id, code)) is not None:
        return brought
    own = Metric.objects.filter(part=None, staff=person.staff_id, month=month, code=code)
    value = own.order_by("-as_of", "-id").values_list("value", flat=True).first()
    if value is not None:
        return value
    if code in COMPUTED:
        return _computed(facts, person, month, code)
    raise SettlementFailure(
        f"缺{month:%Y年%m月}（最后在职的月份）的{metric_label(code)}，离职后的订单不知按哪一档",
        f"导入{person.number} {person.name}{month:%Y年%m月}的{metric_label(code)}后重新结算",
    )


def _computed(facts: CommissionFacts, person: PersonMonth, month: date, code: str) -> Decimal | None:
    department = facts.month.department_id
    sums = sums_between(department, [person.staff_id], month, shift_months(month, 1))
    return sums[person.staff_id].value(code) or None if person.staff_id in sums else None
