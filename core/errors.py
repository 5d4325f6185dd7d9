"""What every app's refusals have in common."""

from collections.abc import Mapping


class Refused(ValueError):
    """A service refuses and has changed nothing: why (`reason`), and what to do (`remedy`), in Chinese.

    Both may be given in one text, with a semicolon between them; as text they stand so. `field` names what
    was given wrong, where it is one thing. Each app has subclasses of its own, one a noun
    (`<app>/errors.py`), so that a caller catches what it can answer and nothing else.
    """

    def __init__(self, reason: str, remedy: str = "", *, field: str = "") -> None:
        if not remedy:
            reason, _, remedy = reason.partition("；")
        super().__init__(f"{reason}；{remedy}" if remedy else reason)
        self.reason = reason
        self.remedy = remedy
        self.field = field


class ManyRefused(Refused):
    """Some of many rows are refused and none was stored; `refusals` by their position from 0."""

    def __init__(self, refusals: Mapping[int, Refused]) -> None:
        self.refusals = dict(refusals)
        super().__init__("\n".join(f"第{index + 1}条：{error}" for index, error in self.refusals.items()))
