"""What a month's rankings and streaks pay, handed on to the awards of the month, which print certificates."""

from collections.abc import Iterable
from datetime import datetime

from nominations.services import Placing, placings_sync
from payroll.models import SettlementPeriod
from payroll.settlement.payslip_drafts import Nature, PersonDraft
from rules.kinds.sales import RankedAward, StreakAward
from rules.provisions import Month


def placings_hand_on(
    period: SettlementPeriod, month: Month, drafts: Iterable[PersonDraft], *, at: datetime
) -> None:
    """Name everybody whom a ranked or a streak award of the month pays; at most four queries."""
    codes = month.timeline.codes_of_kind(RankedAward) | month.timeline.codes_of_kind(StreakAward)
    placings = [
        Placing(
            staff_id=draft.person.staff_id,
            provision_id=each.line.provision_id,
            code=each.line.code,
            amount=each.line.amount,
            reason=each.line.reason,
            place=each.line.trace.get("facts", {}).get("place"),
        )
        for draft in drafts
        for each in draft.lines
        if each.line.code in codes
        and each.line.amount
        and each.nature == Nature.REGULAR
        and each.line.provision_id is not None
    ]
    placings_sync(department=period.department, month=period.month, placings=placings, codes=codes, at=at)
