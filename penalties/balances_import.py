"""Opening balances in: every row is one balance of one person, said anew as often as the sheet comes."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from penalties.models import OpeningBalance
from penalties.services import BalanceFact, balances_store
from people.business_roles import Tier
from people.models import Account, Department, Staff, Term
from people.rows import People
from people.services import months_since
from rules.kinds.attendance import Punctuality
from rules.kinds.base import Kind
from rules.kinds.sales import StreakAward
from rules.provisions import Rule, Rules, Timeline, has_kind
from rules.selectors import timeline_of
from sheets.loading import Load, Summary
from sheets.table import Table

Balance = OpeningBalance.Kind
LARGEST = {
    Balance.COUNT: Decimal(1000),
    Balance.POINTS: Decimal(1000),
    Balance.LOSS: Decimal(10) ** 8,
    Balance.STREAK: Decimal(600),
    Balance.TIER: Decimal(1),
}
WHOLE = (Balance.COUNT, Balance.STREAK, Balance.TIER)
TIERS = {name: value for value, label in Tier.choices for name in (value, label)}


class RowRefused(ValueError):
    """What is wrong with a cell of a row: its column, why, what to do, and the value."""


def openings_loader(*, department: Department, by: Account | None, at: datetime) -> Load:
    """The loader of a sheet of opening balances.

    A balance of the same person, item, provision and day that says something else replaces the former; zero
    takes it out of account. As many queries for one row as for thousands.
    """

    def load(table: Table) -> Summary:
        facts = _facts(table, department, timezone.localdate(at))
        table.check()
        stored = balances_store(department=department, facts=facts, by=by, at=at)
        is_new = stored.created or stored.changed
        first = min((fact.on for fact in facts), default=None) if is_new else None
        return Summary(
            rows=len(facts),
            created=stored.created,
            changed=stored.changed,
            unchanged=len(facts) - stored.created - stored.changed,
            months=frozenset(months_since(first, at)) if first else frozenset(),
            totals=tuple(_totals(facts)),
        )

    return load


def _totals(facts: Sequence[BalanceFact]) -> Iterator[tuple[str, str]]:
    yield "人", f"{len({fact.staff.pk for fact in facts})} 人"
    for kind in Balance:
        values = [fact.value for fact in facts if fact.kind == kind]
        if values:
            yield kind.label, f"{len(values)} 项，合计 {sum(values, Decimal(0)).normalize():f}"


def _facts(table: Table, department: Department, today: date) -> list[BalanceFact]:
    people = People(table, department)
    timeline = timeline_of(department)
    terms = Term.objects.filter(staff__department=department, valid__contains=today)
    tiers = dict(terms.values_list("staff__number", "tier"))
    met: dict[tuple[int, str, str, date], int] = {}
    facts = []
    for number, cells in table.rows(raise_at_end=False):
        values = dict(zip(table.fields, cells, strict=True))
        try:
            person = people.of(number, values, values["as_of"])
            if person is None:
                continue
            fact = balance_fact(values, person, timeline, today)
            if fact.kind == Balance.TIER:
                _check_tier(fact, tiers.get(fact.staff.number, ""), values["provision"])
            first = met.setdefault(fact.place, number)
            if first != number:
                raise RowRefused(
                    "as_of",
                    f"与第 {first} 行是同一人的同一项余额",
                    "请核对工号，两处是一回事的合成一行",
                    fact.on,
                )
        except RowRefused as refused:
            table.add_error(number, *refused.args)
            continue
        facts.append(fact)
    return facts


def balance_fact(
    values: dict[str, Any], person: Staff | None, timeline: Timeline, today: date
) -> BalanceFact:
    """The balance that a row of a sheet tells; RowRefused for one that cannot be."""
    on, kind, value = values["as_of"], Balance(values["balance"]), values["value"]
    if person is None:
        raise RowRefused(
            "staff_number", "本部门没有这个工号", "请核对工号，或先导入员工", values["staff_number"]
        )
    if on > today:
        raise RowRefused("as_of", "日期还没有到", "期初余额截至已经过去的一天，请核对日期", on)
    if on < person.hired_on:
        raise RowRefused("as_of", f"{person}到{person.hired_on}才入职", "请核对日期与工号", on)
    if value > LARGEST[kind] or value != round(value, 2):
        raise RowRefused("value", "数值太大或小数太多", f"最多{LARGEST[kind]:f}、两位小数，请核对", value)
    if kind in WHOLE and value != int(value):
        raise RowRefused("value", f"{kind.label}应为整数", "请改正数值", value)
    if kind == Balance.TIER:
        code = _tier(values["provision"])
        return BalanceFact(person, kind, code, on, value, (values["note"] or "")[:500])
    # The rules may begin the day after the books were closed.
    code = _code(kind, values["provision"], timeline.on(on + timedelta(days=1)))
    return BalanceFact(person, kind, code, on, value, (values["note"] or "")[:500])


def _code(kind: Balance, said: str | None, rules: Rules) -> str:
    """The provision's code; RowRefused where it is none that brings such a balance."""
    if kind == Balance.POINTS:
        if said:
            raise RowRefused("provision", "得分是当月的总分，不属于哪一条", "请清空这一格", said)
        return ""
    if not said:
        raise RowRefused("provision", "没有写条款", f"{kind.label}请写条款编号或名称", said)
    rule = rules.get(said) or _entitled(rules, said)
    if rule is None:
        raise RowRefused(
            "provision", "截至日期后一天生效的制度里没有这一条", "请核对条款，或先采用含此条款的制度", said
        )
    if not _fits(kind, rule):
        raise RowRefused(
            "provision",
            f"“{rule.title}”是{rule.kind.label}，没有{kind.label}",
            "请核对项目与条款",
            said,
        )
    return rule.code


def _tier(said: str | None) -> str:
    """The tier that a cell names, by its name or its code; RowRefused for none."""
    code = TIERS.get((said or "").strip())
    if code is None:
        raise RowRefused(
            "provision", "任现职级起要写职级", f"请写{'、'.join(label for _, label in Tier.choices)}", said
        )
    return code


def _check_tier(fact: BalanceFact, held: str, said: str | None) -> None:
    """RowRefused for a tier that is not the person's today: since when is asked of that one alone."""
    if fact.code != held:
        label = dict(Tier.choices).get(held, "空着的")
        raise RowRefused(
            "provision", f"{fact.staff}现在的职级是{label}", "请写现在的职级，或先更正人员的职级", said
        )


def _entitled(rules: Rules, title: str) -> Rule[Kind] | None:
    named = [rule for rule in rules if rule.title == title]
    return named[0] if len(named) == 1 else None


def _fits(kind: Balance, rule: Rule[Kind]) -> bool:
    if kind == Balance.COUNT:
        return rule.kind.takes_incidents or has_kind(rule, Punctuality)
    if kind == Balance.STREAK:
        return has_kind(rule, StreakAward)
    return rule.basis != "benefit"
