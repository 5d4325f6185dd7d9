"""Between which limits the provisions of a month let a base lie."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.money import plain
from core.periods import last_of
from people.models import Department
from rules.kinds.labels import CONTRIBUTION_LABELS
from rules.models import Provision
from rules.selectors import version_on
from statutory.models.declarations import EVERY_ITEM


@dataclass(frozen=True, slots=True)
class BaseLimits:
    """The limits of a department in a month, yuan, by item; None where a provision names none."""

    month: date
    by_item: dict[str, tuple[Decimal | None, Decimal | None]]

    @classmethod
    def of(cls, department: Department, month: date) -> "BaseLimits":
        """As the provisions of the month's last day have them; two queries."""
        version = version_on(department, last_of(month))
        rows = Provision.objects.filter(version=version, kind="contribution").order_by("position")
        found: dict[str, tuple[Decimal | None, Decimal | None]] = {}
        for params in rows.values_list("params", flat=True):
            least, most = (params.get(name) for name in ("base_min", "base_max"))
            found[params["item"]] = (
                Decimal(str(least)) if least is not None else None,
                Decimal(str(most)) if most is not None else None,
            )
        return cls(month, found)

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
