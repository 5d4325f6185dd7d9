"""Targets in a person's month: what they let pay, what they pay or charge, and what they suggest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from commissions.pay_lines import pay_line
from core.money import ZERO
from penalties.services import MonthProposal
from people.terms import PersonMonth
from rules.kinds.base import Assessment, FactRefused, Kind, Occurrence
from rules.kinds.fines_and_awards import IncidentKind
from rules.kinds.formula import FormulaFailure
from rules.kinds.labels import PROPOSALS, figure_label
from rules.kinds.target import OCCURRING, Reached, Target
from rules.lines import Line, PointsDeducted, SettlementFailure
from rules.provisions import Month, Rule, has_kind

BASE_PAY_SUM = "base_pay_sum"


@dataclass(frozen=True, slots=True)
class Occurred:
    """What a target's being met or missed comes to under one provision that it names."""

    rule: Rule[Kind]
    target: Rule[Target]
    assessed: Assessment
    words: str


@dataclass(frozen=True)
class Targets:
    """The targets of each person's month. Everything is in memory; nothing here queries.

    `figures` are the department's, `metric` gives a person's with those of the month's other parts, `metrics`
    are all codes that somebody has; `base_pay_sum` reckons what nobody brings.
    """

    month: Month
    figures: Mapping[str, Decimal]
    metric: Callable[[PersonMonth, str], tuple[Decimal | None, str]]
    metrics: frozenset[str]
    base_pay_sum: Callable[[Month], Decimal] | None = None
    _reckoned: dict[str, Decimal] = field(default_factory=dict)

    def gated(self, person: PersonMonth, lines: Sequence[Line]) -> list[Line]:
        """The lines, in place those that a target names: nothing is paid before it is met (or missed).

        SettlementFailure where that cannot be told of a line that would pay.
        """
        for line in lines:
            for target, on_met in self._naming(person, line.code):
                if not line.amount:
                    break
                if target.is_inert or not target.binds(person.at_end.role):
                    why = "还没有定下来" if target.is_inert else "不适用于此人"
                    self._close(line, target, f"{target.title}{why}，不计")
                    continue
                reached = self.reached(person, target)
                told = f"{target.title}：{reached.words}，{'达成' if reached.is_met else '未达成'}"
                line.trace.setdefault("facts", {}).setdefault("targets", []).append(told)
                if reached.is_met == on_met:
                    line.reason += f"；{told}"
                else:
                    self._close(line, target, f"{told}，不计")
        return list(lines)

    @staticmethod
    def _close(line: Line, target: Rule[Target], why: str) -> None:
        line.reason += f"；{why}"
        line.trace.setdefault("arithmetic", []).append(f"{why}（{target.code}）")
        line.amount = ZERO

    def lines(self, person: PersonMonth) -> list[Line]:
        """Awards and fines of a fixed amount that the person's targets bring."""
        return [
            pay_line(
                self.month,
                each.rule,
                each.assessed.money,
                f"{each.rule.title}：{each.words}，{each.assessed.reason}＝{each.assessed.money}元",
                {"targets": [each.words]},
                [each.words, each.assessed.reason],
            )
            for each in self._occurred(person)
            if each.assessed.money
        ]

    def points(self, person: PersonMonth) -> list[PointsDeducted]:
        """Points that the person's targets take."""
        return [
            PointsDeducted(each.rule.code, each.rule.title, each.assessed.points, each.words, each.rule.id)
            for each in self._occurred(person)
            if each.assessed.points
        ]

    def proposals(self, person: PersonMonth) -> list[MonthProposal]:
        """What the person's targets suggest, by themselves and through what they name."""
        found = []
        for target in self._binding(person):
            reached = None
            for name, on_met in _names(target):
                if name not in PROPOSALS:
                    continue
                reached = reached or self.reached(person, target)
                if reached.is_met == on_met:
                    evidence = {"指标": reached.words}
                    found.append(MonthProposal(person.staff_id, target.code, name, evidence))
        found += [
            MonthProposal(person.staff_id, each.target.code, kind, {"指标": each.words})
            for each in self._occurred(person)
            for kind in each.assessed.proposals
        ]
        return list({each.kind: each for each in found}.values())

    def reached(self, person: PersonMonth, target: Rule[Target]) -> Reached:
        """Whether the person reached a target; SettlementFailure naming the provision and what is missing."""
        kind, code = target.kind, target.kind.measure or ""
        value, told = self.figure(code), ""
        if value is None:
            value, told = self.metric(person, code)
        if value is None:
            raise self._missing(person, target, code)
        try:
            found = kind.reached(value, self.figure)
        except FormulaFailure as failure:
            remedy = "在部门数字里填写后重新结算" if failure.missing else "改正部门数字或公式后重新结算"
            cause = {"figure": failure.missing[0]} if failure.missing else None
            raise SettlementFailure(
                f"{target.code} {target.title}的指标算不出：{self.month.first:%Y年%m月}{failure}",
                remedy,
                missing=cause,
            ) from failure
        return Reached(found.is_met, found.words + told)

    def figure(self, code: str) -> Decimal | None:
        """A department's figure of the month: what was brought, else what can be reckoned."""
        if code in self.figures or code != BASE_PAY_SUM or self.base_pay_sum is None:
            return self.figures.get(code)
        if code not in self._reckoned:
            self._reckoned[code] = self.base_pay_sum(self.month)
        return self._reckoned[code]

    def _missing(self, person: PersonMonth, target: Rule[Target], code: str) -> SettlementFailure:
        label, month = figure_label(code), f"{self.month.first:%Y年%m月}"
        if code in self.metrics:
            return SettlementFailure(
                f"缺{month}的{label}，不知道{target.code} {target.title}是否达成",
                f"导入{person.number} {person.name}的{label}后重新结算",
                missing={"metric": code},
            )
        return SettlementFailure(
            f"缺{month}的{label}（部门数字），不知道{target.code} {target.title}是否达成",
            f"在部门数字里填写{label}，或者导入每个人的{label}，再重新结算",
            missing={"figure": code},
        )

    def _occurred(self, person: PersonMonth) -> Iterator[Occurred]:
        rules = self.month.rules_for(person)
        for target in self._binding(person):
            for name, on_met in _names(target):
                rule = rules.get(name)
                if rule is None or rule.is_inert or not isinstance(rule.kind, OCCURRING):
                    continue
                if not rule.binds(person.at_end.role):
                    continue
                reached = self.reached(person, target)
                if reached.is_met != on_met:
                    continue
                words = f"{target.title}：{reached.words}，{'达成' if on_met else '未达成'}"
                yield Occurred(rule, target, self._assessed(target, rule), words)

    def _assessed(self, target: Rule[Target], rule: Rule[Kind]) -> Assessment:
        """One occurrence of the month; SettlementFailure where the provision leaves the amount to people."""
        assert isinstance(rule.kind, IncidentKind)
        once = Occurrence(id=0, on=self.month.last)
        try:
            rule.kind.check(once)
        except FactRefused as refused:
            raise SettlementFailure(
                f"{target.code} {target.title}所列的{rule.code} {rule.title}不能自动计算：{refused.reason}",
                f"改{target.code}所列的条款，或者给{rule.code}定下数额",
            ) from refused
        return rule.kind.assess([once])[0]

    def _binding(self, person: PersonMonth) -> list[Rule[Target]]:
        """The targets of the last day that bind the person; nothing where a transfer ended the part."""
        if not person.is_last_part:
            return []
        of_month = self.month.rules_for(person).of_kind(Target)
        return [rule for rule in of_month if rule.binds(person.at_end.role)]

    def _naming(self, person: PersonMonth, code: str) -> list[tuple[Rule[Target], bool]]:
        """The targets that name a provision, be they filled in or not, and whether for being met."""
        rules = self.month.rules_for(person)
        named = rules.get(code)
        codes = {code, *(named.covers if named else ())}
        return [
            (rule, on_met)
            for rule in rules
            if has_kind(rule, Target)
            for name, on_met in _names(rule)
            if name in codes
        ]


def _names(target: Rule[Target]) -> Iterator[tuple[str, bool]]:
    """What a target names, and whether it is for being met."""
    yield from ((name, True) for name in target.kind.met)
    yield from ((name, False) for name in target.kind.missed)
