"""Texts that have to fit."""

from collections.abc import Sequence


def shortened(text: str, length: int) -> str:
    """The text, or of a longer one the beginning and an ellipsis: at most `length` characters."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def listed(names: Sequence[str], most: int) -> str:
    """The first `most` names in one phrase, which says so where there are more."""
    return "、".join(names[:most]) + (" 等" if len(names) > most else "")
