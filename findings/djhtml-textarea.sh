#!/usr/bin/env bash
# Guess: a formatter that changes nothing but indentation and leaves <pre> alone leaves <textarea> alone too, where
#   blanks are content just as well.
# Versions: djhtml 3.0.11, Django 5.2.19 (to render).
# Seen: lines within <textarea> are indented, and with them what the field sends back. {# fmt:off #} and
#   {# fmt:on #} within the tag keep them.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check djhtml==3.0.11 Django==5.2.19

cat > page.html <<'HTML'
<div>
<pre>first
second</pre>
<textarea>first
second</textarea>
<textarea>{# fmt:off #}first
second{# fmt:on #}</textarea>
</div>
HTML
venv/bin/djhtml --tabwidth 2 page.html 2> /dev/null || true
venv/bin/python - <<'PY'
import re
import sys
from pathlib import Path

from django.template import Context, Engine

page = Engine().from_string(Path("page.html").read_text()).render(Context())
[pre] = re.findall(r"<pre>(.*?)</pre>", page, re.S)
areas = re.findall(r"<textarea>(.*?)</textarea>", page, re.S)
print("pre", [pre], "textarea", areas)
sys.exit(not (pre == areas[1] == "first\nsecond" and areas[0] == "first\n    second"))
PY
