"""What people are told when an order, a refund or a metric is refused."""

from collections.abc import Mapping

from core.errors import Refused


class CommissionRefused(Refused):
    """The fact is refused and nothing changed; the message (Chinese) says why and what to do."""


class OrdersRefused(CommissionRefused):
    """Some of many orders are refused and none was stored; `refusals` by their position from 0."""

    def __init__(self, refusals: Mapping[int, CommissionRefused]) -> None:
        self.refusals = dict(refusals)
        super().__init__("\n".join(f"第{index + 1}条：{error}" for index, error in self.refusals.items()))
