"""Paid orders that nobody has, and why: the stored reason, else what their remarks lack."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from commissions.order_sums import moment
from core.money import plain
from core.periods import shift_months
from people.models import Department

# In the order in which they are told. What is in the remark decides, as attribution reads it.
REASONS = {
    "none": "备注里没有工号",
    "unknown": "备注里的号码不是任何人的工号",
    "letters": "备注里的号码带字母，不是任何人的工号",
    "two": "备注里有两个工号",
    "away": "备注里的人付款当天不在职",
    "unmarked": "备注里有人，但没有要求的标记",
    "file_two": "归属表里有两个人",
}

# A remark is folded as there: full-width is half-width, letters in either case, marks between them nothing,
# so that 10-01 is not the number 1001.
_FIND = r"""
SELECT reason, count(*), sum(amount) FROM (
    SELECT amount, CASE
        WHEN stored.reason IN ('away', 'unmarked', 'file_two') THEN stored.reason
        WHEN attribution = 'conflict' THEN 'two'
        WHEN folded !~ '[0-9]' THEN 'none'
        WHEN EXISTS (
            SELECT FROM people_staff staff
            WHERE staff.department_id = stored.department_id
                AND regexp_replace(lower(normalize(staff.number, NFKC)), '[-_.]', '', 'g') IN (
                    SELECT run[1] FROM regexp_matches(folded, '[0-9]+', 'g') AS run
                    UNION ALL
                    SELECT run[1] FROM regexp_matches(folded, '[0-9a-z]+', 'g') AS run
                    UNION ALL
                    SELECT word FROM regexp_matches(folded, '[0-9a-z]+(?:[-_.][0-9a-z]+)+', 'g') AS run,
                        regexp_replace(run[1], '[-_.]', '', 'g') AS word
                    WHERE word ~ '[a-z]'
                )
        ) THEN 'away'
        WHEN folded ~ '[a-z][-_.]?[0-9]|[0-9][-_.]?[a-z]' THEN 'letters'
        ELSE 'unknown'
    END AS reason
    FROM commissions_order stored
    CROSS JOIN LATERAL (SELECT lower(normalize(remark, NFKC)) AS folded) AS plain
    WHERE department_id = %(department)s AND paid_at >= %(begin)s AND paid_at < %(end)s
        AND agent_id IS NULL
) unowned GROUP BY reason
"""


@dataclass(frozen=True, slots=True)
class Unowned:
    """Paid orders of a month that are nobody's for one reason; the amount in yuan as paid."""

    reason: str
    orders: int
    amount: Decimal

    @property
    def words(self) -> str:
        return f"{REASONS[self.reason]}{self.orders}单"


def unowned_of(department: Department | int, month: date) -> list[Unowned]:
    """The month's paid orders without an agent, by reason; one query."""
    given: dict[str, Any] = {
        "department": department.pk if isinstance(department, Department) else department,
        "begin": moment(month),
        "end": moment(shift_months(month, 1)),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIND, given)
        found = {reason: Unowned(reason, orders, amount) for reason, orders, amount in cursor.fetchall()}
    return [found[reason] for reason in REASONS if reason in found]


def unowned_words(department: Department | int, month: date) -> str:
    """How many paid orders of the month nobody has, and why; empty where somebody has each."""
    found = unowned_of(department, month)
    if not found:
        return ""
    orders, amount = sum(each.orders for each in found), sum(each.amount for each in found)
    reasons = "、".join(each.words for each in found)
    return f"{orders}单、付款{plain(Decimal(amount))}元没有归属，不计入任何人的提成：{reasons}"
