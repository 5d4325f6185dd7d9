"""PDFs read back, for tests of what papers say, and pictures to put into them."""

import io
from typing import Any

from PIL import Image
from pypdf import PdfReader


def paper_text(content: bytes) -> str:
    """Everything that a PDF says, without the spaces, line breaks and zeros between characters."""
    return "".join("".join(each.split()) for each in pages_of(content))


def pages_of(content: bytes) -> list[str]:
    """What each page of a PDF says, line by line."""
    pages = PdfReader(io.BytesIO(content)).pages
    return [page.extract_text().replace("\x00", "").replace(" ", "") for page in pages]


def fonts_of(content: bytes) -> list[Any]:
    """The descriptors of the fonts of a PDF's first page."""
    found = PdfReader(io.BytesIO(content)).pages[0]["/Resources"]["/Font"]
    return [
        each.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        for each in found.values()
    ]


def picture_of(width: int, height: int, kind: str = "PNG") -> bytes:
    """A picture that can be read."""
    content = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(content, kind)
    return content.getvalue()
