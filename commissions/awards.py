"""The awards that metrics earn: by rank, for months in first place, by score."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from commissions.definitions import Definitions
from commissions.order_sums import Sums
from commissions.pay_lines import pay_line
from core.money import ZERO, plain, to_fen
from core.periods import last_of, shift_months
from penalties.openings import Opening
from people.terms import PersonMonth
from rules.kinds.base import BY_DAYS, MonthlyKind
from rules.kinds.sales import (
    COMPUTED,
    RankedAward,
    Requirement,
    ScoreAward,
    StreakAward,
    bracket_of,
    edge_words,
    metric_figure,
    metric_label,
)
from rules.lines import Line, SettlementFailure
from rules.provisions import M, Month, Rule, has_kind

Streak = tuple[int, str, date]  # staff, code, month


class Won(NamedTuple):
    """What an award comes to for a whole month, in yuan, why, and the facts for the trace."""

    amount: Decimal
    reason: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class Awards:
    """The awards of each person's month. Everything is in memory; nothing here queries.

    `metric` gives a person's metric of the month here, `in_all_parts` that with its parts in other
    departments and whether they count in words, `metrics` and `past` what was brought and what orders gave in
    earlier months; `openings` are the streaks that people brought along and `came` those that they had in
    the departments that they came from, in months; `definitions` say where earlier months counted otherwise.
    """

    month: Month
    metric: Callable[[int, str], Decimal | None]
    in_all_parts: Callable[[PersonMonth, str], tuple[Decimal | None, str]]
    metrics: Mapping[date, Mapping[tuple[int, str], Decimal]]
    past: Mapping[date, Mapping[int, Sums]]
    openings: Mapping[Streak, Opening]
    came: Mapping[Streak, int]
    definitions: Definitions
    _ranked: dict[int, dict[int, tuple[int, Decimal]]] = field(default_factory=dict)
    _streaks: dict[int, dict[int, int]] = field(default_factory=dict)

    def lines(self, person: PersonMonth) -> list[Line]:
        return [
            *self._under(RankedAward, person, self._ranked_award),
            *self._under(StreakAward, person, self._streak_award),
            *self._under(ScoreAward, person, self._score_award),
        ]

    def _under(
        self, kind: type[M], person: PersonMonth, won: Callable[[PersonMonth, Rule[M]], Won | None]
    ) -> list[Line]:
        """One line a provision of what is due once a month; of a part of the month its part by days."""
        lines = []
        for dues in self.month.due_once(person, kind):
            found = [(due, each) for due in dues if (each := won(person, due.rule)) is not None]
            if not found:
                continue
            amount = to_fen(sum((due.of(each.amount) for due, each in found), ZERO))
            due, last = found[-1]
            reason = last.reason
            if any(due.is_part for due, _ in found):
                words = "＋".join(due.in_words(each.amount) for due, each in found)
                reason += f"；按日历天数{words}＝{amount}元"
            lines.append(pay_line(self.month, due.rule, amount, reason, last.facts, [reason]))
        return lines

    @staticmethod
    def _competes(person: PersonMonth, rule: Rule[MonthlyKind]) -> bool:
        """Whom the provision binds: on the last day, or on any where it pays by days.

        Who was transferred on within the month has the last day in another department.
        """
        if rule.kind.in_month == BY_DAYS:
            return any(rule.binds(span.role) for span in person.spans)
        return person.is_last_part and rule.binds(person.at_end.role)

    def _candidates(self, rule: Rule[MonthlyKind], code: str) -> dict[int, Decimal]:
        """The metric of everybody whom the provision binds, by staff number."""
        values = {}
        for who, person in self.month.people.items():
            if person.in_month and self._competes(person, rule):
                value, _ = self._metric(person, rule, code)
                if value is not None:
                    values[who] = value
        return values

    def _metric(self, person: PersonMonth, rule: Rule[MonthlyKind], code: str) -> tuple[Decimal | None, str]:
        """What somebody has of a metric: of the whole month, or here alone where each part pays by days."""
        if rule.kind.in_month == BY_DAYS:
            return self.metric(person.staff_id, code), ""
        return self.in_all_parts(person, code)

    def _figure(self, person: PersonMonth, rule: Rule[MonthlyKind], code: str) -> tuple[Decimal, str]:
        """The metric and its words."""
        value, told = self._metric(person, rule, code)
        value = value or ZERO
        return value, f"{metric_label(code)}{metric_figure(code, value)}{told}"

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
        value, figure = self._figure(person, rule, kind.metric)
        where = "本组" if kind.scope == "team" else "部门"
        reason = f"{rule.title}：{figure}，{where}第{place}名，奖{amount}元"
        facts: dict[str, Any] = {kind.metric: plain(value), "place": place}
        for each in kind.requires:
            also, told = self._required(person, rule, each)
            facts[each.metric] = plain(also)
            if not each.is_met(also):
                return Won(ZERO, f"{rule.title}：{figure}，{where}第{place}名；{told}，不发", facts)
            reason += f"；{told}"
        return Won(amount, reason, facts)

    def _required(
        self, person: PersonMonth, rule: Rule[RankedAward], requirement: Requirement
    ) -> tuple[Decimal, str]:
        """What who won a place has of what else is asked; SettlementFailure where that is not there."""
        code = requirement.metric
        value, told = self._metric(person, rule, code)
        if value is None:
            raise SettlementFailure(
                f"缺{self.month.first:%Y年%m月}的{metric_label(code)}，不知道{rule.title}能不能发",
                f"导入{person.number} {person.name}的{metric_label(code)}后重新结算",
                missing={"metric": code},
            )
        figure = f"{metric_label(code)}{metric_figure(code, value)}{told}"
        return (
            value,
            f"{figure}，{'符合' if requirement.is_met(value) else '不符合'}“{requirement.in_words()}”",
        )

    def _streak_award(self, person: PersonMonth, rule: Rule[StreakAward]) -> Won | None:
        kind = rule.kind
        if rule.id not in self._streaks:
            self._streaks[rule.id] = self._lengths(rule)
        length = self._streaks[rule.id].get(person.staff_id)
        if not length:
            return None
        amount = kind.amount_of(length)
        if not amount:
            return None
        value, figure = self._figure(person, rule, kind.metric)
        reason = f"{rule.title}：{figure}，连续第{length}个月第一，奖{amount}元"
        facts: dict[str, Any] = {kind.metric: plain(value), "months": length}
        opening = self._opening_within(person.staff_id, rule.code, length)
        if opening is not None:
            reason += f"；含期初{opening.count}个月（{opening.source}）"
            facts["opening"] = opening.in_trace()
        note = self.definitions.note(
            kind.metric, shift_months(self.month.first, 1 - length), self.month.first
        )
        if note:
            reason += f"；{note}"
        return Won(amount, reason, facts)

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
            came = {who for who in leading - brought if (who, rule.code, month) in self.came}
            for who in came:
                lengths[who] += self.came[who, rule.code, month]
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
        brought = {who: v for (who, code), v in self.metrics.get(month, {}).items() if code == kind.metric}
        values = dict(brought)
        if kind.metric in COMPUTED:
            past = self.past.get(month, {})
            values = {who: sums.value(kind.metric) for who, sums in past.items()} | brought
        # Who has left since may have led then; roles of today decide for who is still here.
        people = self.month.people
        able = {w: v for w, v in values.items() if w not in people or rule.binds(people[w].at_end.role)}
        return kind.first_place(able)

    def _score_award(self, person: PersonMonth, rule: Rule[ScoreAward]) -> Won | None:
        kind = rule.kind
        value, _ = self._metric(person, rule, kind.by)
        bracket = None if value is None else bracket_of(kind.brackets, value)
        if value is None or bracket is None or not bracket.amount:
            return None
        value, figure = self._figure(person, rule, kind.by)
        reason = f"{rule.title}：{figure}，{edge_words(kind.by, bracket)}一档，{bracket.amount}元"
        return Won(bracket.amount, reason, {kind.by: plain(value)})
