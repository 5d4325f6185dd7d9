"""What a file is taken for, in words: the same for the page, the API and the commands."""

from sheets.headers import Placed
from sheets.loading import SHEET_KINDS
from sheets.reading import column_letter
from sheets.table import Table

Facts = tuple[tuple[str, str], ...]  # label, value


def recognised(table: Table) -> Facts:
    """Kind and profile, sheet, header row, period, and which column each field is read from."""
    header, profile, source = table.header, table.profile, table.source
    facts = [("识别为", f"{SHEET_KINDS[profile.kind]}：{profile.title}（格式 {profile.name}）")]
    if source.sheet_name:
        others = f"（不读：{'、'.join(source.other_sheets)}）" if source.other_sheets else ""
        facts.append(("工作表", f"{source.sheet_name}{others}"))
    facts.append(("表头", f"第 {header.row_number} 行"))
    if table.period:
        first, last = table.period
        facts.append(("时段", f"{first}" if first == last else f"{first} 至 {last}"))
    columns = [f"{_named(each)}（{_letters(each.parts or (each.index,))} 列）" for each in header.placed]
    facts.append(("读的列", "、".join(columns)))
    return tuple(facts)


def _named(placed: Placed) -> str:
    """The field and the header under which the file has it, once where they are the same."""
    title = placed.column.title
    return title if placed.header == title else f"{title}＝{placed.header}"


def _letters(places: tuple[int, ...]) -> str:
    return "、".join(column_letter(place + 1) for place in places)
