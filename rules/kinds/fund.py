"""The department's fund: where fines go, and which of them."""

from dataclasses import dataclass
from typing import ClassVar

from rules.kinds.attendance import Punctuality
from rules.kinds.base import Kind


@dataclass(frozen=True, kw_only=True)
class Fund(Kind):
    """Fines belong to the department (s000-01-17, s000-03-16, s000-06-16): cash at once, pay when it is paid.

    Only what is fined by the occurrence; a share of pay that is withheld is no fine (s000-06-16).
    """

    name: ClassVar[str] = "fund"
    label: ClassVar[str] = "基金箱"

    def in_words(self) -> str:
        return "罚款归部门基金箱：现金交的收到时入账，随工资扣的发放时入账；按工资比例扣的不入"


def is_fined_by_occurrence(kind: Kind) -> bool:
    """Whether what a provision takes is a fixed amount for each occurrence."""
    if isinstance(kind, Punctuality):
        return kind.points is None and all(tier.rate is None for tier in kind.tiers or ())
    return kind.takes_cash
