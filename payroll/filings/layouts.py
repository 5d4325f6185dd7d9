"""Layouts of the files that go to the tax bureau and to banks, as data with the dates of their validity.

One file each under fixtures/layouts/; a changed template is a new file there and no code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from payroll.errors import FilingRefused

LAYOUTS = Path(__file__).resolve().parents[2] / "fixtures" / "layouts"
KINDS = frozenset({"wages", "bonus", "bank", "result"})
# `amount` is a number cell with two decimals, `amount_text` the same as text; `code` keeps every digit.
FORMATS = frozenset({"text", "code", "amount", "amount_text"})
SOURCES = {
    "tax": frozenset({"number", "name", "document_type", "document", "income", "other", "note", "blank"}),
    "bank": frozenset({"position", "account", "holder", "net", "bank", "employer", "day", "remark", "blank"}),
    "result": frozenset(
        {"name", "document", "item", "since", "income", "year_income", "year_allowance"}
        | {"year_contributions", "paid", "tax"}
    ),
}
PREFIXES = {"tax": ("contribution", "deduction"), "bank": ("fixed",), "result": ("deduction",)}
ENCODINGS = frozenset({"gb18030", "utf-8-sig"})
_COLUMN_KEYS = {"header", "names", "source", "format"}
_LAYOUT_KEYS = {"name", "kind", "from", "to", "sheet", "file", "encoding", "document_types", "source", "note"}
_LAYOUT_KEYS |= {"columns"}


class LayoutMistake(Exception):
    """A layout file is wrong: for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class LayoutColumn:
    """One column: its header as the template has it, what stands in it and how.

    `names`: other headers under which it is read.
    """

    header: str
    source: str
    format: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """One file as the tax bureau or a bank takes it, between two days inclusive (`until` None: still)."""

    code: str
    name: str
    kind: str
    since: date
    until: date | None
    columns: tuple[LayoutColumn, ...]
    source: str
    note: str
    sheet: str = ""
    is_csv: bool = False
    encoding: str = "utf-8-sig"
    document_types: Mapping[str, str] = field(default_factory=dict)

    @property
    def suffix(self) -> str:
        return "csv" if self.is_csv else "xlsx"

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


def layout_of(code: str, *kinds: str) -> Layout:
    """The layout of a code, of one of these kinds. FilingRefused where there is none."""
    found = all_layouts().get(code)
    if found is None or found.kind not in kinds:
        raise FilingRefused("没有这种版式", "请从列表里选", field="layout")
    return found


def layouts_on(day: date, *kinds: str) -> list[Layout]:
    """The layouts of these kinds in use on a day, kind by kind as they are named, then by their code."""
    found = [each for each in all_layouts().values() if each.kind in kinds and each.holds_on(day)]
    return sorted(found, key=lambda each: kinds.index(each.kind))


@cache
def all_layouts() -> dict[str, Layout]:
    """Every layout by its code, which is the name of its file; LayoutMistake for one that is wrong."""
    return {path.stem: load_layout(path) for path in sorted(LAYOUTS.glob("*.yaml"))}


def load_layout(path: Path) -> Layout:
    """Read and check one layout file. LayoutMistake names the file and what is wrong."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    _refuse_unknown(path, content, _LAYOUT_KEYS)
    if content["kind"] not in KINDS:
        raise LayoutMistake(f"{path.name}: unknown kind {content['kind']}")
    kind = "tax" if content["kind"] in ("wages", "bonus") else content["kind"]
    columns = tuple(_column(path, kind, entry) for entry in content["columns"])
    encoding = content.get("encoding", "utf-8-sig")
    if encoding not in ENCODINGS:
        raise LayoutMistake(f"{path.name}: unknown encoding {encoding}")
    if len({each.header for each in columns}) < len(columns):
        raise LayoutMistake(f"{path.name}: a header stands twice")
    return Layout(
        code=path.stem,
        name=content["name"],
        kind=content["kind"],
        since=content["from"],
        until=content.get("to"),
        columns=columns,
        source=content["source"],
        note=content["note"],
        sheet=content.get("sheet", ""),
        is_csv=content.get("file") == "csv",
        encoding=encoding,
        document_types=content.get("document_types", {}),
    )


def _column(path: Path, kind: str, entry: Mapping[str, Any]) -> LayoutColumn:
    _refuse_unknown(path, entry, _COLUMN_KEYS)
    source, form = entry["source"], entry["format"]
    if source not in SOURCES[kind] and source.partition(".")[0] not in PREFIXES[kind]:
        raise LayoutMistake(f"{path.name}: {entry['header']} has the unknown source {source}")
    if form not in FORMATS:
        raise LayoutMistake(f"{path.name}: {entry['header']} has the unknown format {form}")
    return LayoutColumn(str(entry["header"]), source, form, tuple(map(str, entry.get("names", ()))))


def _refuse_unknown(path: Path, entry: Mapping[str, Any], known: set[str]) -> None:
    unknown = set(entry) - known
    if unknown:
        raise LayoutMistake(f"{path.name}: unknown keys {sorted(unknown)}")
