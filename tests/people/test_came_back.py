"""Whoever came back under the number of before: each fact is that of the employment of its day."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from commissions.models import Metric
from payroll.models import Payslip
from penalties.forms import RecordForm
from penalties.models import Incident
from people.models import Department, Staff
from people.selectors import numbered
from people.services import staff_leave
from shifts.models import Attendance, Leave
from tests import factories
from tests.api.conftest import issue, with_token
from tests.payroll import months
from tests.payroll.months import FINE, OCTOBER, agent, settled

pytestmark = pytest.mark.django_db
FIRST, SECOND = date(2026, 9, 7), date(2026, 10, 12)  # a day of each employment


@pytest.fixture
def of() -> Department:
    return months.department(FINE, code="D1")


@pytest.fixture
def spells(of: Department) -> list[Staff]:
    """1001 left on 10 September and came back on 9 October."""
    before = agent(of, left_on=date(2026, 9, 10))
    return [before, agent(of, hired_on=date(2026, 10, 9))]


@pytest.fixture
def load(of: Department, tmp_path: Path) -> Callable[..., None]:
    def imported(command: str, *rows: str) -> None:
        path = tmp_path / "rows.csv"
        path.write_text("\n".join(rows), encoding="utf-8")
        call_command(command, str(path), "--department", of.code)

    return imported


def test_a_number_is_the_employment_that_had_begun_by_the_day(of: Department, spells: list[Staff]) -> None:
    days = [date(2019, 1, 1), FIRST, date(2026, 9, 20), SECOND, None]
    found = [numbered(Staff.objects.all(), of, "1001", day) for day in days]
    assert found == [spells[0], spells[0], spells[0], spells[1], spells[1]]


def test_imported_incidents_attendance_leave_and_metrics_are_of_the_employment_of_their_day(
    spells: list[Staff], load: Callable[..., None]
) -> None:
    load("import_incidents", "工号,日期,条款", f"1001,{FIRST},t-fine", f"1001,{SECOND},t-fine")
    load(
        "import_attendance",
        "工号,日期,迟到分钟,早退分钟,旷工天数",
        f"1001,{FIRST},5,0,0",
        f"1001,{SECOND},6,0,0",
    )
    load("import_leave", "工号,假别,开始日期,天数", f"1001,事假,{FIRST},1", f"1001,事假,{SECOND},1")
    load(
        "import_metrics",
        "工号,月份,指标,数值",
        "1001,2026-09,satisfaction,0.9",
        "1001,2026-10,satisfaction,0.8",
    )
    for model, day in ((Incident, "work_date"), (Attendance, "work_date"), (Leave, "starts_on")):
        assert list(model.objects.order_by(day).values_list("staff", day)) == [
            (spells[0].pk, FIRST), (spells[1].pk, SECOND)
        ]  # fmt: skip
    assert list(Metric.objects.order_by("month").values_list("staff", flat=True)) == [
        each.pk for each in spells
    ]


def test_the_api_and_the_page_record_for_the_employment_of_the_day(
    of: Department, spells: list[Staff]
) -> None:
    manager = factories.account("manager", of)
    client = with_token(issue(manager, departments=[of])[1])
    for day, spell in zip((FIRST, SECOND), spells, strict=True):
        body = {"department": "D1", "number": "1001", "code": "t-fine", "work_date": str(day), "note": "漏记"}
        assert client.post("/api/v1/incidents/", body, format="json").status_code == 201
        assert Incident.objects.latest("pk").staff == spell
        form = RecordForm({"who": "1001", "work_date": str(day), "code": "t-fine"}, account=manager)
        assert form.staff == spell


def test_two_payslips_of_one_number_in_a_month_lead_to_each_other(of: Department) -> None:
    before = agent(of, left_on=None)
    staff_leave(staff=before, last_day=date(2026, 10, 9), by=None, at=months.LONG_AGO)
    after = agent(of, hired_on=date(2026, 10, 20))
    hr = factories.account("hr", of)
    settled(of, OCTOBER)
    assert Payslip.objects.count() == 2
    client = Client()
    client.force_login(hr)
    last, first = (client.get(f"/pay/D1/2026-10/1001/{query}") for query in ("", f"?employment={before.pk}"))
    assert (last.context["slip"].staff, first.context["slip"].staff) == (after, before)
    assert f'href="?employment={before.pk}"' in last.content.decode()
    assert f'href="?employment={after.pk}"' in first.content.decode()
    assert client.get(f"/pay/D1/2026-10/1001/orders?employment={before.pk}").context["slip"].staff == before
    assert client.get(f"/pay/D1/2026-10/1001/?employment={before.pk + 999}").status_code == 404
