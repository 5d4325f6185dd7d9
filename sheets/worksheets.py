"""What the XML of a worksheet says beyond the values that the parser gives, found in one quick pass.

Nearly every cell is regular: a reference, a style, a type and a value. One regular expression passes over
those and stops at the others, which alone are looked at. That costs a third of what parsing costs.
"""

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape

from sheets.cells import Fault, NumberShape

MAX_GRID_CELLS = 12_000_000  # the parser keeps a sheet as one dense grid of about 32 bytes a cell
KNOWN_ERRORS = frozenset({b"#N/A", b"#REF!", b"#DIV/0!", b"#VALUE!", b"#NAME?", b"#NUM!", b"#NULL!"})

# A cell a moment before midnight, which the parser rounds up into the next day.
LAST_MOMENT = "last moment"
NUL = b"_x0000_"
Mark = Fault | NumberShape | str

_MOST_KINDS = 10_000  # of marks; an honest file has a dozen
_LONG = 16_384  # a text of twice as many bytes covers a stretch of so many that begins at a multiple of it
_NEAR_ROWS, _NEAR_COLUMNS = 99_999, 26
_LONGEST_PREFIX = 256
_ANY_TAG = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])([^<>]*?)(/?)>")
_CELL_TAG = re.compile(rb"<(?:\w+:)?c(?=[\s/>])([^<>]*?)(/?)>")
_CELL_END = re.compile(rb"</(?:\w+:)?c>|</?(?:\w+:)?(?:row|c)(?=[\s/>])")
_FAR = re.compile(rb'r="(?:[A-Z]{2}|[A-Z][0-9]{6})')
_ATTRIBUTE = re.compile(rb"(?<![\w:])(\w+)\s*=\s*[\"']([^\"']*)[\"']")
_REFERENCE = re.compile(rb"([A-Za-z]{1,9})([0-9]{1,20})").fullmatch
_REFERENCES = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{0,9})([0-9]{1,200})")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*?)?(?:/>|>([^<]*))")
_ALMOST = b".99999999"
_ALMOST_MIDNIGHT = re.compile(rb"\.99999999[0-9]*<")
_HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*?\bhidden\s*=\s*[\"'](?:1|true)[\"'][^>]*>")


@dataclass
class Worksheet:
    """What was seen of a sheet. `marks`: by column (from 1), for each row the number in `kinds` of what is
    to be known of the cell, 0 for nothing; `hidden`: rows that are not shown; `has_odd_text`: whether some
    text may be too long, or have a character that no database takes."""

    height: int = 0
    width: int = 0
    kinds: dict[Mark | None, int] = field(default_factory=lambda: {None: 0})
    marks: dict[int, "array[int]"] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    is_filled: bool = False
    has_odd_text: bool = False
    has_unknown_errors: bool = False

    @property
    def has_faults(self) -> bool:
        return any(isinstance(kind, Fault) for kind in self.kinds)


class _Unnumbered(Exception):
    """A cell without a reference: where it is follows from those before it."""


class Scanner:
    """Looks through worksheets of one workbook.

    `shapes`: the styles whose numbers are shown otherwise than bare; `is_uncalculated`: the workbook's
    program stores 0 as the result of formulas that it does not compute.
    """

    def __init__(self, shapes: Mapping[int, NumberShape], *, is_uncalculated: bool) -> None:
        self.shapes = {b"%d" % style: shape for style, shape in shapes.items()}
        self.is_uncalculated = is_uncalculated
        styles = b"|".join(self.shapes)
        style = rb'(?: s="' + (rb'(?!(?:%s)")' % styles if styles else b"") + rb'[0-9]+")?'
        self._near = _irregular(rb"[A-Z][0-9]{1,5}", style)
        self._any = _irregular(rb"[A-Z]{1,3}[0-9]{1,7}", style)

    def scan(self, pieces: Iterable[bytes]) -> Worksheet | None:
        """The sheet whose XML comes in pieces that cut no cell; None where its cells have to be counted."""
        found = Worksheet()
        try:
            for xml in pieces:
                self._look_at(found, xml)
        except _Unnumbered:
            return None
        return found

    def count(self, pieces: Iterable[bytes]) -> Worksheet:
        """The sheet with exact height and width, every cell looked at: slow, and right for any XML."""
        found = Worksheet()
        row = column = 0
        for xml in pieces:
            self._note_whole(found, xml)
            found.height, found.width = map(max, zip((found.height, found.width), _reach(xml), strict=True))
            for tag in _ANY_TAG.finditer(xml):
                name, attributes, is_closed = tag.groups()
                reference = _attributes(attributes).get(b"r", b"")
                if name == b"row":
                    row, column = int(reference) if reference.isdigit() else row + 1, 0
                    continue
                placed = _REFERENCE(reference)
                row, column = (
                    (int(placed[2]), _column_number(placed[1])) if placed else (max(row, 1), column + 1)
                )
                found.height, found.width = max(found.height, row), max(found.width, column)
                if not is_closed:
                    self._note(found, row, column, _attributes(attributes), _body(xml, tag.end()))
        return found

    def _look_at(self, found: Worksheet, xml: bytes) -> None:
        self._note_whole(found, xml)
        places: list[int] = []
        is_far = False
        for match in self._near.finditer(xml):
            if _FAR.match(xml, match.start() + 2):
                is_far = True
                break
            places.append(match.start())
        if is_far:
            places = [match.start() for match in self._any.finditer(xml)]
            reached = _reach(xml)
        else:
            reached = (_NEAR_ROWS, _NEAR_COLUMNS)
        found.height, found.width = max(found.height, reached[0]), max(found.width, reached[1])
        if _ALMOST in xml:
            places += _cells_before(xml, _ALMOST_MIDNIGHT)
        for place in places:
            begin = xml.rfind(b"<", max(0, place - _LONGEST_PREFIX), place)
            tag = _CELL_TAG.match(xml, begin) if begin >= 0 else None
            if tag is None:
                continue
            attributes = _attributes(tag[1])
            reference = _REFERENCE(attributes.get(b"r", b""))
            if reference is None:
                raise _Unnumbered
            if not tag[2]:
                row, column = int(reference[2]), _column_number(reference[1])
                self._note(found, row, column, attributes, _body(xml, tag.end()))

    def _note_whole(self, found: Worksheet, xml: bytes) -> None:
        """What is seen without looking at single cells."""
        if not found.is_filled:
            found.is_filled = any(tag in xml for tag in (b"<v>", b"<v ", b"<t>", b"<t ", b":v>", b":t>"))
        if not found.has_odd_text:
            found.has_odd_text = NUL in xml or any(
                xml.find(b"<", start, start + _LONG) < 0 for start in range(0, len(xml) - _LONG, _LONG)
            )
        if b"hidden=" in xml:
            for tag in _HIDDEN_ROW.finditer(xml):
                number = _attributes(tag[0]).get(b"r", b"")
                if number.isdigit():
                    found.hidden.add(int(number))

    def _note(
        self, found: Worksheet, row: int, column: int, attributes: Mapping[bytes, bytes], body: bytes
    ) -> None:
        kind = self._kind_of(attributes, body)
        if kind is None or row * column > MAX_GRID_CELLS:  # as many cells are refused anyway
            return
        if isinstance(kind, Fault) and kind.error.encode() not in KNOWN_ERRORS:
            found.has_unknown_errors |= bool(kind.error)
        if len(found.kinds) > _MOST_KINDS and kind not in found.kinds:
            kind = next(each for each in found.kinds if each is not None)
        number = found.kinds.setdefault(kind, len(found.kinds))
        places = found.marks.setdefault(column, array("H"))
        if row >= len(places):
            places.frombytes(bytes((row + 1 - len(places)) * places.itemsize))
        places[row] = number

    def _kind_of(self, attributes: Mapping[bytes, bytes], body: bytes) -> Mark | None:
        """What is to be known of a cell."""
        type_ = attributes.get(b"t", b"n")
        stored = _VALUE.search(body)
        value = (stored[1] or b"") if stored else b""
        if type_ == b"e":
            return Fault(unescape(value.decode("utf-8", "replace")).strip()[:40] or "#N/A")
        if _FORMULA.search(body):
            is_blank_text = type_ == b"str" and stored is not None
            if not value and not is_blank_text:
                return Fault()
            if self.is_uncalculated and type_ == b"n" and value in (b"0", b"0.0"):
                return Fault()
        if type_ != b"n":
            return None
        return self.shapes.get(attributes.get(b"s", b"")) or (LAST_MOMENT if _ALMOST in value else None)


def _irregular(reference: bytes, style: bytes) -> re.Pattern[bytes]:
    """Finds the names of cells that are not plainly a value or blank, with or without a prefix; a little
    else as well."""
    value = rb"(?: ?/>|><(?:v>[^<]|is>|/c>))"
    regular = rb'r="' + reference + rb'"' + style + rb'(?: t="(?:inlineStr|s|str|n|b)")?' + value
    return re.compile(rb"c(?<=[<:]c)(?:[^ ]| (?!" + regular + rb"))")


def _attributes(text: bytes) -> dict[bytes, bytes]:
    return dict(_ATTRIBUTE.findall(text))


def _cells_before(xml: bytes, pattern: re.Pattern[bytes]) -> Iterator[int]:
    """Where the cell of each match is named: no byte is looked at twice."""
    last = 0
    for match in pattern.finditer(xml):
        place = xml.rfind(b"c ", last, match.start())
        if place >= 0:
            yield place
        last = match.end()


def _body(xml: bytes, start: int) -> bytes:
    """What is in the cell, up to its end, or where it has none up to the next cell or row."""
    end = _CELL_END.search(xml, start)
    return xml[start : end.start() if end else len(xml)]


def _reach(xml: bytes) -> tuple[int, int]:
    """The highest row and column that worksheet XML names; cells without a reference are counted."""
    found = _REFERENCES.findall(xml)
    height = max(map(int, {digits for _, digits in found}), default=1)
    named = max(map(_column_number, {letters for letters, _ in found}), default=0)
    return height, named


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
