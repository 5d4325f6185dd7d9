"""The payment file pays each payslip once, and a month is paid by the bank's receipt."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.errors import Refused
from payroll.errors import FilingRefused, PeriodRefused
from payroll.models import BankPayment, BankReceipt, PayLine, Payslip, SettlementPeriod
from payroll.services.bank_payments import bank_payment_export, bank_payment_file, bank_receipt_record
from payroll.services.periods import period_approve, period_mark_paid, period_send_back
from people.models import AccessLog, Account, Employer
from tests import factories
from tests.payroll import filed as made
from tests.payroll import months
from tests.payroll.filed import NOVEMBER_3, Filed, filed

pytestmark = pytest.mark.django_db

NOVEMBER_4, NOVEMBER_5, NOVEMBER_6 = (months.next_month(months.OCTOBER, day) for day in (4, 5, 6))


def hr_of(of: Filed) -> Account:
    return Account.objects.filter(username="hr").first() or factories.account(
        "hr", of.department, username="hr"
    )


def export(of: Filed, layout: str = "bank-icbc", seen: int = 0, at: Any = NOVEMBER_3) -> BankPayment:
    return bank_payment_export(period=of.period, layout=layout, seen=seen, by=hr_of(of), at=at)


def content(payment: BankPayment) -> bytes:
    target = io.BytesIO()
    bank_payment_file(payment=payment, by=payment.by, at=NOVEMBER_4).write(target=target)
    return target.getvalue()


def receive(payment: BankPayment, amount: Any = None, **given: Any) -> BankReceipt:
    return bank_receipt_record(
        payment=payment,
        amount=payment.total if amount is None else Decimal(amount),
        by=payment.by,
        **{"number": "R1", "at": NOVEMBER_4, **given},
    )


def state_of(of: Filed) -> str:
    return SettlementPeriod.objects.get(pk=of.period.pk).state


def test_the_file_pays_each_payslip_its_net_on_its_account() -> None:
    of = filed()
    payment = export(of)
    nets = Payslip.objects.filter(period=of.period).aggregate(net=Sum("net"))["net"]
    assert (payment.count, payment.total, payment.nth, payment.left_out) == (3, nets, 1, [])
    active: Any = openpyxl.load_workbook(io.BytesIO(content(payment))).active
    rows = [[cell.value for cell in row] for row in active.iter_rows()]
    first = dict(zip(rows[0], rows[1], strict=True))
    assert (first["收款账号"], first["收款账号名称"], first["金额"]) == (
        "6222020000000000001", "员工1001", "3000.00"
    )  # fmt: skip
    assert active["L2"].data_type == "s"
    assert sum(Decimal(row[13]) for row in rows[1:]) == payment.total


def test_a_bank_that_wants_numbers_gets_numbers_and_csv_is_in_its_encoding() -> None:
    of = filed()
    active: Any = openpyxl.load_workbook(io.BytesIO(content(export(of, "bank-ccb")))).active
    assert (active["D2"].data_type, active["D2"].number_format) == ("n", "0.00")
    text = content(export(of, "bank-cmb", seen=1)).decode("gb18030")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[1][:3] == ["6222020000000000001", "员工1001", "3000.00"]
    assert len(rows) == 4


def test_who_has_no_account_or_nothing_to_be_paid_is_listed_and_not_in_the_file() -> None:
    of = filed(accounts=False, approve=False)
    for number in ("1001", "1002"):
        made.account(of.people[number], f"62220200000000{number}")
    Payslip.objects.filter(number="1002").update(gross=0, net=0, deductions=0)
    approve(of)
    payment = export(of)
    assert (payment.count, payment.total) == (1, Decimal("3000.00"))
    assert [(each["number"], each["net"], each["why"]) for each in payment.left_out] == [
        ("1002", "0.00", "实发为0"), ("1003", "3000.00", "没有登记银行账户"),
    ]  # fmt: skip


def test_who_had_no_account_when_the_month_was_paid_is_paid_by_a_file_of_their_own_once() -> None:
    of = filed(accounts=False)
    made.account(of.people["1001"], "62220200000000001")
    first = export(of)
    receive(first)
    with pytest.raises(FilingRefused, match="没有要由银行代发的工资"):
        export(of, seen=1, at=NOVEMBER_5)
    made.account(of.people["1003"], "62220200000000003")
    second, again = export(of, seen=1, at=NOVEMBER_5), export(of, seen=2, at=NOVEMBER_5)
    assert (second.count, second.total) == (1, Decimal("3000.00"))
    assert [each["number"] for each in second.left_out] == ["1002"]
    active: Any = openpyxl.load_workbook(io.BytesIO(content(second))).active
    written = [cell.value for row in active.iter_rows() for cell in row]
    assert "员工1003" in written and "员工1001" not in written
    receive(again, number="R2", at=NOVEMBER_6)
    for payment in (first, second, again):
        with pytest.raises(FilingRefused, match="不用再登记"):
            receive(payment, number="R3", at=NOVEMBER_6)
    assert BankReceipt.objects.count() == 2 and state_of(of) == "paid"
    made.account(of.people["1002"], "62220200000000002")
    last = export(of, seen=3, at=NOVEMBER_6)
    assert (last.count, last.left_out) == (1, [])
    receive(last, number="R4", at=NOVEMBER_6)
    with pytest.raises(FilingRefused, match="不要再发"):
        export(of, seen=4, at=NOVEMBER_6)


def approve(of: Filed) -> None:
    of.period = period_approve(
        period=of.period, reason="测试", by=months.user("批准人"), at=months.next_month(months.OCTOBER, 2)
    )


def test_an_account_in_another_name_is_refused_with_its_row() -> None:
    of = filed(accounts=False)
    made.account(of.people["1001"], "6222020000000000001")
    made.account(of.people["1002"], "6222020000000000002", holder="王五")
    with pytest.raises(FilingRefused, match=r"第2笔 1002 员工1002（户名王五）"):
        export(of)
    assert not BankPayment.objects.exists()


def test_a_name_that_a_spreadsheet_would_compute_is_not_written_to_csv_and_stays_text_elsewhere() -> None:
    of = filed(approve=False, accounts=False)
    Payslip.objects.filter(number="1001").update(name="=1+1")
    made.account(of.people["1001"], "6222020000000000001", holder="=1+1")
    approve(of)
    with pytest.raises(FilingRefused, match="第1笔的收款户名以“=”开头"):
        export(of, "bank-generic-csv")
    active: Any = openpyxl.load_workbook(io.BytesIO(content(export(of, "bank-generic-xlsx")))).active
    assert (active["C2"].value, active["C2"].data_type) == ("=1+1", "s")


def test_a_second_export_says_that_it_is_the_second_and_nobody_makes_it_unawares() -> None:
    of = filed()
    export(of)
    with pytest.raises(FilingRefused, match="刚由别人导出，已是第1次"):
        export(of, seen=0)
    second = export(of, seen=1)
    assert second.nth == 2
    assert "第2次导出" in bank_payment_file(payment=second, by=second.by, at=NOVEMBER_4).name
    with pytest.raises(DatabaseError), transaction.atomic():
        BankPayment.objects.update(total=1)


def test_a_file_that_would_say_something_else_by_now_is_not_downloaded() -> None:
    of = filed()
    payment = export(of)
    assert content(payment) and AccessLog.objects.filter(what="account").count() == 3
    made.account(of.people["1001"], "6222020000000009999")
    with pytest.raises(FilingRefused, match="内容已经不同"):
        content(payment)


def test_the_number_of_queries_does_not_depend_on_people() -> None:
    counts = []
    for code, numbers in (("D1", ["1001"]), ("D2", [f"2{index:03}" for index in range(1, 30)])):
        of = filed(code, numbers=numbers)
        by = hr_of(of)
        with CaptureQueriesContext(connection) as queries:
            bank_payment_export(period=of.period, layout="bank-icbc", seen=0, by=by, at=NOVEMBER_3)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_receipt_marks_the_month_as_paid_once() -> None:
    of = filed()
    payment = export(of)
    receipt = receive(payment)
    assert (state_of(of), receipt.amount) == ("paid", payment.total)
    assert SettlementPeriod.objects.get(pk=of.period.pk).paid_on == date(2026, 10, 31)
    with pytest.raises(FilingRefused, match="现为“已发放”，不能登记回单；不用再登记"):
        receive(payment, number="R2")
    with pytest.raises(FilingRefused, match="不要再发"):
        export(of, seen=1)
    assert BankReceipt.objects.count() == BankPayment.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"amount": "8999.99"}, "两者须相等"),
        ({"number": " "}, "没有回单号，也没有回单文件"),
        ({"on": date(2026, 11, 4)}, "个税按2026年10月发放计算，不能标为2026-11-04发放"),
    ],
)
def test_a_receipt_that_does_not_fit_changes_nothing(given: dict[str, Any], said: str) -> None:
    of = filed()
    payment = export(of)
    with pytest.raises(Refused, match=said):
        receive(payment, **given)
    assert state_of(of) == "approved" and not BankReceipt.objects.exists()


def test_one_receipt_does_not_pay_two_months() -> None:
    of = filed()
    receive(export(of))
    later = months.settled(of.department, months.NOVEMBER)
    later = period_approve(
        period=later, reason="测试", by=months.user("批准人"), at=months.next_month(months.NOVEMBER, 2)
    )
    payment = bank_payment_export(
        period=later, layout="bank-ccb", seen=0, by=hr_of(of), at=months.next_month(months.NOVEMBER, 3)
    )
    with pytest.raises(FilingRefused, match="回单号R1已登记给"):
        receive(payment)
    assert BankReceipt.objects.count() == 1


def test_without_a_receipt_a_month_whose_file_went_out_is_not_marked_as_paid() -> None:
    of = filed()
    export(of)
    with pytest.raises(PeriodRefused, match="须凭银行回单标为已发放"):
        period_mark_paid(period=of.period, by=hr_of(of), at=NOVEMBER_4)
    assert state_of(of) == "approved"


def test_a_month_without_a_file_is_marked_as_paid_as_before() -> None:
    of = filed()
    period_mark_paid(period=of.period, by=hr_of(of), at=NOVEMBER_4)
    assert state_of(of) == "paid"


def test_a_file_of_before_the_month_was_sent_back_pays_nothing() -> None:
    of = filed()
    payment = export(of)
    of.period = period_send_back(period=of.period, reason="重算", by=months.user("批准人"), at=NOVEMBER_3)
    with pytest.raises(FilingRefused, match="已退回重算，这份代发文件作废"):
        content(BankPayment.objects.select_related("period__department").get(pk=payment.pk))
    PayLine.objects.filter(payslip__number="1001").exclude(column="base").delete()
    of.period = period_approve(period=of.period, reason="测试", by=months.user("批准人"), at=NOVEMBER_4)
    with pytest.raises(FilingRefused, match="退回以前导出的"):
        receive(payment)
    assert state_of(of) == "approved"


def test_the_page_pays_with_the_receipt_as_a_file(client: Client, settings: Any, tmp_path: Any) -> None:
    settings.ATTACHMENT_DIR = tmp_path
    of = filed()
    client.force_login(hr_of(of))
    url = f"/pay/{of.department.code}/2026-10/filings"
    page = client.post(f"{url}/bank", {"layout": "bank-cmb", "seen": 0}, follow=True).content.decode()
    payment = BankPayment.objects.get()
    assert "已导出3笔，合计9000.00元" in page and "再导出就是第2次" in page
    file = b"".join(client.get(f"{url}/bank/{payment.pk}").streaming_content)  # type: ignore[attr-defined]
    assert "员工1003" in file.decode("gb18030")
    given = {"amount": "9000.00", "file": SimpleUploadedFile("回单.pdf", b"%PDF-1.7 0000")}
    page = client.post(f"{url}/bank/{payment.pk}/receipt", given, follow=True).content.decode()
    assert "本月已发放" in page and state_of(of) == "paid"
    assert client.get(f"{url}/bank/{payment.pk}/receipt/file").status_code == 200
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    assert len(queries) <= 18


def test_one_receipt_does_not_pay_two_departments_of_an_employer() -> None:
    employer = Employer.objects.create(name="甲公司")
    one, two = filed(employer=employer), filed("D2", numbers=("2007",), employer=employer)
    receive(export(one))
    other = bank_payment_export(
        period=two.period, layout="bank-icbc", seen=0, by=made.keeper(two.department), at=NOVEMBER_3
    )
    with CaptureQueriesContext(connection) as queries, pytest.raises(FilingRefused, match="回单号R1已登记给"):
        receive(other)
    assert any("people_employer" in each["sql"] and "FOR NO KEY UPDATE" in each["sql"] for each in queries)
    assert (state_of(two), BankReceipt.objects.count()) == ("approved", 1)
