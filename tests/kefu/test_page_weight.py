"""Pages of a department of a thousand: at most fifty rows and 40 kB on the wire, however much there is."""

import gzip
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from payroll.benchmarks.settlement import MONTH, generate
from payroll.runner import period_open, period_settle
from penalties.services import IncidentFact, incidents_record
from people.models import Department
from tests import factories

pytestmark = pytest.mark.django_db

PEOPLE, ORDERS = 1_000, 2_000
ROWS, BYTES = 50, 40_000
TABLE = re.compile(r"<tbody>.*?</tbody>", re.DOTALL)


def thousand() -> Department:
    """A department with a computed month and an incident of everybody that waits to be confirmed."""
    department = generate(PEOPLE, ORDERS)
    facts = [
        IncidentFact(staff=each, code="b-fine", work_date=MONTH.replace(day=25), note="交接时漏记一单")
        for each in department.staff.all()
    ]
    incidents_record(department=department, facts=facts, by=None, at=timezone.now())
    hr = factories.account("hr", department)
    period_settle(period=period_open(department=department, month=MONTH), by=hr, at=timezone.now())
    return department


def test_pages_of_a_thousand_people_stay_short_and_light(client: Client) -> None:
    department = thousand()
    month = (department.code, f"{MONTH:%Y-%m}")
    pages = {
        reverse("home"): 1,
        reverse("pay_period", args=month): ROWS,
        reverse("incidents"): ROWS,
        reverse("incidents") + "?state=": ROWS,
        reverse("accounts_department", args=[department.code]): ROWS,
        reverse("commission_so_far", args=[department.code]): 0,
    }
    client.force_login(factories.account("manager", department))
    found = {}
    for url, least in pages.items():
        response = client.get(url)
        assert response.status_code == 200, url
        rows = max((table.count("<tr") for table in TABLE.findall(response.content.decode())), default=0)
        assert least <= rows <= ROWS, (url, rows)
        found[url] = len(gzip.compress(response.content))
    assert max(found.values()) <= BYTES, found
