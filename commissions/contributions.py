"""Orders and metrics in settlement: commissions, guarantees and the awards that metrics earn."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from commissions.awards import Awards, Streak
from commissions.by_stretch import Part, TakenBack, commissioned, reached
from commissions.definitions import Definitions
from commissions.figures import read_figures
from commissions.mentors import with_mentors
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
    reader_of,
)
from commissions.pay_lines import pay_line
from commissions.targets import Targets
from commissions.team_shares import shared
from core.money import ZERO, plain, to_fen
from core.periods import first_of, shift_months, tenure_months
from penalties.openings import Opening, opening_streaks
from people.terms import PersonMonth
from rules.kinds.base import BY_DAYS
from rules.kinds.sales import (
    COMPUTED,
    TEAM,
    WHOLE_DEPARTMENT,
    Commission,
    Guarantee,
    StreakAward,
    metric_label,
)
from rules.kinds.target import Target
from rules.lines import Line, SettlementFailure
from rules.provisions import Month, Rule, Stretch, has_kind


def load(
    month: Month,
    carried: Mapping[tuple[int, str], Decimal],
    read: Reader | None = None,
    streaks_before: Mapping[Streak, int] | None = None,
    base_pay_sum: Callable[[Month], Decimal] | None = None,
) -> "CommissionFacts":
    """Everything that commissions and metric awards need; at most four queries, one more where a
    commission is the team's, where there are targets, where streaks look back and where an award asks how
    mentors did, two more for each set of excluded days under which refunds take back what their sales were
    paid; as many again for each department in which somebody spent a part of the month.

    `carried`: negative bases that earlier months left, by person and provision. `read` as in
    `read_orders`; without it the orders are only summed. `streaks_before`: months in first place in the
    departments that people came from. `base_pay_sum` reckons that figure where the department brings none.
    """
    in_force = [rules for _, _, rules in month.timeline.segments(month.first, month.last)]
    kinds = [rule.kind for rules in in_force for rule in rules.of_kind(Commission)]
    streaks = [rule for rules in in_force for rule in rules.of_kind(StreakAward)]
    at_sale = dict.fromkeys(kind.exclude for kind in kinds if kind.takes_back_at_sale)
    orders = read_orders(month, _excluded(month, kinds), read or plain_reader, cuts_of(month))
    refunds = read_refunds_by_sale(month, list(at_sale))
    sold_from = min((first_of(on) for sold in refunds.values() for on in sold), default=month.first)
    past_sales = {}
    if sold_from < month.first:
        past_sales = {exclude: read_past_sums(month, sold_from, exclude) for exclude in at_sale}
    lookback = max((_looks_back(rule.kind) for rule in streaks), default=0)
    earliest = shift_months(month.first, -lookback)
    metrics = with_mentors(month, read_metrics(month, min(earliest, sold_from)), orders)
    computed = any(rule.kind.metric in COMPUTED for rule in streaks)
    past = read_past_sums(month, earliest) if lookback and computed else {}
    own = month.last_rows
    opened = opening_streaks(own, {rule.code for rule in streaks})
    openings = {(own[row], code, on): opening for (row, code, on), opening in opened.items()}
    teams = read_team_metrics(month) if any(kind.of == TEAM for kind in kinds) else {}
    reads_figures = any(rules.of_kind(Target) for rules in in_force)
    reads_figures |= any(kind.of == WHOLE_DEPARTMENT for kind in kinds)
    figures = read_figures(month.department_id, month.first) if reads_figures else {}
    definitions = Definitions.of(month.department_id) if lookback else Definitions([])
    facts = CommissionFacts(
        *(month, orders, metrics, past, carried, openings, streaks_before or {}, teams),
        *(refunds, past_sales, definitions, figures, base_pay_sum),
    )
    parts = {
        pk: load(other, carried, reader_of(other.people), base_pay_sum=base_pay_sum)
        for pk, other in month.elsewhere.items()
        if other.people
    }
    for each in (facts, *parts.values()):  # each part looks at all others
        each.elsewhere = {**parts, month.department_id: facts}
    return facts


def _excluded(month: Month, kinds: Iterable[Commission]) -> list[Excludes]:
    """The days that commissions leave out, each set once: of the month, and of the last days of who left."""
    last_days = {each.left_on for each in month.people.values() if each.left_on and not each.in_month}
    of_leavers = (rule.kind for day in last_days for rule in month.timeline.on(day).of_kind(Commission))
    return list(dict.fromkeys(kind.exclude for kind in (*kinds, *of_leavers) if kind.exclude))


def _looks_back(streak: StreakAward) -> int:
    """How many months a streak must know: it pays the same from its last step on, unless it doubles."""
    return 60 if streak.after == "double" else len(streak.steps)


class CommissionFacts:
    """What commissions contributes to each person's month. Everything is in memory; nothing here queries."""

    def __init__(
        self,
        month: Month,
        orders: OrderFacts,
        metrics: Mapping[date, Mapping[tuple[int, str], Decimal]],
        past: Mapping[date, Mapping[int, Sums]],
        carried: Mapping[tuple[int, str], Decimal],
        openings: Mapping[Streak, Opening],
        streaks_before: Mapping[Streak, int],
        team_metrics: Mapping[tuple[int, str], Decimal],
        refunds: RefundsBySale,
        past_sales: Mapping[Excludes, Mapping[date, Mapping[int, Sums]]],
        definitions: Definitions,
        figures: Mapping[str, Decimal],
        base_pay_sum: Callable[[Month], Decimal] | None,
    ) -> None:
        self.month = month
        # By department, all parts of the month of those who spent it in several.
        self.elsewhere: Mapping[int, CommissionFacts] = {}
        self.orders = orders
        self._metrics = metrics
        self._carried = carried
        self._team_metrics = team_metrics
        self._refunds = refunds
        self._past_sales = past_sales  # of the months whose sales were refunded in this one
        self._awards = Awards(
            month, self.metric, self.in_all_parts, metrics, past, openings, streaks_before, definitions
        )
        known = frozenset(code for _, code in metrics.get(month.first, {}))
        self.targets = Targets(month, figures, self.in_all_parts, known, base_pay_sum)

    def metric(self, staff_id: int, code: str, *, exclude: Excludes = ()) -> Decimal | None:
        """A person's metric of the month: what was brought wins, else what orders give, else None."""
        brought = self.brought(staff_id, code)
        if brought is not None or code not in COMPUTED:
            return brought
        return self.orders.of(staff_id, exclude).value(code)

    def in_all_parts(self, person: PersonMonth, code: str) -> tuple[Decimal | None, str]:
        """A person's metric with the month's parts in other departments, and in words whether they count.

        What orders give adds up; of a figure that was brought (a rate, a score) the parts do not.
        """
        own = self.metric(person.staff_id, code)
        if own is None or not person.elsewhere:
            return own, ""
        if code not in COMPUTED or self.brought(person.staff_id, code) is not None:
            return own, person.without_elsewhere
        others = (
            self.elsewhere[part.department_id].metric(part.staff_id, code) or ZERO
            for part in person.elsewhere
        )
        return sum(others, own), person.with_elsewhere

    def brought(self, staff_id: int, code: str) -> Decimal | None:
        return self._metrics.get(self.month.first, {}).get((staff_id, code))

    def bring(self, staff_id: int, code: str, value: Decimal) -> None:
        """Take a value for a metric of the month as if it had been brought, in memory alone."""
        of_month = {**self._metrics.get(self.month.first, {}), (staff_id, code): value}
        self._metrics = {**self._metrics, self.month.first: of_month}

    def carried(self, staff_id: int, code: str) -> Decimal:
        """The base below zero that earlier months left to a person under a code; zero where none did."""
        return self._carried.get((staff_id, code), ZERO)

    def codes_carried(self, staff_id: int) -> set[str]:
        return {code for who, code in self._carried if who == staff_id}

    def lines(self, person: PersonMonth) -> list[Line]:
        """The person's lines; SettlementFailure where a bracket's metric is missing with sales to pay."""
        if not person.in_month:
            return []
        awards = self.targets.gated(person, self._awards.lines(person))
        lines = [*self._commissions(person), *awards]
        topped = self.targets.gated(person, self._guarantees(person, lines))
        return [*lines, *topped, *self.targets.lines(person)]

    def lines_so_far(self, person: PersonMonth) -> list[Line]:
        """Commissions and guarantees alone, counted where their targets cannot be told; fails as `lines`."""
        if not person.in_month:
            return []
        lines = self._commissions(person, so_far=True)
        return [*lines, *self.targets.gated(person, self._guarantees(person, lines), so_far=True)]

    def _commissions(self, person: PersonMonth, *, so_far: bool = False) -> list[Line]:
        of_code: dict[str, list[Stretch[Commission]]] = defaultdict(list)
        for each in self.month.stretches(person, Commission):
            of_code[each.rule.code].append(each)
        lines = (self._commission(person, stretches) for stretches in of_code.values())
        return self.targets.gated(person, [line for line in lines if line is not None], so_far=so_far)

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
            return pay_line(
                self.month, rule, ZERO, reason, facts, [reason], carried=base if base < 0 else None
            )
        parts = [self._with_elsewhere(person, self._with_bracket(person, part, facts)) for part in parts]
        is_split = len(parts) > 1 or stretches[0].days < (person.last - person.first).days + 1
        found = commissioned(parts, carried, taken, is_split=is_split)
        if kind.brackets is not None and kind.scale == "whole":
            facts["rates"] = [reached(part, carried) for part in parts]
        if is_split:
            facts["stretches"] = [
                {"first": str(part.stretch.first), "last": str(part.stretch.last), "base": plain(part.base)}
                | {"provision": part.stretch.rule.cite()}
                for part in parts
            ]
        reason = f"{rule.title}：{'；'.join(found.steps)}＝{found.amount}元"
        return pay_line(self.month, rule, found.amount, reason, facts, found.steps, carried=found.carried)

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
        if kind.measure in COMPUTED and not kind.is_common:
            sums = [self._sums(person, each) for each in stretches]
            facts["sales"] = plain(sum((each.sales for each in sums), ZERO))
            facts["refunds"] = plain(sum((each.refunds for each in sums), ZERO))
            facts["orders"] = plain(sum((each.orders for each in sums), Decimal(0)))
        brought = self.brought(person.staff_id, kind.measure)
        if brought is not None and not kind.is_common:
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
        if kind.is_common:
            return self._by_days(person, stretch, *self._common(person, stretch))
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
        words = f"付款{plain(sums.sales)}－退款{plain(refunds)}，共{plain(sums.orders)}单"
        below = ZERO
        if stretch.first > person.first:
            below = self.orders.until(who, kind.exclude, stretch.first).value(kind.measure)
        origin = (words,) if kind.measure == "net_sales" else ()
        return Part(stretch, base, whole, below, origin)

    def _by_days(self, person: PersonMonth, stretch: Stretch[Commission], whole: Decimal, words: str) -> Part:
        """A stretch's part of a figure that is the month's and has no days of its own: by calendar days.

        A common one is shared with the month's parts in other departments, as those share in theirs.
        """
        days = (person.last - person.first).days + 1
        if stretch.rule.kind.is_common:
            days = person.days_employed
        before = (stretch.first - person.first).days
        origin: tuple[str, ...] = (words,) if words else ()
        if stretch.days == days:
            return Part(stretch, whole, whole, ZERO, origin)
        below, until = (to_fen(whole * held / days) for held in (before, before + stretch.days))
        base = until - below
        origin += (f"按日历天数{stretch.days}/{days}天分得{plain(base)}",)
        return Part(stretch, base, whole, below, origin)

    def _common(self, person: PersonMonth, stretch: Stretch[Commission]) -> tuple[Decimal, str]:
        """The person's part of the month's figure of the team in which a stretch ends, or of the department.

        It is what was brought for it, else its people's: those who are in it on their last day of the month.
        """
        kind, terms, everybody = stretch.rule.kind, person.on(stretch.last), self.month.people.values()
        label = metric_label(kind.measure)
        if kind.of == WHOLE_DEPARTMENT:
            where, mates = "全部门", [*everybody]
            brought = self.targets.figures.get(kind.measure)
        elif terms.team_id is None:
            return ZERO, ""
        else:
            where, mates = terms.team, [each for each in everybody if each.at_end.team_id == terms.team_id]
            brought = self._team_metrics.get((terms.team_id, kind.measure))
        if brought is not None:
            words = f"{where}{label}以导入的{plain(brought)}为准"
            return shared(person, stretch.rule, mates, brought, words)
        if kind.measure not in COMPUTED or not kind.requires_attribution:
            return ZERO, ""
        figures = [self.metric(each.staff_id, kind.measure, exclude=kind.exclude) or ZERO for each in mates]
        whole = sum(figures, ZERO)
        words = f"{where}{len(mates)}人{label}合计{plain(whole)}"
        return shared(person, stretch.rule, mates, whole, words)

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

    def _with_elsewhere(self, person: PersonMonth, part: Part) -> Part:
        """The part with the bracket that the whole month reaches with its parts in other departments."""
        kind = part.stretch.rule.kind
        if kind.brackets is None or kind.is_common or part.by is not None or not person.elsewhere:
            return part
        bases = self._bases_elsewhere(person, part.stretch.rule)
        earlier = sum((base for first, base in bases if first < person.first), ZERO)
        beside = sum((base for _, base in bases), ZERO)
        told = person.with_elsewhere if (earlier if kind.scale == "marginal" else beside) else ""
        return replace(part, whole=part.whole + beside, below=part.below + earlier, elsewhere=told)

    def _bases_elsewhere(self, person: PersonMonth, rule: Rule[Commission]) -> list[tuple[date, Decimal]]:
        """The measure of each of the month's other parts that have the commission too, by first day."""
        kind, bases = rule.kind, []
        for part in person.elsewhere:
            facts = self.elsewhere[part.department_id]
            there = facts.month.people[part.staff_id]
            same = [
                each
                for each in facts.month.stretches(there, Commission)
                if rule.code in (each.rule.code, *each.rule.covers)
                and (each.rule.kind.measure, each.rule.kind.of) == (kind.measure, kind.of)
            ]
            found = (facts._part(there, each, at_sale=each.rule.kind.takes_back_at_sale) for each in same)
            bases.append((part.first, max(sum((each.base for each in found), ZERO), ZERO)))
        return bases

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
            earned, told = sum((line.amount for line in lines if line.code == code), ZERO), ""
            if rule.kind.in_month != BY_DAYS:  # else the minimum is of the days here alone
                earned, told = earned + self._earned_elsewhere(person, code), person.with_elsewhere
            minimum = to_fen(sum((due.of(named) for due, named in minima), ZERO))
            if earned >= minimum:
                continue
            amount = minimum - earned
            words = "＋".join(due.in_words(named) for due, named in minima)
            share = f"（按日历天数{words}）" if any(due.is_part for due, _ in minima) else ""
            reason = f"{rule.title}：提成{earned}元{told}，保底{minimum}元{share}，补{amount}元"
            facts = {"earned": str(earned), "minimum": str(minimum)}
            found.append(pay_line(self.month, rule, amount, reason, facts, [reason]))
        return found

    def _earned_elsewhere(self, person: PersonMonth, code: str) -> Decimal:
        """The commission of the month's parts in other departments: under the code, else under any.

        SettlementFailure, naming the department, where it cannot be told yet.
        """
        earned = ZERO
        for part in person.elsewhere:
            facts = self.elsewhere[part.department_id]
            try:
                lines = facts._commissions(facts.month.people[part.staff_id])
            except SettlementFailure as failure:  # what it lacks is not for this department to read
                raise SettlementFailure(
                    f"{person.number} {person.name}在{part.department}的一段还算不出提成，保底不能确定",
                    f"请{part.department}补齐这个月的指标后重新结算",
                ) from failure
            same = [line for line in lines if line.code == code]
            earned += sum((line.amount for line in same or lines), ZERO)
        return earned
