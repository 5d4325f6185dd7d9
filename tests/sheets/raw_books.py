"""Workbooks written as XML, for cells that no library writes."""

import io
import zipfile
from collections.abc import Sequence

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DATE, MOMENT, PADDED, PREFIXED, CHINESE, FLOWERY = 1, 2, 3, 4, 5, 6
_STYLES = (
    '<numFmts><numFmt numFmtId="200" formatCode="0000"/>'
    '<numFmt numFmtId="201" formatCode="&quot;KF&quot;000"/></numFmts><cellXfs>'
    + "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 22, 200, 201, 31, 57))
    + "</cellXfs>"
)
_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)


class Raw(str):
    """The rest of a cell as XML, its attributes first: `t="e"><v>#N/A</v>`."""


def error(value: str) -> Raw:
    return Raw(f' t="e"><f>1</f><v>{value}</v>')


def number(value: str, style: int = 0) -> Raw:
    return Raw(f' s="{style}"><v>{value}</v>')


def formula(text: str, result: str = "<v></v>") -> Raw:
    return Raw(f"><f>{text}</f>{result}")


def sheet_xml(rows: Sequence[Sequence[object]], merges: Sequence[str] = ()) -> str:
    data = "".join(
        f'<row r="{row}">{"".join(_cell(row, place, value) for place, value in enumerate(cells))}</row>'
        for row, cells in enumerate(rows, 1)
    )
    merged = "".join(f'<mergeCell ref="{each}"/>' for each in merges)
    return in_sheet(data, f"<mergeCells>{merged}</mergeCells>" if merges else "")


def in_sheet(rows: str, behind: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{behind}</worksheet>'


def book(*sheets: str, calc: str = "", app: str = "Microsoft Excel") -> io.BytesIO:
    """A workbook of these worksheets, named 表1, 表2 and so on."""
    every = range(1, len(sheets) + 1)
    listed = "".join(f'<sheet name="表{n}" sheetId="{n}" r:id="rId{n}"/>' for n in every)
    workbook = f'<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets>{calc}</workbook>'
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _links({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": workbook,
        "xl/_rels/workbook.xml.rels": _links(
            {f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in every}
            | {"rIdStyles": ("styles", "styles.xml")}
        ),
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{_STYLES}</styleSheet>',
        "docProps/app.xml": f"<Properties><Application>{app}</Application></Properties>",
    } | {f"xl/worksheets/sheet{n}.xml": xml for n, xml in enumerate(sheets, 1)}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    stream.seek(0)
    return stream


def _cell(row: int, column: int, value: object) -> str:
    name = f"{chr(65 + column)}{row}"
    if isinstance(value, Raw):
        return f'<c r="{name}"{value}</c>'
    if isinstance(value, str):
        text = f'<is><t xml:space="preserve">{value}</t></is>'
        return f'<c r="{name}" t="inlineStr">{text}</c>' if value else ""
    return f'<c r="{name}"><v>{value}</v></c>'


def _links(targets: dict[str, tuple[str, str]]) -> str:
    links = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'
