"""What each person bears of a loss, to the fen, with the arithmetic in words; pure (s000-09-21b, 22, 22b)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from core.money import ZERO, plain, split


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a responsible party; `points` are the base points of the day of closing."""

    staff_id: int
    name: str
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class Bearing:
    """A party with its members: who they are called together, and their percent of the loss."""

    name: str
    percent: Decimal
    members: tuple[Member, ...]


@dataclass(slots=True)
class Share:
    """What one person bears, in yuan, over all parties."""

    amount: Decimal = ZERO
    steps: list[str] = field(default_factory=list)


def loss_split(
    amount: Decimal, parties: Sequence[Bearing], *, rest_to_last: bool = False
) -> dict[int, Share]:
    """`amount` yuan split over the parties by percent, and within each by base points; by person.

    One member bears all of the party's part. Where the division leaves fen over they go to the largest
    remainders, or with `rest_to_last` to the last in order, of the parties and of the members alike. Members
    without base points bear nothing beside others; ValueError where nobody of several has any.
    """
    percents = {place: each.percent for place, each in enumerate(parties)}
    parts = split(amount, percents, rest_to_last=rest_to_last)
    shares: dict[int, Share] = {}
    for place, party in enumerate(parties):
        part = parts[place]
        step = f"损失{amount}元，{party.name}承担{plain(party.percent)}%即{part}元"
        for member, (own, words) in _within(part, party.members, rest_to_last).items():
            share = shares.setdefault(member.staff_id, Share())
            share.amount += own
            share.steps += [step, f"{member.name}{words}"]
    return shares


def _within(
    part: Decimal, members: Sequence[Member], rest_to_last: bool
) -> Mapping[Member, tuple[Decimal, str]]:
    if len(members) == 1:
        return {members[0]: (part, f"一人承担{part}元")}
    weights = {each: each.points or Decimal(0) for each in members}
    total = sum(weights.values())
    own = split(part, weights, rest_to_last=rest_to_last)
    rounded = "，分位尾差归最后一人" if rest_to_last else "，余数大者先得分位"
    words = {}
    for each, amount in own.items():
        points = f"{plain(weights[each])}÷{plain(Decimal(total))}"
        is_exact = amount * total == part * weights[each]
        words[each] = f"基点{points}：{part}×{points}＝{amount}元{'' if is_exact else rounded}"
    return {each: (amount, words[each]) for each, amount in own.items()}


def without_points(members: Iterable[Member]) -> list[Member]:
    """Those who bear nothing beside others, because they have no base points."""
    return [each for each in members if not each.points]
