"""Between which limits the provisions of a month let a base lie."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.money import plain
from core.periods import last_of
from rules.kinds.labels import CONTRIBUTION_LABELS
from rules.kinds.statutory import Contribution
from rules.provisions import Timeline
from statutory.models.declarations import EVERY_ITEM


@dataclass(frozen=True, slots=True)
class BaseLimits:
    """The limits of a department in a month, yuan, by item; None where a provision names none."""

    month: date
    by_item: dict[str, tuple[Decimal | None, Decimal | None]]

    @classmethod
    def of(cls, timeline: Timeline, month: date) -> "BaseLimits":
        """As the provisions of the month's last day have them."""
        kinds = [rule.kind for rule in timeline.on(last_of(month)).of_kind(Contribution)]
        return cls(month, {kind.item: (kind.base_min, kind.base_max) for kind in kinds})

    def refuse(self, item: str, base: Decimal) -> str:
        """Which limits a base is outside of, in words; empty where it fits. `*` must fit every item."""
        parts = [
            f"{CONTRIBUTION_LABELS.get(each, each)}{_between(least, most)}"
            for each, (least, most) in self.by_item.items()
            if item in (EVERY_ITEM, each)
            and ((least is not None and base < least) or (most is not None and base > most))
        ]
        if not parts:
            return ""
        return f"{self.month:%Y年%m月}的基数{plain(base)}元在上下限以外：{'，'.join(parts)}"


def _between(least: Decimal | None, most: Decimal | None) -> str:
    """The limits of one item: 4492至24042元."""
    if least is None:
        return f"最高{plain(most)}元" if most is not None else ""
    return f"{plain(least)}至{plain(most)}元" if most is not None else f"最低{plain(least)}元"
