"""A shift with fewer punches than it wants: a price for each missing one, or absence from some count on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from core.money import plain, to_fen
from rules.kinds.attendance import ABSENCES, Absent
from rules.kinds.base import Charge, Kind
from rules.kinds.labels import ABSENCE_LABELS, in_points, in_yuan
from rules.kinds.params import Choice, Nested, ParamError, count, factor, money, param


@dataclass(frozen=True, kw_only=True)
class PunchCountsAs:
    """From this one of the month on a missing punch is absence."""

    from_count: int = param(count, "自第几次", default=1)
    as_: str = param(Choice(ABSENCE_LABELS), "算作")
    days: Decimal = param(factor, "天数", default=Decimal("0.5"))


@dataclass(frozen=True, kw_only=True)
class MissingPunch(Kind):
    """Missing punches of a month in their order: free ones first, then a price each, then absence."""

    name: ClassVar[str] = "missing_punch"
    label: ClassVar[str] = "缺卡"
    column: ClassVar[str] = "fine"
    any_of: ClassVar[tuple[str, ...]] = ("amount", "points", "counts_as")

    free_per_month: int = param(count, "每月免罚次数", default=0)
    amount: Decimal | None = param(money, "每次金额", blank=True, default=None)
    points: Decimal | None = param(factor, "每次扣分", blank=True, default=None)
    counts_as: PunchCountsAs | None = param(Nested(PunchCountsAs), "算作缺勤或旷工", default=None)

    def __post_init__(self) -> None:
        if self.amount is not None and self.points is not None:
            raise ParamError("amount、points 只能给出一项")

    def charge(self, missed: Sequence[date], first: date, last: date) -> Charge:
        """What the month's missing punches cost, a day for each; only those from `first` to `last` do."""
        amount, points, steps, last_on = Decimal(0), Decimal(0), [], None
        for rank, on in enumerate(missed, 1):
            if not first <= on <= last or self._is_absence(rank):
                continue
            last_on, words = on, f"{on:%m-%d}缺卡，当月第{rank}次"
            if rank <= self.free_per_month:
                steps.append(f"{words}：每月前{self.free_per_month}次免罚")
                continue
            amount += self.amount or Decimal(0)
            points += self.points or Decimal(0)
            cost = f"扣{plain(self.points)}分" if self.points else f"{self.amount or 0}元"
            steps.append(f"{words}：{cost}")
        return Charge(-to_fen(amount), tuple(steps), points=points, last_on=last_on)

    def absences(self, missed: Sequence[date], first: date, last: date) -> list[Absent]:
        """The missing punches from `first` to `last` that count as absence; `missed` as for `charge`."""
        if self.counts_as is None:
            return []
        category, days = ABSENCES[self.counts_as.as_], self.counts_as.days
        return [
            Absent(on, days, category, f"当月第{rank}次缺卡")
            for rank, on in enumerate(missed, 1)
            if first <= on <= last and self._is_absence(rank)
        ]

    def _is_absence(self, rank: int) -> bool:
        return self.counts_as is not None and rank > self.free_per_month and rank >= self.counts_as.from_count

    def in_words(self) -> str:
        words = [f"每月前{self.free_per_month}次免罚"] if self.free_per_month else []
        if self.points is not None:
            words.append(f"每次扣{in_points(self.points)}")
        elif self.amount is not None or self.counts_as is None:
            words.append(f"每次罚{in_yuan(self.amount)}")
        if self.counts_as is not None:
            over = self.counts_as
            words.append(f"当月第{over.from_count}次起每次算{ABSENCE_LABELS[over.as_]}{plain(over.days)}天")
        return "，".join(words)
