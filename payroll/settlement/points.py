"""A month's points: their base, what takes of them, and what bands suggest by this month and those before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import Q

from core.money import ZERO, plain
from core.periods import shift_months
from payroll.models import Payslip, SettlementPeriod
from payroll.settlement.payslip_drafts import PersonDraft
from penalties.models import Proposal
from penalties.openings import Opening, opening_points
from penalties.points_scale import points_scale
from penalties.services import MonthProposal
from rules.kinds.fines_and_awards import PointsBand
from rules.lines import PointsDeducted
from rules.provisions import Month


def set_points(month: Month, draft: PersonDraft, deducted: Iterable[PointsDeducted]) -> None:
    """The month's points: base − what provisions take + what awards add, never below the floor."""
    scale = points_scale(month.rules_for(draft.person))
    if scale is None:
        return
    taken = list(deducted)
    draft.points = scale.left(sum((each.points for each in taken), Decimal(0)))
    draft.points_trace = {
        "base": plain(scale.base),
        "floor": plain(scale.floor),
        "deducted": [
            {"code": each.code, "title": each.title, "points": plain(each.points), "reason": each.reason}
            for each in taken
        ],
    }


@dataclass(frozen=True, slots=True)
class PastPoints:
    """The points of the months before, latest first, as they were settled; None where a month was not.

    `proposed`: by person and provision, how many months ago a band last suggested something. `openings`: the
    points that were brought along for a month that was not settled here.
    """

    points: Mapping[int, list[Decimal | None]] = field(default_factory=dict)
    proposed: Mapping[tuple[int, str], int] = field(default_factory=dict)
    openings: Mapping[int, list[Opening]] = field(default_factory=dict)

    def of(self, staff_id: int, code: str, kind: PointsBand) -> list[Decimal | None]:
        """The months that the band looks at before this one; those up to its last proposal no more."""
        known = self.points.get(staff_id, [])[: kind.months - 1]
        return known if kind.again else known[: self.proposed.get((staff_id, code), kind.months) - 1]


def past_points(period: SettlementPeriod, month: Month) -> PastPoints:
    """What the bands of the month look back on; at most three queries."""
    bands = {
        rule.code: rule.kind.months
        for _, _, rules in month.timeline.segments(month.first, month.last)
        for rule in rules.of_kind(PointsBand)
    }
    back = [shift_months(period.month, -i) for i in range(1, max(bands.values(), default=1))]
    if not back:
        return PastPoints()
    own = month.last_rows
    settled: dict[int, dict[date, Decimal | None]] = defaultdict(dict)
    here = Q(period__department=period.department_id) | Q(staff__in=list(own))
    rows = Payslip.objects.filter(here, period__month__in=back).order_by("staff__joined_on")
    for row, in_month, points in rows.values_list("staff_id", "period__month", "points"):
        settled[own.get(row, row)][in_month] = points  # of a month in two departments the later's
    openings: dict[int, list[Opening]] = defaultdict(list)
    for (row, in_month), opening in opening_points(own, back).items():
        staff_id = own[row]
        if settled[staff_id].get(in_month) is None:
            settled[staff_id][in_month] = opening.value
            openings[staff_id].append(opening)
    proposals = (
        Proposal.objects.filter(
            Q(department=period.department_id) | Q(staff__in=list(own)), month__in=back, code__in=bands
        )
        .exclude(state=Proposal.State.WITHDRAWN)
        .order_by("month")
    )
    return PastPoints(
        points={who: [known.get(each) for each in back] for who, known in settled.items()},
        proposed={
            (own.get(staff_id, staff_id), code): back.index(in_month) + 1
            for staff_id, code, in_month in proposals.values_list("staff_id", "code", "month")
            if in_month is not None
        },
        openings=openings,
    )


def points_proposals(month: Month, past: PastPoints, draft: PersonDraft) -> list[MonthProposal]:
    """Of the bands for one month only the lowest that is met, and every band for several months.

    The month of who was transferred on is looked at where it ends.
    """
    if draft.points is None or not draft.person.is_last_part:
        return []
    staff_id = draft.person.staff_id
    told = [
        f"{each.on:%Y年%m月}{plain(each.value)}分（{each.source}）"
        for each in past.openings.get(staff_id, ())
    ]
    brought = {"期初得分": told} if told else {}
    met = []
    for rule in month.rules_for(draft.person).of_kind(PointsBand):
        kind = rule.kind
        assert kind.at_or_below is not None
        points = [draft.points, *past.of(staff_id, rule.code, kind)]
        low = all(each is not None and each <= kind.at_or_below for each in points)
        if rule.binds(draft.person.at_end.role) and len(points) == kind.months and low:
            met.append((kind.at_or_below, kind, rule, points))
    once = min((band for band in met if band[1].months == 1), key=lambda band: band[0], default=None)
    return [
        MonthProposal(
            staff_id,
            rule.code,
            kind.proposal,
            {"得分": [plain(each or ZERO) for each in points], "界线": plain(line)}
            | (brought if kind.months > 1 else {}),
        )
        for line, kind, rule, points in met
        if kind.months > 1 or (once is not None and rule is once[2])
    ]
