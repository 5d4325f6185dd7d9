"""A department's figures and what its metrics count: entering, importing, seeing, and being told."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commissions.definitions import Definitions, metric_define
from commissions.errors import FigureRefused
from commissions.figures import figure_record, figures_in_force, read_figures
from commissions.models import DepartmentFigure, MetricDefinition
from commissions.selectors import figure_rows
from imports.undo import batch_undo
from people.models import Department, FactChange
from sheets.errors import SheetError
from sheets.questions import QuestionsOpen
from tests import factories
from tests.commissions.conftest import Bring
from tests.factories import WHEN

OCTOBER = date(2026, 10, 1)
D = Decimal


def record(department: Department, code: str = "毛利", value: str = "50000", **given):
    facts = {"month": OCTOBER, "by": None, "at": WHEN} | given
    return figure_record(department=department, code=code, value=D(value), **facts)


def define(department: Department, text: str, month: date = OCTOBER):
    return metric_define(department=department, code="退款率", from_month=month, text=text, by=None, at=WHEN)


def test_the_last_figure_holds_and_settlement_is_told_of_what_changed(department: Department) -> None:
    first = record(department)
    assert record(department) == first and first.code == "gross_profit"
    record(department, value="60000.5")
    record(department, value="1", as_of=date(2020, 1, 1))  # came late: what is in force is of a later day
    assert read_figures(department.pk, OCTOBER) == {"gross_profit": D("60000.5")}
    told = FactChange.objects.filter(department=department, month=OCTOBER, source="metrics")
    assert [each.note for each in told] == ["部门数字：毛利"] * 2
    assert DepartmentFigure.objects.count() == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"code": "毛 利"}, "“毛 利”不能作数字的名称；用汉字、字母和下划线"),
        ({"code": "a+b"}, "不能作数字的名称"),
        ({"code": "class"}, "不能作数字的名称"),
        ({"code": "Ｎone"}, "不能作数字的名称"),
        ({"value": "1000000000000"}, "太大"),
    ],
)
def test_a_figure_that_cannot_be_so_changes_nothing(department: Department, given, said) -> None:
    with pytest.raises(FigureRefused, match=said.replace("+", r"\+")):
        record(department, **given)
    assert not DepartmentFigure.objects.exists()
    assert not FactChange.objects.filter(source="metrics").exists()


def test_rows_that_name_nobody_are_the_departments_once_somebody_says_so(bring: Bring) -> None:
    rows = ["工号,指标,数值,月份", "1001,转化率,72%,2026-10", ",推广费,5000,2026-10", ",毛利,50000,2026-10"]
    with pytest.raises(QuestionsOpen, match="没写工号也没写名字") as asked:
        bring("metrics", *rows)
    assert asked.value.questions[0].samples == ("第 4 行：2026年10月 毛利 50000",)
    with pytest.raises(SheetError, match="不能为空"):
        bring("metrics", *rows, answers={"nobody:figures": "person"})
    with pytest.raises(SheetError, match="写了两个数，另一个是 50000"):
        bring("metrics", *rows, ",毛利,1,2026-10", answers={"nobody:figures": "department"})
    assert not DepartmentFigure.objects.exists()
    report = bring("metrics", *rows, answers={"nobody:figures": "department"})
    done = report.summary
    assert (done.rows, done.created, done.months) == (3, 3, {OCTOBER})
    assert ("部门数字 毛利", "2026年10月 50000") in done.totals
    department = Department.objects.get()
    assert read_figures(department.pk, OCTOBER) == {"promotion_cost": D(5000), "gross_profit": D(50000)}
    batch_undo(batch=report.batch, by=factories.account("manager", department), at=WHEN)
    assert read_figures(department.pk, OCTOBER) == {}


def test_months_under_different_definitions_are_not_compared_without_saying_so(
    department: Department,
) -> None:
    define(department, "售后7天", date(2026, 1, 1))
    define(department, "售后15天", date(2026, 9, 1))
    define(department, "售后15天")  # says what holds already
    told = Definitions.of(department.pk)
    assert MetricDefinition.objects.count() == 2
    assert told.on("refund_rate", date(2026, 8, 1)).text == "售后7天"
    assert told.note("refund_rate", date(2026, 9, 1), OCTOBER) == ""
    assert told.note("refund_rate", date(2026, 8, 1), OCTOBER) == (
        "退款率的口径自2026年09月起有变，之前各月按原口径，不能直接相比"
    )
    with pytest.raises(FigureRefused, match="没有写口径"):
        define(department, " ")
    assert MetricDefinition.objects.count() == 2


def test_the_page_shows_months_side_by_side_with_what_cannot_be_compared(
    client: Client, department: Department
) -> None:
    record(department, month=date(2026, 8, 1))
    record(department, value="61234.50")
    metric_define(department=department, code="毛利", from_month=OCTOBER, text="扣除运费", by=None, at=WHEN)
    client.force_login(factories.account("manager", department))
    page = client.get("/figures/D1/?month=2026-10").content.decode()
    assert "61234.5" in page and "毛利的口径自2026年10月起有变" in page
    assert client.get("/figures/D1/?month=x").status_code == 200
    sent = {"month": "2026-09", "code": "推广费", "value": "5000"}
    assert client.post("/figures/D1/", sent | {"month": "九月"}).status_code == 200
    assert client.post("/figures/D1/", sent | {"code": "a b"}).status_code == 200
    assert DepartmentFigure.objects.count() == 2
    assert client.post("/figures/D1/", sent).status_code == 302
    assert read_figures(department.pk, date(2026, 9, 1)) == {"promotion_cost": D(5000)}
    said = {"code": "满意度", "from_month": "2026-10", "text": "只计评价过的会话"}
    assert client.post("/metric-definitions/D1/", said).status_code == 302
    assert "只计评价过的会话" in client.get("/metric-definitions/D1/").content.decode()
    client.force_login(factories.account("agent", department))
    assert client.get("/figures/D1/").status_code == 404
    assert client.post("/metric-definitions/D1/", said).status_code == 404


def test_the_table_takes_two_queries_whatever_it_shows(department: Department) -> None:
    months = [date(2026, month, 1) for month in range(5, 11)]
    for month in months:
        for code in ("毛利", "纯利", "推广费"):
            record(department, code, month=month)
    with CaptureQueriesContext(connection) as queries:
        rows = figure_rows(department, months)
    assert len(queries) == 2 and [row.label for row in rows] == ["推广费", "毛利", "纯利"]
    assert len(figures_in_force(department.pk, months)) == 18


@pytest.mark.parametrize("written", ["ＡＢ费", " AB费"])
def test_a_name_is_kept_as_formulas_read_it(department: Department, written: str) -> None:
    assert record(department, written).code == "AB费"
