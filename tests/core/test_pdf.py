"""Papers: in Chinese with their font inside, broken as Chinese is, however long the text."""

import io
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from core import pdf
from core.pdf import CLOSING, Paper
from tests.factories import WHEN
from tests.papers import fonts_of, pages_of, paper_text, picture_of


def paper() -> Paper:
    return Paper("通知书", foot="CF-1", at=WHEN)


def lines_of(made: Paper) -> list[str]:
    return [line for page in pages_of(made.content()) for line in page.splitlines()]


def test_the_font_is_inside_with_no_more_than_the_glyphs_that_are_used() -> None:
    made = paper()
    made.title("警告处分通知书")
    content = made.content()
    assert "警告处分通知书" in paper_text(content)
    (font,) = fonts_of(content)
    assert "NotoSansSC" in font["/FontName"] and "/FontFile3" in font
    assert len(content) < 20_000


def test_the_same_paper_of_the_same_moment_is_the_same_file() -> None:
    made, again = paper(), paper()
    for each in (made, again):
        each.facts([("员工", "1001 甲"), ("金额", "−1,234.50 元")])
    assert made.content() == again.content()


def test_no_line_begins_with_a_mark_that_closes() -> None:
    made = paper()
    made.text("旷工三日以上的，记大过一次；当月绩效奖金全部扣除（第二十四条）。" * 40)
    begun = [line[0] for line in lines_of(made) if line]
    assert len(begun) > 15
    assert not set(begun) & CLOSING


def test_a_cell_longer_than_a_page_goes_on_with_nothing_lost() -> None:
    made, said = paper(), "".join(f"第{place}句，" for place in range(1500))
    made.facts([("事实", said)])
    content = made.content()
    body = paper_text(content)
    assert len(pages_of(content)) > 3
    assert all(f"第{place}句，" in body for place in (0, 700, 1499))
    assert body.count("句，") == 1500


@pytest.mark.parametrize("said", ["", " ", "\x00\x07", "😀 表情", "x" * 3000, "（" * 300, "{nb}", "**粗**"])
def test_whatever_somebody_wrote_makes_a_paper(said: str) -> None:
    made = paper()
    made.text(said)
    made.facts([("说明", said), ("空", None)])
    made.table(["一", "二"], [(said, "1")], [100, 50], numbers=[1])
    assert made.content().startswith(b"%PDF")


def test_every_page_is_numbered() -> None:
    made = paper()
    made.page()
    assert "第1页，共2页" in paper_text(made.content())


def pictures_of(made: Paper) -> list[Any]:
    return [each.image for page in PdfReader(io.BytesIO(made.content())).pages for each in page.images]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_printed_small_enough_with_its_caption(kind: str) -> None:
    made = paper()
    assert made.picture(picture_of(2000, 500, kind), "附件/01-现场")
    (printed,) = pictures_of(made)
    assert printed.size == (pdf.PICTURE_SIDE, pdf.PICTURE_SIDE // 4)
    assert "附件/01-现场" in paper_text(made.content())


def test_what_of_a_picture_is_clear_is_white_on_paper() -> None:
    made, content = paper(), io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(content, "PNG")
    assert made.picture(content.getvalue(), "附件")
    assert pictures_of(made)[0].convert("RGB").getpixel((4, 4)) == (255, 255, 255)


def test_a_picture_that_cannot_be_read_or_is_far_too_large_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = paper()
    whole = picture_of(40, 40, "PNG")
    assert not made.picture(whole[:60], "附件") and not made.picture(b"\x89PNG\r\n\x1a\n" + b"0" * 40, "附件")
    monkeypatch.setattr(pdf, "MOST_PIXELS", 1599)
    assert not made.picture(whole, "附件")
    assert pictures_of(made) == [] and "附件" not in paper_text(made.content())
