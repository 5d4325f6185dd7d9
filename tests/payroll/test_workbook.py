"""The payroll workbook: its figures tie to the stored lines, whatever people are called."""

import io
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commissions.models import Order
from payroll.errors import PeriodRefused
from payroll.exports import payroll_export
from payroll.models import ManualLine, PayLine, Payslip, SettlementPeriod
from payroll.services.manual_lines import manual_line_add
from payroll.workflow import period_open
from people.models import Department
from tests import factories
from tests.factories import WHEN
from tests.payroll import sample
from workbench.benchmarks import workbook as benchmark

pytestmark = pytest.mark.django_db

Rows = list[dict[str, Any]]
COLUMNS = ["基本工资", "绩效", "提成", "奖金", "补贴", "罚款", "请假扣款", "其他"]


def exported(period: SettlementPeriod) -> openpyxl.Workbook:
    stream = io.BytesIO()
    payroll_export(period=period, target=stream)
    stream.seek(0)
    return openpyxl.load_workbook(stream)


def table(book: openpyxl.Workbook, title: str) -> Rows:
    header, *rows = book[title].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def money(value: Any) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))


def verdicts(book: openpyxl.Workbook) -> dict[str, str]:
    return {row["项目"]: row["结论"] for row in table(book, "核对") if row["结论"]}


@pytest.fixture
def department() -> Department:
    return sample.department(name="客服一部")


def test_the_payroll_shows_each_payslip_by_number_and_their_sums(department: Department) -> None:
    second = sample.agent(department, "1002", name="林芳", refunds="1000.00")
    sample.agent(department, "1001", name="陈晓")
    sample.incident(second, "t-fine")
    period = sample.settled(department)
    one, two, total = table(exported(period), "工资表")
    assert [one["工号"], one["姓名"], one["部门"], one["岗位"], one["职级"]] == [
        "1001",
        "陈晓",
        "客服一部 A",
        "客服",
        "初级客服",
    ]
    assert [money(two[name]) for name in COLUMNS] == [
        Decimal(each) for each in ("3000.00", "0", "135.00", "0", "300.00", "-10.00", "0", "0")
    ]
    assert [money(two[name]) for name in ("应发", "应扣", "实发")] == [
        Decimal("3435.00"),
        Decimal("10.00"),
        Decimal("3425.00"),
    ]
    assert (total["工号"], total["姓名"], total["部门"]) == ("合计", "2人", "客服一部 2026年10月")
    for name in [*COLUMNS, "应发", "应扣", "实发"]:
        assert money(total[name]) == money(one[name]) + money(two[name])


def test_the_lines_add_up_to_each_payslip(department: Department) -> None:
    for number in ("1001", "1002", "1003"):
        sample.incident(sample.agent(department, number), "t-fine")
    period = sample.settled(department)
    book = exported(period)
    lines = table(book, "明细")
    assert len(lines) == PayLine.objects.count() == 12
    for slip in table(book, "工资表")[:-1]:
        own = [money(line["金额"]) for line in lines if line["工号"] == slip["工号"]]
        assert sum(own) == money(slip["实发"])
    fine = next(line for line in lines if line["条款编号"] == "t-fine")
    assert (fine["项目"], fine["版本"], fine["来历"], fine["归属月份"], fine["性质"]) == (
        "记录疏漏",
        "第1版",
        "当月",
        "2026-10",
        "纪律",
    )
    assert fine["日期"] == datetime(2026, 10, 5)
    assert all(line["说明"] for line in lines)


def test_fines_and_commissions_have_sheets_of_their_own(department: Department) -> None:
    person = sample.agent(department, "1001", sales="20000.00", refunds="500.00")
    sample.incident(person, "t-fine", day=7)
    book = exported(sample.settled(department))
    fine, fines = table(book, "罚款")
    assert (fine["工号"], fine["日期"], fine["条款"], fine["金额"]) == (
        "1001",
        datetime(2026, 10, 7),
        "t-fine 记录疏漏",
        -10,
    )
    assert (fines["工号"], fines["姓名"], fines["金额"]) == ("合计", "1笔", -10)
    commission, total = table(book, "提成")
    assert [commission[name] for name in ("付款", "退款", "净额", "订单数", "分档指标")] == [
        20000,
        500,
        19500,
        1,
        "询单转化率 0.72",
    ]
    assert commission["金额"] == total["金额"] == 292.5
    assert "1.5%" in commission["说明"]


def test_what_caps_hold_back_is_carried_and_shown() -> None:
    capped = sample.department("D9", caps=True, minimum_wage=Decimal("2000.00"))
    sample.incident(sample.agent(capped, "1001"), "t-loss", amount=Decimal("900.00"))
    row, total = table(exported(sample.settled(capped)), "转下月")
    assert (row["类别"], row["来自月份"], row["条款"]) == ("扣款", "2026-10", "t-loss 赔偿损失")
    # Gross 3,000 + 150 + 300: at most 690 for losses.
    assert [row[name] for name in ("应扣", "已扣", "转下月")] == [900, 690, 210]
    assert [total[name] for name in ("应扣", "已扣", "转下月")] == [900, 690, 210]


def test_a_negative_commission_base_is_carried_and_shown(department: Department) -> None:
    sample.agent(department, "1001", sales="100.00", refunds="400.00")
    row, total = table(exported(sample.settled(department)), "转下月")
    assert (row["类别"], row["转下月"], row["应扣"]) == ("提成基数", -300, None)
    assert total["转下月"] == 0


def test_the_control_totals_agree(department: Department) -> None:
    for number in ("1001", "1002"):
        sample.incident(sample.agent(department, number, refunds="300.00"), "t-fine")
    Order.objects.create(
        department=department, order_no="X", paid_at=WHEN, amount=Decimal("77.00"), as_of=date(2026, 10, 31)
    )
    book = exported(sample.settled(department))
    rows = {row["项目"]: row for row in table(book, "核对")}
    assert set(verdicts(book).values()) == {"一致"}
    assert [rows[name]["甲"] for name in ("有归属付款", "有归属退款", "有归属订单数", "无归属付款")] == [
        20000,
        600,
        2,
        77,
    ]
    assert (rows["结算订单收入"]["甲"], rows["结算订单支出"]["甲"], rows["结算订单笔数"]["甲"]) == (
        20000,
        -600,
        4,
    )
    assert rows["奖惩金额"]["甲"] == rows["奖惩金额"]["乙"] == -20
    assert rows["工资月份"]["甲（来源）"] == "客服一部 2026年10月"


def test_what_changed_after_settlement_shows_as_a_difference(department: Department) -> None:
    person = sample.agent(department, "1001")
    period = sample.settled(department)
    Order.objects.filter(agent=person).update(amount=Decimal("10500.00"))
    sample.incident(person, "t-fine")
    manual_line_add(
        period=period,
        staff=person,
        title="垫付",
        amount=Decimal("8.00"),
        reason="快递费",
        by=factories.account("hr", department),
        at=WHEN,
    )
    book = exported(period)
    rows = {row["项目"]: row for row in table(book, "核对")}
    differing = {name for name, verdict in verdicts(book).items() if verdict == "不一致"}
    assert differing == {"有归属付款", "结算订单收入", "奖惩金额", "手工项目"}
    assert rows["有归属付款"]["差额"] == -500
    assert "重新结算" in rows["奖惩金额"]["说明"]
    assert ManualLine.objects.count() == 1 and rows["手工项目"]["差额"] == 8


def test_who_could_not_be_settled_stands_there_with_the_reason(department: Department) -> None:
    sample.agent(department, "1001")
    broken = sample.agent(department, "1002")
    broken.metrics.all().delete()
    book = exported(sample.settled(department))
    row = table(book, "工资表")[1]
    assert [money(row[name]) for name in ("应发", "应扣", "实发")] == [0, 0, 0]
    assert row["签名"].startswith("未能结算：缺2026年10月的询单转化率")
    footer = [cell.value for cell in list(book["工资表"].rows)[-1]]
    assert footer[:2] == ["合计", "2人"] and footer[-1] == "合计不含未能结算的1人"
    assert verdicts(book)["未能结算人数"] == "不一致"


@pytest.mark.parametrize("name", ["=1+1", "+86", "-2", "@SUM(A1)"])
def test_names_that_look_like_formulas_stay_text(department: Department, name: str) -> None:
    person = sample.agent(department, "1001", name=name)
    sample.incident(person, "t-fine")
    book = exported(sample.settled(department))
    for title in ("工资表", "明细", "罚款", "提成"):
        cell = book[title]["B2"]
        assert (cell.data_type, cell.value) == ("s", name)


def test_every_sheet_can_be_read_and_printed(department: Department) -> None:
    sample.agent(department, "1001")
    book = exported(sample.settled(department))
    assert book.sheetnames == ["工资表", "明细", "罚款", "提成", "转下月", "核对"]
    for sheet in book:
        assert sheet.freeze_panes == "A2" and sheet.print_title_rows == "$1:$1"
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.page_setup.fitToWidth == 1 and "&P" in sheet.oddFooter.center.text
        assert sheet.oddHeader.center.text == f"客服一部 2026年10月 {sheet.title}"
    payroll = book["工资表"]
    headers = [cell.value for cell in payroll[1]]
    assert payroll.cell(2, headers.index("实发") + 1).number_format == "#,##0.00"
    assert book["明细"]["H2"].number_format == "yyyy-mm-dd"


def test_the_number_of_queries_does_not_depend_on_people() -> None:
    counts = []
    for people, code in ((10, "S"), (50, "L")):
        department = sample.department(code)
        for i in range(people):
            sample.incident(sample.agent(department, str(100 + i)), "t-fine")
        period = sample.settled(department)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            exported(period)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 25


def test_the_export_reads_stored_lines_only(department: Department) -> None:
    person = sample.agent(department, "1001")
    period = sample.settled(department)
    person.terms.update(base_pay=Decimal("9999.00"))
    row = table(exported(period), "工资表")[0]
    assert row["基本工资"] == 3000


def test_there_is_nothing_to_export_before_settlement_nor_during_it(department: Department) -> None:
    period = period_open(department=department, month=sample.MONTH)
    with pytest.raises(PeriodRefused, match="还没有结算"):
        payroll_export(period=period, target=io.BytesIO())
    SettlementPeriod.objects.filter(pk=period.pk).update(state="computing")
    with pytest.raises(PeriodRefused, match="正在结算"):
        payroll_export(period=period, target=io.BytesIO())


def test_the_command_writes_the_file_and_names_it(department: Department, tmp_path: Path) -> None:
    sample.agent(department, "1001")
    sample.settled(department)
    path, out = tmp_path / "新目录" / "工资 10月.xlsx", StringIO()
    call_command("export_payroll", "2026-10", department="D1", output=str(path), stdout=out)
    assert out.getvalue().strip() == f"已导出：{path}"
    assert table(openpyxl.load_workbook(path), "工资表")[0]["实发"] == 3450


@pytest.mark.parametrize(
    ("month", "code", "output", "message"),
    [
        ("2026-10", "D1", "a.xlsx", "还没有结算"),
        ("2026-13", "D1", "a.xlsx", "不是月份"),
        ("2026-10", "D7", "a.xlsx", "没有代码"),
        ("2026-10", "D1", "a.csv", "须以 .xlsx 结尾"),
    ],
)
def test_the_command_says_what_is_wrong(
    department: Department, tmp_path: Path, month: str, code: str, output: str, message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("export_payroll", month, department=code, output=str(tmp_path / output))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_the_settle_command_names_who_failed(department: Department) -> None:
    sample.agent(department, "1001")
    sample.agent(department, "1002", name="林芳").metrics.all().delete()
    out = StringIO()
    call_command("settle", "2026-10", department="D1", stdout=out)
    assert "客服一部 2026年10月：已结算2人，1人未能结算" in out.getvalue()
    assert "1002 林芳：缺2026年10月的询单转化率" in out.getvalue()
    assert "补救：导入1002 林芳的询单转化率后重新结算" in out.getvalue()
    assert Payslip.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_settle_command_leaves_a_frozen_month_alone(department: Department) -> None:
    sample.agent(department, "1001")
    period = sample.settled(department)
    SettlementPeriod.objects.filter(pk=period.pk).update(
        state="approved", approved_by=factories.account("gm"), approved_at=WHEN
    )
    with pytest.raises(CommandError, match="已批准，不能重新计算"):
        call_command("settle", "2026-10", department="D1")


def test_the_benchmark_measures_and_leaves_nothing() -> None:
    result = benchmark.run(5)
    assert set(result) == {"seconds", "floor_seconds", "ratio", "queries", "peak_mb"}
    assert not Payslip.objects.exists()
