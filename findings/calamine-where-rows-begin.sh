#!/usr/bin/env bash
# Guess: iter_rows of a sheet gives the rows that to_python gives, and both begin either at A1 or at the first used cell.
# Version: python-calamine 0.9.1.
# Seen: iter_rows gives the empty rows above the table and leaves out the empty columns before it, so that a row's
#   position counts from row 1 and a cell's position from the first used column. to_python leaves out both, and
#   with skip_empty_area=False gives both.
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
from python_calamine import CalamineWorkbook

book = openpyxl.Workbook()
book.active["C3"], book.active["D3"] = "工号", "姓名"
file = io.BytesIO()
book.save(file)
file.seek(0)
sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
rows, short, full = list(sheet.iter_rows()), sheet.to_python(), sheet.to_python(skip_empty_area=False)
print("iter_rows", rows)
print("to_python", short)
print("to_python(skip_empty_area=False)", full)
print("start", sheet.start)
table = ["工号", "姓名"]
sys.exit(not (rows == [["", ""], ["", ""], table] and short == [table] and full[2] == ["", "", *table]))
PY
