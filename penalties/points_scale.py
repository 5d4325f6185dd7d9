"""What a month's points begin at and how far they can fall, by the rules in force."""

from dataclasses import dataclass
from decimal import Decimal

from rules.kinds.attendance import Absence, Punctuality
from rules.kinds.fines_and_awards import Award, Points, PointsBand
from rules.provisions import Rules


@dataclass(frozen=True, slots=True)
class PointsScale:
    """What a month's points begin at and never fall below."""

    base: Decimal
    floor: Decimal

    def left(self, taken: Decimal) -> Decimal:
        return max(self.base - taken, self.floor)


def points_scale(rules: Rules) -> PointsScale | None:
    """The scale of the rules; None where nothing speaks of points (rule-kinds: points)."""
    scales = [rule.kind for rule in rules.of_kind(Points)]
    from_attendance = any(
        getattr(rule.kind, "points", None) is not None
        for kind in (Punctuality, Absence)
        for rule in rules.of_kind(kind)
    )
    from_awards = any(rule.kind.points for rule in rules.of_kind(Award))
    if not scales and not from_attendance and not from_awards and not rules.of_kind(PointsBand):
        return None
    # Those that name a base agree on it; the others have the usual one.
    base = next((scale.base for scale in scales if scale.base != Points.base), Points.base)
    return PointsScale(base, max((scale.floor for scale in scales), default=Decimal(0)))
