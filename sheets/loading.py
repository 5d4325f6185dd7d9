"""What a loader makes of a table: the kinds of spreadsheets, and what came of one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sheets.table import Table

# The kinds of spreadsheets; profiles, loaders, batches and pages name them by these codes.
SHEET_KINDS = {
    "staff": "员工",
    "orders": "订单",
    "attribution": "订单归属",
    "attendance": "考勤",
    "leave": "请假",
    "metrics": "指标",
    "incidents": "奖惩记录",
    "opening": "期初余额",
    "bases": "缴费基数",
    "deductions": "专项附加扣除",
    "tax_openings": "个税期初",
}


@dataclass(frozen=True)
class Summary:
    """What a loader did with a table.

    `months` (any day of each) are those whose facts changed; `notes` tell people what they should look at
    (conflicts, rows left out on purpose), in Chinese. `totals` are what the file comes to in money and days:
    (label, value) in the order in which they are shown, such as ("净额", "1,234.50 元").
    """

    rows: int
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    months: frozenset[date] = frozenset()
    notes: tuple[str, ...] = ()
    totals: tuple[tuple[str, str], ...] = ()


Load = Callable[[Table], Summary]
