"""The kinds of provision: a frozen dataclass of parameters and a pure function each."""

from typing import Any

from rules.kinds.appraisal import Evaluation, Grade
from rules.kinds.attendance import Absence, Early, FullAttendance, Late
from rules.kinds.attribution import OrderAttribution
from rules.kinds.base import Kind
from rules.kinds.cases import CaseDeadline, CaseType, LossShare, Retention
from rules.kinds.discipline import Discipline
from rules.kinds.fines_and_awards import (
    Award,
    DayPay,
    EscalatingFine,
    Fine,
    Points,
    PointsBand,
    RangeAward,
    RangeFine,
    RateDeduction,
)
from rules.kinds.fund import Fund
from rules.kinds.ladder import Demotion, Promotion
from rules.kinds.leave import LeaveKind
from rules.kinds.leave_balance import LeaveBalance
from rules.kinds.missing_punch import MissingPunch
from rules.kinds.nominated import NominatedAward
from rules.kinds.overtime import OvertimeKind
from rules.kinds.params import ParamError, read_params
from rules.kinds.pay import Allowance, BasePay, Conduct, Text
from rules.kinds.programme import Programme
from rules.kinds.sales import Commission, Guarantee, RankedAward, ScoreAward, StreakAward
from rules.kinds.statutory import Contribution, IncomeTax
from rules.kinds.target import Target
from rules.kinds.work import Duty, Rest, ShiftPatternKind

KINDS: dict[str, type[Kind]] = {
    kind.name: kind
    for kind in (
        Fine,
        RangeFine,
        EscalatingFine,
        Award,
        RangeAward,
        NominatedAward,
        Points,
        PointsBand,
        RateDeduction,
        DayPay,
        Discipline,
        Late,
        Early,
        MissingPunch,
        Absence,
        LeaveKind,
        LeaveBalance,
        FullAttendance,
        OvertimeKind,
        Commission,
        Guarantee,
        RankedAward,
        StreakAward,
        ScoreAward,
        Target,
        Evaluation,
        Grade,
        OrderAttribution,
        BasePay,
        Allowance,
        Contribution,
        IncomeTax,
        Promotion,
        Demotion,
        ShiftPatternKind,
        Rest,
        Duty,
        CaseType,
        CaseDeadline,
        LossShare,
        Retention,
        Fund,
        Programme,
        Conduct,
        Text,
    )
}


def parse_kind(name: str, params: Any) -> tuple[Kind, list[str]]:
    """The kind called `name` with its parameters read, and the paths of figures left blank.

    Raises ParamError (Chinese message) for an unknown kind, an unknown or missing parameter, or a
    value of the wrong type.
    """
    if name not in KINDS:
        raise ParamError(f"未知条款类型 {name}；可用：{'、'.join(KINDS)}")
    return read_params(KINDS[name], params or {})
