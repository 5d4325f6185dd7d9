"""What goes wrong with a spreadsheet, in words for the person who brought it."""

from collections.abc import Sequence
from dataclasses import dataclass


class SheetError(Exception):
    """The file as a whole cannot be used. The message is Chinese and names the remedy."""


class CellError(ValueError):
    """One value cannot be read: what is wrong (``message``) and what to do about it (``remedy``)."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}：{remedy}")
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True)
class RowError:
    """One bad cell. ``row`` is the row number that a spreadsheet program shows; ``column`` its header;
    ``index`` where it stands in its row (from 0), None where the file has no such column; ``place`` says
    where the row is, with its sheet where several are read."""

    row: int
    column: str
    message: str
    remedy: str
    value: str = ""
    index: int | None = None
    place: str = ""

    @property
    def told(self) -> str:
        """What is wrong, for somebody who sees the row."""
        shown = f"（{self.value}）" if self.value else ""
        return f"「{self.column}」{shown}{self.message}；{self.remedy}"

    def __str__(self) -> str:
        return f"{self.place or f'第 {self.row} 行'}{self.told}"


class SheetErrors(SheetError):
    """The bad rows of a file, in the order of the file. Nothing of the file may be stored."""

    def __init__(self, errors: Sequence[RowError], *, complete: bool = True) -> None:
        self.errors = tuple(errors)
        self.complete = complete
        tail = "" if complete else "\n错误太多，只列出以上各处；请先改正再重新导入。"
        head = f"文件里有 {len(self.errors)} 处错误，没有导入任何数据：\n"
        super().__init__(head + "\n".join(map(str, self.errors)) + tail)
