"""The line of a commission, a guarantee or an award, as settlement takes it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rules.kinds.base import Kind
from rules.lines import Line
from rules.provisions import Month, Rule


def pay_line(
    month: Month,
    rule: Rule[Kind],
    amount: Decimal,
    reason: str,
    facts: dict[str, Any],
    steps: Sequence[str],
    carried: Decimal | None = None,
) -> Line:
    """The line of one provision for the month; `facts` and `steps` (the arithmetic) go into its trace."""
    return Line(
        code=rule.code,
        title=rule.title,
        amount=amount,
        column=rule.kind.column,
        basis=rule.basis,
        on=month.last,
        reason=reason,
        trace={"provision": rule.cite(), "facts": facts, "arithmetic": list(steps)},
        provision_id=rule.id,
        carried=carried,
    )
