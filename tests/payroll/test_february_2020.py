"""A real shop's month, from the files as users have them to the workbook.

Commission by s000-05, pay by tier s004-05, lateness s000-10, leave and absence s000-14. What is expected is
computed here from the files alone.
"""

import csv
import re
from collections import defaultdict
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command

from payroll.models import PayLine, Payslip

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.long,
    pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shop's files are not beside this checkout"),
]
ATTENDANCE = "dingtalk_attendance_2020-02.csv"
WITHOUT_CERTIFICATE = ("1008", date(2020, 2, 23))
BASE_PAY = {"高级客服": "3000", "中级客服": "2500", "初级客服": "2200", "试用": "1800"}


def read(name: str, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with (SAMPLES / name).open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def days_of(leave: str) -> set[tuple[str, date]]:
    """(number, day) of the approved leave of a type; each is of one day."""
    rows = [row for row in read(ATTENDANCE) if row["关联的审批单"].startswith(leave)]
    assert all(row["关联的审批单"].endswith(" 1天") for row in rows)
    return {(row["工号"], work_date(row)) for row in rows}


def work_date(row: dict[str, str]) -> date:
    return datetime.strptime(row["日期"].split()[0], "%y-%m-%d").date()


def late(row: dict[str, str]) -> bool:
    """Whether somebody came after the start of the shift, both as HH:MM of the same day."""
    hours = re.search(r"(\d\d:\d\d)-", row["班次"])
    return bool(hours and row["上班1打卡时间"] > hours[1])


def fen(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


@pytest.fixture
def workbook(tmp_path: Path) -> openpyxl.Workbook:
    """The department's February 2020, through the commands that people use."""
    call_command("load_rulebooks")
    call_command("create_department", code="kf1", name="客服一部")
    for rulebook in ("s000-05", "s004-05", "s000-10", "s000-14"):
        call_command("adopt_rulebook", rulebook, "--department=kf1", "--from=2020-02-01")
    for kind, name in (
        ("staff", "staff.csv"),
        ("orders", "tmall_order_report.csv"),
        ("attribution", "tmall_attribution.csv"),
        ("metrics", "chitu_performance_2020-02.csv"),
        ("attendance", "dingtalk_attendance_2020-02.csv"),
    ):
        call_command(f"import_{kind}", str(SAMPLES / name), department="kf1")
    # Everybody but 1008 on the 23rd has brought the doctor's certificate.
    certificates = tmp_path / "certificates.csv"
    seen = [
        f"{number},{day:%Y-%m-%d},1,病假,有"
        for number, day in sorted(days_of("病假") - {WITHOUT_CERTIFICATE})
    ]
    certificates.write_text("\n".join(["工号,开始日期,天数,类型,证明", *seen]), encoding="utf-8")
    call_command("import_leave", str(certificates), department="kf1")
    call_command("settle", "2020-02", department="kf1")
    path = tmp_path / "2020-02.xlsx"
    call_command("export_payroll", "2020-02", department="kf1", output=str(path))
    return openpyxl.load_workbook(path)


ABSENCES = ("s000-10-12-1b", "s000-14-05", "s000-14-05c")


def absences(number: str, base: Decimal) -> dict[str, Decimal]:
    """What lateness, leave and absence of a person cost.

    Late twice is 1 % of base pay each, from the third time on 5 %. A day's pay is base pay by 21.75: a
    day of sick leave is half of it, of personal leave one, of absence three; so is sick leave without a
    certificate, and a shift without any punch or leave.
    """
    own = [row for row in read(ATTENDANCE) if row["工号"] == number]
    times = sum(map(late, own))
    sick, personal = (
        sum(1 for who, _ in days_of(leave) - {WITHOUT_CERTIFICATE} if who == number)
        for leave in ("病假", "事假")
    )
    absent = sum(row["上班1打卡结果"] == row["下班1打卡结果"] == "缺卡" for row in own)
    absent += number == WITHOUT_CERTIFICATE[0]
    day = base / Decimal("21.75")
    costs = (
        base * (min(times, 2) + 5 * max(times - 2, 0)) / 100,
        day * (sick * Decimal("0.5") + personal),
        day * 3 * absent,
    )
    return {code: -fen(cost) for code, cost in zip(ABSENCES, costs, strict=True)}


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
        assert lines.pop("s000-05-r-02") == fen(kept[number] * rates[number])
        base = Decimal(BASE_PAY[row["职级"]])
        assert lines.pop("s004-05-6-00") == base
        assert lines.pop("performance-bonus", 0) == Decimal(row["绩效奖金"])
        assert lines.pop("s000-05-r-03", 0) == (50 if number == lead else 0)
        assert {code: lines.pop(code, Decimal(0)) for code in ABSENCES} == absences(number, base)
        assert lines == {}

    checks = {row[0]: row for row in workbook["核对"].iter_rows(values_only=True)}
    by_agents = sum((amount for agent, amount in refunded.items() if agent), Decimal(0))
    assert Decimal(str(checks["有归属退款"][2])) == by_agents
    assert Decimal(str(checks["无归属退款"][2])) == refunded[""]
    net = sum((amount for agent, amount in kept.items() if agent), Decimal(0))
    assert Decimal(str(checks["有归属净额"][2])) == net
    assert {row[6] for row in checks.values() if row[6] and row[0] != "项目"} == {"一致"}

    rows = list(workbook["工资表"].iter_rows(min_row=2, values_only=True))
    assert [row[0] for row in rows] == [f"100{i}" for i in range(1, 9)] + ["合计"]
    paid = sum((slip.net for slip in Payslip.objects.all()), Decimal(0))
    assert Decimal(str(rows[-1][17])) == paid > 0
