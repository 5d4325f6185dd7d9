#!/usr/bin/env bash
# Guess: a name of a person is read as a name: the common family names 单, 仇, 查, 解, 曾, 翟 as in the census, since the
#   library knows phrases and knows 尉迟 and 万俟.
# Version: pypinyin 0.55.0.
# Seen: one-character family names get their everyday reading (单小明 is dan, 翟光 is di), and 长孙 becomes zhang sun while
#   尉迟 is right; a given name is taken for a phrase (朱朝阳 is zhu zhao yang). Lists sorted by it hide such people under
#   other letters. Family names need a table of one's own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check pypinyin==0.55.0

venv/bin/python - <<'PY'
import sys

from pypinyin import lazy_pinyin

SEEN = {
    "单小明": "dan xiao ming", "仇小明": "chou xiao ming", "查小明": "cha xiao ming", "解小明": "jie xiao ming",
    "曾小明": "ceng xiao ming", "翟小明": "di xiao ming", "区小明": "qu xiao ming", "尉迟小明": "yu chi xiao ming",
    "万俟小明": "mo qi xiao ming", "朱朝阳": "zhu zhao yang",
}
found = {name: " ".join(lazy_pinyin(name)) for name in SEEN}
for name, reading in found.items():
    print(name, reading)
sys.exit(found != SEEN)
PY
