"""Orders and metrics in settlement: commissions, guarantees and the awards that metrics earn."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from commissions.by_stretch import Part, TakenBack, commissioned
from commissions.metrics import read_metrics, read_team_metrics
from commissions.order_sums import (
    DAY,
    Excludes,
    OrderFacts,
    Reader,
    RefundsBySale,
    Sums,
    cuts_of,
    plain_reader,
    read_orders,
    read_past_sums,
    read_refunds_by_sale,
)
from core.money import ZERO, plain, to_fen
from core.periods import first_of, last_of, shift_months, tenure_months
from penalties.openings import Opening, opening_streaks
from people.terms import PersonMonth
from rules.kinds.base import BY_DAYS, Kind, MonthlyKind
from rules.kinds.sales import (
    COMPUTED,
    TEAM,
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
from rules.provisions import M, Month, Rule, Stretch, has_kind


def load(
    month: Month, carried: Mapping[tuple[int, str], Decimal], read: Reader | None = None
) -> "CommissionFacts":
    """Everything that commissions and metric awards need; at most four queries, one more where a
    commission is the team's, two more for each set of excluded days under which refunds take back what their
    sales were paid.

    `carried`: negative bases that earlier months left, by person and provision. `read` as in
    `read_orders`; without it the orders are only summed.
    """
    lookback = 0
    computed = False
    streaks: set[str] = set()
    in_force = [rules for _, _, rules in month.timeline.segments(month.first, month.last)]
    kinds = [rule.kind for rules in in_force for rule in rules.of_kind(Commission)]
    excludes = dict.fromkeys(kind.exclude for kind in kinds if kind.exclude)
    at_sale = dict.fromkeys(kind.exclude for kind in kinds if kind.takes_back_at_sale)
    for rules in in_force:
        streaks |= {rule.code for rule in rules.of_kind(StreakAward)}
        for streak in (rule.kind for rule in rules.of_kind(StreakAward)):
            # A streak pays the same from its last step on; only `double` must know its whole length.
            months = 60 if streak.after == "double" else len(streak.steps)
            lookback, computed = max(lookback, months), computed or streak.metric in COMPUTED
    for day in {each.left_on for each in month.people.values() if each.left_on and not each.in_month}:
        kinds = [rule.kind for rule in month.timeline.on(day).of_kind(Commission)]
        excludes |= dict.fromkeys(kind.exclude for kind in kinds if kind.exclude)
    earliest = shift_months(month.first, -lookback)
    orders = read_orders(month, list(excludes), read or plain_reader, cuts_of(month))
    refunds = read_refunds_by_sale(month, list(at_sale))
    sold_from = min((first_of(on) for sold in refunds.values() for on in sold), default=month.first)
    past_sales = {}
    if sold_from < month.first:
        past_sales = {exclude: read_past_sums(month, sold_from, exclude) for exclude in at_sale}
    metrics = read_metrics(month, min(earliest, sold_from))
    past = read_past_sums(month, earliest) if lookback and computed else {}
    openings = opening_streaks(month.people, streaks)
    teams = read_team_metrics(month) if any(kind.of == TEAM for kind in kinds) else {}
    return CommissionFacts(month, orders, metrics, past, carried, openings, teams, refunds, past_sales)


class Won(NamedTuple):
    """What an award comes to for a whole month, in yuan, why, and the facts for the trace."""

    amount: Decimal
    reason: str
    facts: dict[str, Any]


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
        team_metrics: Mapping[tuple[int, str], Decimal],
        refunds: RefundsBySale,
        past_sales: Mapping[Excludes, Mapping[date, Mapping[int, Sums]]],
    ) -> None:
        self.month = month
        self.openings = openings
        self.orders = orders
        self._metrics = metrics
        self._past = past
        self._carried = carried
        self._team_metrics = team_metrics
        self._refunds = refunds
        self._past_sales = past_sales  # of the months whose sales were refunded in this one
        self._ranked: dict[int, dict[int, tuple[int, Decimal]]] = {}
        self._streaks: dict[int, dict[int, int]] = {}

    def metric(self, staff_id: int, code: str, *, exclude: Excludes = ()) -> Decimal | None:
        """A person's metric of the month: what was brought wins, else what orders give, else None."""
        brought = self.brought(staff_id, code)
        if brought is not None or code not in COMPUTED:
            return brought
        return self.orders.of(staff_id, exclude).value(code)

    def brought(self, staff_id: int, code: str) -> Decimal | None:
        return self._metrics.get(self.month.first, {}).get((staff_id, code))

    def carried(self, staff_id: int, code: str) -> Decimal:
        """The base below zero that earlier months left to a person under a code; zero where none did."""
        return self._carried.get((staff_id, code), ZERO)

    def codes_carried(self, staff_id: int) -> set[str]:
        return {code for who, code in self._carried if who == staff_id}

    def lines(self, person: PersonMonth) -> list[Line]:
        """The person's lines; SettlementFailure where a bracket's metric is missing with sales to pay."""
        if not person.in_month:
            return []
        lines = [
            *self._commissions(person),
            *self._under(RankedAward, person, self._ranked_award),
            *self._under(StreakAward, person, self._streak_award),
            *self._under(ScoreAward, person, self._score_award),
        ]
        return lines + self._guarantees(person, lines)

    def _under(
        self, kind: type[M], person: PersonMonth, won: Callable[[PersonMonth, Rule[M]], Won | None]
    ) -> list[Line]:
        """One line a provision of what is due once a month; of a part of the month its part by days."""
        lines = []
        for dues in self.month.due_once(person, kind):
            found = [(due, each) for due in dues if (each := won(person, due.rule)) is not None]
            amount = to_fen(sum((due.of(each.amount) for due, each in found), ZERO))
            if not amount:
                continue
            due, last = found[-1]
            reason = last.reason
            if any(due.is_part for due, _ in found):
                words = "＋".join(due.in_words(each.amount) for due, each in found)
                reason += f"；按日历天数{words}＝{amount}元"
            lines.append(self._line(due.rule, amount, reason, last.facts, [reason]))
        return lines

    def _commissions(self, person: PersonMonth) -> list[Line]:
        of_code: dict[str, list[Stretch[Commission]]] = defaultdict(list)
        for each in self.month.stretches(person, Commission):
            of_code[each.rule.code].append(each)
        lines = (self._commission(person, stretches) for stretches in of_code.values())
        return [line for line in lines if line is not None]

    def _commission(self, person: PersonMonth, stretches: Sequence[Stretch[Commission]]) -> Line | None:
        """The line of one provision, over the stretches of the month in which it binds the person."""
        rule, who = stretches[-1].rule, person.staff_id
        kind = rule.kind
        parts = [self._part(person, each, at_sale=kind.takes_back_at_sale) for each in stretches]
        taken = self._taken_back(person, rule) if kind.takes_back_at_sale else []
        month_base = sum((part.base for part in parts), ZERO)
        carried = self.carried(who, rule.code)
        base = month_base + carried
        if not base and not month_base and not any(part.base for part in parts) and not taken:
            return None
        facts = self._facts(person, stretches, month_base, carried)
        label = metric_label(kind.measure)
        if base <= 0 and all(part.base <= 0 for part in parts) and not taken:
            words = f"{label}{plain(month_base)}" + (f"加上月结转{plain(carried)}" if carried else "")
            reason = f"{words}，不为正，不计提成" + (f"，{plain(base)}转下月" if base else "")
            return self._line(rule, ZERO, reason, facts, [reason], carried=base if base < 0 else None)
        parts = [self._with_bracket(person, part, facts) for part in parts]
        is_split = len(parts) > 1 or stretches[0].days < (person.last - person.first).days + 1
        found = commissioned(parts, carried, taken, is_split=is_split)
        if is_split:
            facts["stretches"] = [
                {"first": str(part.stretch.first), "last": str(part.stretch.last), "base": plain(part.base)}
                | {"provision": part.stretch.rule.cite()}
                for part in parts
            ]
        reason = f"{rule.title}：{'；'.join(found.steps)}＝{found.amount}元"
        return self._line(rule, found.amount, reason, facts, found.steps, carried=found.carried)

    def _facts(
        self,
        person: PersonMonth,
        stretches: Sequence[Stretch[Commission]],
        month_base: Decimal,
        carried: Decimal,
    ) -> dict[str, Any]:
        """What the trace keeps of the month under one provision."""
        kind = stretches[-1].rule.kind
        facts: dict[str, Any] = {"measure": kind.measure, "base": plain(month_base)}
        if kind.measure in COMPUTED and kind.of != TEAM:
            sums = [self._sums(person, each) for each in stretches]
            facts["sales"] = plain(sum((each.sales for each in sums), ZERO))
            facts["refunds"] = plain(sum((each.refunds for each in sums), ZERO))
            facts["orders"] = sum(each.orders for each in sums)
        brought = self.brought(person.staff_id, kind.measure)
        if brought is not None and kind.of != TEAM:
            facts["brought"] = plain(brought)
        if carried:
            facts["carried"] = plain(carried)
        return facts

    def _sums(self, person: PersonMonth, stretch: Stretch[Commission]) -> Sums:
        """The orders of a stretch; the month's edges belong to the first and to the last day employed."""
        who, exclude = person.staff_id, stretch.rule.kind.exclude
        sums = self.orders.of(who, exclude)
        if stretch.last < person.last:
            sums = self.orders.until(who, exclude, stretch.last + DAY)
        if stretch.first > person.first:
            sums -= self.orders.until(who, exclude, stretch.first)
        return sums

    def _part(self, person: PersonMonth, stretch: Stretch[Commission], *, at_sale: bool) -> Part:
        """The base of a stretch: of the person's own orders, or its days' part of a figure of the month."""
        kind, who = stretch.rule.kind, person.staff_id
        label = metric_label(kind.measure)
        # Without attribution only what was brought counts: orders belong to nobody then.
        by_orders = kind.measure in COMPUTED and kind.requires_attribution
        if kind.of == TEAM:
            return self._by_days(person, stretch, *self._of_team(person, stretch))
        brought = self.brought(who, kind.measure)
        whole = self.orders.of(who, kind.exclude).value(kind.measure) if by_orders else ZERO
        if brought is not None:
            words = f"{label}以导入的{plain(brought)}为准（订单合计{plain(whole)}）"
            return self._by_days(person, stretch, brought, words if kind.measure in COMPUTED else "")
        if not by_orders:
            return Part(stretch, ZERO, ZERO, ZERO)
        sums = self._sums(person, stretch)
        base, refunds = sums.value(kind.measure), sums.refunds
        if at_sale:
            sold = self._refunds.get((who, kind.exclude), {})
            refunds = sum((amount for on, amount in sold.items() if stretch.holds(on)), ZERO)
            base = sums.sales - refunds
        words = f"付款{plain(sums.sales)}－退款{plain(refunds)}，共{sums.orders}单"
        below = ZERO
        if stretch.first > person.first:
            below = self.orders.until(who, kind.exclude, stretch.first).value(kind.measure)
        origin = (words,) if kind.measure == "net_sales" else ()
        return Part(stretch, base, whole, below, origin)

    def _by_days(self, person: PersonMonth, stretch: Stretch[Commission], whole: Decimal, words: str) -> Part:
        """A stretch's part of a figure that is the month's and has no days of its own: by calendar days."""
        days = (person.last - person.first).days + 1
        before = (stretch.first - person.first).days
        origin: tuple[str, ...] = (words,) if words else ()
        if stretch.days == days:
            return Part(stretch, whole, whole, ZERO, origin)
        below, until = (to_fen(whole * held / days) for held in (before, before + stretch.days))
        base = until - below
        origin += (f"按日历天数{stretch.days}/{days}天分得{plain(base)}",)
        return Part(stretch, base, whole, below, origin)

    def _of_team(self, person: PersonMonth, stretch: Stretch[Commission]) -> tuple[Decimal, str]:
        """The month's figure of the team in which a stretch ends: what was brought for it, else its people's.

        Its people are those who are in it on their last day of the month.
        """
        kind, terms = stretch.rule.kind, person.on(stretch.last)
        if terms.team_id is None:
            return ZERO, ""
        label = metric_label(kind.measure)
        brought = self._team_metrics.get((terms.team_id, kind.measure))
        if brought is not None:
            return brought, f"{terms.team}{label}以导入的{plain(brought)}为准"
        if kind.measure not in COMPUTED or not kind.requires_attribution:
            return ZERO, ""
        mates = [who for who, each in self.month.people.items() if each.at_end.team_id == terms.team_id]
        figures = [self.metric(who, kind.measure, exclude=kind.exclude) or ZERO for who in mates]
        whole = sum(figures, ZERO)
        return whole, f"{terms.team}{len(mates)}人{label}合计{plain(whole)}"

    def _with_bracket(self, person: PersonMonth, part: Part, facts: dict[str, Any]) -> Part:
        """The part with the metric that its brackets need; SettlementFailure where it is missing."""
        needed = part.stretch.rule.kind.needs()
        if needed is None:
            return part
        by = self.metric(person.staff_id, needed)
        if part.stretch.rule.kind.of == TEAM:
            by = self._team_metrics.get((person.on(part.stretch.last).team_id or 0, needed), by)
        if by is None:
            label = metric_label(part.stretch.rule.kind.measure)
            raise SettlementFailure(
                f"缺{self.month.first:%Y年%m月}的{metric_label(needed)}，有{label}{plain(part.base)}待计提成",
                f"导入{person.number} {person.name}的{metric_label(needed)}后重新结算",
                missing={"metric": needed},
            )
        facts["by"] = {**facts.get("by", {}), needed: plain(by)}
        return replace(part, by=by)

    def _taken_back(self, person: PersonMonth, rule: Rule[Commission]) -> list[TakenBack]:
        """What the month's refunds of earlier months' sales take back: what those were paid."""
        found = []
        for sold_on, amount in self._refunds.get((person.staff_id, rule.kind.exclude), {}).items():
            paid_under = self.month.timeline.on(sold_on).get(rule.code)
            if sold_on >= self.month.first or not amount:
                continue
            if paid_under is None or not has_kind(paid_under, Commission) or paid_under.is_inert:
                found.append(TakenBack(ZERO, f"{sold_on}付款的退{plain(amount)}：当时没有此项提成"))
                continue
            paid, steps = self._paid(person, paid_under.kind, sold_on, amount)
            words = f"{sold_on}付款的退{plain(amount)}，按付款时的比例扣回：{'，'.join(steps)}＝{paid}元"
            found.append(TakenBack(paid, words))
        return found

    def _paid(
        self, person: PersonMonth, kind: Commission, sold_on: date, amount: Decimal
    ) -> tuple[Decimal, list[str]]:
        """What a sale of an earlier month was paid: by that month's bracket; of slices, on average."""
        if kind.brackets is None:
            return kind.charge(amount, None)
        who, month = person.staff_id, first_of(sold_on)
        brought = self._metrics.get(month, {})
        sums = self._past_sales.get(kind.exclude, {}).get(month, {}).get(who) or Sums()

        def metric(code: str) -> Decimal | None:
            value = brought.get((who, code))
            return sums.value(code) if value is None and code in COMPUTED else value

        base, needed = metric(kind.measure) or ZERO, kind.needs()
        by = None if needed is None else metric(needed)
        if needed is not None and by is None:
            raise SettlementFailure(
                f"缺{month:%Y年%m月}的{metric_label(needed)}，当月付款的退{plain(amount)}待按当时的比例扣回",
                f"导入{person.number} {person.name}该月的{metric_label(needed)}后重新结算",
            )
        if kind.scale == "whole":
            return kind.charge(amount, by, base)
        earned, _ = kind.charge(base, by)
        share = earned / base if base > 0 else ZERO
        return to_fen(amount * share), [f"{plain(amount)}×该月平均（{earned}÷{plain(base)}）"]

    def _guarantees(self, person: PersonMonth, lines: Sequence[Line]) -> list[Line]:
        """What tops commissions up to their minimum; of a part of the month the minimum's part by days."""
        found = []
        months = tenure_months(person.hired_on, person.last)
        for dues in self.month.due_once(person, Guarantee):
            rule = dues[-1].rule
            minima = []
            for due in dues:
                terms = person.on(due.stretch.last)
                named = due.rule.kind.minimum_for(tier=terms.tier, role=terms.role, tenure_months=months)
                if named is not None:
                    minima.append((due, named))
            guarded = self.month.rules_for(person).get(rule.kind.of)
            if not minima or (guarded is not None and guarded.is_inert):
                continue  # what the commission comes to is not known yet
            code = guarded.code if guarded is not None else rule.kind.of
            earned = sum((line.amount for line in lines if line.code == code), ZERO)
            minimum = to_fen(sum((due.of(named) for due, named in minima), ZERO))
            if earned >= minimum:
                continue
            amount = minimum - earned
            words = "＋".join(due.in_words(named) for due, named in minima)
            share = f"（按日历天数{words}）" if any(due.is_part for due, _ in minima) else ""
            reason = f"{rule.title}：提成{earned}元，保底{minimum}元{share}，补{amount}元"
            facts = {"earned": str(earned), "minimum": str(minimum)}
            found.append(self._line(rule, amount, reason, facts, [reason]))
        return found

    @staticmethod
    def _competes(person: PersonMonth, rule: Rule[MonthlyKind]) -> bool:
        """Whom the provision binds: on the last day, or on any where it pays by days."""
        if rule.kind.in_month == BY_DAYS:
            return any(rule.binds(span.role) for span in person.spans)
        return rule.binds(person.at_end.role)

    def _candidates(self, rule: Rule[MonthlyKind], code: str) -> dict[int, Decimal]:
        """The metric of everybody whom the provision binds, by staff number."""
        values = {}
        for who, person in self.month.people.items():
            if person.in_month and self._competes(person, rule):
                value = self.metric(who, code)
                if value is not None:
                    values[who] = value
        return values

    def _ranked_award(self, person: PersonMonth, rule: Rule[RankedAward]) -> Won | None:
        kind = rule.kind
        if rule.id not in self._ranked:
            values = self._candidates(rule, kind.metric)
            groups: dict[int | None, dict[int, Decimal]] = defaultdict(dict)
            for who, value in values.items():
                team = self.month.people[who].at_end.team_id if kind.scope == "team" else None
                groups[team][who] = value
            self._ranked[rule.id] = {
                who: won for group in groups.values() for who, won in kind.winners(group).items()
            }
        won = self._ranked[rule.id].get(person.staff_id)
        if won is None or not won[1]:
            return None
        place, amount = won
        value = self.metric(person.staff_id, kind.metric) or ZERO
        where = "本组" if kind.scope == "team" else "部门"
        figure = f"{metric_label(kind.metric)}{metric_figure(kind.metric, value)}"
        reason = f"{rule.title}：{figure}，{where}第{place}名，奖{amount}元"
        return Won(amount, reason, {kind.metric: plain(value), "place": place})

    def _streak_award(self, person: PersonMonth, rule: Rule[StreakAward]) -> Won | None:
        kind = rule.kind
        if rule.id not in self._streaks:
            self._streaks[rule.id] = self._lengths(rule)
        length = self._streaks[rule.id].get(person.staff_id)
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
        return Won(amount, reason, facts)

    def _opening_within(self, staff_id: int, code: str, length: int) -> Opening | None:
        """The streak that somebody brought along and that ends within the last `length` months."""
        months = (shift_months(self.month.first, -back) for back in range(1, length))
        found = (self.openings.get((staff_id, code, month)) for month in months)
        return next((each for each in found if each is not None), None)

    def _lengths(self, rule: Rule[StreakAward]) -> dict[int, int]:
        """How many months in a row this month's leaders have led, as far back as the steps matter.

        A month counts only when the provision was in force at its end. A streak that somebody brought along
        ends the look back.
        """
        kind = rule.kind
        lengths = dict.fromkeys(kind.first_place(self._candidates(rule, kind.metric)), 1)
        leading, back = set(lengths), 1
        while leading and back < (60 if kind.after == "double" else len(kind.steps) + 1):
            month = shift_months(self.month.first, -back)
            brought = {who for who in leading if (who, rule.code, month) in self.openings}
            for who in brought:
                lengths[who] += self.openings[who, rule.code, month].count
            leading = (leading - brought) & self._led(rule, month)
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

    def _score_award(self, person: PersonMonth, rule: Rule[ScoreAward]) -> Won | None:
        kind = rule.kind
        value = self.metric(person.staff_id, kind.by)
        bracket = None if value is None else bracket_of(kind.brackets, value)
        if value is None or bracket is None or not bracket.amount:
            return None
        figure = f"{metric_label(kind.by)}{metric_figure(kind.by, value)}"
        reason = f"{rule.title}：{figure}，{edge_words(kind.by, bracket)}一档，{bracket.amount}元"
        return Won(bracket.amount, reason, {kind.by: plain(value)})

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
