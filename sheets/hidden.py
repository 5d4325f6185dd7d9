"""Which rows of a worksheet are hidden, by hand or by a filter: the reader of cells does not say."""

import re
import zipfile
from pathlib import PurePosixPath
from xml.etree import ElementTree

from sheets.reading import Source

_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_NUMBER = re.compile(rb"\sr\s*=\s*[\"'](\d+)[\"']")
_HIDDEN = re.compile(rb"\shidden\s*=\s*[\"'](?:1|true)[\"']")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CHUNK = 1 << 20


def hidden_rows(source: Source) -> frozenset[int]:
    """The numbers of the hidden rows of the source's sheet; none for text files."""
    if source.is_csv:
        return frozenset()
    with zipfile.ZipFile(source.origin) as archive:
        part = _part_of(archive, source.sheet_name)
        return _hidden_in(archive, part) if part else frozenset()


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The part of the workbook that holds the sheet of that name."""
    names = {name.lower(): name for name in archive.namelist()}
    relations = names.get("xl/_rels/workbook.xml.rels")
    if relations is None:
        return None
    found = next(
        (
            each.get(_RELATION)
            for each in ElementTree.fromstring(archive.read(names["xl/workbook.xml"])).iter()
            if each.tag.endswith("}sheet") and each.get("name") == sheet
        ),
        None,
    )
    for each in ElementTree.fromstring(archive.read(relations)).iter():
        if each.get("Id") == found and found:
            target = each.get("Target", "")
            path = PurePosixPath(target) if target.startswith("/") else PurePosixPath("/xl") / target
            return names.get(str(path).lstrip("/").lower())
    return None


def _hidden_in(archive: zipfile.ZipFile, part: str) -> frozenset[int]:
    hidden, number, tail = set(), 0, b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            xml = tail + chunk
            # A tag that the chunk cut is read with the next one.
            end = max(xml.rfind(b"<"), 0)
            xml, tail = xml[:end], xml[end:]
            for tag in _ROW.findall(xml):
                named = _NUMBER.search(tag)
                number = int(named[1]) if named else number + 1
                if _HIDDEN.search(tag):
                    hidden.add(number)
    return frozenset(hidden)
