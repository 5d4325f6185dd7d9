"""What a decided disciplinary action takes from pay (s000-09-24)."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, TypeVar

from core.money import ZERO, to_fen
from rules.kinds.base import Charge, Kind, Occurrence, PayBasis
from rules.kinds.fines_and_awards import refuse_amount
from rules.kinds.labels import OF_LABELS, in_percent
from rules.kinds.params import Choice, param, rate

LEVEL_LABELS = {"warning": "警告", "minor": "小过", "major": "大过"}

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, kw_only=True)
class Discipline(Kind):
    """A share of pay for each decision, in the month in which it is decided; known at settlement.

    A decision is an incident of the day on which it was decided. Of the performance bonus the share is
    that of the bonus as the month pays it, of base pay that of the amount in force on the day.
    """

    name: ClassVar[str] = "discipline"
    label: ClassVar[str] = "处分扣款"
    column: ClassVar[str] = "fine"
    takes_incidents: ClassVar[bool] = True

    level: str = param(Choice(LEVEL_LABELS), "处分")
    rate: Decimal | None = param(rate, "比例")
    of: str = param(Choice(OF_LABELS), "基数", default="performance_bonus")

    def check(self, occurrence: Occurrence) -> None:
        refuse_amount(occurrence)

    def base(self, decided: Occurrence, pay: PayBasis) -> Decimal:
        """Yuan of which the decision takes its share."""
        if self.of == "performance_bonus":
            return pay.performance_bonus_paid()
        return pay.amount(self.of, decided.on)

    def in_words(self) -> str:
        return f"{LEVEL_LABELS[self.level]}一次扣{OF_LABELS[self.of]}的{in_percent(self.rate)}"


def discipline_charges(
    decisions: Sequence[tuple[Key, Discipline, Occurrence]], pay: PayBasis
) -> dict[Key, Charge]:
    """What a person's decisions of a month take, added up by the key of each; `decisions` in their order.

    Each is rounded to the fen. Together they take at most the whole of a base: what comes later is cut,
    and the steps say so.
    """
    taken: dict[str, Decimal] = {}
    found: dict[Key, Charge] = {}
    for key, kind, each in decisions:
        base, before = kind.base(each, pay), taken.get(kind.of, ZERO)
        wanted = to_fen(base * (kind.rate or Decimal(0)) * each.quantity)
        amount = min(wanted, max(base - before, ZERO))
        label = OF_LABELS[kind.of]
        times = f"×{each.quantity}次" if each.quantity > 1 else ""
        words = f"{each.on:%m-%d}{LEVEL_LABELS[kind.level]}：{label}{base}×{in_percent(kind.rate)}{times}"
        if amount < wanted:
            words += f"，当月处分至多扣完{label}，此前已扣{before}元，本次扣{amount}元"
        taken[kind.of] = before + amount
        so_far = found.get(key, Charge(ZERO))
        found[key] = Charge(so_far.amount - amount, (*so_far.steps, words), last_on=each.on)
    return found
