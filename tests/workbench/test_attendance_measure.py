"""The measure of attendance fills tables by itself: their columns must not leave it behind."""

import pytest

from shifts.models import Attendance
from workbench.benchmarks import attendance, attendance_report

pytestmark = pytest.mark.django_db


def test_the_measure_of_attendance_derives_every_day_and_takes_its_data_back() -> None:
    result = attendance.run(20)
    assert result["days"] == 20 * 31 and result["queries"] < 30
    assert not Attendance.objects.exists()


def test_the_measure_of_a_report_imports_it_and_takes_its_data_back() -> None:
    few, more = attendance_report.run(2), attendance_report.run(20)
    assert few["queries"] == more["queries"] < 60
    assert not Attendance.objects.exists()
