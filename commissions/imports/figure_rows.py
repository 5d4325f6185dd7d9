"""Rows of a table of metrics that name nobody: figures of the whole department."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from commissions.errors import FigureRefused
from commissions.figures import FigureValue, figure_code
from commissions.metrics import LARGEST
from core.money import plain
from core.periods import last_of
from rules.kinds.labels import figure_label
from sheets.questions import Question
from sheets.table import Table

SHOWN = 10  # figures that the report lists
OURS, FORGOTTEN = "department", "person"


def is_of_department(table: Table, row: int, given: Mapping[str, Any]) -> bool:
    """Whether rows that name nobody are the department's figures, as somebody says; asked once."""
    label = figure_label(given["metric"])
    question = Question(
        "nobody:figures",
        "有没写工号也没写名字的行。是全部门的数字（毛利、推广费），还是漏写了？",
        ((OURS, "是部门的数字"), (FORGOTTEN, "是漏写了工号，不导入这份文件")),
        samples=(f"{table.place_of(row)}：{given['month']:%Y年%m月} {label} {given['value']}",),
        is_kept=False,
    )
    return table.ask(question) != FORGOTTEN


def figure_add(
    table: Table, row: int, given: Mapping[str, Any], as_of: date | None, figures: list[FigureValue]
) -> None:
    """Add a row's figure to `figures`; recorded where it cannot be one, or contradicts another row."""
    month: date = given["month"]
    try:
        code = figure_code(given["metric"])
    except FigureRefused as refused:
        table.add_error(row, "metric", refused.reason, refused.remedy, given["metric"])
        return
    holds, source = given["as_of"] or as_of or last_of(month), given["source"] or table.profile.title
    figure = FigureValue(month, code, Decimal(given["value"]), holds, source)
    other = next((each for each in figures if (each.month, each.code) == (month, code)), None)
    if not abs(figure.value) < LARGEST:
        table.add_error(row, "value", "数值太大", "请检查是否多写了几位", figure.value)
    elif other is None:
        figures.append(figure)
    elif other.stored_value != figure.stored_value:
        message = f"同一月的{figure_label(code)}写了两个数，另一个是 {plain(other.value)}"
        table.add_error(row, "value", message, "请只留一个", figure.value)


def figures_told(figures: Sequence[FigureValue]) -> Iterator[tuple[str, str]]:
    """The department's figures with their values."""
    for each in figures[:SHOWN]:
        yield f"部门数字 {figure_label(each.code)}", f"{each.month:%Y年%m月} {plain(each.value)}"
