"""The ladder as an order of tiers: how far one is from another, and in which direction."""

from people.models import Tier
from promotions.errors import GradeRefused
from promotions.models import GradeChange

Direction = GradeChange.Direction
LADDER = tuple(Tier.values)  # lowest first (s004-05-3-00)


def steps_between(from_tier: str, to_tier: str) -> int:
    """How many tiers up (or down, below zero) from one to the other; GradeRefused where there is no way."""
    for tier, field in ((from_tier, "from_tier"), (to_tier, "to_tier")):
        if tier not in LADDER:
            words = f"没有“{tier}”这一职级" if tier else "没有写职级"
            raise GradeRefused(words, "请先在任职条件里写明或另选", field=field)
    steps = LADDER.index(to_tier) - LADDER.index(from_tier)
    if not steps:
        raise GradeRefused("原职级和新职级相同", "请选另一职级", field="to_tier")
    return steps


def direction_of(from_tier: str, to_tier: str) -> GradeChange.Direction:
    """Whether the way leads up or down; GradeRefused as `steps_between`."""
    return Direction.PROMOTION if steps_between(from_tier, to_tier) > 0 else Direction.DEMOTION
