"""The file in which the tax bureau says what it reckoned, read to the fen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from io import BytesIO
from typing import Any

import python_calamine

from core.money import ZERO
from payroll.errors import FilingRefused
from payroll.filings.layouts import Layout
from payroll.models import Withholding
from people.documents import tidy_number
from sheets import values
from sheets.errors import CellError, SheetError
from sheets.profiles import header_key
from sheets.reading import Row, open_source

MAX_BYTES = 20 << 20
HEADER_WITHIN = 10  # rows
MOST = Decimal(10**9)  # yuan of one person: more is a number that slipped into the column
NEEDED = ("name", "document", "tax")
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ITEMS = {Withholding.Kind.WAGES: "正常工资薪金", Withholding.Kind.BONUS: "全年一次性奖金"}


@dataclass(frozen=True, slots=True)
class ReadPerson:
    """One row of the file: figures by their source in the layout, in yuan."""

    name: str
    document: str
    figures: Mapping[str, Decimal]


@dataclass(slots=True)
class ReadFile:
    """The people of a file by the number of their document, and how many rows were of other income."""

    digest: str
    people: dict[str, ReadPerson] = field(default_factory=dict)
    others: int = 0


def result_read(content: bytes, layout: Layout, *, kind: str, month: date) -> ReadFile:
    """Read an export of the bureau's program: .xlsx, .xls or CSV.

    FilingRefused for a file above 20 MB, for what is no such file, a cell that is no amount, a person who
    stands there twice, and the file of another month. Rows of other kinds of income are counted and left out.
    """
    if len(content) > MAX_BYTES:
        raise FilingRefused(f"文件超过{MAX_BYTES >> 20}MB", "请只导出一个月的税款计算", field="file")
    try:
        return _read(ReadFile(sha256(content).hexdigest()), _rows(content), layout, kind, month)
    except SheetError as error:
        reason, _, remedy = str(error).partition("。")
        raise FilingRefused(reason, remedy.rstrip("。"), field="file") from error


def _rows(content: bytes) -> Iterator[tuple[int, Row]]:
    """Numbered rows. The bureau's program still writes old workbooks, which nothing else here reads."""
    stream = BytesIO(content)
    if not content.startswith(OLD_WORKBOOK):
        yield from open_source(stream, max_bytes=MAX_BYTES).rows()
        return
    try:
        sheet = python_calamine.CalamineWorkbook.from_filelike(stream).get_sheet_by_index(0)
        yield from enumerate(sheet.to_python(), 1)
    except (python_calamine.CalamineError, ValueError, OSError, IndexError) as error:
        raise SheetError("打不开这个 .xls 文件。请用表格软件另存为 .xlsx 再上传。") from error


def _read(
    found: ReadFile, rows: Iterator[tuple[int, Row]], layout: Layout, kind: str, month: date
) -> ReadFile:
    places = _header(rows, layout)
    first_rows: dict[str, int] = {}
    for number, row in rows:
        cells = {source: row[place] for source, place in places.items() if place < len(row)}
        name = values.plain(cells.get("name")).strip()
        document = _document(number, cells.get("document"))
        if not document and (not name or "合计" in name or "总计" in name):
            continue
        if not document:
            raise FilingRefused(f"第{number}行没有证件号码", "请从扣缴端重新导出", field="file")
        if not _is_of(cells.get("item"), kind):
            found.others += 1
            continue
        _check_month(number, cells.get("since"), month)
        if document in first_rows:
            told = f"第{number}行与第{first_rows[document]}行是同一个证件号码"
            raise FilingRefused(told, "请只留一行，或从扣缴端按所得项目重新导出", field="file")
        first_rows[document] = number
        found.people[document] = ReadPerson(name, document, _figures(number, cells, layout))
    return found


def _header(rows: Iterator[tuple[int, Row]], layout: Layout) -> dict[str, int]:
    """The places of the columns; the rows are left standing below the header."""
    sources = {
        header_key(name): column.source
        for column in layout.columns
        for name in (column.header, *column.names)
    }
    for number, row in rows:
        places: dict[str, int] = {}
        for place, cell in enumerate(row):
            source = sources.get(header_key(cell))
            if source is not None:
                places.setdefault(source, place)
        if all(each in places for each in NEEDED):
            return places
        if number >= HEADER_WITHIN:
            break
    names = "、".join(column.header for column in layout.columns if column.source in NEEDED)
    raise FilingRefused(
        f"没有找到表头：前{HEADER_WITHIN}行里没有同时写着{names}的一行",
        "请从扣缴端“税款计算”导出，不要改动表头",
        field="file",
    )


def _document(number: int, cell: Any) -> str:
    try:
        return tidy_number(values.order_no(cell) or "")
    except CellError as error:
        raise _refused(number, "证件号码", error) from error


def _is_of(cell: Any, kind: str) -> bool:
    item = values.plain(cell).strip()
    return not item or ITEMS[Withholding.Kind(kind)] in item


def _check_month(number: int, cell: Any, month: date) -> None:
    if cell is None or not values.plain(cell).strip():
        return
    try:
        day = values.day(cell)
    except CellError as error:
        raise _refused(number, "税款所属期起", error) from error
    if day is not None and (day.year, day.month) != (month.year, month.month):
        raise FilingRefused(
            f"文件是{day:%Y年%m月}的，这里是{month:%Y年%m月}",
            "请选对税款所属期的文件，或到那个月的页面上传",
            field="file",
        )


def _figures(number: int, cells: Mapping[str, Any], layout: Layout) -> dict[str, Decimal]:
    figures = {}
    for column in layout.columns:
        if column.format == "amount" and column.source in cells:
            try:
                amount = values.signed_money(cells[column.source])
            except CellError as error:
                raise _refused(number, column.header, error) from error
            if amount is not None and abs(amount) >= MOST:
                raise FilingRefused(
                    f"第{number}行的{column.header}是{amount}元，不会有这么大的金额",
                    "请从扣缴端重新导出，不要改动",
                    field="file",
                )
            figures[column.source] = ZERO if amount is None else amount
    return figures


def _refused(number: int, header: str, error: CellError) -> FilingRefused:
    return FilingRefused(f"第{number}行的{header}{error.message}", error.remedy, field="file")
