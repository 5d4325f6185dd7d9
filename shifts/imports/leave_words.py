"""What the names of leave in files mean: those that everybody knows, and a company's own, asked once."""

from rules.leave_types import LEAVE_LABELS, LEAVE_WORDS
from sheets.questions import Question
from sheets.table import Table
from sheets.values import key_of

OUTING, NO_LEAVE = "outing", "none"
_CHOICES = (
    *LEAVE_LABELS.items(),
    (OUTING, "不算请假，按外出处理（算出勤）"),
    (NO_LEAVE, "不是请假，照打卡算"),
)
_KNOWN = {key_of(word): code for word, code in LEAVE_WORDS.items()}
_LONGEST = 40


class LeaveWords:
    """The names of leave in a table, one question for each that is a company's own."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def of(self, label: str) -> str | None:
        """A type of leave, OUTING or NO_LEAVE; None where `table.check()` will ask for it."""
        key = key_of(label)
        if key in _KNOWN:
            return _KNOWN[key]
        if key in LEAVE_LABELS:
            return key
        return self._table.ask(Question(f"leave_type:{key[:_LONGEST]}", f"“{label}”是哪一种假？", _CHOICES))
