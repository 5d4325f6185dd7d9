#!/usr/bin/env bash
# Guess: a cell that Excel shows as a date under one of its own East Asian formats (numFmtId 27-36 and 50-58, which
#   the file names by number alone) is a date to every library that reads dates.
# Versions: openpyxl 3.1.5, python-calamine 0.9.1.
# Seen: calamine gives a date; openpyxl gives the bare serial number, since its table of built-in formats lacks these.
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

SERIAL = 46310  # 2026-10-15
IDS = {164: 31, 165: 57, 166: 58, 167: 14}
book = openpyxl.Workbook()
for column, decimals in zip("ABCD", range(1, 5)):
    cell = book.active[f"{column}1"]
    cell.value, cell.number_format = SERIAL, "0." + "0" * (decimals + 2)  # stands in for a built-in format
plain, made = io.BytesIO(), io.BytesIO()
book.save(plain)
with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w") as new:
    for name in old.namelist():
        text = old.read(name)
        if name == "xl/styles.xml":
            styles = text.decode()
            used = re.search(r"<cellXfs.*?</cellXfs>", styles, re.S)[0]
            changed = used
            for stand_in, built_in in IDS.items():
                changed = changed.replace(f'numFmtId="{stand_in}"', f'numFmtId="{built_in}"')
            text = styles.replace(used, changed).encode()
        new.writestr(name, text)

[by_openpyxl] = openpyxl.load_workbook(io.BytesIO(made.getvalue())).active.iter_rows(values_only=True)
[by_calamine] = CalamineWorkbook.from_filelike(io.BytesIO(made.getvalue())).get_sheet_by_index(0).to_python()
for number, one, other in zip(IDS.values(), by_openpyxl, by_calamine):
    print(f"format {number}: openpyxl {one!r}, calamine {other!r}")
is_same = by_openpyxl[:3] == (SERIAL,) * 3 and all(str(each) == "2026-10-15" for each in by_calamine)
sys.exit(not (is_same and str(by_openpyxl[3]).startswith("2026-10-15")))
PY
