"""The fund on its pages: public to its department, kept by few, decided by others."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from files.models import Attachment
from penalties.fund import fund_balances
from penalties.models import FundCount, FundExpense, FundTransaction, Incident
from penalties.services import (
    Withheld,
    cash_payment_record,
    incident_confirm,
    incident_record,
    incident_reverse,
    withheld_post,
)
from people.models import Account, Department, Staff
from rules.services import version_publish
from tests import factories
from tests.penalties.test_fund import FINE, PNG

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(db: None) -> Iterator[Department]:
    made = factories.department("D7", name="客服七部")
    today = timezone.localdate()
    version_publish(
        department=made,
        effective_on=today - timedelta(days=30),
        rulebooks=[],
        provisions=[FINE],
        by=None,
        at=timezone.now(),
    )
    yield made


@pytest.fixture
def agent(place: Department) -> Staff:
    return factories.staff(place, "7001", name="陆晚晴", account=factories.account("agent"))


@pytest.fixture
def colleague(place: Department) -> Staff:
    return factories.staff(place, "7002", name="沈知秋", account=factories.account("agent"))


def signed_in(account: Account | None) -> Client:
    client = Client()
    client.force_login(account)  # type: ignore[arg-type]
    return client


def fined(staff: Staff) -> Incident:
    now = timezone.now()
    row = incident_record(
        staff=staff, code="c-fine", work_date=timezone.localdate(), note="私下争吵", by=None, at=now
    )
    return incident_confirm(incident=row, by=None, at=now)


def paid(staff: Staff) -> FundTransaction:
    now = timezone.now()
    return cash_payment_record(
        incident=fined(staff),
        staff=staff,
        amount=Decimal("20.00"),
        on=timezone.localdate(),
        key="paid",
        by=None,
        at=now,
    )


def test_a_colleague_reads_name_and_amount_and_nothing_of_what_happened(
    agent: Staff, colleague: Staff
) -> None:
    paid(agent)
    fined(agent)
    client = signed_in(colleague.account)
    for view, words in (("", "陆晚晴 抽查不合格"), ("fines", "陆晚晴"), ("counts", "还没有盘点")):
        page = client.get(f"/fund/?view={view}")
        told = page.content.decode()
        assert page.status_code == 200 and words in told and "私下争吵" not in told
        assert "收款" not in told and "登记盘点" not in told
    assert "20.00" in client.get("/fund/").content.decode()


def test_who_does_not_belong_to_the_department_finds_no_fund(agent: Staff) -> None:
    paid(agent)
    elsewhere = factories.department()
    for account in (
        factories.account("agent", staff=factories.staff(elsewhere)),
        factories.account("manager", elsewhere),
    ):
        client = signed_in(account)
        assert "本部门还没有基金箱" in client.get("/fund/").content.decode()
        assert client.get("/fund/?department=D7").status_code == 404
        assert client.get("/fund/export").status_code == 404


def test_cash_is_taken_once_by_whoever_keeps_the_fund(
    place: Department, agent: Staff, colleague: Staff
) -> None:
    incident = fined(agent)
    address = f"/fund/fines/{incident.pk}/{agent.pk}/"
    sent = {"amount": "20.00", "on": str(timezone.localdate()), "key": "k1"}
    assert signed_in(colleague.account).get(address).status_code == 404
    assert signed_in(colleague.account).post(f"{address}pay", sent).status_code == 404
    assert not FundTransaction.objects.exists()
    client = signed_in(factories.account("supervisor", place))
    assert "登记收款" in client.get(address).content.decode()
    for _ in range(2):
        client.post(f"{address}pay", sent)
    assert fund_balances(place)["cash"] == 20
    page = client.post(f"{address}pay", {**sent, "key": "k2"}, follow=True)
    assert "已经交清" in page.content.decode()
    page = client.post(f"{address}pay", {**sent, "amount": "x", "key": "k3"}, follow=True)
    assert "不是金额" in page.content.decode()
    assert FundTransaction.objects.count() == 1


def test_an_expense_goes_from_its_receipt_to_the_book(
    place: Department, agent: Staff, colleague: Staff
) -> None:
    paid(agent)
    own, boss = signed_in(agent.account), signed_in(factories.account("manager", place))
    form = {"amount": "12.50", "on": str(timezone.localdate()), "reason": "部门饮料", "key": "e1"}
    assert "没有凭据；附上发票" in own.post("/fund/expenses/new", form).content.decode()
    for _ in range(2):
        own.post("/fund/expenses/new", {**form, "receipts": SimpleUploadedFile("发票.png", PNG)})
    expense = FundExpense.objects.get()
    address = f"/fund/expenses/{expense.pk}/"
    receipt = f"/files/{Attachment.objects.get().stored_name}"
    assert signed_in(colleague.account).get(receipt).status_code == 200
    stranger = signed_in(factories.account("agent", staff=factories.staff(factories.department())))
    assert (stranger.get(receipt).status_code, stranger.get(address).status_code) == (404, 404)
    assert own.post(address, {"state": "approved"}).status_code == 403
    for _ in range(2):
        boss.post(address, {"state": "approved"})
    assert fund_balances(place)["cash"] == Decimal("7.50")
    assert "部门饮料（陆晚晴）" in own.get("/fund/").content.decode()


def test_a_count_is_witnessed_by_the_one_who_was_there(place: Department, agent: Staff) -> None:
    paid(agent)
    keeper = signed_in(factories.account("supervisor", place))
    assert agent.account is not None
    sent = {"counted": "20.00", "witness": agent.account.pk, "explanation": ""}
    assert signed_in(agent.account).post("/fund/counts/new?department=D7", sent).status_code == 403
    keeper.post("/fund/counts/new?department=D7", {**sent, "counted": "19.00"})
    assert not FundCount.objects.exists()
    for _ in range(2):
        keeper.post("/fund/counts/new?department=D7", sent)
    count = FundCount.objects.get()
    assert keeper.post(f"/fund/counts/{count.pk}/witness", {"agrees": "yes"}).status_code == 404
    for _ in range(2):
        signed_in(agent.account).post(f"/fund/counts/{count.pk}/witness", {"agrees": "yes"})
    count.refresh_from_db()
    assert count.state == "agreed"


def test_what_was_paid_too_much_goes_back_once_and_what_pay_withheld_comes_in_once(
    place: Department, agent: Staff
) -> None:
    incident = paid(agent).incident
    assert incident is not None
    today, now = timezone.localdate(), timezone.now()
    incident_reverse(incident=incident, on=today, reason="误记", by=None, at=now)
    keeper = signed_in(factories.account("supervisor", place))
    address = f"/fund/fines/{incident.pk}/{agent.pk}/"
    assert "退还 20.00 元" in keeper.get(address).content.decode()
    for _ in range(2):
        keeper.post(f"{address}refund", {"key": "r1"})
    assert fund_balances(place)["cash"] == 0
    lines = [Withheld("p1", agent.pk, Decimal("30.00"), "罚款")]
    withheld_post(department=place, month=today, lines=lines, by=None, at=now)
    assert "代扣转入现金" in keeper.get("/fund/").content.decode()
    sent = {"amount": "30.00", "on": str(today), "key": "t1"}
    for _ in range(2):
        keeper.post("/fund/transfer?department=D7", sent)
    found = fund_balances(place)
    assert (found["cash"], found["payroll"]) == (30, 0)


def test_the_workbook_ends_with_what_the_fund_has(place: Department, agent: Staff, colleague: Staff) -> None:
    paid(agent)
    answer = signed_in(colleague.account).get("/fund/export?department=D7")
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    rows = list(book["基金账"].iter_rows(values_only=True))
    assert rows[-1][1:7] == ("现金缴纳", "陆晚晴 抽查不合格", 20, None, 20, 20)
    assert book.sheetnames == ["基金账", "盘点"]


@pytest.mark.parametrize("view", ["", "fines", "expenses", "counts"])
def test_the_pages_take_as_many_queries_for_many_as_for_few(
    place: Department, agent: Staff, view: str
) -> None:
    paid(agent)
    fined(agent)
    client = signed_in(factories.account("supervisor", place))
    client.get(f"/fund/?view={view}")
    with CaptureQueriesContext(connection) as few:
        client.get(f"/fund/?view={view}")
    for _ in range(5):
        fined(factories.staff(place))
    with CaptureQueriesContext(connection) as many:
        client.get(f"/fund/?view={view}")
    assert len(few) == len(many) <= 16
