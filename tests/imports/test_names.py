"""A number and a name that do not belong together are a fault of every import that brings both."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commissions.models import Order
from people.models import Department, Staff
from tests import factories
from tests.imports.uploads import State, brought, imported, orders, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]

ATTENDANCE = "工号,姓名,日期,迟到分钟\n"
FILES = {
    "attendance": (ATTENDANCE, "1001,{},2026-10-09,5"),
    "daily report": (
        "工号,姓名,日期,班次,上班1打卡时间,下班1打卡时间\n",
        "1001,{},2026-10-09,白班 08:30-17:30,08:30,17:30",
    ),
    "leave": ("工号,姓名,开始日期,天数,类型\n", "1001,{},2026-10-09,1,事假"),
    "metrics, wide": ("日期范围,客服工号,姓名,咨询人数\n", "2026-10-01~2026-10-31,1001,{},5"),
    "metrics, long": ("工号,姓名,指标,数值,月份\n", "1001,{},转化率,60%,2026-10"),
    "attribution": ("订单编号,落实客服工号,落实客服姓名\n", "7001,1001,{}"),
    "incidents": ("工号,姓名,条款,日期,说明\n", "1001,{},迟到,2026-10-09,晚到"),
    "bases": ("工号,姓名,缴费基数,起月\n", "1001,{},5000,2026-09"),
    "deductions": ("工号,姓名,扣除项目,每月金额,起月\n", "1001,{},住房租金,1500,2026-09"),
    "tax_openings": ("工号,姓名,截至月份,累计收入,累计已预扣税额\n", "1001,{},2026-09,50000,0"),
    "opening": ("工号,姓名,期初项目,截至日期,数值\n", "1001,{},得分,2026-09-30,90"),
    "staff": ("工号,姓名,入职日期\n", "1001,{},2020-01-01"),
}


@pytest.fixture
def people(place: Department) -> list[Staff]:
    return [factories.staff(place, "1001", name="张三"), factories.staff(place, "1002", name="李四")]


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.usefixtures("people")
def test_a_name_that_is_somebody_elses_is_a_fault_with_row_field_and_remedy(page: Client, kind: str) -> None:
    header, row = FILES[kind]
    imported(page, orders("7001,2026-10-03 10:00:00,100.00,"))
    upload = brought(page, header + row.format("李四") + "\n")
    assert upload.state == State.INVALID, (upload.state, upload.message)
    (error,) = [each for each in upload.found["errors"] if "姓名" in each["column"]]
    assert (error["row"], error["value"]) == (2, "李四")
    assert error["message"] == "与工号不符，工号 1001 是张三"
    assert error["remedy"] == "李四的工号是 1002，请改正工号，或者把姓名改成张三"
    assert set(Staff.objects.values_list("number", "name")) == {("1001", "张三"), ("1002", "李四")}
    assert Order.objects.get().agent is None


@pytest.mark.parametrize("kind", [kind for kind in FILES if kind not in ("incidents",)])
@pytest.mark.parametrize("name", ["张三", " 张 三 ", ""])
@pytest.mark.usefixtures("people")
def test_the_right_name_however_it_is_written_or_none_is_no_fault(page: Client, kind: str, name: str) -> None:
    if kind == "staff" and not name:
        return
    header, row = FILES[kind]
    imported(page, orders("7001,2026-10-03 10:00:00,100.00,"))
    upload = brought(page, header + row.format(name) + "\n")
    assert upload.state == State.READY, (upload.message, upload.found.get("errors"))


@pytest.mark.usefixtures("people")
def test_a_name_that_nobody_has_is_a_fault_and_says_what_may_be_wrong(page: Client) -> None:
    (error,) = brought(page, ATTENDANCE + "1001,王五,2026-10-09,5\n").found["errors"]
    assert error["remedy"] == "工号写错请改工号，姓名写错请改成张三；登记的姓名不对请先在员工页更正"


@pytest.mark.usefixtures("people")
def test_an_unknown_number_beside_a_known_name_is_told_the_right_one(page: Client) -> None:
    (error,) = brought(page, ATTENDANCE + "1099,李四,2026-10-09,5\n").found["errors"]
    assert (error["column"], error["remedy"]) == (
        "工号",
        "李四的工号是 1002；请改正工号，或者先导入员工",
    )


@pytest.mark.usefixtures("people")
def test_somebody_new_with_a_known_name_is_pointed_out(page: Client) -> None:
    upload = brought(page, "工号,姓名,入职日期\n1011,张三,2026-10-01\n")
    assert upload.state == State.READY
    assert "新员工 1011 张三与 1001 同名，请核对不是同一个人" in text(page, f"/imports/{upload.pk}/")


@pytest.mark.usefixtures("people")
def test_the_preview_shows_the_name_beside_the_number(page: Client) -> None:
    upload = brought(page, "工号,日期,迟到分钟\n1002,2026-10-09,5\n")
    cell = upload.found["sample"]["rows"][0]["cells"][0]
    assert (cell["text"], cell["name"]) == ("1002", "李四")
    assert "李四" in text(page, f"/imports/{upload.pk}/")


def test_names_take_as_many_queries_for_many_rows_as_for_one(
    page: Client, place: Department, people: list[Staff]
) -> None:
    for n in range(1100, 1140):
        factories.staff(place, str(n), name=f"员{n}")

    def check(rows: list[str]) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert brought(page, ATTENDANCE + "\n".join(rows)).state == State.READY
        return len(queries)

    one = check(["1001,张三,2026-10-09,5"])
    assert check([f"{n},员{n},2026-10-09,5" for n in range(1100, 1140)]) == one
