"""How a fine is collected: through pay, or in cash with a due date, a price of being late and then pay."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.money import plain
from rules.kinds.params import Choice, ParamError, count, number, param, read_params

BY_LABELS = {"payroll": "随工资扣", "cash": "现金交到基金箱"}
THEN_LABELS = {"payroll": "随工资扣"}
LONGEST = 60  # days: what is settled a month later than its fine is still told from it
MOST = Decimal(10)


def _days(raw: Any, path: str, blanks: list[str]) -> int:
    value = count(raw, path, blanks)
    if value > LONGEST:
        raise ParamError(f"{path}：期限最长{LONGEST}天；现为 {raw}")
    return value


def _multiple(raw: Any, path: str, blanks: list[str]) -> Decimal:
    value = number(raw, path, blanks)
    if not 1 <= value <= MOST or value != round(value, 2):
        raise ParamError(f"{path}：倍数应在1与{MOST}之间，最多两位小数；现为 {raw}")
    return value


@dataclass(frozen=True, kw_only=True)
class Collection:
    """What stands under a provision's `collection`.

    Cash is due `due_days` after the day from which the fine counts; what is still owed then is owed
    `overdue_multiplier` times, and is taken by the pay of the month in which it became due.
    """

    by: str = param(Choice(BY_LABELS), "收取方式", default="payroll")
    due_days: int = param(_days, "几天内交清", default=0)
    overdue_multiplier: Decimal = param(_multiple, "逾期倍数", default=Decimal(1))
    then: str = param(Choice(THEN_LABELS), "逾期未交", default="payroll")

    @property
    def is_cash(self) -> bool:
        return self.by == "cash"

    def in_words(self) -> str:
        """One Chinese phrase; empty where fines go the usual way, through pay."""
        if not self.is_cash:
            return ""
        due = f"{self.due_days}天内" if self.due_days else "当天"
        more = "" if self.overdue_multiplier == 1 else f"逾期按{plain(self.overdue_multiplier)}倍，"
        return f"现金{due}交到基金箱，{more}到期未交的随工资扣"


PAYROLL = Collection()


def collection_of(raw: Any) -> Collection:
    """The collection as stored: `payroll`, `cash` or a map; nothing stored is payroll. ParamError else."""
    if raw in (None, "", {}):
        return PAYROLL
    fields = {"by": raw} if isinstance(raw, str) else raw
    if not isinstance(fields, Mapping):
        raise ParamError(f"collection 应为 payroll、cash 或键值表，现为 {raw!r}")
    return read_params(Collection, fields, "collection")[0]
