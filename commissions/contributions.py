"""Orders and metrics in settlement: commissions, guarantees and the awards that metrics earn."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from commissions.models import Metric
from core.money import ZERO, plain
from core.periods import last_of, shift_months, tenure_months
from penalties.openings import Opening, opening_streaks
from people.terms import PersonMonth
from rules.kinds.base import Kind
from rules.kinds.params import DayRange
from rules.kinds.sales import (
    COMPUTED,
    Commission,
    Guarantee,
    RankedAward,
    ScoreAward,
    StreakAward,
    bracket_of,
    edge_words,
    metric_figure,
    metric_label,
)
from rules.lines import Line, SettlementFailure
from rules.provisions import K, Month, Rule, has_kind

Excludes = tuple[DayRange, ...]
Streak = tuple[int, str, date]  # staff, code, month
Rows = Iterable[Sequence[Any]]
# Runs the aggregate; settlement wraps it to store each person's orders in the same pass.
Reader = Callable[[str, list[Any], list[str]], Rows]


@dataclass(slots=True)
class Sums:
    """What a person's orders of a month come to, in yuan and orders."""

    sales: Decimal = Decimal(0)
    refunds: Decimal = Decimal(0)
    orders: int = 0

    def value(self, code: str) -> Decimal:
        if code == "net_sales":
            return self.sales - self.refunds
        return {"sales": self.sales, "refunds": self.refunds, "orders": Decimal(self.orders)}[code]


@dataclass(slots=True)
class OrderFacts:
    """Sums per person, whole and per set of excluded days; None is nobody's orders."""

    whole: dict[int | None, Sums] = field(default_factory=dict)
    excluding: dict[Excludes, dict[int | None, Sums]] = field(default_factory=dict)

    def of(self, staff_id: int, exclude: Excludes = ()) -> Sums:
        sums = self.excluding[exclude] if exclude else self.whole
        return sums.get(staff_id) or Sums()


def moment(day: date) -> datetime:
    """Midnight (Asia/Shanghai) at which a day begins."""
    return timezone.make_aware(datetime.combine(day, time.min))


def execute(sql: str, params: list[Any]) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


# An order counts in the month of its payment, a refund in the month of its own moment (`at`).
EVENTS = """
    SELECT o.agent_id, o.id AS order_id, o.amount, FALSE AS is_refund, o.paid_at, o.paid_at AS at
    FROM commissions_order o
    WHERE o.department_id = %s AND o.paid_at >= %s AND o.paid_at < %s
    UNION ALL
    SELECT o.agent_id, o.id, -r.amount, TRUE, o.paid_at, r.refunded_at
    FROM commissions_refund r JOIN commissions_order o ON o.id = r.order_id
    WHERE o.department_id = %s AND r.refunded_at >= %s AND r.refunded_at < %s AND o.paid_at IS NOT NULL
"""


def event_params(month: Month, first: date, last: date) -> list[Any]:
    """Parameters of EVENTS for payments and refunds from `first` to the end of `last`'s month."""
    return [month.department_id, moment(first), moment(shift_months(last, 1))] * 2


def sum_columns(condition: str = "TRUE") -> list[str]:
    """SQL of sales, refunds and the number of orders among the events for which `condition` holds."""
    return [
        f"coalesce(sum(amount) FILTER (WHERE NOT is_refund AND {condition}), 0)",
        f"coalesce(-sum(amount) FILTER (WHERE is_refund AND {condition}), 0)",
        f"count(*) FILTER (WHERE NOT is_refund AND {condition})",
    ]


def plain_reader(sql: str, params: list[Any], columns: list[str]) -> Rows:
    """Read the named columns of the aggregate; PostgreSQL drops what nobody reads."""
    return execute(f"SELECT {', '.join(columns)} FROM ({sql}) summed", params)


def reader_of(staff: Collection[int]) -> Reader:
    """Reads the sums of some people only; PostgreSQL then looks at their orders only."""

    def read(sql: str, params: list[Any], columns: list[str]) -> Rows:
        wanted = f"SELECT {', '.join(columns)} FROM ({sql}) summed WHERE staff_id = ANY(%s)"
        return execute(wanted, [*params, list(staff)])

    return read


def read_orders(month: Month, excludes: Sequence[Excludes], read: Reader) -> OrderFacts:
    """Sums of the month's orders per person in one pass over them.

    `read` gets SQL that yields staff_id, order_ids, amounts and the sums, and the names of the columns
    that it must return.
    """
    sums, params = sum_columns(), []
    for exclude in excludes:
        condition, bounds = outside(exclude)
        sums += sum_columns(condition)
        params += bounds * 3
    names = [f"s{i}" for i in range(len(sums))]
    sql = f"""
        SELECT agent_id AS staff_id,
            array_agg(order_id) FILTER (WHERE agent_id IS NOT NULL) AS order_ids,
            array_agg(amount) FILTER (WHERE agent_id IS NOT NULL) AS amounts,
            {", ".join(f"{each} AS {name}" for each, name in zip(sums, names, strict=True))}
        FROM ({EVENTS}) events GROUP BY agent_id
    """
    facts = OrderFacts(excluding={exclude: {} for exclude in excludes})
    rows = read(sql, params + event_params(month, month.first, month.first), ["staff_id", *names])
    for staff_id, *values in rows:
        groups = [Sums(*values[i : i + 3]) for i in range(0, len(values), 3)]
        facts.whole[staff_id] = groups[0]
        for exclude, group in zip(excludes, groups[1:], strict=True):
            facts.excluding[exclude][staff_id] = group
    return facts


def outside(exclude: Excludes) -> tuple[str, list[Any]]:
    """SQL that holds for payments outside the excluded days, with its parameters.

    A refund in this month may belong to a payment of earlier years, so days of every year are compared
    by month and day.
    """
    local = "(paid_at AT TIME ZONE 'Asia/Shanghai')::date"
    parts: list[str] = []
    params: list[Any] = []
    for days in exclude:
        if days.first[0] is not None:
            parts.append(f"{local} BETWEEN %s AND %s")
            params += [date(*days.first), date(*days.last)]  # type: ignore[arg-type]
        else:
            joint = "AND" if days.first[1:] <= days.last[1:] else "OR"
            parts.append(f"(to_char({local}, 'MM-DD') >= %s {joint} to_char({local}, 'MM-DD') <= %s)")
            params += ["{:02d}-{:02d}".format(*end[1:]) for end in (days.first, days.last)]
    return f"NOT ({' OR '.join(parts)})", params


def read_metrics(month: Month, earliest: date) -> dict[date, dict[tuple[int, str], Decimal]]:
    """The metrics in force of people by month from `earliest` on; one query."""
    rows = (
        Metric.objects.filter(
            department_id=month.department_id,
            staff__isnull=False,
            month__gte=earliest,
            month__lte=month.first,
        )
        .order_by("month", "staff_id", "code", "-as_of", "-id")
        .distinct("month", "staff_id", "code")
        .values_list("month", "staff_id", "code", "value")
    )
    found: dict[date, dict[tuple[int, str], Decimal]] = defaultdict(dict)
    for in_month, staff_id, code, value in rows:
        found[in_month][(staff_id, code)] = value
    return found


def read_past_sums(month: Month, earliest: date) -> dict[date, dict[int, Sums]]:
    """Sums of orders per earlier month and person from `earliest` to the month before; one query."""
    params = event_params(month, earliest, shift_months(month.first, -1))
    sql = f"""
        SELECT date_trunc('month', at AT TIME ZONE 'Asia/Shanghai')::date, agent_id,
            {", ".join(sum_columns())}
        FROM ({EVENTS}) events WHERE agent_id IS NOT NULL GROUP BY 1, 2
    """
    found: dict[date, dict[int, Sums]] = defaultdict(dict)
    for in_month, staff_id, *sums in execute(sql, params):
        found[in_month][staff_id] = Sums(*sums)
    return found


def load(
    month: Month,
    carried: Mapping[tuple[int, str], Decimal],
    read: Reader | None = None,
    streaks_before: Mapping[Streak, int] | None = None,
) -> "CommissionFacts":
    """Everything that commissions and metric awards need; at most four queries, and for each department in
    which somebody spent a part of the month at most four more.

    `carried`: negative bases that earlier months left, by person and provision. `read` as in
    `read_orders`; without it the orders are only summed. `streaks_before`: months in first place in the
    departments that people came from.
    """
    excludes: dict[Excludes, None] = {}
    lookback = 0
    computed = False
    streaks: set[str] = set()
    for _, _, rules in month.timeline.segments(month.first, month.last):
        for rule in rules.of_kind(Commission):
            if rule.kind.exclude:
                excludes[rule.kind.exclude] = None
        streaks |= {rule.code for rule in rules.of_kind(StreakAward)}
        for streak in (rule.kind for rule in rules.of_kind(StreakAward)):
            # A streak pays the same from its last step on; only `double` must know its whole length.
            months = 60 if streak.after == "double" else len(streak.steps)
            lookback, computed = max(lookback, months), computed or streak.metric in COMPUTED
    earliest = shift_months(month.first, -lookback)
    orders = read_orders(month, list(excludes), read or plain_reader)
    metrics = read_metrics(month, earliest)
    past = read_past_sums(month, earliest) if lookback and computed else {}
    own = month.rows
    openings = {
        (own[row], code, on): opening for (row, code, on), opening in opening_streaks(own, streaks).items()
    }
    elsewhere = {
        pk: load(other, carried, reader_of(other.people))
        for pk, other in month.elsewhere.items()
        if other.people
    }
    facts = CommissionFacts(month, orders, metrics, past, carried, openings, elsewhere, streaks_before or {})
    for other in elsewhere.values():  # each part looks at all others
        other._elsewhere = {**elsewhere, month.department_id: facts}
    return facts


class CommissionFacts:
    """What commissions contributes to each person's month. Everything is in memory; nothing here queries."""

    def __init__(
        self,
        month: Month,
        orders: OrderFacts,
        metrics: Mapping[date, Mapping[tuple[int, str], Decimal]],
        past: Mapping[date, Mapping[int, Sums]],
        carried: Mapping[tuple[int, str], Decimal],
        openings: Mapping[tuple[int, str, date], Opening],
        elsewhere: Mapping[int, "CommissionFacts"],
        streaks_before: Mapping[Streak, int],
    ) -> None:
        self.month = month
        self._elsewhere = elsewhere
        self._streaks_before = streaks_before
        self.openings = openings
        self.orders = orders
        self._metrics = metrics
        self._past = past
        self._carried = carried
        self._ranked: dict[str, dict[int, tuple[int, Decimal]]] = {}
        self._streaks: dict[str, dict[int, int]] = {}

    def metric(self, staff_id: int, code: str, *, exclude: Excludes = ()) -> Decimal | None:
        """A person's metric of the month: what was brought wins, else what orders give, else None."""
        brought = self.brought(staff_id, code)
        if brought is not None or code not in COMPUTED:
            return brought
        return self.orders.of(staff_id, exclude).value(code)

    def brought(self, staff_id: int, code: str) -> Decimal | None:
        return self._metrics.get(self.month.first, {}).get((staff_id, code))

    def lines(self, person: PersonMonth) -> list[Line]:
        """The person's lines; SettlementFailure where a bracket's metric is missing with sales to pay."""
        if not person.in_month:
            return []
        lines = self._under(Commission, person, self._commission)
        if not person.is_last_part:
            return lines  # what is due once a month is due in the department of the last day
        lines += [
            *self._under(RankedAward, person, self._ranked_award),
            *self._under(StreakAward, person, self._streak_award),
            *self._under(ScoreAward, person, self._score_award),
        ]
        for rule in self._rules(Guarantee, person):
            line = self._guarantee(person, rule, lines)
            if line is not None:
                lines.append(line)
        return lines

    def _rules(self, kind: type[K], person: PersonMonth) -> list[Rule[K]]:
        """The rules of a kind that bind the person."""
        rules = self.month.rules_for(person).of_kind(kind)
        return [rule for rule in rules if rule.binds(person.at_end.role)]

    def _under(
        self, kind: type[K], person: PersonMonth, line_of: Callable[[PersonMonth, Rule[K]], Line | None]
    ) -> list[Line]:
        lines = (line_of(person, rule) for rule in self._rules(kind, person))
        return [line for line in lines if line is not None]

    def _commission(self, person: PersonMonth, rule: Rule[Commission]) -> Line | None:
        kind = rule.kind
        who = person.staff_id
        brought = self.brought(who, kind.measure)
        sums = self.orders.of(who, kind.exclude)
        # Without attribution only what was brought counts: orders belong to nobody then.
        by_orders = kind.measure in COMPUTED and kind.requires_attribution
        own = sums.value(kind.measure) if by_orders else Decimal(0)
        month_base = own if brought is None else brought
        carried = self._carried.get((who, rule.code), ZERO)
        base = month_base + carried
        if not base and not month_base:
            return None
        facts: dict[str, Any] = {"measure": kind.measure, "base": plain(month_base)}
        if kind.measure in COMPUTED:
            facts |= {"sales": plain(sums.sales), "refunds": plain(sums.refunds), "orders": sums.orders}
        if brought is not None:
            facts["brought"] = plain(brought)
        if carried:
            facts["carried"] = plain(carried)
        label = metric_label(kind.measure)
        if base <= 0:
            words = f"{label}{plain(month_base)}" + (f"加上月结转{plain(carried)}" if carried else "")
            reason = f"{words}，不为正，不计提成" + (f"，{plain(base)}转下月" if base else "")
            return self._line(rule, ZERO, reason, facts, [reason], carried=base if base < 0 else None)
        by = None
        needed = kind.needs()
        if needed is not None:
            by = self.metric(who, needed)
            if by is None:
                raise SettlementFailure(
                    f"缺{self.month.first:%Y年%m月}的{metric_label(needed)}，有{label}{plain(base)}待计提成",
                    f"导入{person.number} {person.name}的{metric_label(needed)}后重新结算",
                )
            facts["by"] = {needed: plain(by)}
        amount, steps = self._charge(person, rule, base, by)
        if kind.measure == "net_sales" and brought is None:
            steps.insert(0, f"付款{plain(sums.sales)}－退款{plain(sums.refunds)}，共{sums.orders}单")
        elif brought is not None and kind.measure in COMPUTED:
            steps.insert(0, f"{label}以导入的{plain(brought)}为准（订单合计{plain(own)}）")
        if carried:
            steps.insert(1, f"减上月结转{plain(-carried)}")
        return self._line(rule, amount, f"{rule.title}：{'；'.join(steps)}＝{amount}元", facts, steps)

    def _charge(
        self, person: PersonMonth, rule: Rule[Commission], base: Decimal, by: Decimal | None
    ) -> tuple[Decimal, list[str]]:
        """Commission on the base, in the bracket that the whole month reaches with its parts elsewhere."""
        kind = rule.kind
        if kind.brackets is None or by is not None or not person.elsewhere:
            return kind.charge(base, by)
        bases = [(first, max(value, ZERO)) for first, value in self._bases_elsewhere(person, rule)]
        if kind.scale != "marginal":
            amount, steps = kind.charge(base, base + sum((value for _, value in bases), ZERO))
            return amount, [f"{steps[0]}{person.with_elsewhere}", *steps[1:]]
        before = sum((value for first, value in bases if first < person.first), ZERO)
        if not before:
            return kind.charge(base, by)
        (upper, steps), (lower, _) = kind.charge(before + base, by), kind.charge(before, by)
        return upper - lower, [*steps, f"减前一段的{lower}元{person.with_elsewhere}"]

    def _bases_elsewhere(self, person: PersonMonth, rule: Rule[Commission]) -> list[tuple[date, Decimal]]:
        """The measure of each of the month's other parts that have the commission too, by first day."""
        bases = []
        for part in person.elsewhere:
            facts = self._elsewhere[part.department_id]
            there = facts.month.people[part.staff_id]
            same = facts.month.rules_for(there).get(rule.code)
            if same is not None and has_kind(same, Commission) and same.kind.measure == rule.kind.measure:
                bases.append((part.first, facts._base(part.staff_id, same.kind)))
        return bases

    def _base(self, who: int, kind: Commission) -> Decimal:
        """What was brought, else what orders give; without attribution orders belong to nobody."""
        brought = self.brought(who, kind.measure)
        if brought is not None or kind.measure not in COMPUTED or not kind.requires_attribution:
            return brought or ZERO
        return self.orders.of(who, kind.exclude).value(kind.measure)

    def _guarantee(self, person: PersonMonth, rule: Rule[Guarantee], lines: Sequence[Line]) -> Line | None:
        kind = rule.kind
        months = tenure_months(person.hired_on, person.last)
        minimum = kind.minimum_for(tier=person.at_end.tier, role=person.at_end.role, tenure_months=months)
        guarded = self.month.rules_for(person).get(kind.of)
        if guarded is not None and guarded.is_inert:
            return None  # what the commission comes to is not known yet
        code = guarded.code if guarded is not None else kind.of
        if minimum is None:
            return None
        earned = sum((line.amount for line in lines if line.code == code), ZERO)
        earned += self._earned_elsewhere(person, code)
        if earned >= minimum:
            return None
        amount = minimum - earned
        reason = f"{rule.title}：提成{earned}元{person.with_elsewhere}，保底{minimum}元，补{amount}元"
        return self._line(rule, amount, reason, {"earned": str(earned), "minimum": str(minimum)}, [reason])

    def _earned_elsewhere(self, person: PersonMonth, code: str) -> Decimal:
        """The commission of the month's parts in other departments: under the code, else under any.

        SettlementFailure, naming the department, where it cannot be told yet.
        """
        earned = ZERO
        for part in person.elsewhere:
            facts = self._elsewhere[part.department_id]
            there = facts.month.people[part.staff_id]
            try:
                lines = facts._under(Commission, there, facts._commission)
            except SettlementFailure as failure:  # what it lacks is not for this department to read
                raise SettlementFailure(
                    f"{person.number} {person.name}在{part.department}的一段还算不出提成，保底不能确定",
                    f"请{part.department}补齐这个月的指标后重新结算",
                ) from failure
            same = [line for line in lines if line.code == code]
            earned += sum((line.amount for line in same or lines), ZERO)
        return earned

    def _candidates(self, rule: Rule[Kind], code: str) -> dict[int, Decimal]:
        """The metric of everybody whom the provision binds, by staff number."""
        values = {}
        for who, person in self.month.people.items():
            if person.in_month and person.is_last_part and rule.binds(person.at_end.role):
                value = self.metric(who, code)
                if value is not None:
                    values[who] = value
        return values

    def _ranked_award(self, person: PersonMonth, rule: Rule[RankedAward]) -> Line | None:
        kind = rule.kind
        if rule.code not in self._ranked:
            values = self._candidates(rule, kind.metric)
            groups: dict[int | None, dict[int, Decimal]] = defaultdict(dict)
            for who, value in values.items():
                team = self.month.people[who].at_end.team_id if kind.scope == "team" else None
                groups[team][who] = value
            self._ranked[rule.code] = {
                who: won for group in groups.values() for who, won in kind.winners(group).items()
            }
        won = self._ranked[rule.code].get(person.staff_id)
        if won is None or not won[1]:
            return None
        place, amount = won
        value = self.metric(person.staff_id, kind.metric) or ZERO
        where = "本组" if kind.scope == "team" else "部门"
        figure = f"{metric_label(kind.metric)}{metric_figure(kind.metric, value)}"
        reason = f"{rule.title}：{figure}，{where}第{place}名，奖{amount}元"
        return self._line(rule, amount, reason, {kind.metric: plain(value), "place": place}, [reason])

    def _streak_award(self, person: PersonMonth, rule: Rule[StreakAward]) -> Line | None:
        kind = rule.kind
        if rule.code not in self._streaks:
            self._streaks[rule.code] = self._lengths(rule)
        length = self._streaks[rule.code].get(person.staff_id)
        if not length:
            return None
        amount = kind.amount_of(length)
        value = self.metric(person.staff_id, kind.metric) or ZERO
        figure = f"{metric_label(kind.metric)}{metric_figure(kind.metric, value)}"
        reason = f"{rule.title}：{figure}，连续第{length}个月第一，奖{amount}元"
        facts: dict[str, Any] = {kind.metric: plain(value), "months": length}
        opening = self._opening_within(person.staff_id, rule.code, length)
        if opening is not None:
            reason += f"；含期初{opening.count}个月（{opening.source}）"
            facts["opening"] = opening.in_trace()
        return self._line(rule, amount, reason, facts, [reason])

    def _opening_within(self, staff_id: int, code: str, length: int) -> Opening | None:
        """The streak that somebody brought along and that ends within the last `length` months."""
        months = (shift_months(self.month.first, -back) for back in range(1, length))
        found = (self.openings.get((staff_id, code, month)) for month in months)
        return next((each for each in found if each is not None), None)

    def _lengths(self, rule: Rule[StreakAward]) -> dict[int, int]:
        """How many months in a row this month's leaders have led, as far back as the steps matter.

        A month counts only when the provision was in force at its end. A streak that somebody brought along,
        or had in another department before, ends the look back.
        """
        kind = rule.kind
        lengths = dict.fromkeys(kind.first_place(self._candidates(rule, kind.metric)), 1)
        leading, back = set(lengths), 1
        while leading and back < (60 if kind.after == "double" else len(kind.steps) + 1):
            month = shift_months(self.month.first, -back)
            brought = {who for who in leading if (who, rule.code, month) in self.openings}
            for who in brought:
                lengths[who] += self.openings[who, rule.code, month].count
            came = {who for who in leading - brought if (who, rule.code, month) in self._streaks_before}
            for who in came:
                lengths[who] += self._streaks_before[who, rule.code, month]
            leading = (leading - brought - came) & self._led(rule, month)
            for who in leading:
                lengths[who] += 1
            back += 1
        return lengths

    def _led(self, rule: Rule[StreakAward], month: date) -> set[int]:
        kind = rule.kind
        in_force = self.month.timeline.on(last_of(month)).get(rule.code)
        if in_force is None or not has_kind(in_force, StreakAward):
            return set()
        brought = {who: v for (who, code), v in self._metrics.get(month, {}).items() if code == kind.metric}
        values = dict(brought)
        if kind.metric in COMPUTED:
            past = self._past.get(month, {})
            values = {who: sums.value(kind.metric) for who, sums in past.items()} | brought
        # Who has left since may have led then; roles of today decide for who is still here.
        people = self.month.people
        able = {w: v for w, v in values.items() if w not in people or rule.binds(people[w].at_end.role)}
        return kind.first_place(able)

    def _score_award(self, person: PersonMonth, rule: Rule[ScoreAward]) -> Line | None:
        kind = rule.kind
        value = self.metric(person.staff_id, kind.by)
        bracket = None if value is None else bracket_of(kind.brackets, value)
        if value is None or bracket is None or not bracket.amount:
            return None
        figure = f"{metric_label(kind.by)}{metric_figure(kind.by, value)}"
        reason = f"{rule.title}：{figure}，{edge_words(kind.by, bracket)}一档，{bracket.amount}元"
        return self._line(rule, bracket.amount, reason, {kind.by: plain(value)}, [reason])

    def _line(
        self,
        rule: Rule[Kind],
        amount: Decimal,
        reason: str,
        facts: dict[str, Any],
        steps: Sequence[str],
        carried: Decimal | None = None,
    ) -> Line:
        return Line(
            code=rule.code,
            title=rule.title,
            amount=amount,
            column=rule.kind.column,
            basis=rule.basis,
            on=self.month.last,
            reason=reason,
            trace={"provision": rule.cite(), "facts": facts, "arithmetic": list(steps)},
            provision_id=rule.id,
            carried=carried,
        )
