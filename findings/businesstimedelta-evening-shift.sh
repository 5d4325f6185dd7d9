#!/usr/bin/env bash
# Guess: a library of working time that takes a shift ending before it begins as one over midnight (its page has an
#   example) counts the hours of that shift: from 18:00 in a shift of 17:30 to 01:00, two hours end at 20:00.
# Versions: businesstimedelta 1.0.1, pytz 2025.2.
# Seen: such a shift counts only for what asks before it begins. From its first minute on the rest of it is passed over:
#   two hours end the next evening at 19:30, and between 18:00 and 20:00 there is no working time at all. Naive moments
#   come back with a zone, UTC.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check businesstimedelta==1.0.1 pytz==2025.2

venv/bin/python - <<'PY'
import sys
from datetime import datetime, time, timedelta

from businesstimedelta import BusinessTimeDelta, Rules, WorkDayRule

TWO = timedelta(hours=2)
evening = Rules([WorkDayRule(start_time=time(17, 30), end_time=time(1), working_days=list(range(7)))])
found = []
for start in (datetime(2026, 10, 5, 17), datetime(2026, 10, 5, 18)):
    end = start + BusinessTimeDelta(evening, hours=2)
    between = evening.difference(start, start + TWO)
    print(start, "and two hours:", end, "| within two hours:", between)
    found.append((end.isoformat(), between.hours * 3600 + between.seconds))
sys.exit(found != [("2026-10-05T19:30:00+00:00", 5400), ("2026-10-06T19:30:00+00:00", 0)])
PY
