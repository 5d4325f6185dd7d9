"""Cells that say more than their value: one without a value, one whose number is shown by a format."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# What Excel and WPS show where a formula failed; newer versions have more.
ERROR_VALUES = frozenset(
    {"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!"}
    | {
        "#GETTING_DATA",
        "#BLOCKED!",
        "#CONNECT!",
        "#UNKNOWN!",
        "#BUSY!",
        "#PYTHON!",
        "#EXTERNAL!",
        "#TIMEOUT!",
    }
)


# What a cell of each type holds, in words that follow 请直接填.
FORMS: Mapping[str, str] = {
    "text": "内容",
    "order_no": "编号",
    "long_number": "号码（文本格式）",
    "money": "金额，例如 1234.50",
    "signed_money": "金额，例如 1234.50",
    "decimal": "数字，例如 0.5",
    "count": "整数，例如 12",
    "quantity": "数字，例如 0.5",
    "seconds": "秒数，例如 25",
    "percent": "百分数，例如 72.41%",
    "metric_value": "数值，例如 72.41% 或 25",
    "date": "日期，例如 2020-02-21",
    "datetime": "时间，例如 2020-02-21 13:05",
    "datetime_or_serial": "时间，例如 2020-02-21 13:05",
    "month": "月份，例如 2020-02",
    "date_range": "日期范围，例如 2020-02-01~2020-02-29",
    "bool": "是 或 否",
    "choice": "内容",
}


@dataclass(frozen=True)
class Fault:
    """A cell without a value: an error of the spreadsheet program (`error`, as it is shown), or, without
    one, a formula whose result no program has stored. Never a blank, never a zero."""

    error: str = ""

    def __str__(self) -> str:
        return self.error or "（没有结果的公式）"

    def message(self, cell: str) -> str:
        """What is wrong with the cell of that name (E2), to stand behind the name of its column."""
        if self.error:
            return f"是错误值（单元格 {cell}）"
        return f"公式没有算出结果（单元格 {cell}）"

    def remedy(self, form: str, *, is_needed: bool) -> str:
        """What to do; `form` says what the column holds: 金额，例如 1234.50."""
        blank = "" if is_needed else "，没有就清空这一格"
        if self.error:
            return f"请改正公式，或者直接填{form}{blank}"
        return f"请从算出它的程序重新导出，或者直接填{form}{blank}"


class ShownNumber(float):
    """A number that its cell shows otherwise than bare: 7 as 0007 or KF007. `code` is the cell's format."""

    __slots__ = ("code", "shown")
    shown: str
    code: str


@dataclass(frozen=True)
class NumberShape:
    """How a format shows a whole number: its places for digits and the text before, between and behind."""

    code: str
    pieces: tuple[str, ...]

    def applied(self, number: float) -> float:
        """The number with what its cell shows, where it is whole, not negative and exact."""
        if not 0 <= number < 10**15 or not number.is_integer():
            return number
        places = [index for index, piece in enumerate(self.pieces) if piece in _PLACES]
        digits = f"{number:.0f}" if number or "0" in self.pieces else ""
        filled = dict(zip(reversed(places), reversed(digits), strict=False))
        if len(digits) > len(places):
            filled[places[0]] = digits[: len(digits) - len(places) + 1]
        shown = ShownNumber(number)
        shown.code = self.code
        shown.shown = "".join(
            filled.get(index, _PLACES[piece]) if piece in _PLACES else piece[1:]
            for index, piece in enumerate(self.pieces)
        )
        return shown


_MEANING = frozenset("ABDEGHMSY")  # letters of a format that are no text: dates, exponents, General
# What a place shows that no digit fills. Text is kept with a mark before it: "'K".
_PLACES = {"0": "0", "#": "", "?": " "}
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]'
    r"|\[(?:Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|Color\s?\d+|黑色|蓝色|青色|绿色|洋红|红色|白色|黄色)\]"
    r"|_(?P<space>.)|\*(?P<filler>.)|(?P<place>[0#?])|(?P<plain>[^\[\].,%@/;A-Za-z])|(?P<letter>[A-Za-z])",
    re.IGNORECASE | re.DOTALL,
)


def shape_of(code: str) -> NumberShape | None:
    """How a number format shows whole numbers; None where it shows them bare, or is for something else.

    Decimals, thousands, percent, dates, conditions and Chinese numerals are something else: such a cell's
    number is its value.
    """
    pieces: list[str] = []
    position = 0
    while position < len(code) and code[position] != ";":
        token = _TOKEN.match(code, position)
        if token is None:
            return None
        position = token.end()
        name, found = token.lastgroup, token[token.lastgroup] if token.lastgroup else ""
        if name == "place":
            pieces.append(found)
        elif name == "letter" and found.upper() in _MEANING:
            return None
        elif name == "space":
            pieces.append("' ")
        elif name and name != "filler" and found:
            pieces.append(f"'{found}")
    places = [piece for piece in pieces if piece in _PLACES]
    has_text = any(piece not in _PLACES and piece != "' " for piece in pieces)
    is_bare = not has_text and places.count("0") < 2
    return None if not places or is_bare else NumberShape(code, tuple(pieces))
