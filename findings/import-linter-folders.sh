#!/usr/bin/env bash
# Guess: import-linter looks at every module below a root package that Python can import; at least at those that the
#   framework runs, such as a Django command.
# Versions: import-linter 2.16, Django 5.2.19.
# Seen: a folder without __init__.py below a root package is passed over in silence. Django finds and runs the command
#   in it, and the import that the contract forbids is reported only once the folder has an __init__.py.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check import-linter==2.16 Django==5.2.19

mkdir -p low/management/commands high
touch low/__init__.py low/management/__init__.py high/__init__.py
cat > low/management/commands/greet.py <<'PY'
from django.core.management import BaseCommand

import high


class Command(BaseCommand):
    def handle(self, **options):
        self.stdout.write(f"ran, with {high.__name__}")
PY
cat > .importlinter <<'INI'
[importlinter]
root_packages =
    high
    low

[importlinter:contract:house]
name = high above low
type = layers
layers =
    high
    low
INI
cat > run.py <<'PY'
import django
from django.conf import settings
from django.core.management import call_command

settings.configure(INSTALLED_APPS=["low"])
django.setup()
call_command("greet")
PY
check() { PYTHONPATH=. venv/bin/lint-imports --no-cache > report 2>&1; }
PYTHONPATH=. venv/bin/python run.py
check && before=kept || before=broken
touch low/management/commands/__init__.py
check && after=kept || after=broken
echo "without __init__.py: $before; with it: $after"
[ "$before $after" = "kept broken" ]
