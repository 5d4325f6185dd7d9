"""Money in yuan: exact decimals, rounded half up to the fen, once per line."""

from collections.abc import Mapping
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TypeVar

FEN = Decimal("0.01")
ZERO = Decimal("0.00")

Key = TypeVar("Key")


def to_fen(amount: Decimal) -> Decimal:
    """`amount` in yuan rounded half up to two places (away from zero at the half)."""
    return amount.quantize(FEN, rounding=ROUND_HALF_UP)


def split(
    total: Decimal, weights: Mapping[Key, Decimal], *, rest_to_last: bool = False
) -> dict[Key, Decimal]:
    """Split `total` yuan in proportion to `weights`; the parts sum to `total`.

    The fen left over by rounding down go to the largest remainders, ties in the order of `weights`
    (callers give it by staff number); with `rest_to_last` all of them go to the last key.
    Raises ValueError where the weights do not sum to more than zero.
    """
    weight_sum = sum(weights.values(), Decimal(0))
    if weight_sum <= 0:
        raise ValueError("weights must sum to more than zero")
    exact = {key: total * weight / weight_sum for key, weight in weights.items()}
    parts = {key: share.quantize(FEN, rounding=ROUND_DOWN) for key, share in exact.items()}
    rest = int((total - sum(parts.values())) / FEN)
    if rest_to_last:
        last = list(parts)[-1]
        parts[last] += rest * FEN
        return parts
    step = FEN if rest >= 0 else -FEN
    by_remainder = sorted(parts, key=lambda key: abs(exact[key] - parts[key]), reverse=True)
    for key in by_remainder[: abs(rest)]:
        parts[key] += step
    return parts


def plain(number: Decimal) -> str:
    """`number` as people write it: no exponent, no superfluous zeros (`1.50` → `1.5`)."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=1024)
def percent(rate: Decimal) -> str:
    """A rate as a percentage: 0.015 → `1.5%`."""
    return f"{plain(rate * 100)}%"
