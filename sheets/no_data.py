"""Rows below a header that are no data: totals, who made the table, the header again, prepared blanks.

Every kind of file may have them. `reason_of` is asked only about rows that do not look like data at the
first glance (`Table` decides that cheaply), so it may take its time.
"""

import re

from sheets.headers import Header
from sheets.reading import Row
from sheets.values import key_of, plain

TOTALS = frozenset(
    {"合计", "总计", "小计", "汇总", "均值", "平均", "平均值", "平均数", "总和", "共计", "累计", "总合计"}
    | {"合计值", "总计值", "本页合计", "本页小计", "全部合计", "部门合计", "部门小计", "小组合计", "团队合计"}
    | {"total", "totals", "subtotal", "sum", "average", "Total", "TOTAL"}
)
_TOTAL = re.compile("(?:" + "|".join(sorted(TOTALS, key=len, reverse=True)) + r")(?:[\d(:].*)?").fullmatch
_SIGNED = re.compile(
    r"(?:制表|填表|填报|编制|统计|审核|复核|审批|批准|核准|经办|负责|签字|签名|签章|盖章|打印|导出|生成|报表生成|确认)"
    r"(?:人|者|员|日期|时间|部门|单位|处)?(?:签字|签名)?:.*"
    r"|(?:制表|填表|填报|编制|审核|复核|审批|批准|核准|经办)(?:人|日期|时间)?"
    r"|(?:备注|说明|注|附注|备注说明):.*"
).fullmatch
_COUNTED = re.compile(r"\d+(?:\.\d+)?[人名位条笔单个件行天元]").fullmatch
_NUMBERED = frozenset(("序号", "编号", "行号", "no", "no.", "#", "序", "序列", ""))
_NOTHING = frozenset(("", "0", "0.0", "0.00", "-", "--", "/"))


def reason_of(row: Row, header: Header, identity: int | None) -> str | None:
    """Why the row is no data, in words for the report; None where it is data or may be.

    `identity` is the place of the cell that says what the row is about (number, order).
    """
    keys = [key_of(cell) for cell in row]
    filled = [key for key in keys if key]
    if not filled:
        return "只有空格的行"
    if plain(row[0]).startswith("#"):
        return "以 # 开头的行"
    said = keys[identity] if identity is not None and identity < len(keys) else ""
    if is_total(filled[0]) or is_total(said) or (_is_no_one(said) and any(map(is_total, filled))):
        return "合计行"
    if _SIGNED(filled[0]) and (not said or said == filled[0]):
        return "制表、审核等说明行"
    if any(_repeats(keys, names) for names in header.repeats):
        return "重复的表头行"
    if not said and all(
        key in _NOTHING for index, key in enumerate(keys) if _name(header, index) not in _NUMBERED
    ):
        return "只有序号的空行"
    return None


def is_total(key: str) -> bool:
    """Whether a cell (as `key_of` gives it) stands before a total: 合计、小计：3、均值."""
    return bool(key) and bool(_TOTAL(key))


def _is_no_one(said: str) -> bool:
    return not said or said in _NOTHING or bool(_COUNTED(said))


def _repeats(keys: list[str], names: tuple[str, ...]) -> bool:
    """Whether every filled cell is the header above it, and there are at least two."""
    pairs = [
        (key, name)
        for key, name in zip(keys, (*names, *[""] * (len(keys) - len(names))), strict=False)
        if key
    ]
    return len(pairs) > 1 and all(key.rstrip("*") == name for key, name in pairs)


def _name(header: Header, index: int) -> str:
    return header.repeats[-1][index] if index < len(header.repeats[-1]) else "-"
