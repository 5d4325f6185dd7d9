"""What the state of an order means: it counts, it is not paid yet, or it was closed and earns nothing."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from core.money import plain as in_words
from sheets.questions import LONGEST_KEY, Question
from sheets.table import Table
from sheets.values import key_of, plain

COUNTS, UNPAID, CLOSED = "counts", "unpaid", "closed"
_MEANINGS = ((COUNTS, "算成交"), (UNPAID, "还没有付款，不算"), (CLOSED, "已关闭或已退款，不算"))
_COMMON = Path(__file__).with_name("states.yaml")
_NOTHING = frozenset(("", "-", "--", "/", "无", "null", "none", "nan"))


@cache
def _common() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """What states mean everywhere: column → meaning → states."""
    found: dict[str, dict[str, list[str]]] = yaml.safe_load(_COMMON.read_text(encoding="utf-8"))
    return found


class State:
    """A state as the file writes it: what it means (None while nobody has said), and what fell under it."""

    __slots__ = ("is_answered", "meaning", "money", "rows", "text")

    def __init__(self, text: str, meaning: str | None) -> None:
        self.text = text
        self.meaning = meaning
        self.is_answered = False
        self.rows = 0
        self.money = Decimal(0)

    def count(self, amount: Decimal) -> None:
        self.rows += 1
        self.money += amount


class States(dict[Any, State]):
    """Cell → State, by the profile's map (meaning → states, also as patterns), by what states mean
    everywhere, and by what was answered before.

    `column` is `states` or `after_sales`; `prefix` begins the keys of the questions.
    """

    def __init__(self, table: Table, column: str, *, prefix: str, what: str) -> None:
        super().__init__()
        own, common = table.profile.rules.get(column, {}), _common()[column]
        self.table = table
        self.prefix = prefix
        self.what = what
        self._patterns = [
            (key_of(each), meaning)
            for known in (own, common)
            for meaning, states in known.items()
            for each in states
        ]
        self._exact = dict(reversed(self._patterns))
        self._by_text: dict[str, State] = {}

    def __missing__(self, cell: Any) -> State:
        text = " ".join(plain(cell).split())
        state = self._by_text.get(text)
        if state is None:
            state = self._by_text[text] = State(text, self._known(text))
            answer = self.table.answers.get(self._key(text))
            if state.meaning is None and answer in dict(_MEANINGS):
                state.meaning, state.is_answered = answer, True
        return self.setdefault(cell, state)

    def _known(self, text: str) -> str | None:
        key = key_of(text)
        if key in _NOTHING:
            return COUNTS
        return self._exact.get(key) or next(
            (meaning for pattern, meaning in self._patterns if "*" in pattern and fnmatchcase(key, pattern)),
            None,
        )

    def ask(self) -> None:
        """Ask about every state that the profile does not know and that somebody paid under."""
        for state in self._by_text.values():
            if (state.meaning is None and state.rows) or state.is_answered:
                samples = (f"{state.rows} 行，{in_words(state.money)} 元",) if state.rows else ()
                key, text = self._key(state.text), f"{self.what}“{state.text}”算不算成交？"
                self.table.ask(Question(key, text, _MEANINGS, samples))

    def _key(self, text: str) -> str:
        return f"{self.prefix}:{text}"[:LONGEST_KEY]

    def left_out(self) -> Iterator[State]:
        """The states that earn nothing and that the file has orders under."""
        for state in self._by_text.values():
            if state.rows and state.meaning in (UNPAID, CLOSED):
                yield state
