#!/usr/bin/env bash
# Guess: text is written so that every reader of XLSX gives it back; openpyxl marks text whose spaces matter
#   (xml:space="preserve"), as the format asks for.
# Versions: openpyxl 3.1.5, python-calamine 0.9.1.
# Seen: " a " is marked, but a text of nothing else than spaces or line ends is not: the file says <t> </t>, and calamine
#   reads a blank cell. openpyxl itself reads the space back, so that a test of both ways with it alone passes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check openpyxl==3.1.5 python-calamine==0.9.1

venv/bin/python - <<'PY'
import io
import re
import sys
import zipfile

import openpyxl
from python_calamine import CalamineWorkbook

TEXTS = [" a ", " ", "\n", "  ", "末"]
book = openpyxl.Workbook(write_only=True)
book.create_sheet("表").append(TEXTS)
file = io.BytesIO()
book.save(file)
with zipfile.ZipFile(file) as parts:
    xml = "".join(parts.read(name).decode() for name in parts.namelist() if "sheet1" in name or "shared" in name)
by_openpyxl = [cell.value for cell in next(openpyxl.load_workbook(file).active.iter_rows())]
file.seek(0)
by_calamine = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()[0]
print("written", re.findall(r"<t[ >].*?</t>", xml, re.S))
print("openpyxl", by_openpyxl)
print("calamine", by_calamine)
sys.exit(not (by_openpyxl == TEXTS and by_calamine == [" a ", "", "", "", "末"]))
PY
