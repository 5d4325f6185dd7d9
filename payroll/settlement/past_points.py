"""What bands over consecutive months look back on: the points of earlier months, and what they suggested."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.periods import shift_months
from payroll.models import Payslip, SettlementPeriod
from penalties.models import Proposal
from rules.kinds.fines_and_awards import PointsBand
from rules.provisions import Month


@dataclass(frozen=True, slots=True)
class PastPoints:
    """The points of the months before, latest first, as they were settled; None where a month was not.

    `proposed`: by person and provision, how many months ago a band last suggested something.
    """

    points: Mapping[int, list[Decimal | None]] = field(default_factory=dict)
    proposed: Mapping[tuple[int, str], int] = field(default_factory=dict)

    def of(self, staff_id: int, code: str, kind: PointsBand) -> list[Decimal | None]:
        """The months that the band looks at before this one; those up to its last proposal no more."""
        known = self.points.get(staff_id, [])[: kind.months - 1]
        return known if kind.again else known[: self.proposed.get((staff_id, code), kind.months) - 1]


def past_points(period: SettlementPeriod, month: Month) -> PastPoints:
    """What the bands of the month look back on; at most two queries."""
    bands = {
        rule.code: rule.kind.months
        for _, _, rules in month.timeline.segments(month.first, month.last)
        for rule in rules.of_kind(PointsBand)
    }
    back = [shift_months(period.month, -i) for i in range(1, max(bands.values(), default=1))]
    if not back:
        return PastPoints()
    settled: dict[int, dict[date, Decimal | None]] = defaultdict(dict)
    rows = Payslip.objects.filter(period__department=period.department_id, period__month__in=back)
    for staff_id, in_month, points in rows.values_list("staff_id", "period__month", "points"):
        settled[staff_id][in_month] = points
    proposals = (
        Proposal.objects.filter(department=period.department_id, month__in=back, code__in=bands)
        .exclude(state=Proposal.State.WITHDRAWN)
        .order_by("month")
    )
    return PastPoints(
        points={who: [known.get(each) for each in back] for who, known in settled.items()},
        proposed={
            (staff_id, code): back.index(in_month) + 1
            for staff_id, code, in_month in proposals.values_list("staff_id", "code", "month")
            if in_month is not None
        },
    )
