#!/usr/bin/env bash
# Guess: a .env beside the Procfile fills in what the environment does not set, and is read as django-environ reads it.
# Versions: honcho 2.0.0, django-environ 0.14.0.
# Seen: honcho's .env wins over the environment, while django-environ leaves a variable that is set alone: the same
#   two files give another value with honcho than without. An unquoted value ends at "#", unquoted blanks vanish
#   (a b becomes ab), and a line that begins with "export" is passed over; django-environ reads all three.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check honcho==2.0.0 django-environ==0.14.0

cat > .env <<'ENV'
KIND=file
SECRET=left#right
WORDS=a b
export EXPORTED=yes
ENV
cat > show.py <<'PY'
import os

print("|".join(os.environ.get(name, "-") for name in ("KIND", "SECRET", "WORDS", "EXPORTED")))
PY
cat > environ_reads.py <<'PY'
import environ

environ.Env.read_env(".env")
import show
PY
echo "show: venv/bin/python show.py" > Procfile
export KIND=environment
honcho=$(venv/bin/honcho --no-colour start | sed -n 's/.* show\.1 *| //p')
environ=$(venv/bin/python environ_reads.py)
echo "honcho          $honcho"
echo "django-environ  $environ"
[ "$honcho" = "file|left|ab|-" ] && [ "$environ" = "environment|left#right|a b|yes" ]
