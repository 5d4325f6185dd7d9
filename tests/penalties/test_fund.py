"""The fund: cash for fines, what is spent, how it is counted; and what the database itself refuses."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import Refused
from penalties import services
from penalties.cash_fines import owed
from penalties.fund import fund_balances, open_fines
from penalties.models import FundCount, FundExpense, FundPosting, FundTransaction, Incident
from people.models import Account, Department, FactChange, Staff
from tests import factories
from tests.factories import WHEN
from tests.penalties.conftest import ALL, Publish

DAY = date(2026, 10, 15)  # of WHEN
CASH = {"by": "cash", "due_days": 3, "overdue_multiplier": "2"}
FINE = {
    "code": "c-fine",
    "title": "抽查不合格",
    "kind": "fine",
    "params": {"amount": "20.00"},
    "collection": CASH,
}
STEPS = {
    "code": "c-steps",
    "title": "交接未录入",
    "kind": "escalating_fine",
    "params": {"steps": ["30.00", "50.00"]},
    "collection": CASH,
}
PAY = {"code": "c-pay", "title": "随工资扣的", "kind": "fine", "params": {"amount": "20.00"}}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(department: Department, publish: Publish) -> None:
    publish(department, date(2026, 1, 1), [*ALL, FINE, STEPS, PAY])


@pytest.fixture
def keeper(department: Department) -> Account:
    return factories.account("supervisor", department)


@pytest.fixture
def boss(department: Department) -> Account:
    return factories.account("manager", department)


def confirmed(staff: Staff, code: str = "c-fine", day: date = DAY, at: datetime = WHEN) -> Incident:
    incident = services.incident_record(staff=staff, code=code, work_date=day, by=None, at=at)
    return services.incident_confirm(incident=incident, by=None, at=at)


def pay(incident: Incident, amount: str = "20.00", **changed: Any) -> FundTransaction:
    given = {"staff": incident.staff, "on": DAY, "key": f"k{incident.pk}{amount}", "by": None, "at": WHEN}
    return services.cash_payment_record(incident=incident, amount=Decimal(amount), **{**given, **changed})


def balances(department: Department) -> dict[str, str]:
    return {book: str(amount) for book, amount in fund_balances(department).items() if amount}


def spend(staff: Staff, by: Account, amount: str = "5.00", key: str = "e1", **changed: Any) -> FundExpense:
    given: dict[str, Any] = {
        "on": DAY,
        "reason": "部门聚餐",
        "receipts": [SimpleUploadedFile("发票.png", PNG)],
        **changed,
    }
    return services.expense_request(staff=staff, amount=Decimal(amount), key=key, by=by, at=WHEN, **given)


def refused(act: Callable[[], Any], words: str) -> None:
    """The act is refused with these words, and nothing was stored."""
    before = [model.objects.count() for model in (FundTransaction, FundPosting, FundExpense, FundCount)]
    with pytest.raises(Refused, match=words), transaction.atomic():
        act()
    assert before == [
        model.objects.count() for model in (FundTransaction, FundPosting, FundExpense, FundCount)
    ]


@pytest.mark.parametrize(
    ("fine", "paid", "on", "left"),
    [
        ("20.00", [], 3, "20.00"),
        ("20.00", [], 4, "40.00"),
        ("20.00", [(3, "20.00")], 9, "0.00"),
        ("20.00", [(3, "15.00")], 3, "5.00"),
        ("20.00", [(3, "15.00")], 4, "10.00"),
        ("20.00", [(3, "15.00"), (5, "4.00")], 9, "6.00"),
        ("20.00", [(5, "40.00")], 9, "0.00"),
        ("0.00", [(3, "20.00")], 9, "-20.00"),
        ("0.00", [(3, "20.00"), (8, "-20.00")], 9, "0.00"),
        ("10.00", [(5, "40.00")], 9, "-20.00"),
        ("0.05", [], 4, "0.10"),
    ],
)
def test_what_is_owed_of_a_fine_that_is_due_on_the_third_at_twice_the_price(
    fine: str, paid: list[tuple[int, str]], on: int, left: str
) -> None:
    days = [(date(2026, 10, day), Decimal(amount)) for day, amount in paid]
    due, today = date(2026, 10, 3), date(2026, 10, on)
    assert owed(Decimal(fine), days, due=due, multiplier=Decimal(2), on=today) == Decimal(left)


def test_a_payment_is_income_of_the_fund_and_changes_the_month_in_which_it_was_due(
    department: Department, agent: Staff
) -> None:
    incident = confirmed(agent)
    before = FactChange.objects.count()
    pay(incident)
    assert balances(department) == {"cash": "20.00", "fines": "-20.00"}
    assert open_fines(department, on=DAY) == []
    assert FactChange.objects.count() == before + 1
    assert FactChange.objects.latest("pk").month == date(2026, 10, 1)


def test_a_payment_that_is_sent_twice_is_one_and_a_second_one_is_refused(agent: Staff) -> None:
    incident = confirmed(agent)
    assert pay(incident) == pay(incident)
    assert FundTransaction.objects.count() == 1
    refused(lambda: pay(incident, key="another"), "已经交清")


def test_more_than_is_owed_is_not_taken_and_what_is_overdue_costs_the_multiple(agent: Staff) -> None:
    incident = confirmed(agent, day=date(2026, 10, 10), at=WHEN - timedelta(days=5))  # due on the 13th
    refused(lambda: pay(incident, "40.01"), "多于到2026-10-15应交的40.00元")
    refused(lambda: pay(incident, "20.01", on=date(2026, 10, 13)), "应交的20.00元")
    pay(incident, "15.00", on=date(2026, 10, 13))
    pay(incident, "10.00")
    refused(lambda: pay(incident, "0.01"), "已经交清")


def test_a_fine_counts_from_the_day_on_which_it_was_confirmed(department: Department, agent: Staff) -> None:
    confirmed(agent, day=date(2026, 10, 1))
    [open_fine] = open_fines(department, on=DAY)
    assert (open_fine.fine.due_on, open_fine.owed, open_fine.is_overdue) == (
        DAY + timedelta(days=3),
        Decimal("20.00"),
        False,
    )


def test_who_leaves_pays_by_the_last_day(department: Department) -> None:
    leaver = factories.staff(department, left_on=DAY + timedelta(days=1))
    confirmed(leaver)
    assert open_fines(department, on=DAY)[0].fine.due_on == DAY + timedelta(days=1)


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN", "1e9"])
def test_an_amount_that_is_none_is_refused(agent: Staff, amount: str) -> None:
    incident = confirmed(agent)
    refused(lambda: pay(incident, amount), "金额")


def test_a_day_to_come_or_before_the_incident_is_refused(agent: Staff) -> None:
    incident = confirmed(agent)
    refused(lambda: pay(incident, on=DAY + timedelta(days=1)), "还没有到")
    refused(lambda: pay(incident, on=DAY - timedelta(days=1)), "早于事情发生")


def test_what_is_not_in_cash_or_not_confirmed_takes_no_cash(agent: Staff) -> None:
    through_pay = confirmed(agent, "c-pay")
    refused(lambda: pay(through_pay), "不收现金")
    waiting = services.incident_record(staff=agent, code="c-fine", work_date=DAY, by=None, at=WHEN)
    refused(lambda: pay(waiting), "还没有确认")


def test_nobody_records_the_own_payment(department: Department) -> None:
    keeper = factories.account("supervisor", department)
    person = factories.staff(department, account=keeper)
    incident = confirmed(person)
    refused(lambda: pay(incident, by=keeper), "不能登记自己交的罚款")


def test_reversing_the_second_of_four_gives_back_what_was_paid_too_much(
    department: Department, agent: Staff
) -> None:
    days = [date(2026, 10, day) for day in (12, 13, 14, 15)]
    rows = [confirmed(agent, "c-steps", day) for day in days]
    for row, amount in zip(rows, ("30.00", "50.00", "50.00", "50.00"), strict=True):
        pay(row, amount)
    assert balances(department)["cash"] == "180.00"
    services.incident_reverse(incident=rows[1], on=DAY, reason="误记", by=None, at=WHEN)
    [too_much] = open_fines(department, on=DAY)
    assert (too_much.fine.incident, too_much.owed) == (rows[1], Decimal("-50.00"))
    given: dict[str, Any] = {"incident": rows[1], "staff": agent, "on": DAY, "by": None, "at": WHEN}
    first = services.cash_refund_record(key="r1", **given)
    assert services.cash_refund_record(key="r1", **given) == first
    assert balances(department) == {"cash": "130.00", "fines": "-130.00"}
    refused(lambda: services.cash_refund_record(key="r2", **given), "没有多交")
    assert open_fines(department, on=DAY) == []


def test_an_expense_needs_a_receipt_and_a_reason(agent: Staff, boss: Account) -> None:
    refused(lambda: spend(agent, boss, receipts=[]), "没有凭据")
    refused(lambda: spend(agent, boss, reason=" "), "没有写用途")
    refused(lambda: spend(agent, boss, receipts=[SimpleUploadedFile("a.txt", b"text")]), "图片")
    assert not FundExpense.objects.exists()


def test_an_expense_is_paid_once_when_another_person_approves_it(
    department: Department, agent: Staff, keeper: Account, boss: Account
) -> None:
    pay(confirmed(agent))
    expense = spend(agent, keeper)
    assert spend(agent, keeper) == expense and expense.receipts.count() == 1
    assert balances(department)["cash"] == "20.00"
    decide: Any = lambda by, state="approved", answer="": services.expense_decide(  # noqa: E731
        expense=expense, state=state, answer=answer, by=by, at=WHEN
    )
    refused(lambda: decide(keeper), "不能批准自己登记的")
    refused(lambda: decide(factories.account("hr", department)), "不能审批")
    refused(lambda: decide(boss, "refused"), "须写明原因")
    decide(boss)
    decide(boss)
    refused(lambda: decide(factories.account("gm"), "refused", "不同意"), "已批准")
    assert balances(department) == {"cash": "15.00", "fines": "-20.00", "expenses": "5.00"}
    assert FundExpense.objects.get().decided_by == boss


def test_the_fund_never_spends_more_than_its_cash(
    department: Department, agent: Staff, keeper: Account, boss: Account
) -> None:
    pay(confirmed(agent))
    for number, amount in enumerate(("15.00", "5.01")):
        spend(agent, keeper, amount, key=f"e{number}")
    small, large = FundExpense.objects.order_by("amount")
    services.expense_decide(expense=large, state="approved", by=boss, at=WHEN)
    refused(
        lambda: services.expense_decide(expense=small, state="approved", by=boss, at=WHEN),
        "基金现金只有5.00元，不够支出5.01元",
    )
    assert FundExpense.objects.get(pk=small.pk).state == "asked"


def test_what_pay_withheld_becomes_cash_once(department: Department, agent: Staff) -> None:
    lines = [
        services.Withheld("p1", agent.pk, Decimal("30.00"), "罚款"),
        services.Withheld("p2", agent.pk, Decimal("-10.00"), "退"),
    ]
    post: Any = lambda: services.withheld_post(  # noqa: E731
        department=department, month=DAY, lines=lines, by=None, at=WHEN
    )
    assert (len(post()), len(post())) == (2, 0)
    assert balances(department) == {"payroll": "20.00", "fines": "-20.00"}
    hand: Any = lambda amount, key: services.transfer_record(  # noqa: E731
        department=department, amount=Decimal(amount), on=DAY, key=key, by=None, at=WHEN
    )
    refused(lambda: hand("20.01", "t1"), "多于待转入的20.00元")
    assert hand("20.00", "t2") == hand("20.00", "t2")
    assert balances(department) == {"cash": "20.00", "fines": "-20.00"}


def count(department: Department, counted: str, by: Account, witness: Account, why: str = "") -> FundCount:
    return services.count_record(
        department=department, counted=Decimal(counted), explanation=why, witness=witness, by=by, at=WHEN
    )


def test_a_count_agrees_or_explains_and_another_person_witnesses_it(
    department: Department, agent: Staff, keeper: Account, boss: Account
) -> None:
    pay(confirmed(agent))
    refused(lambda: count(department, "18.00", keeper, boss), "相差-2.00元；写明差额的原因")
    refused(lambda: count(department, "20.00", keeper, keeper), "不能给自己见证")
    refused(lambda: count(department, "20.00", keeper, factories.account("manager")), "不是本部门的人")
    row = count(department, "18.00", keeper, boss, "找零丢了2元")
    refused(lambda: count(department, "20.00", keeper, boss), "上一次盘点还没有见证")
    assert balances(department)["cash"] == "20.00"
    say: Any = lambda by, agrees=True, word="": services.count_witness(  # noqa: E731
        count=row, agrees=agrees, word=word, by=by, at=WHEN
    )
    refused(lambda: say(keeper), "只有指定的见证人")
    refused(lambda: say(boss, False), "不认可须写明原因")
    say(boss)
    say(boss)
    refused(lambda: say(boss, False, "其实不对"), "不能再改")
    assert balances(department) == {"cash": "18.00", "fines": "-20.00", "differences": "2.00"}


def test_a_count_that_its_witness_disputes_changes_nothing(
    department: Department, agent: Staff, keeper: Account, boss: Account
) -> None:
    pay(confirmed(agent))
    row = count(department, "25.00", keeper, boss, "多出5元")
    services.count_witness(count=row, agrees=False, word="当时只有20元", by=boss, at=WHEN)
    assert balances(department) == {"cash": "20.00", "fines": "-20.00"}
    assert count(department, "20.00", keeper, boss).state == "open"


def legs(department: Department, **amounts: str) -> None:
    """A transaction written past the services, checked as at the end of its transaction."""
    with transaction.atomic():
        row = FundTransaction.objects.create(
            department=department, kind="transfer", on=DAY, text="直接写入", key="raw", by=None, at=WHEN
        )
        for book, amount in amounts.items():
            FundPosting.objects.create(transaction=row, account=book, amount=Decimal(amount))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize(
    ("amounts", "words"),
    [
        ({"cash": "10.00", "fines": "-9.99"}, "借贷不平"),
        ({"cash": "10.00"}, "借贷不平"),
        ({}, "没有分录"),
        ({"cash": "-0.01", "expenses": "0.01"}, "现金不够"),
    ],
)
def test_the_database_forces_sums_to_zero_and_cash_to_be_there(
    department: Department, amounts: dict[str, str], words: str
) -> None:
    with pytest.raises(IntegrityError, match=words):
        legs(department, **amounts)
    assert not FundTransaction.objects.exists()
    legs(department, cash="10.00", fines="-10.00")
    assert balances(department) == {"cash": "10.00", "fines": "-10.00"}


@pytest.mark.parametrize("table", ["fundtransaction", "fundposting"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_book_is_only_added_to(department: Department, table: str, statement: str) -> None:
    legs(department, cash="10.00", fines="-10.00")
    with (
        pytest.raises(DatabaseError, match="append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(f"penalties_{table}"))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE penalties_fundexpense SET state = 'approved', decided_by_id = asked_by_id",
        "UPDATE penalties_fundexpense SET amount = 1000",
    ],
)
def test_the_database_refuses_an_expense_approved_by_who_asked_and_other_figures(
    agent: Staff, keeper: Account, sql: str
) -> None:
    spend(agent, keeper)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_open_fines_are_read_set_wise(department: Department, agent: Staff) -> None:
    for day in (12, 13, 14):
        confirmed(agent, day=date(2026, 10, day))
    for _ in range(3):
        confirmed(factories.staff(department))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(open_fines(department, on=DAY)) == 6
    assert len(queries) == 4
