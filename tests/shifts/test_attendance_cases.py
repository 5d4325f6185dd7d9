"""The files that went wrong elsewhere, by the commands, with their right values; kept beside the checkout."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from people.models import Department
from shifts.models import Attendance, Leave, Punch, RosterDay
from tests import factories

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not CASES.is_dir(), reason="the files are not beside this checkout"),
]
NOTHING = (0, Decimal(0), 0)


@pytest.fixture
def place() -> Department:
    department = factories.department("D1")
    for number, name in (("9101", "某1"), ("9102", "某2"), ("9103", "某3")):
        factories.staff(department, number, name=name)
    return department


def brought(kind: str, name: str, *answers: str) -> dict[tuple[str, int], tuple]:
    """What the days came to after the import: (number, day) → late, absent, missing."""
    call_command(f"import_{kind}", str(CASES / name), department="D1", answer=[a.split("=") for a in answers])
    rows = Attendance.objects.values_list(
        "staff__number", "work_date__day", "late_minutes", "absent_days", "missing_punches"
    )
    return {(number, day): tuple(rest) for number, day, *rest in rows}


def clocks(number: str, day: date) -> list[str]:
    found = Punch.objects.filter(staff__number=number, at__date=day).order_by("at")
    return [f"{timezone.localtime(punch.at):%H:%M}" for punch in found]


@pytest.mark.parametrize("name", ["import-dingtalk-workbook.xlsx", "import-dingtalk-sheet.xlsx"])
def test_the_export_as_it_is(place: Department, name: str) -> None:
    assert brought("attendance", name) == {("9101", 9): NOTHING, ("9102", 9): NOTHING}
    assert (RosterDay.objects.filter(pattern=None).count(), Punch.objects.count()) == (1, 4)


@pytest.mark.parametrize("name", ["import-dingtalk-same-punch.xlsx", "import-dingtalk-outing.xlsx"])
def test_nobody_is_late_absent_or_missing_a_punch(place: Department, name: str) -> None:
    assert set(brought("attendance", name).values()) == {NOTHING}


def test_leave_by_the_hour_and_of_ones_own(place: Department) -> None:
    figures = brought("attendance", "import-dingtalk-leave-hours.xlsx", "leave_type:例假=annual")
    assert set(figures.values()) == {NOTHING}
    leaves = Leave.objects.order_by("staff__number", "starts_on").values_list("type", "days")
    assert list(leaves) == [
        ("personal", Decimal("0.50")),
        ("compensatory", Decimal(1)),
        ("personal", Decimal("0.06")),
        ("annual", Decimal(1)),
    ]


def test_others_are_counted(place: Department, capsys: pytest.CaptureFixture[str]) -> None:
    assert set(brought("attendance", "import-dingtalk-other-people.xlsx")) == {("9101", 9), ("9102", 9)}
    assert RosterDay.objects.count() == 3
    told = capsys.readouterr().out
    assert "不是本部门的人：某1（88001）、某（没有工号） 2 行没有导入" in told
    assert "没有排班的日子 2 行没有导入" in told


def test_punches_one_a_row(place: Department) -> None:
    brought("attendance", "import-punches-one-a-row.csv")
    assert clocks("9101", date(2026, 10, 9)) == ["08:22", "17:36"]


def test_wecoms_daily_report(place: Department) -> None:
    assert brought("attendance", "import-wecom-daily.xlsx") == {("9101", 9): NOTHING}
    assert clocks("9101", date(2026, 10, 9)) == ["08:20", "17:40"]


def test_approvals(place: Department, capsys: pytest.CaptureFixture[str]) -> None:
    brought("leave", "import-leave-approvals.csv")
    leave = Leave.objects.get()
    assert (leave.staff.number, leave.starts_on, leave.days) == ("9101", date(2026, 10, 9), Decimal(1))
    assert "已撤销的审批单 1 行没有导入" in capsys.readouterr().out


def test_a_day_that_nobody_rostered() -> None:
    department = factories.department("D1")
    factories.staff(department, "1001", name="陈晓", hired_on=date(2019, 1, 1))
    factories.staff(department, "1002", name="林静", hired_on=date(2019, 1, 1))
    assert set(brought("attendance", "sheets-dingtalk-unscheduled.xlsx")) == {("1001", 1)}
    assert not RosterDay.objects.filter(staff__number="1002").exists()
