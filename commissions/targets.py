"""Targets in a person's month: what they let pay, what they pay or charge, and what they suggest."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from commissions.pay_lines import pay_line
from core.money import ZERO
from penalties.services import MonthProposal
from people.terms import PersonMonth
from rules.kinds.base import Assessment, FactRefused, Kind, Occurrence, PayBasis
from rules.kinds.fines_and_awards import EscalatingFine, IncidentKind, Points, RateDeduction
from rules.kinds.formula import FormulaFailure
from rules.kinds.labels import PROPOSALS, figure_label
from rules.kinds.target import OCCURRING, Reached, Target
from rules.lines import Line, PointsDeducted, SettlementFailure
from rules.provisions import Month, Rule, has_kind

BASE_PAY_SUM = "base_pay_sum"
Naming = tuple[Rule[Target], bool]  # a target, and whether it names for being met


@dataclass(frozen=True, slots=True)
class Occurred:
    """A provision that is charged or paid once because a target was met or missed, and why in words."""

    rule: Rule[Kind]
    target: Rule[Target]
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
    _named: dict[int, Mapping[str, Sequence[Naming]]] = field(default_factory=dict)  # by rules

    def gated(self, person: PersonMonth, lines: Sequence[Line], *, so_far: bool = False) -> list[Line]:
        """The lines, in place those that a target names: nothing is paid before it is met (or missed).

        SettlementFailure where that cannot be told of a line that would pay; `so_far` shows it meanwhile.
        """
        for line in lines:
            if not line.amount or not (naming := self._naming(person, line.code)):
                continue
            try:
                told = self._told(person, naming)
            except SettlementFailure as failure:
                if not so_far:
                    raise
                line.reason += f"；{failure.reason}，先按计入显示"
                continue
            words = "；".join(each.words for each in told)
            line.trace.setdefault("facts", {}).setdefault("targets", []).extend(each.words for each in told)
            line.reason += f"；{words}"
            if not all(each.is_met for each in told):
                line.reason += "，不计"
                line.trace.setdefault("arithmetic", []).append(f"{words}，不计")
                line.amount = ZERO
        return list(lines)

    def lines(self, person: PersonMonth) -> list[Line]:
        """Awards and fines of a fixed amount that the person's targets bring."""
        found = []
        for each in self._occurred(person):
            if not isinstance(each.rule.kind, IncidentKind):
                continue
            assessed = self._assessed(each)
            if assessed.money:
                steps = [each.words, assessed.reason]
                found.append(self._line(each, assessed.money, steps))
        return found

    def deductions(self, person: PersonMonth, pay: PayBasis) -> list[Line]:
        """Shares of pay that the person's targets take."""
        found = []
        for each in self._occurred(person):
            if has_kind(each.rule, RateDeduction):
                charge = each.rule.kind.charge([(1, self._once)], pay)
                found.append(self._line(each, charge.amount, [each.words, *charge.steps]))
        return [line for line in found if line.amount]

    def points(self, person: PersonMonth) -> list[PointsDeducted]:
        """Points that the person's targets take."""
        taken = [
            (each, self._assessed(each)) for each in self._occurred(person) if has_kind(each.rule, Points)
        ]
        return [
            PointsDeducted(each.rule.code, each.rule.title, assessed.points, each.words, each.rule.id)
            for each, assessed in taken
            if assessed.points
        ]

    def proposals(self, person: PersonMonth) -> list[MonthProposal]:
        """What the person's targets suggest, by themselves and through what they name."""
        found = []
        for target in self._binding(person):
            named = [(name, on_met) for name, on_met in _names(target) if name in PROPOSALS]
            reached = self.reached(person, target) if named else None
            found += [
                MonthProposal(person.staff_id, target.code, name, {"指标": reached.words})
                for name, on_met in named
                if reached is not None and reached.is_met == on_met
            ]
        for each in self._occurred(person):
            if has_kind(each.rule, EscalatingFine):
                evidence = {"指标": each.words}
                found += [
                    MonthProposal(person.staff_id, each.target.code, kind, evidence)
                    for kind in self._assessed(each).proposals
                ]
        return found

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
        """What is charged or paid once because every target that names it is met, or missed, as it says."""
        rules = self.month.rules_for(person)
        named = [(rules.get(name), target) for target in self._binding(person) for name, _ in _names(target)]
        # One provision may be named by its own code and by one that it covers.
        for rule, target in {each.code: (each, target) for each, target in named if each}.values():
            if rule.is_inert or not isinstance(rule.kind, OCCURRING) or not rule.binds(person.at_end.role):
                continue
            told = self._told(person, self._naming(person, rule.code))
            if all(each.is_met for each in told):
                yield Occurred(rule, target, "；".join(each.words for each in told))

    @property
    def _once(self) -> Occurrence:
        return Occurrence(id=0, on=self.month.last)

    def _assessed(self, each: Occurred) -> Assessment:
        """One occurrence of the month; SettlementFailure where the provision leaves the amount to people."""
        rule, target = each.rule, each.target
        assert isinstance(rule.kind, IncidentKind)
        try:
            rule.kind.check(self._once)
        except FactRefused as refused:
            raise SettlementFailure(
                f"{target.code} {target.title}所列的{rule.code} {rule.title}不能自动计算：{refused.reason}",
                f"改{target.code}所列的条款，或者给{rule.code}定下数额",
            ) from refused
        return rule.kind.assess([self._once])[0]

    def _line(self, each: Occurred, amount: Decimal, steps: Sequence[str]) -> Line:
        reason = f"{each.rule.title}：{'，'.join(steps)}＝{amount}元"
        return pay_line(self.month, each.rule, amount, reason, {"targets": [each.words]}, steps)

    def _told(self, person: PersonMonth, naming: Sequence[Naming]) -> list[Reached]:
        """For each target that names a provision whether it lets it be, and why in words."""
        told = []
        for target, on_met in naming:
            if target.is_inert or not target.binds(person.at_end.role):
                why = "还没有定下来" if target.is_inert else "不适用于此人"
                told.append(Reached(False, f"{target.title}{why}"))
                continue
            reached = self.reached(person, target)
            words = f"{target.title}：{reached.words}，{'达成' if reached.is_met else '未达成'}"
            told.append(Reached(reached.is_met == on_met, words))
        return told

    def _binding(self, person: PersonMonth) -> list[Rule[Target]]:
        """The targets of the last day that bind the person; nothing where a transfer ended the part."""
        if not person.is_last_part:
            return []
        of_month = self.month.rules_for(person).of_kind(Target)
        return [rule for rule in of_month if rule.binds(person.at_end.role)]

    def _naming(self, person: PersonMonth, code: str) -> Sequence[Naming]:
        """The targets that name a provision, be they filled in or not, and whether for being met."""
        rules = self.month.rules_for(person)
        if id(rules) not in self._named:
            named: dict[str, list[Naming]] = defaultdict(list)
            for target in rules:
                if has_kind(target, Target):
                    for name, on_met in _names(target):
                        meant = rules.get(name)
                        named[meant.code if meant else name].append((target, on_met))
            self._named[id(rules)] = named
        return self._named[id(rules)].get(code, ())


def _names(target: Rule[Target]) -> Iterator[tuple[str, bool]]:
    """What a target names, and whether it is for being met."""
    yield from ((name, True) for name in target.kind.met)
    yield from ((name, False) for name in target.kind.missed)
