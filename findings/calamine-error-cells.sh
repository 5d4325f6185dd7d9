#!/usr/bin/env bash
# Guess: a cell whose formula failed (#DIV/0!, #N/A) comes out as that text, as it does in openpyxl.
# Versions: openpyxl 3.1.5, python-calamine 0.9.1.
# Seen: calamine gives "" for it, the same as for a blank cell: who reads with calamine alone cannot tell a failed
#   figure from none, and would import it as nothing.
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
sheet = book.active
sheet.append(["工号", "金额", "退款"])
sheet.append(["1001", "#DIV/0!", None])
sheet["B2"].data_type = "e"
file = io.BytesIO()
book.save(file)
file.seek(0)
by_openpyxl = list(openpyxl.load_workbook(file).active.iter_rows(values_only=True))[1]
file.seek(0)
by_calamine = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()[1]
print("openpyxl", by_openpyxl)
print("calamine", by_calamine)
sys.exit(not (by_openpyxl[1:] == ("#DIV/0!", None) and by_calamine[1:] == ["", ""]))
PY
