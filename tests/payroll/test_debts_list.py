"""The list of what people owe who have left: its history, paying back, writing off, its workbook."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from payroll.errors import DebtRefused
from payroll.models import DebtEntry, PayLine
from payroll.services.debts import debt_settle
from people.models import Account
from people.services import staff_leave
from tests import factories
from tests.payroll.months import (
    NOVEMBER,
    OCTOBER,
    SEPTEMBER,
    agent,
    amounts,
    approved,
    department,
    moment,
    settled,
)

pytestmark = pytest.mark.django_db
D = Decimal
AT = moment("2026-12-10 09:00")
REPAID = {"kind": "repaid", "amount": "100.00", "seen": "7100.00"}


@pytest.fixture
def owed() -> PayLine:
    """7,100.00 paid too much: the last day of September was entered in November."""
    of = department(code="A")
    person = agent(of, base_pay="4350.00")
    for month in (SEPTEMBER, OCTOBER):
        approved(of, month)
    staff_leave(staff=person, last_day=date(2026, 9, 10), by=None, at=moment("2026-11-05 09:00"))
    approved(of, NOVEMBER)
    return PayLine.objects.select_related("payslip__period__department").get(nature=PayLine.Nature.DEBT)


def account(group: str, line: PayLine) -> Account:
    return factories.account(group, line.payslip.period.department)


def settle(line: PayLine, by: Account, kind: str, amount: str, seen: str, **given: object) -> DebtEntry:
    fields = {"on": date(2026, 12, 9), "reason": "收据12", "at": AT, **given}
    return debt_settle(line=line, kind=kind, amount=D(amount), seen=D(seen), by=by, **fields)  # type: ignore[arg-type]


def test_a_debt_is_paid_back_and_the_rest_written_off(owed: PayLine) -> None:
    settle(owed, account("hr", owed), "repaid", "7000.00", "7100.00")
    settle(owed, account("gm", owed), "written_off", "100.00", "100.00", reason="数额小")
    assert list(DebtEntry.objects.order_by("pk").values_list("kind", "amount")) == [
        ("repaid", D("7000.00")),
        ("written_off", D("100.00")),
    ]


@pytest.mark.parametrize(
    ("kind", "group"),
    [("written_off", "hr"), ("written_off", "manager"), ("repaid", "gm"), ("repaid", "auditor")],
)
def test_who_may_not_enter_it_enters_nothing(owed: PayLine, kind: str, group: str) -> None:
    with pytest.raises(PermissionDenied):
        settle(owed, account(group, owed), kind, "100.00", "7100.00")
    assert not DebtEntry.objects.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"amount": "7100.01"}, "这笔还欠7100.00元"),
        ({"amount": "0"}, "这笔还欠7100.00元"),
        ({"amount": "0.001"}, "这笔还欠7100.00元"),
        ({"seen": "7000.00"}, "与您看到的7000.00元不同"),
        ({"reason": " "}, "还款须写收据号"),
        ({"on": date(2026, 12, 11)}, "还没有到"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_entered(owed: PayLine, given: dict, said: str) -> None:
    with pytest.raises(DebtRefused, match=said):
        settle(
            owed, account("hr", owed), **{"kind": "repaid", "amount": "100.00", "seen": "7100.00", **given}
        )
    assert not DebtEntry.objects.exists()


def test_what_was_paid_back_is_not_taken_from_later_pay(owed: PayLine) -> None:
    settle(owed, account("hr", owed), "repaid", "7000.00", "7100.00")
    person = owed.payslip.staff
    staff_leave(staff=person, last_day=None, by=None, at=moment("2026-12-20 09:00"))
    december = settled(owed.payslip.period.department, date(2026, 12, 1))
    # Four months are paid in retrospect; of them 100.00 is still owed.
    assert amounts(december)["debt"] == D("-100.00")


def test_the_list_shows_where_a_debt_came_from_and_what_became_of_it(
    owed: PayLine, client: Client, django_assert_max_num_queries
) -> None:
    hr = account("hr", owed)
    settle(owed, hr, "repaid", "7000.00", "7100.00")
    client.force_login(hr)
    with django_assert_max_num_queries(25):
        text = client.get("/debts/").content.decode()
    for said in (f"{owed.payslip.staff}", "最后工作日 2026-09-10", "7,100.00", "还款", "收据12", "100.00"):
        assert said in text
    assert 'value="repaid"' in text and 'value="written_off"' not in text
    book = load_workbook(BytesIO(b"".join(client.get("/debts/export").streaming_content)))  # type: ignore[attr-defined]
    assert [row[6] for row in book["欠款"].iter_rows(min_row=2, values_only=True)] == [100, 100]


def test_the_page_enters_once_and_says_why_not(owed: PayLine, client: Client) -> None:
    gm = account("gm", owed)
    client.force_login(gm)
    yesterday = timezone.localdate() - timedelta(days=1)
    form = {"kind": "written_off", "amount": "7100.00", "on": f"{yesterday}", "reason": "无法追回"}
    form["seen"] = "7100.00"
    for _ in range(2):
        assert client.post(f"/debts/{owed.pk}/enter", form).status_code == 302
    assert DebtEntry.objects.get().by == gm
    assert "没有欠款" in client.get("/debts/").content.decode()
    assert "已结清" in client.get("/debts/?state=all").content.decode()


def test_another_departments_debts_are_not_there(owed: PayLine, client: Client) -> None:
    other = factories.account("hr", department(code="B"))
    client.force_login(other)
    assert owed.payslip.staff.name not in client.get("/debts/").content.decode()
    assert client.post(f"/debts/{owed.pk}/enter", {}).status_code == 404
    assert not DebtEntry.objects.exists()
