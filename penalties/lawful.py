"""Which provisions take money from wages, on what ground, and what the department has decided about them.

The grounds are those that the labour rules name; which of them a provision has is a proposal that people
check. It is no legal advice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from penalties.models import LossLimit, WageRule
from people.models import Department
from rules.kinds.attendance import Absence, Punctuality
from rules.kinds.base import Kind
from rules.kinds.cases import LossShare
from rules.kinds.discipline import Discipline
from rules.kinds.fines_and_awards import (
    DayPay,
    DayPayParams,
    EscalatingFine,
    Fine,
    RangeFine,
    RateDeduction,
)
from rules.kinds.leave import LeaveKind
from rules.kinds.missing_punch import MissingPunch
from rules.models import ProvisionFields
from rules.provisions import Rule

Ground = WageRule.Ground
Basis = ProvisionFields.Basis
# What each ground rests on, and what must be so for it to hold.
SOURCES = {
    Ground.LOSS: (
        "原劳动部《工资支付暂行规定》（劳部发〔1994〕489号）第十六条：因本人原因造成经济损失的，"
        "可按劳动合同的约定要求赔偿；从工资中扣的每月不超过当月工资的20%，"
        "扣后不低于当地月最低工资。地方另有要求的从其规定，例如《广东省工资支付条例》"
        "（广东省人大常委会）第十五条：扣以前须书面告知扣的原因和数额，没有告知的不能扣。"
    ),
    Ground.UNPAID: (
        "原劳动部《对〈工资支付暂行规定〉有关问题的补充规定》（劳部发〔1995〕226号）第三条第（5）项："
        "因请事假等相应减发的工资不属于克扣；以没有提供劳动的那部分工资为限。"
    ),
    Ground.VARIABLE: (
        "劳部发〔1995〕226号第三条第（2）（3）项：依法签订的劳动合同、依法制定并经职代会批准的"
        "厂规厂纪中有明确规定的减发不属于克扣；第（4）项：工资总额随经济效益下浮的，"
        "也不得低于当地最低工资。考核办法须写明、公示。"
    ),
    Ground.AGREED: (
        "劳部发〔1995〕226号第三条第（2）（3）项：劳动合同、经职代会批准的厂规厂纪中有明确规定的；"
        "《劳动合同法》（全国人大常委会）第四条：涉及劳动报酬、劳动纪律的规章"
        "须经职工代表大会或全体职工讨论、平等协商确定，并公示或告知。"
    ),
    Ground.NONE: (
        "《劳动法》（全国人大常委会）第五十条、《工资支付暂行规定》第十五条：不得克扣工资。"
        "《企业职工奖惩条例》（其中有罚款）已于2008年1月15日由国务院令第516号废止。各地不一："
        "《广东省劳动保障监察条例》第五十条不许规章规定罚款或没有法律依据的扣工资，违者责令改正、罚款；"
        "《深圳市员工工资支付条例》第三十四条允许扣依法制定的规章规定的违纪经济处罚。"
    ),
}


@dataclass(frozen=True, slots=True)
class Proposed:
    """The ground that a provision has as it is written, and why."""

    ground: str
    why: str

    @property
    def label(self) -> str:
        return Ground(self.ground).label

    @property
    def source(self) -> str:
        return SOURCES[Ground(self.ground)]


@dataclass(frozen=True, slots=True)
class Deduction:
    """A provision that takes money, the ground that is proposed for it, and what was decided, if anything."""

    rule: Rule[Kind]
    proposed: Proposed
    decided: WageRule | None

    @property
    def words(self) -> str:
        return self.rule.kind.in_words()

    @property
    def basis(self) -> str:
        return Basis(self.rule.basis).label

    @property
    def from_wages(self) -> bool:
        return self.decided is None or self.decided.from_wages

    @property
    def is_doubtful(self) -> bool:
        """It takes money from wages and nobody has named a ground for it."""
        return self.decided is None and self.proposed.ground == Ground.NONE


def takes_money(kind: Kind) -> bool:
    """Whether a kind with these figures may take money from somebody."""
    match kind:
        case RangeFine():
            return kind.sign < 0
        case EscalatingFine():
            return any(step != 0 for step in kind.steps)
        case Punctuality():
            return kind.points is None or kind.every is not None
        case MissingPunch():
            return kind.amount is not None
        case Absence():
            return bool(kind.times or kind.amount is not None)
        case LeaveKind():
            return any(terms and (terms.multiple != 0 or terms.fine != 0) for terms in kind.types.values())
        case Fine() | RateDeduction() | DayPay() | Discipline() | LossShare():
            return True
    return False


def proposed_ground(rule: Rule[Kind]) -> Proposed:
    """The ground of a provision by its kind, what it refers to, and its basis."""
    kind = rule.kind
    if rule.basis == Basis.LOSS:
        return Proposed(Ground.LOSS, "性质是赔偿")
    if isinstance(kind, LeaveKind):
        over = [terms for terms in kind.types.values() if terms and (terms.fine or (terms.multiple or 0) > 1)]
        if over:
            return Proposed(Ground.NONE, "请假扣的超过当天工资，超过的部分是罚款")
        return Proposed(Ground.UNPAID, "请假的日子不付工资")
    if isinstance(kind, DayPayParams):
        if kind.times > 1 or (isinstance(kind, Absence) and kind.amount is not None):
            return Proposed(Ground.NONE, "扣的超过缺勤当天的工资，超过的部分是罚款")
        return Proposed(Ground.UNPAID, "没有到岗的日子不付工资")
    of = getattr(kind, "of", "")
    if rule.basis == Basis.PERFORMANCE or of == "performance_bonus":
        return Proposed(Ground.VARIABLE, "从绩效奖金里减")
    return Proposed(Ground.NONE, "是罚款")


def wage_rules(department: Department | int, month: date) -> dict[str, WageRule]:
    """What holds in a month for each provision of which something was said; one query."""
    rows = (
        WageRule.objects.filter(department=department, month__lte=month)
        .order_by("code", "-month", "-id")
        .distinct("code")
        .select_related("by")
    )
    return {row.code: row for row in rows}


def loss_limit(department: Department | int, month: date) -> LossLimit | None:
    """What was said last of how much compensation may take in a month; None where nothing was; one query."""
    return LossLimit.objects.filter(department=department, month__lte=month).order_by("-month", "-id").first()


def loss_percent(limit: LossLimit | None) -> Decimal:
    """How many percent of a month's wages compensation takes at most."""
    return LossLimit.NATIONAL if limit is None else limit.percent


def deductions_of(rules: Iterable[Rule[Kind]], decided: dict[str, WageRule]) -> list[Deduction]:
    """The provisions that take money: those in doubt first, then in their order."""
    found = [
        Deduction(rule, proposed_ground(rule), decided.get(rule.code))
        for rule in rules
        if takes_money(rule.kind) and not rule.is_inert
    ]
    return sorted(found, key=lambda each: not each.is_doubtful)
