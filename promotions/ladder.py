"""The steps of a ladder before somebody: what each provision's criteria come to, what the next level pays."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from core.periods import months_after, tenure_months
from promotions.criteria import Answer, Verdict, all_met, answer, any_met
from promotions.evidence import NEVER, Facts, Look
from promotions.standings import Seat
from rules.kinds.labels import level_label
from rules.kinds.ladder import Demotion, Promotion, Step
from rules.kinds.pay import BasePay
from rules.provisions import Rule, Rules


class Judged(NamedTuple):
    """One provision about a step: the answers to its criteria."""

    rule: Rule[Step]
    all_of: tuple[Answer, ...]
    any_of: tuple[Answer, ...]

    @property
    def answers(self) -> tuple[Answer, ...]:
        return self.all_of + self.any_of

    @property
    def verdict(self) -> Verdict:
        parts = [each.verdict for each in self.all_of]
        if self.any_of:
            parts.append(any_met([each.verdict for each in self.any_of]))
        return all_met(parts)

    @property
    def lacking(self) -> int:
        """How many criteria more have to be met."""
        some = bool(self.any_of) and not any(each.is_met for each in self.any_of)
        return sum(not each.is_met for each in self.all_of) + some

    def earliest(self, on: date) -> date:
        """The first day on which what takes time may be met."""
        days = [each.earliest or on for each in self.all_of if not each.is_met]
        if self.any_of and not any(each.is_met for each in self.any_of):
            days.append(min(each.earliest or on for each in self.any_of))
        return max([on, *days])


class Rung(NamedTuple):
    """A step up or down from the level that somebody has, by every provision about it."""

    start: str
    to: str
    upwards: bool
    on: date
    since: date
    parts: tuple[Judged, ...]

    @property
    def label(self) -> str:
        return f"{level_label(self.start)}{'升' if self.upwards else '降'}{level_label(self.to)}"

    @property
    def to_label(self) -> str:
        return level_label(self.to)

    @property
    def paths(self) -> list[tuple[Judged, ...]]:
        """The ways to the step: upwards all provisions together or an alternative, downwards each one."""
        together = tuple(each for each in self.parts if _is_together(each.rule.kind))
        others: list[tuple[Judged, ...]] = [
            (each,) for each in self.parts if not _is_together(each.rule.kind)
        ]
        return [together, *others] if together else others

    @property
    def verdict(self) -> Verdict:
        return any_met([all_met([each.verdict for each in path]) for path in self.paths])

    @property
    def is_met(self) -> bool:
        return self.verdict is Verdict.MET

    @property
    def lacking(self) -> int:
        """How many criteria more the nearest way takes."""
        return min(sum(each.lacking for each in path) for path in self.paths)

    @property
    def is_close(self) -> bool:
        """Upwards one criterion away; downwards one more of what is counted."""
        if self.is_met:
            return False
        if self.upwards:
            return self.lacking == 1
        return any(each.is_one_off for part in self.parts for each in part.answers)

    @property
    def earliest(self) -> date | None:
        """The first day on which the step may be taken, as far as it takes time; None where it takes none."""
        if self.is_met:
            return None
        day = min(max(each.earliest(self.on) for each in path) for path in self.paths)
        return day if day > self.on else None

    @property
    def unmet(self) -> list[Answer]:
        """What the nearest way still lacks."""
        path = min(self.paths, key=lambda path: sum(each.lacking for each in path))
        return [each for part in path for each in part.answers if not each.is_met]

    @property
    def triggers(self) -> list[Answer]:
        """Downwards: what is met or one away."""
        return [each for part in self.parts for each in part.answers if each.is_met or each.is_one_off]


def _is_together(kind: Step) -> bool:
    return isinstance(kind, Promotion) and kind.way == "together"


def rungs_of(facts: Facts, rules: Rules) -> list[Rung]:
    """The steps up, then those down, that the rules of the day know from a level that the person has."""
    return [
        *_rungs(facts, rules, rules.of_kind(Promotion)),
        *_rungs(facts, rules, rules.of_kind(Demotion)),
    ]


def _rungs(facts: Facts, rules: Rules, found: Sequence[Rule[Promotion] | Rule[Demotion]]) -> Iterator[Rung]:
    steps: dict[tuple[str, str], list[Judged]] = {}
    for rule in found:
        kind = rule.kind
        if kind.from_ in facts.since and rule.binds(facts.seat.role):
            steps.setdefault(kind.step, []).append(_judged(rule, facts))
    for (start, to), parts in steps.items():
        upwards = parts[0].rule.kind.upwards
        yield Rung(start, to, upwards, facts.on, facts.since[start], tuple(parts))


def _judged(rule: Rule[Promotion] | Rule[Demotion], facts: Facts) -> Judged:
    look = look_of(rule, facts)
    return Judged(
        rule,
        tuple([answer(each, facts, look) for each in rule.kind.all_of]),
        tuple([answer(each, facts, look) for each in rule.kind.any_of]),
    )


def look_of(rule: Rule[Promotion] | Rule[Demotion], facts: Facts) -> Look:
    """Promotions look at all of the employment, demotions from the day on which the level began."""
    level_since = facts.since[rule.kind.from_ or ""]
    codes = (rule.code, *rule.covers)
    kind = rule.kind
    if not isinstance(kind, Demotion):
        return Look(facts.hired_on, facts.on, level_since, rule.roles, codes)
    until = facts.on
    if kind.within_months:
        until = min(until, months_after(level_since, kind.within_months) - timedelta(days=1))
    return Look(level_since, until, level_since, rule.roles, codes, ahead=NEVER)


@dataclass(frozen=True, slots=True)
class LevelPay:
    """What the pay table says of two levels, yuan a month; None where it does not name one."""

    title: str
    now: Decimal | None
    then: Decimal | None


def level_pay(facts: Facts, rules: Rules, rung: Rung) -> LevelPay | None:
    """What the table in force pays on either side of a step; None where no table binds the person."""
    table = next((rule for rule in rules.of_kind(BasePay) if rule.binds(facts.seat.role)), None)
    if table is None:
        return None
    years = tenure_months(facts.hired_on, facts.on) // 12

    def monthly(seat: Seat) -> Decimal | None:
        return table.kind.monthly(tier=seat.tier, role=seat.role, star=seat.star, years=years)

    return LevelPay(table.title, monthly(facts.seat), monthly(moved(facts.seat, rung.start, rung.to)))


def moved(seat: Seat, start: str, to: str) -> Seat:
    """The seat on another level: another tier, star or role, as the step changes."""
    if to.isdigit():
        return seat._replace(star=int(to))
    if start == seat.role and start != seat.tier:
        return seat._replace(role=to)
    return seat._replace(tier=to)


def promotions_of(rungs: Iterable[Rung]) -> list[Rung]:
    return [each for each in rungs if each.upwards]


def demotions_of(rungs: Iterable[Rung]) -> list[Rung]:
    return [each for each in rungs if not each.upwards]
