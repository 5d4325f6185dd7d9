"""Base pay, performance bonus and allowances: what a month pays for being there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from core.money import ZERO, plain, to_fen
from core.periods import tenure_months
from payroll.settlement.payslip_drafts import BASE_PAY, PERFORMANCE_BONUS
from people.models import Proration
from people.terms import PersonMonth, Span
from rules.kinds.base import WORKING_DAYS_A_MONTH
from rules.kinds.pay import Allowance, BasePay, ShiftWorked
from rules.lines import Line
from rules.provisions import DAY, Month, Rule
from shifts.working_days import Worked


@dataclass(frozen=True, slots=True)
class Rate:
    """A monthly amount in yuan and where it comes from."""

    code: str
    title: str
    amount: Decimal
    rule: Rule[BasePay] | None = None


PayTable = Callable[[date], Rule[BasePay] | None]


def pay_table(month: Month, person: PersonMonth) -> PayTable:
    """The pay table that binds the person on a day of the month; the first of several."""
    stretches = month.stretches(person, BasePay)

    def on(day: date) -> Rule[BasePay] | None:
        return next((each.rule for each in stretches if each.holds(day)), None)

    return on


def with_tables(month: Month, person: PersonMonth) -> PersonMonth:
    """The person with the spans cut where another pay table begins or ends."""
    starts = {each.first for each in month.stretches(person, BasePay)}
    starts |= {each.last + DAY for each in month.stretches(person, BasePay)}
    spans = []
    for span in person.spans:
        cuts = [span.first, *sorted(day for day in starts if span.first < day <= span.last)]
        ends = [day - DAY for day in cuts[1:]] + [span.last]
        spans += [replace(span, first=first, last=last) for first, last in zip(cuts, ends, strict=True)]
    return replace(person, spans=tuple(spans))


@dataclass(frozen=True, slots=True)
class Way:
    """How a month with missed days is paid: the divisor by name and as a number, and the method."""

    name: str
    divisor: Decimal
    method: str

    @property
    def by_calendar(self) -> bool:
        return self.name == Proration.Divisor.CALENDAR


def proration_of(month: Month, person: PersonMonth, worked: Worked, rule: Rule[BasePay] | None) -> Way:
    """The department's way of the person's last day; a divisor that the pay table names itself wins."""
    given = month.proration_of(person)
    if rule is not None and rule.kind.divisor != WORKING_DAYS_A_MONTH:
        return Way(plain(rule.kind.divisor), rule.kind.divisor, given.method)
    divisors = {
        Proration.Divisor.DUE: worked.due_in_month or WORKING_DAYS_A_MONTH,
        Proration.Divisor.CALENDAR: Decimal(month.last.day),
    }
    divisor = divisors.get(Proration.Divisor(given.divisor), WORKING_DAYS_A_MONTH)
    return Way(given.divisor, divisor, given.method)


def base_pay_of(person: PersonMonth, span: Span, rule: Rule[BasePay] | None) -> Rate | None:
    """The monthly base pay of a span: the person's own, else the table's; None where neither has one."""
    if span.base_pay is not None:
        return Rate(BASE_PAY, "基本工资", span.base_pay)
    if rule is None:
        return None
    years = tenure_months(person.hired_on, span.last) // 12
    amount = rule.kind.monthly(tier=span.tier, role=span.role, star=span.star, years=years)
    return None if amount is None else Rate(rule.code, rule.title, amount, rule)


def base_pay_sum(month: Month) -> Decimal:
    """The monthly base pay of everybody employed in the month, as on the last employed day, in yuan.

    Who has none counts nothing (s000-02-e-03: those without base pay are not in the sum).
    """
    rates = (
        base_pay_of(person, person.at_end, pay_table(month, person)(person.last))
        for person in month.people.values()
        if person.in_month and person.is_last_part
    )
    return sum((rate.amount for rate in rates if rate is not None), ZERO)


def performance_bonus_of(span: Span) -> Rate | None:
    """The agreed performance pay of a span a month; None for who has none."""
    if not span.performance_bonus:
        return None
    return Rate(PERFORMANCE_BONUS, "绩效奖金", span.performance_bonus)


def monthly_lines(month: Month, person: PersonMonth, worked: Worked) -> list[Line]:
    """Base pay and performance bonus, split by days where they change, prorated where days were missed."""
    table = pay_table(month, person)
    way = proration_of(month, person, worked, table(person.last))
    cut = with_tables(month, person)
    lines = _prorated(cut, worked, way, lambda span: base_pay_of(person, span, table(span.first)), "base")
    return lines + _prorated(person, worked, way, performance_bonus_of, "performance")


def _prorated(
    person: PersonMonth,
    worked: Worked,
    way: Way,
    rate_of: Callable[[Span], Rate | None],
    column: str,
) -> list[Line]:
    """One line per source of the amount (own agreement, table), over the spans in which it held."""
    by_code: dict[str, list[tuple[Span, Rate]]] = {}
    for span in person.spans:
        rate = rate_of(span)
        if rate is not None:
            by_code.setdefault(rate.code, []).append((span, rate))
    lines = []
    for code, spans in by_code.items():
        rate = spans[-1][1]
        if worked.is_prorated:
            amount, words = _by_days(person, spans, worked, way)
        else:
            amount, words = _by_calendar(person, spans)
        if not amount:
            continue
        trace: dict[str, Any] = {"arithmetic": [words]}
        if rate.rule:
            trace["provision"] = rate.rule.cite()
        if worked.is_prorated:
            trace["proration"] = {"divisor": way.name, "method": way.method}
        lines.append(
            Line(
                code=code,
                title=rate.title,
                amount=amount,
                column=column,
                basis="benefit",
                on=person.last,
                reason=f"{rate.title}：{words}",
                trace=trace,
                provision_id=rate.rule.id if rate.rule else None,
            )
        )
    return lines


def _by_days(
    person: PersonMonth, spans: list[tuple[Span, Rate]], worked: Worked, way: Way
) -> tuple[Decimal, str]:
    """The amount of a month in which days were missed, as the department has it; never below zero.

    Who worked no day of it is paid nothing, whatever the divisor.
    """
    if worked.is_away:
        return ZERO, "全月没有出勤"
    if way.method == Proration.Method.DEDUCT:
        return _by_days_missed(person, spans, worked, way)
    total, parts = Decimal(0), []
    for span, rate in spans:
        days = worked.paid_between(span.first, span.last, by_calendar=way.by_calendar)
        total += rate.amount / way.divisor * days
        parts.append(f"{rate.amount}÷{plain(way.divisor)}×{plain(days)}天")
    most = max(rate.amount for _, rate in spans)
    words = "＋".join(parts)
    return (most, f"{words}，不超过{most}元") if total > most else (to_fen(total), words)


def _by_days_missed(
    person: PersonMonth, spans: list[tuple[Span, Rate]], worked: Worked, way: Way
) -> tuple[Decimal, str]:
    """Amount − amount ÷ divisor × days missed; days before joining count at the first amount, and so on."""
    whole, words = _by_calendar(person, spans)
    missed = worked.missed(by_calendar=way.by_calendar)
    lost, parts = Decimal(0), []
    for place, (span, rate) in enumerate(spans):
        first = date.min if place == 0 else span.first
        last = date.max if place == len(spans) - 1 else span.last
        days = sum((part for day, part in missed.items() if first <= day <= last), Decimal(0))
        if days:
            lost += rate.amount / way.divisor * days
            parts.append(f"{rate.amount}÷{plain(way.divisor)}×缺{plain(days)}天")
    return to_fen(max(whole - lost, Decimal(0))), "－".join([words, *parts])


def _by_calendar(person: PersonMonth, spans: list[tuple[Span, Rate]]) -> tuple[Decimal, str]:
    """The whole amount; amounts that hold for a part of the month weigh by calendar days."""
    days = (person.last - person.first).days + 1
    if (
        sum((span.last - span.first).days + 1 for span, _ in spans) == days
        and len({rate.amount for _, rate in spans}) == 1
    ):
        amount = spans[-1][1].amount
        return amount, f"全月{amount}元"
    total, parts = Decimal(0), []
    for span, rate in spans:
        held = (span.last - span.first).days + 1
        total += rate.amount * held / days
        parts.append(f"{span.first:%m-%d}至{span.last:%m-%d} {rate.amount}×{held}/{days}天")
    return to_fen(total), "＋".join(parts)


def allowance_lines(month: Month, person: PersonMonth) -> list[Line]:
    """The allowances that are due once this month; who was transferred on has them where the month ends."""
    lines = []
    months = tenure_months(person.hired_on, person.last)
    for of_code in month.due_once(person, Allowance):
        dues = [
            due
            for due in of_code
            if due.rule.kind.per == "month"
            and due.rule.kind.is_due(hired_on=person.hired_on, last=person.last)
        ]
        if not dues:
            continue
        rule, kind = dues[-1].rule, dues[-1].rule.kind
        held = {"hired_on": person.hired_on, "last": person.last}
        amount = to_fen(sum((due.of(due.rule.kind.due_in(**held)) for due in dues), ZERO))
        each_year = f"×满{months // 12}年" if kind.each_year else ""
        reason = f"{rule.title}：每{EVERY[kind.every]}{kind.amount}元{each_year}，司龄{months}个月"
        if any(due.is_part for due in dues):
            words = "＋".join(due.in_words(due.rule.kind.due_in(**held)) for due in dues)
            reason += f"；按日历天数{words}＝{amount}元"
        lines.append(_allowance(month, rule, amount, reason))
    return lines


def worked_allowance_lines(
    month: Month, person: PersonMonth, worked: Mapping[date, ShiftWorked]
) -> list[Line]:
    """The allowances for each day or shift worked, stretch by stretch."""
    lines = []
    for each in month.stretches(person, Allowance):
        kind = each.rule.kind
        if kind.per == "month" or not kind.is_due(hired_on=person.hired_on, last=person.last):
            continue
        days = {on: shift.part for on, shift in worked.items() if each.holds(on) and kind.pays(shift)}
        count = sum(days.values(), ZERO)
        amount = to_fen((kind.amount or ZERO) * count)
        if amount:
            unit = "天" if kind.per == "day" else "个班"
            dates = "、".join(f"{on.day}日" for on in days)
            reason = f"{each.rule.title}：{kind.amount}元×{plain(count)}{unit}（{dates}）"
            lines.append(_allowance(month, each.rule, amount, reason))
    return lines


def _allowance(month: Month, rule: Rule[Allowance], amount: Decimal, reason: str) -> Line:
    return Line(
        code=rule.code,
        title=rule.title,
        amount=amount,
        column=rule.kind.column,
        basis=rule.basis,
        on=month.last,
        reason=reason,
        trace={"provision": rule.cite(), "arithmetic": [reason]},
        provision_id=rule.id,
    )


EVERY = {"month": "月", "quarter": "季", "year": "年"}


def amount_on(
    person: PersonMonth, table: PayTable, of: Callable[[Span], Decimal | None] | None = None
) -> Callable[[date], Decimal | None]:
    """The monthly amount in force on a day: base pay, or what `of` reads from the terms."""

    def on(day: date) -> Decimal | None:
        span = person.on(day)
        if of is not None:
            return of(span)
        rate = base_pay_of(person, span, table(min(max(day, person.first), person.last)))
        return None if rate is None else rate.amount

    return on
