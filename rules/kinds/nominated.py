"""Awards that people are nominated for: who nominates until when, what is checked, what the award gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from core.money import ZERO, plain
from core.periods import last_of
from rules.kinds.base import Assessment, FactRefused, Occurrence
from rules.kinds.fines_and_awards import Award
from rules.kinds.labels import METRIC_LABELS, NOMINATOR_LABELS, ORDER_LABELS, figure, metric_label
from rules.kinds.params import (
    Choice,
    Many,
    Nested,
    OpenChoice,
    ParamError,
    count,
    flag,
    number,
    param,
    text,
)
from rules.kinds.sales import metric_figure

MET, NOT_MET, MISSING = "met", "not_met", "missing"
VERDICT_LABELS = {MET: "满足", NOT_MET: "不满足", MISSING: "缺数据"}


class Verdict(NamedTuple):
    """What a criterion comes to (`met`, `not_met`, `missing`), and the evidence in words."""

    verdict: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Certified:
    """What a person certified of somebody: whether it holds, and in words who said so and why."""

    holds: bool
    words: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of somebody's month. None: nobody has said anything of it.

    `metrics` by code, `rivals` the values that everybody bound by the award has; counts are of the month.
    """

    metrics: Mapping[str, Decimal] = field(default_factory=dict)
    rivals: Mapping[str, Sequence[Decimal]] = field(default_factory=dict)
    complaints: int = 0
    open_complaints: int = 0
    lateness: int | None = None
    away: int | None = None
    violations: int = 0
    suggestions: int = 0
    tenure_months: int = 0
    certified: Mapping[str, Certified] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class MetricCriterion:
    """A metric of the month at or above a figure, below one, or among the first."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("at_least", "below", "top"),)

    code: str = param(OpenChoice(METRIC_LABELS), "指标")
    at_least: Decimal | None = param(number, "至少", blank=True, default=None)
    below: Decimal | None = param(number, "低于", blank=True, default=None)
    top: int | None = param(count, "前几名", blank=True, default=None)
    order: str = param(Choice(ORDER_LABELS), "次序", default="desc")

    def judge(self, who: Candidate) -> Verdict:
        value = who.metrics.get(self.code)
        label = metric_label(self.code)
        if value is None:
            return Verdict(MISSING, f"没有{label}；导入当月的{label}后再核对")
        shown = f"{label}{metric_figure(self.code, value)}"
        if self.at_least is not None:
            return Verdict(MET if value >= self.at_least else NOT_MET, shown)
        if self.below is not None:
            return Verdict(MET if value < self.below else NOT_MET, shown)
        better = [each for each in who.rivals.get(self.code, ()) if self._beats(each, value)]
        place = len(better) + 1
        met = value != 0 and place <= (self.top or 1)
        return Verdict(MET if met else NOT_MET, f"{shown}，{len(who.rivals.get(self.code, ()))}人中第{place}")

    def _beats(self, other: Decimal, value: Decimal) -> bool:
        """A zero metric wins nothing, in either order."""
        return other != 0 and (other > value if self.order == "desc" else other < value)

    def in_words(self) -> str:
        label = metric_label(self.code)
        if self.at_least is not None:
            return f"{label}不低于{metric_figure(self.code, self.at_least)}"
        if self.below is not None:
            return f"{label}低于{metric_figure(self.code, self.below)}"
        if self.top is None:
            return f"{label}达到{figure(None)}"
        return f"{label}排名前{self.top}" if self.top > 1 else f"{label}第一"


@dataclass(frozen=True, kw_only=True)
class TenureCriterion:
    """Months since the person was hired, at the month's end."""

    any_of: ClassVar[tuple[str, ...]] = ("at_least", "below")

    at_least: int | None = param(count, "至少", blank=True, default=None)
    below: int | None = param(count, "少于", blank=True, default=None)

    def judge(self, who: Candidate) -> Verdict:
        months = who.tenure_months
        met = (self.at_least is None or months >= self.at_least) and (
            self.below is None or months < self.below
        )
        return Verdict(MET if met else NOT_MET, f"入职满{months}个月")

    def in_words(self) -> str:
        words = [f"满{self.at_least}个月"] if self.at_least is not None else []
        words += [f"不满{self.below}个月"] if self.below is not None else []
        return f"入职{'、'.join(words) or figure(None)}"


@dataclass(frozen=True, kw_only=True)
class HardCriterion:
    """One thing that a candidate must fulfil; exactly one of the parameters says which."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (
        (
            "metric",
            "complaints",
            "lateness",
            "violations",
            "suggestions",
            "tenure_months",
            "away",
            "attested",
        ),
    )

    metric: MetricCriterion | None = param(Nested(MetricCriterion), "指标", default=None)
    complaints: int | None = param(count, "当月客诉至多", blank=True, default=None)
    lateness: int | None = param(count, "当月迟到早退至多", blank=True, default=None)
    violations: int | None = param(count, "当月违纪至多", blank=True, default=None)
    suggestions: int | None = param(count, "当月采纳的建议至少", blank=True, default=None)
    tenure_months: TenureCriterion | None = param(Nested(TenureCriterion), "入职月数", default=None)
    away: int | None = param(count, "当月迟到早退旷工请假至多", blank=True, default=None)
    attested: str | None = param(text, "由人认定", default=None)

    def judge(self, who: Candidate) -> Verdict:
        """Met, not met or missing, with the evidence."""
        if self.metric is not None:
            return self.metric.judge(who)
        if self.tenure_months is not None:
            return self.tenure_months.judge(who)
        if self.attested is not None:
            return self._certified(who)
        if self.complaints is not None:
            return self._complaints(who)
        if self.lateness is not None:
            return _at_most(who.lateness, self.lateness, "迟到早退{}次", "当月没有考勤；导入考勤后再核对")
        if self.violations is not None:
            return _at_most(who.violations, self.violations, "违纪{}次", "")
        if self.suggestions is not None:
            met = who.suggestions >= self.suggestions
            return Verdict(MET if met else NOT_MET, f"当月采纳的建议{who.suggestions}条")
        return _at_most(
            who.away, self.away or 0, "迟到、早退、旷工、请假共{}次", "当月没有考勤；导入考勤后再核对"
        )

    def _complaints(self, who: Candidate) -> Verdict:
        """What is not decided yet keeps the criterion open, unless what is decided is too much already."""
        assert self.complaints is not None
        words = f"当月成立的客诉{who.complaints}件"
        if who.complaints > self.complaints:
            return Verdict(NOT_MET, words)
        if who.complaints + who.open_complaints > self.complaints:
            return Verdict(MISSING, f"{words}，另有{who.open_complaints}件没有结案；结案后再核对")
        return Verdict(MET, words)

    def _certified(self, who: Candidate) -> Verdict:
        said = who.certified.get(self.attested or "")
        if said is None:
            return Verdict(MISSING, "还没有人认定；请组长或经理认定")
        return Verdict(MET if said.holds else NOT_MET, said.words)

    def in_words(self) -> str:
        if self.metric is not None:
            return self.metric.in_words()
        if self.tenure_months is not None:
            return self.tenure_months.in_words()
        if self.attested is not None:
            return self.attested
        for words, most in (
            ("客诉", self.complaints),
            ("迟到早退", self.lateness),
            ("违纪", self.violations),
        ):
            if most is not None:
                return f"当月{words}不超过{most}次" if most else f"当月没有{words}"
        if self.suggestions is not None:
            return f"当月采纳的建议{self.suggestions}条以上"
        return "当月全勤" if self.away == 0 else f"当月迟到、早退、旷工、请假不超过{figure(self.away)}次"


def _at_most(counted: int | None, most: int, words: str, lacking: str) -> Verdict:
    if counted is None:
        return Verdict(MISSING, lacking)
    return Verdict(MET if counted <= most else NOT_MET, words.format(counted))


@dataclass(frozen=True, kw_only=True)
class NominatedAward(Award):
    """An award for which people are nominated, month by month (s004-02); what it pays is an incident.

    `closes_on_day` is the last day of the month on which a nomination is taken; in a shorter month its last
    day. `places` limits who wins in a month, 0 does not. `people_per_place`: of all awards that name the same
    figure together one a so many people of the department, at least one. `shortlist` is the code of the award
    that everybody gets who was nominated and fails no criterion. `gift`: it may be handed out as a gift of
    the same value, then no money is paid.
    """

    name: ClassVar[str] = "nominated_award"
    label: ClassVar[str] = "评选奖"

    closes_on_day: int = param(count, "提名截止日", default=31)
    nominators: tuple[str, ...] = param(
        Many(Choice(NOMINATOR_LABELS), at_least=1), "谁可以提名", default=("self", "peer", "lead")
    )
    hard: tuple[HardCriterion, ...] = param(Many(Nested(HardCriterion)), "硬性条件", default=())
    places: int = param(count, "名额", default=1)
    people_per_place: int | None = param(count, "每多少人一个名额", default=None)
    shortlist: str | None = param(text, "入围者依据的奖励条款", default=None)
    gift: bool = param(flag, "可折合礼品", default=False)
    voices: bool = param(flag, "征集同事意见", default=True)

    def __post_init__(self) -> None:
        if not 1 <= self.closes_on_day <= 31:
            raise ParamError("closes_on_day（提名截止日）应在1与31之间")
        if self.people_per_place == 0:
            raise ParamError("people_per_place（每多少人一个名额）至少为1")

    def closes_on(self, month: date) -> date:
        """The last day on which a nomination of the month is taken."""
        last = last_of(month)
        return last.replace(day=min(self.closes_on_day, last.day))

    def check(self, occurrence: Occurrence) -> None:
        if occurrence.amount is not None and not (self.gift and occurrence.amount == 0):
            raise FactRefused("此条款的金额由条款决定，不能另定；折合礼品的写0")

    def assess(self, occurrences: Sequence[Occurrence]) -> list[Assessment]:
        """As an award; handed out as a gift (an amount of zero) it pays points alone."""
        paid = super().assess(occurrences)
        return [
            Assessment(ZERO, each.points, f"折合礼品发放，不发现金{self.points_in_words()}")
            if one.amount == 0
            else each
            for one, each in zip(occurrences, paid, strict=True)
        ]

    def judge(self, who: Candidate) -> list[dict[str, Any]]:
        """Each criterion in words with its verdict and evidence, as it is stored."""
        found = []
        for each in self.hard:
            verdict, evidence = each.judge(who)
            found.append({"criterion": each.in_words(), "verdict": verdict, "evidence": evidence})
        return found

    @property
    def to_attest(self) -> list[str]:
        """What people have to certify, in its words."""
        return [each.attested for each in self.hard if each.attested is not None]

    def in_words(self) -> str:
        words = [f"{super().in_words()}{'（可折合礼品）' if self.gift else ''}"]
        by = "、".join(NOMINATOR_LABELS[each] for each in self.nominators)
        until = "月底" if self.closes_on_day == 31 else f"{self.closes_on_day}日"
        words.append(
            f"每月{until}（含）前由{by}提名，{f'{self.places}个名额' if self.places else '名额不限'}"
        )
        if self.people_per_place is not None:
            words.append(f"各奖合计每{plain(Decimal(self.people_per_place))}人一个名额")
        if self.hard:
            words.append(f"条件：{'，'.join(each.in_words() for each in self.hard)}")
        return "；".join(words)
