"""A real shop's month, from the files as users have them to the workbook (s000-05, s004-05)."""

import csv
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command

from payroll.models import PayLine, Payslip

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shop's files are not beside this checkout"),
]
BASE_PAY = {"高级客服": "3000", "中级客服": "2500", "初级客服": "2200", "试用": "1800"}


def read(name: str, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with (SAMPLES / name).open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def workbook(tmp_path: Path) -> openpyxl.Workbook:
    """The department's February 2020, through the commands that people use."""
    call_command("load_rulebooks")
    call_command("create_department", code="kf1", name="客服一部")
    for rulebook in ("s000-05", "s004-05"):
        call_command("adopt_rulebook", rulebook, "--department=kf1", "--from=2020-02-01")
    for kind, name in (
        ("staff", "staff.csv"),
        ("orders", "tmall_order_report.csv"),
        ("attribution", "tmall_attribution.csv"),
        ("metrics", "chitu_performance_2020-02.csv"),
    ):
        call_command(f"import_{kind}", str(SAMPLES / name), department="kf1")
    call_command("settle", "2020-02", department="kf1")
    path = tmp_path / "2020-02.xlsx"
    call_command("export_payroll", "2020-02", department="kf1", output=str(path))
    return openpyxl.load_workbook(path)


def test_february_2020_settles_to_the_sums_of_the_source_files(workbook: openpyxl.Workbook) -> None:
    agents = {row["订单编号"]: row["落实客服工号"] for row in read("tmall_attribution.csv")}
    kept, refunded = defaultdict(Decimal), defaultdict(Decimal)
    for row in read("tmall_order_report.csv"):
        if row["订单付款时间"].startswith("2020/2/"):
            agent = agents.get(row["订单编号"], "")
            kept[agent] += Decimal(row["买家实际支付金额"])
            refunded[agent] += Decimal(row["退款金额"])
    rates = {
        row["客服工号"]: Decimal("0.015" if Decimal(row["询单->最终付款转化率"][:-1]) > 70 else "0.01")
        for row in read("chitu_performance_2020-02.csv", "gb18030")
    }
    lead = max((agent for agent in kept if agent), key=lambda agent: kept[agent])

    for row in read("staff.csv", "gb18030"):
        number = row["工号"]
        lines = {line.code: line.amount for line in PayLine.objects.filter(payslip__number=number)}
        commission = (kept[number] * rates[number]).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert lines.pop("s000-05-r-02") == commission
        assert lines.pop("s004-05-6-00") == Decimal(BASE_PAY[row["职级"]])
        assert lines.pop("performance-bonus", 0) == Decimal(row["绩效奖金"])
        assert lines.pop("s000-05-r-03", 0) == (50 if number == lead else 0)
        assert lines == {}

    checks = {row[0]: row for row in workbook["核对"].iter_rows(values_only=True)}
    by_agents = sum((amount for agent, amount in refunded.items() if agent), Decimal(0))
    assert Decimal(str(checks["有归属退款"][2])) == by_agents
    assert Decimal(str(checks["无归属退款"][2])) == refunded[""]
    net = sum((amount for agent, amount in kept.items() if agent), Decimal(0))
    assert Decimal(str(checks["有归属净额"][2])) == net
    assert {row[6] for row in checks.values() if row[6] and row[0] != "项目"} == {"一致"}


def test_the_workbook_has_a_row_for_everybody_and_its_total_is_what_is_paid(
    workbook: openpyxl.Workbook,
) -> None:
    rows = list(workbook["工资表"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == [f"100{i}" for i in range(1, 9)] + ["合计"]
    paid = sum((slip.net for slip in Payslip.objects.all()), Decimal(0))
    assert Decimal(str(rows[-1][17])) == paid > 0
