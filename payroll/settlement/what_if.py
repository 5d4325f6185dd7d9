"""What a month would come to with another parameter or another metric: both in memory, nothing stored.

The month is settled twice from the facts as they are now, through the services that settle it for good: as
it is, and with the one change. A frozen month is tried under the rules that were published when it was
settled.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.periods import last_of
from payroll.models import SettlementPeriod
from payroll.settlement.preview import Preview, Trial, compared
from payroll.settlement.sources import MonthFacts
from people.models import Staff
from rules.kinds import Kind, parse_kind
from rules.kinds.fines_and_awards import IncidentKind
from rules.models import Provision
from rules.provisions import Rule
from rules.selectors import timeline_of

# What changes no pay of a month by other figures: words, plans, duties, clocks, and whose an order is, which
# is decided while orders are imported.
NOT_TRIED = frozenset(
    [
        *("text", "conduct", "shift_pattern", "rest", "duty", "leave_balance"),
        *("case_type", "case_deadline", "retention", "fund", "attribution"),
    ]
)


@dataclass(frozen=True, slots=True)
class OtherParams:
    """Other parameters of a provision: in every version that has it, from the month's first day on."""

    code: str
    kind: Kind
    blanks: tuple[str, ...]

    @classmethod
    def of(cls, row: Provision, params: Any) -> "OtherParams":
        """ParamError (Chinese) for parameters that do not fit the provision's kind."""
        kind, blanks = parse_kind(row.kind, params)
        return cls(row.code, kind, tuple(blanks))


@dataclass(frozen=True, slots=True)
class OtherMetric:
    """Another value of a person's metric of the month, as if it had been brought."""

    staff: Staff
    code: str
    value: Decimal


def what_if(period: SettlementPeriod, change: OtherParams | OtherMetric) -> Preview:
    """The month as it is and with the change. Reads only: no lock, no row, no notice, no history."""
    trial = Trial.of(period, published_by=period.facts_read_at if period.is_frozen else None)
    timeline = trial.month.timeline
    if isinstance(change, OtherMetric):
        metric = change

        def bring(facts: MonthFacts) -> None:
            facts.commissions.bring(metric.staff.pk, metric.code, metric.value)

        before = trial.computed(timeline, reprices=False)
        return compared(period, before, trial.computed(timeline, reprices=False, change=bring))
    reprices = isinstance(change.kind, IncidentKind)
    before = trial.computed(timeline, reprices=reprices)
    other = timeline.with_kind(period.month, change.code, change.kind, change.blanks)
    return compared(period, before, trial.computed(other, reprices=reprices))


def provisions_tried(period: SettlementPeriod) -> list[Rule[Kind]]:
    """The provisions of the month's last day whose figures may be tried, in their order; two queries."""
    read_at = period.facts_read_at if period.is_frozen else None
    rules = timeline_of(period.department, published_by=read_at).on(last_of(period.month))
    return [rule for rule in rules if rule.kind.name not in NOT_TRIED]
