#!/usr/bin/env bash
# Guess: a str goes into a workbook as that text, but for a leading "=", which makes a formula.
# Versions: openpyxl 3.1.5, python-calamine 0.9.1.
# Seen: "#N/A" and the six other old error values become error cells, which calamine reads as blank. "_x0041_" goes in as
#   it is, where the format has it for the escape of a character: calamine makes "A" of it, openpyxl does not, so that a
#   test of both ways with it alone passes. A remark that says either is lost. Setting data_type to "s" afterwards mends
#   the first, writing "_x005F_x0041_" the second.
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
book.active.append(["#N/A", "_x0041_", "_x005F_x0041_", "#NA"])
file = io.BytesIO()
book.save(file)
cells = next(openpyxl.load_workbook(file).active.iter_rows())
by_openpyxl = [(cell.data_type, cell.value) for cell in cells]
file.seek(0)
by_calamine = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()[0]
print("openpyxl", by_openpyxl)
print("calamine", by_calamine)
SEEN = [("e", "#N/A"), ("s", "_x0041_"), ("s", "_x005F_x0041_"), ("s", "#NA")]
sys.exit(not (by_openpyxl == SEEN and by_calamine == ["", "A", "_x0041_", "#NA"]))
PY
