#!/usr/bin/env bash
# Guess: a Chinese paragraph fills its lines as it does in a browser or a word processor: it goes on after a label and
#   a blank, and no line begins with a comma or a full stop.
# Versions: fpdf2 2.8.9, pylopdf-fonts-zh-cn 0.1.1 (Noto Sans SC, embedded).
# Seen: a run without blanks is one word. It is put on a line of its own, so that the label before it stays alone, and
#   is then cut wherever the line is full: lines begin with "，", the last one is a lone "。". WrapMode.CHAR fills the
#   first line, and still lets a line begin with a full stop.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check fpdf2==2.8.9 pylopdf-fonts-zh-cn==0.1.1

venv/bin/python - <<'PY'
import sys
from pathlib import Path

import pylopdf_fonts_zh_cn
from fpdf import FPDF
from fpdf.enums import WrapMode

TEXT = "编号 " + "客服在接到投诉后七天内结案，逾期的由主管督办，并在例会上说明原因。" * 2
WIDTH = 60  # mm

pdf = FPDF()
pdf.add_page()
pdf.add_font("noto", fname=Path(pylopdf_fonts_zh_cn.__file__).with_name("NotoSansSC-Regular.otf"))
pdf.set_font("noto", size=12)


def lines(text: str, width: float, mode: WrapMode) -> list[str]:
    return pdf.multi_cell(width, 7, text, dry_run=True, output="LINES", wrapmode=mode)


words = lines(TEXT, WIDTH, WrapMode.WORD)
print("by words:", words)
by_characters = lines(TEXT, WIDTH, WrapMode.CHAR)
print("by characters:", by_characters)
# Thirteen characters fill the line; the fourteenth is the full stop.
full = lines("客服在接到投诉后七天内结案。", WIDTH, WrapMode.CHAR)
print("a full line:", full)
seen = (
    words[0] == "编号"
    and any(line.startswith("，") for line in words)
    and words[-1] == "。"
    and by_characters[0].startswith("编号 客服")
    and full[-1] == "。"
)
sys.exit(not seen)
PY
