"""What a release has stored goes on under this version: a backup of each is brought back, migrated and used.

A backup is made of the demonstration when a release is made: `manage.py backup tests/upgrade/VERSION.tar`.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from core.backup import backup_restore
from kefu.embedded import APPLICATION
from workbench.demonstration.pay import CODE

pytestmark = pytest.mark.long

RELEASES = sorted(Path(__file__).parent.glob("*.tar"))
# What must be there afterwards to the last fen.
KEPT = {
    "payslips": "SELECT count(*), sum(gross), sum(deductions), sum(net) FROM payroll_payslip",
    "ledger": "SELECT count(*), sum(amount) FROM penalties_moneyentry",
    "points": "SELECT count(*), sum(points) FROM penalties_pointsentry",
    "orders": "SELECT count(*), sum(amount) FROM commissions_order",
    "refunds": "SELECT count(*), sum(amount) FROM commissions_refund",
    "terms": "SELECT count(*), sum(base_pay) FROM people_term",
    "attendance": "SELECT count(*), sum(late_minutes) FROM shifts_attendance",
    "provisions": "SELECT count(*) FROM rules_provision",
}


@pytest.fixture
def beside(transactional_db: None) -> Iterator[BaseDatabaseWrapper]:
    """An empty database of its own."""
    name = f"{connection.settings_dict['NAME']}_upgrade"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")
    other = connection.copy()
    other.settings_dict["NAME"] = name
    yield other
    other.close()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def kept(of: BaseDatabaseWrapper) -> dict[str, Any]:
    found = {}
    with of.cursor() as cursor:
        for name, query in KEPT.items():
            cursor.execute(query)
            found[name] = cursor.fetchone()
    return found


def manage(of: BaseDatabaseWrapper, *arguments: str) -> str:
    """A command of this version, on that database; web, worker and beat would start so."""
    at = of.settings_dict
    host = f"/{at['HOST']}" if at["HOST"].startswith("/") else f"{at['HOST']}:{at['PORT'] or 5432}"
    secret = at["PASSWORD"] or "x"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "kefu.settings.dev",
        "DATABASE_URL": f"postgres://{APPLICATION}:{secret}@{host}/{at['NAME']}",
        "DATABASE_OWNER_URL": f"postgres://{at['USER']}:{secret}@{host}/{at['NAME']}",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
def test_a_release_goes_on_under_this_version(
    beside: BaseDatabaseWrapper, release: Path, tmp_path: Path
) -> None:
    backup_restore(source=release, owner=beside, attachments=tmp_path)
    before = kept(beside)
    assert all(row[0] for row in before.values())
    beside.close()
    manage(beside, "migrate", "--verbosity=0")
    manage(beside, "migrate", "--check")
    assert kept(beside) == before
    beside.close()
    assert "24人" in manage(beside, "settle", "2026-10", "--department", CODE)
    after = kept(beside)
    assert {name: row for name, row in after.items() if name != "payslips"} == {
        name: row for name, row in before.items() if name != "payslips"
    }
    assert after["payslips"][0] == before["payslips"][0]


def test_there_is_a_backup_of_a_release() -> None:
    assert RELEASES
