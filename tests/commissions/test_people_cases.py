"""Files of metrics, attributions and staff as tools and offices write them, with what they come to."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from commissions.imports import attribution_loader, metrics_loader, orders_loader
from commissions.models import Metric, Order
from imports.batches import ImportReport, run_import
from people.imports import staff_loader
from people.models import Alias, Department, Staff
from sheets.questions import QuestionsOpen
from tests import factories
from tests.factories import WHEN

CASES = Path(__file__).parents[3] / "shared" / "cases"
AT = datetime(2026, 11, 2, 9, tzinfo=WHEN.tzinfo)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not CASES.exists(), reason="the folder of cases is not beside this checkout"),
]


@pytest.fixture
def place() -> Department:
    return factories.department("D1", name="客服部")


def bring(place: Department, name: str, **answers: Any) -> ImportReport:
    kind = name.split("-")[1].split(".")[0]
    load = {
        "staff": lambda: staff_loader(department=place, effective_on=date(2026, 10, 1), by=None, at=AT),
        "metrics": lambda: metrics_loader(department=place, by=None, at=AT),
        "attribution": lambda: attribution_loader(department=place, by=None, at=AT),
        "orders": lambda: orders_loader(department=place, as_of=date(2026, 10, 31)),
    }[kind]()
    return run_import(
        department=place,
        kind=kind,
        path=CASES / name,
        profile=None,
        by=None,
        at=AT,
        dry_run=False,
        load=load,
        answers={key.replace("__", ":"): value for key, value in answers.items()},
    )


def metrics(code: str) -> dict[str, Decimal]:
    rows = Metric.objects.filter(part=None, code=code).order_by("as_of", "pk")
    return {row.staff.number: row.value.normalize() for row in rows if row.staff}


def asked(place: Department, name: str, **answers: Any) -> list[str]:
    with pytest.raises(QuestionsOpen) as open_questions:
        bring(place, name, **answers)
    return [each.key for each in open_questions.value.questions]


def test_one_day_never_replaces_the_month(place: Department) -> None:
    bring(place, "import-staff.csv")
    bring(place, "import-metrics-month.csv")
    key = "part:2026-10-31~2026-10-31"
    with pytest.raises(QuestionsOpen, match="整月 65%，这份 90%"):
        bring(place, "import-metrics-one-day.csv")
    report = bring(place, "import-metrics-one-day.csv", **{key: "part"})
    assert metrics("conversion_rate") == {"9101": Decimal("0.65")}
    assert "2026-10-31 的数值只是一段的，另外存着，不代替整月的。" in report.summary.notes


def test_marks_are_no_values_and_totals_no_people(place: Department) -> None:
    bring(place, "import-staff.csv")
    report = bring(place, "import-metrics-marks.csv")
    assert metrics("conversion_rate") == {"9101": Decimal("0.7")}
    assert metrics("response_seconds") == {"9101": 25, "9103": 30}
    assert "2 行没有导入" in " ".join(report.summary.notes)


def test_nicknames_are_mapped_once_and_the_period_is_in_the_files_name(place: Department) -> None:
    bring(place, "import-staff.csv")
    name = "import-metrics-nicknames_2026-10-01至2026-10-31.xlsx"
    assert asked(place, name) == ["person:小一", "person:小二"]
    bring(place, name, person__小一="9101", person__小二="9102")
    assert metrics("conversion_rate") == {"9101": Decimal("0.71")}
    assert metrics("reply_rate") == {"9101": 1, "9102": 1}
    assert {str(each.first_day) for each in Alias.objects.all()} == {"2026-10-01"}
    bring(place, "import-orders-other-numbers.csv")
    key = "person:演示店:小一"
    assert asked(place, "import-attribution-nickname.csv") == [key]
    bring(place, "import-attribution-nickname.csv", **{key: "9101"})
    assert Order.objects.get(order_no="Z2").agent.number == "9101"


def test_lost_zeros_are_asked(place: Department) -> None:
    bring(place, "import-staff-other-numbers.csv")
    bring(place, "import-orders-other-numbers.csv")
    assert dict(Order.objects.values_list("order_no", "agent__number")) == {
        "Z1": "001",
        "Z2": "KF03",
        "Z3": "KF03",
    }
    with pytest.raises(QuestionsOpen, match="前面的 0 丢了"):
        bring(place, "import-attribution-zero-lost.xlsx")
    bring(place, "import-attribution-zero-lost.xlsx", zeros__落实客服工号="yes")
    assert Order.objects.get(order_no="Z2").agent.number == "001"


def test_a_staff_list_with_titles_totals_and_signatures(place: Department) -> None:
    report = bring(place, "import-staff-trailer.csv")
    people = Staff.objects.order_by("number").values_list("number", "name", "hired_on")
    assert list(people) == [("9101", "某1", date(2024, 1, 5)), ("9102", "某2", date(2024, 3, 1))]
    assert "没有导入" in " ".join(report.summary.notes)


def test_cells_as_readers_give_them(place: Department) -> None:
    bring(place, "sheets-staff-number-format.xlsx")
    assert set(Staff.objects.values_list("number", flat=True)) == {"0007", "0012", "KF003"}
