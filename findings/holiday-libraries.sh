#!/usr/bin/env bash
# Guess: of a year whose arrangement the State Council has not published yet, both libraries say that they do not know;
#   and is_in_lieu tells the weekend days that have to be worked in lieu of a holiday.
# Versions: chinesecalendar 1.11.0, holidays 0.109.
# Seen: of 2027 chinese_calendar raises NotImplementedError; holidays answers with the days of the law alone, and nothing
#   in the answer tells it from a published year: the moved days off and the weekends to be worked are just not there.
#   is_in_lieu means the days off that were moved; a weekend day to be worked is a plain workday, in lieu of nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check chinesecalendar==1.11.0 holidays==0.109

venv/bin/python - <<'PY'
import sys
from datetime import date

import chinese_calendar
import holidays

try:
    chinese_calendar.is_workday(date(2027, 10, 4))
    raises = False
except NotImplementedError as error:
    raises = True
    print("chinese_calendar 2027:", error)
moved = {}
for year in (2026, 2027):
    of_year = holidays.China(years=year)
    off = [day for day, name in of_year.items() if "substituted" in name]
    worked = [day for day in of_year.weekend_workdays if day.year == year]
    moved[year] = (len(off), len(worked))
    print(f"holidays {year}: {len(of_year)} days, moved off {len(off)}, weekends worked {len(worked)}")
worked, rest = date(2026, 10, 10), date(2026, 10, 7)
lieu = (chinese_calendar.is_in_lieu(worked), chinese_calendar.is_in_lieu(rest))
print(f"is_in_lieu: {worked} (Saturday to be worked) {lieu[0]}, {rest} (moved day off) {lieu[1]}")
silent = moved[2026][0] > 0 and moved[2026][1] > 0 and moved[2027] == (0, 0)
sys.exit(not (raises and silent and lieu == (False, True)))
PY
