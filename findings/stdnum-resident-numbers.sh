#!/usr/bin/env bash
# Guess: python-stdnum's `cn.ric` accepts the number on everybody's identity card: 18 characters, an existing district,
#   a date of birth and the check digit. The cards of residents from Hong Kong, Macao and Taiwan (810000, 820000,
#   830000), which have the same form, are accepted too.
# Versions: python-stdnum 2.2 (its table of districts comes with it).
# Seen: the district must have existed in the year of birth. Numbers are given since 1984, by the district of that day,
#   so of the 3,127 districts of 1986 only 1,549 may stand in the number of somebody born in 1970, and a child
#   that is registered in a younger district than itself is refused as well. The residents' cards of Hong Kong, Macao
#   and Taiwan are refused always. The error is that of a wrong date of birth (InvalidComponent).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check python-stdnum==2.2

venv/bin/python - <<'PY'
import sys

from stdnum import numdb
from stdnum.cn import ric

table = numdb.get("cn/loc")


def accepted(district, year):
    body = f"{district}{year}0307001"
    return ric.is_valid(body + ric.calc_check_digit(body + "0"))


def is_district(code):
    return not code.endswith("00") and any("county" in facts for _, facts in table.info(code))


codes = [code for code in map(str, range(110000, 660000)) if is_district(code)]
of_1986 = [code for code in codes if accepted(code, 1986)]
counts = {year: sum(accepted(code, year) for code in of_1986) for year in (1960, 1970, 1980, 1984)}
print(len(of_1986), "districts of 1986; accepted in a number by year of birth:", counts)
cards = {code: accepted(code, 1990) for code in ("810000", "820000", "830000")}
print("residents' cards of Hong Kong, Macao and Taiwan:", cards)
longhua = [accepted("440309", year) for year in (2015, 2016)]
print("registered in Longhua, Shenzhen, born 2015 and 2016:", longhua)
seen = (len(of_1986), counts[1970], set(cards.values()), longhua)
sys.exit(seen != (3127, 1549, {False}, [False, True]))
PY
