"""What a column of money means, checked against the others of the row and asked where they do not agree."""

from collections import defaultdict
from decimal import Decimal

from sheets.questions import Question
from sheets.table import Table

GROSS, KEPT, EACH = "gross", "kept", "each"
_SAMPLES = 3


class MoneyReading:
    """Whether paid amounts are what the buyer paid (gross) or what the shop kept of it, refunds taken off.

    The profile says which; a row that it cannot be for makes it a question, one for each shop.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.default = table.profile.rules["paid_amount"]
        # By shop: rows that cannot be as the profile says, and others with a refund.
        self._samples: dict[str, list[str]] = defaultdict(list)
        self._others: dict[str, list[str]] = defaultdict(list)

    def paid(
        self, row: int, shop: str, order: str, amount: Decimal, refund: Decimal, most: Decimal | None
    ) -> Decimal | None:
        """What the buyer paid, from a row with a refund; None where the row cannot be right.

        `most` is what the order came to at most, None where the file does not say.
        """
        may_be = {
            KEPT: most is None or amount + refund <= most,
            GROSS: refund <= amount and (most is None or amount <= most),
        }
        other = GROSS if self.default == KEPT else KEPT
        is_in_doubt = not may_be[self.default] and may_be[other]
        samples = self._samples if is_in_doubt else self._others
        if len(samples[shop]) < _SAMPLES:
            samples[shop].append(self._sample(row, order, amount, refund, most))
        said = self.table.answers.get(self._key(shop), "")
        if is_in_doubt and said not in (GROSS, KEPT, EACH):
            return amount + refund  # while it is asked nothing is stored: any figure will do
        reading = said if said in may_be else self.default
        if said == EACH:
            reading = KEPT if may_be[KEPT] else GROSS
        if not may_be[reading]:
            return None
        return amount + refund if reading == KEPT else amount

    def _key(self, shop: str) -> str:
        return f"money:{shop or self.table.profile.title}:{self.table.header_of('paid_amount')}"

    def _sample(self, row: int, order: str, amount: Decimal, refund: Decimal, most: Decimal | None) -> str:
        """A row worked out under both readings."""
        table = self.table
        paid_name, refund_name = table.header_of("paid_amount"), table.header_of("refund_amount")
        total_name = table.header_of("total_amount")
        kept = f"付 {amount + refund}、退 {refund}、留 {amount}"
        if most is not None and amount + refund > most:
            kept += f"（{amount + refund} 大于{total_name} {most}，不对）"
        gross = f"付 {amount}、退 {refund}、留 {amount - refund}"
        if refund > amount:
            gross += f"（退款大于{paid_name} {amount}，不对）"
        total = "" if most is None else f"「{total_name}」{most}，"
        return (
            f"第 {row} 行订单 {order}：{total}「{paid_name}」{amount}，「{refund_name}」{refund}。"
            f"按买家实付：{gross}；按店铺实收：{kept}"
        )

    def ask(self) -> None:
        """Ask for every shop whose rows cannot all be as the profile says."""
        header = self.table.header_of("paid_amount")
        for shop, doubtful in self._samples.items():
            if not doubtful:
                continue
            samples = [*doubtful, *self._others[shop]][:_SAMPLES]
            named = f"店铺{shop}的" if shop else ""
            self.table.ask(
                Question(
                    self._key(shop),
                    f"{named}「{header}」是买家实付（未减退款），还是店铺实收（已减退款）？几个金额对不上：",
                    (
                        (GROSS, "买家实付，未减退款"),
                        (KEPT, "店铺实收，已减退款"),
                        (EACH, "逐行判断：加上退款不超过订单金额的是店铺实收，否则是买家实付"),
                    ),
                    tuple(samples),
                )
            )
