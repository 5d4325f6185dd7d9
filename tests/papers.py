"""PDFs read back, for tests of what papers say."""

import io
from typing import Any

from pypdf import PdfReader


def paper_text(content: bytes) -> str:
    """Everything that a PDF says, without the spaces and line breaks that its layout makes."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)


def fonts_of(content: bytes) -> list[Any]:
    """The descriptors of the fonts of a PDF's first page."""
    found = PdfReader(io.BytesIO(content)).pages[0]["/Resources"]["/Font"]
    return [
        each.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        for each in found.values()
    ]
