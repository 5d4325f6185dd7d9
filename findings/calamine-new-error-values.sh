#!/usr/bin/env bash
# Guess: an error value that Excel got after the library's list was made (#SPILL!, #CALC!, #GETTING_DATA while a cube
#   loads) is read as the older ones are, #N/A and #REF!: as a blank cell, or as its text.
# Versions: openpyxl 3.1.5, python-calamine 0.9.1.
# Seen: the older ones are blank, and one cell with a newer one makes the whole sheet unreadable: CalamineError, no rows.
#   Reading every sheet of a workbook so fails for a cell of a sheet that nobody wanted.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check openpyxl==3.1.5 python-calamine==0.9.1

venv/bin/python - <<'PY'
import io
import sys

import openpyxl
from python_calamine import CalamineError, CalamineWorkbook


def read(error):
    book = openpyxl.Workbook()
    book.active.append(["工号", "1001"])
    book.active.append(["结果", error])
    book.active["B2"].data_type = "e"
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    try:
        return CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
    except CalamineError as refusal:
        return f"CalamineError: {refusal}"


found = {error: read(error) for error in ("#N/A", "#REF!", "#SPILL!", "#CALC!", "#GETTING_DATA")}
for error, rows in found.items():
    print(error, rows)
older, newer = list(found.values())[:2], list(found.values())[2:]
blank = [["工号", "1001"], ["结果", ""]]
sys.exit(not (older == [blank, blank] and all(str(each).startswith("CalamineError") for each in newer)))
PY
