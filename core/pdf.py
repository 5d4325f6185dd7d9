"""Papers of A4 as PDF: headings, text, facts, tables and lines to sign, in Chinese with the font embedded.

Only the glyphs that a paper uses go into it, so that it reads the same everywhere and stays small.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace
from PIL import Image, ImageOps
from pylopdf_fonts_zh_cn import sans_path

FONT = "sans"
MARGIN, LINE, SIZE = 20, 6, 10.5  # mm, mm, pt
WIDTH = 210 - 2 * MARGIN
LABEL_WIDTH, PADDING = 32, 1.5
PICTURE_HEIGHT = 110  # mm, two to a page
MOST_PIXELS, PICTURE_SIDE = 50_000_000, 1400  # of a picture as it comes, and of one as it is printed
CHUNK = 35  # lines that one row of a table may have: a longer one goes on in the next row
# What begins no line, and what ends none.
CLOSING = frozenset("，。、；：？！）】》」』”’…—％%,.;:?!)]}>")
OPENING = frozenset("（【《「『“‘([{<")


class _Sheet(FPDF):
    """A4 with the number of the paper and the page at the foot."""

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self.foot = foot

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font(FONT, size=8)
        self.set_text_color(90)
        self.cell(WIDTH / 2, 5, self.foot)
        self.cell(WIDTH / 2, 5, f"第 {self.page_no()} 页，共 {{nb}} 页", align="R")
        self.set_text_color(0)


class Paper:
    """A paper that is written from top to bottom; `content` is the file.

    `at` is when it is made: the same paper made at the same moment is the same file, byte by byte.
    """

    def __init__(self, title: str, *, foot: str, at: datetime) -> None:
        self._sheet = _Sheet(foot)
        self._sheet.set_margins(MARGIN, MARGIN)
        self._sheet.set_auto_page_break(True, MARGIN)
        self._sheet.add_font(FONT, fname=sans_path())
        self._sheet.set_title(title)
        self._sheet.set_lang("zh-CN")
        self._sheet.set_creation_date(at)
        self._sheet.add_page()

    def title(self, text: str) -> None:
        """The name of the paper, in the middle."""
        self._write(text, size=18, align="C", after=6)

    def heading(self, text: str) -> None:
        """A part's heading, which does not stay alone at the end of a page."""
        if self._sheet.will_page_break(4 * LINE):
            self._sheet.add_page()
        self._sheet.ln(3)
        self._write(text, size=13, after=2)

    def text(self, text: str, *, is_small: bool = False) -> None:
        """A paragraph; line breaks in it stay."""
        self._write(text, size=9 if is_small else SIZE, after=1.5)

    def facts(self, pairs: Iterable[tuple[str, object]]) -> None:
        """Names with what they are, one pair a row; pairs with nothing are left out."""
        shown = [(label, str(value)) for label, value in pairs if value not in (None, "")]
        self.table([], shown, [LABEL_WIDTH, WIDTH - LABEL_WIDTH])

    def table(
        self,
        head: Sequence[str],
        rows: Iterable[Sequence[object]],
        widths: Sequence[float],
        *,
        numbers: Sequence[int] = (),
    ) -> None:
        """Rows under a head that each page repeats (`[]`: none); `widths` in mm, `numbers` by place."""
        aligned = tuple("R" if place in numbers else "L" for place in range(len(widths)))
        self._sheet.set_font(FONT, size=SIZE - 1)
        body = [part for row in rows for part in self._parts(row, widths)]
        if not body:
            return
        with self._sheet.table(
            col_widths=tuple(widths),
            width=sum(widths),
            text_align=aligned,
            line_height=LINE - 0.5,
            padding=PADDING,
            first_row_as_headings=bool(head),
            headings_style=self._head_style(),
            align="L",
        ) as table:
            for cells in [list(head), *body] if head else body:
                row = table.row()
                for cell in cells:
                    row.cell(cell)
        self._sheet.ln(3)

    def picture(self, content: bytes, caption: str) -> bool:
        """A picture as wide as the paper allows, with its caption; False, and nothing, for one that is none.

        It is printed smaller than it is: the file itself is what counts.
        """
        image = _printable(content)
        if image is None:
            return False
        scale = min(WIDTH / image.width, PICTURE_HEIGHT / image.height)
        width, height = image.width * scale, image.height * scale
        if self._sheet.will_page_break(height + 2 * LINE):
            self._sheet.add_page()
        self.text(caption, is_small=True)
        self._sheet.image(image, w=width, h=height, alt_text=caption)
        self._sheet.ln(3)
        return True

    def signatures(self, labels: Sequence[str]) -> None:
        """A line for each to sign on, with the date."""
        self._sheet.ln(8)
        for label in labels:
            if self._sheet.will_page_break(14):
                self._sheet.add_page()
            self._sheet.set_font(FONT, size=SIZE)
            self._sheet.cell(WIDTH, 14, f"{label}：________________________　　日期：______年____月____日")
            self._sheet.ln(14)

    def page(self) -> None:
        """What follows begins on a new page."""
        self._sheet.add_page()

    def content(self) -> bytes:
        """The paper as a file."""
        return bytes(self._sheet.output())

    def _parts(self, row: Sequence[object], widths: Sequence[float]) -> Iterator[list[str]]:
        """A row with its cells wrapped, in as many rows as its longest cell needs."""
        cells = [
            self._wrapped(str(cell), width - 2 * PADDING - 1).split("\n")
            for cell, width in zip(row, widths, strict=True)
        ]
        for start in range(0, max(map(len, cells)), CHUNK):
            yield ["\n".join(lines[start : start + CHUNK]) for lines in cells]

    def _head_style(self) -> FontFace:
        return FontFace(emphasis="", fill_color=(235, 235, 235))

    def _write(self, text: str, *, size: float, align: str = "L", after: float) -> None:
        self._sheet.set_font(FONT, size=size)
        self._sheet.multi_cell(
            WIDTH, LINE * size / SIZE, self._wrapped(text, WIDTH - 2), align=align,
            new_x=XPos.LMARGIN, new_y=YPos.NEXT,
        )  # fmt: skip
        self._sheet.ln(after)

    def _wrapped(self, text: str, width: float) -> str:
        """The text broken as Chinese is: no closing mark begins a line, no opening mark ends one."""
        lines: list[str] = []
        for paragraph in text.splitlines() or [""]:
            line, used = "", 0.0
            for unit in self._fitting(paragraph, width):
                length = self._sheet.get_string_width(unit)
                if line and used + length > width:
                    lines.append(line)
                    line, used = "", 0.0
                line, used = line + unit, used + length
            lines.append(line)
        return "\n".join(lines)

    def _fitting(self, text: str, width: float) -> Iterator[str]:
        """The units of a text; what is longer than a line is taken apart."""
        for unit in _units(text):
            if self._sheet.get_string_width(unit) > width:
                yield from unit
            else:
                yield unit


def _printable(content: bytes) -> Image.Image | None:
    """The picture upright and small enough for paper; None for what cannot be read or is far too large."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            image.draft("RGB", (PICTURE_SIDE, PICTURE_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    upright.thumbnail((PICTURE_SIDE, PICTURE_SIDE))
    printed = Image.new("RGB", upright.size, "white")
    printed.paste(upright, mask=upright.getchannel("A"))
    return printed


def _units(text: str) -> Iterator[str]:
    """What is not broken: a word or a number, a Chinese character with the marks that belong to it."""
    unit = ""
    for char in text:
        together = unit and (
            char in CLOSING
            or unit[-1] in OPENING
            or (
                char.isascii()
                and char not in OPENING
                and char != " "
                and unit[-1].isascii()
                and unit[-1] != " "
            )
        )
        if unit and not together:
            yield unit
            unit = ""
        unit += char
    if unit:
        yield unit
