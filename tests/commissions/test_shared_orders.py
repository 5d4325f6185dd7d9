"""An order shared by several people: who has which part of it and of its refunds, to the fen."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from commissions.errors import CommissionRefused
from commissions.models import Order, OrderClaim, OrderShare, OrderSplit
from commissions.order_sums import EVENTS, Sums, events_between, execute, sums_between
from commissions.selectors import orders_visible_to, sharers_of
from commissions.services import (
    order_assign,
    order_claim,
    order_claim_decide,
    order_record,
    refund_record,
)
from core.money import split
from imports.undo import batch_undo
from people.models import Account, Department, FactChange, Staff
from sheets.errors import SheetError
from tests import factories
from tests.commissions.conftest import Bring
from tests.factories import WHEN
from tests.payroll.months import moment

PAID = moment("2026-10-03 10:00")
D = Decimal
HEADER = "订单号,店铺,下单时间,付款时间,金额,退款金额,退款时间,备注"
SHARED = "订单编号,落实客服工号,份额"


@pytest.fixture
def manager(department: Department) -> Account:
    return factories.account("manager", department)


@pytest.fixture
def two(department: Department) -> list[Staff]:
    return list(Staff.objects.order_by("number"))


def recorded(department: Department, number: str = "T1", amount: str = "100.00", remark: str = "") -> Order:
    return order_record(
        department=department,
        order_no=number,
        paid_at=PAID,
        amount=D(amount),
        remark=remark,
        by=None,
        at=WHEN,
    )


def shared(order: Order, shares: dict[Staff, str], by: Account, at: datetime = WHEN) -> OrderSplit:
    parts = [(staff, D(share)) for staff, share in shares.items()]
    return order_assign(order=order, shares=parts, by=by, at=at)


def sums(department: Department, *staff: Staff) -> dict[str, Sums]:
    found = sums_between(department.pk, [each.pk for each in staff], date(2026, 10, 1), date(2026, 11, 1))
    return {each.number: found[each.pk] for each in staff if each.pk in found}


def test_a_shared_order_and_its_refunds_are_split_to_the_fen(
    department: Department, two: list[Staff], manager: Account
) -> None:
    order = recorded(department, amount="100.01", remark="1001")
    shared(order, {two[0]: "0.4", two[1]: "0.6"}, manager)
    refund_record(department=department, order_no="T1", amount=D("33.33"), by=None, at=WHEN)
    order.refresh_from_db()
    assert (order.agent, order.attribution) == (two[1], "assigned")
    # 40.004 and 60.006; 13.332 and 19.998
    assert sums(department, *two) == {
        "1001": Sums(D("40.00"), D("13.33"), D("0.4")),
        "1002": Sums(D("60.01"), D("20.00"), D("0.6")),
    }
    assert FactChange.objects.filter(source="attribution").get().note == f"{two[0]}、{two[1]}"
    assert FactChange.objects.filter(source="orders").latest("pk").note == f"{two[0]}、{two[1]}"


@settings(max_examples=40, deadline=None)
@given(
    weights=st.lists(st.integers(1, 400), min_size=2, max_size=5),
    fen=st.integers(1, 10**7),
    part=st.floats(0, 1),
)
@pytest.mark.django_db
def test_parts_are_those_of_the_largest_remainders_and_come_to_the_whole(
    weights: list[int], fen: int, part: float
) -> None:
    with transaction.atomic():
        department, manager = factories.department(), factories.account("manager")
        people = [factories.staff(department, f"{100 + i}") for i in range(len(weights))]
        whole = [int(10000 * weight / sum(weights)) for weight in weights]
        whole[-1] += 10000 - sum(whole)
        shares = {each: D(share) / 10000 for each, share in zip(people, whole, strict=True)}
        order = recorded(department, amount=str(D(fen) / 100))
        order_assign(order=order, shares=list(shares.items()), by=manager, at=WHEN)
        given_back = D(int(fen * part)) / 100
        if given_back:
            refund_record(department=department, order_no="T1", amount=given_back, by=None, at=WHEN)
        found = sums(department, *people)
        assert {each: found[each.number].sales for each in people} == split(order.amount, shares)
        refunded = split(given_back, shares)
        assert {each: found[each.number].refunds for each in people} == refunded
        transaction.set_rollback(True)


def test_the_same_query_reads_shared_orders_and_others(
    department: Department, two: list[Staff], manager: Account
) -> None:
    recorded(department, "T1", remark="1001")
    recorded(department, "T2")
    shared(recorded(department, "T3", "0.01"), {two[0]: "0.5", two[1]: "0.5"}, manager)
    bounds = events_between(department.pk, date(2026, 10, 1), date(2026, 11, 1))
    rows = execute(f"SELECT agent_id, amount, share FROM ({EVENTS}) e ORDER BY order_id, agent_id", bounds)
    assert list(rows) == [
        (two[0].pk, D("100.00"), None),
        (None, D("100.00"), None),
        (two[0].pk, D("0.01"), D("0.5")),
        (two[1].pk, D("0.00"), D("0.5")),
    ]


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ([], "没有写归谁；至少写一名客服"),
        ([(0, "0.5"), (1, "0.4")], "合计90%，不是100%；改到合计正好100%"),
        ([(0, "0.5"), (0, "0.5")], "写了两次；每人只写一次"),
        ([(0, "1.2"), (1, "-0.2")], "份额120%不对"),
        ([(0, "0.33333"), (1, "0.66667")], "最多两位小数"),
        ([(0, "0.5"), (2, "0.5")], "在付款日2026-10-03不在职；选择当日在职的客服"),
        ([(0, "0.5"), (3, "0.5")], "不在"),
    ],
)
def test_shares_that_cannot_be_are_refused(
    department: Department,
    two: list[Staff],
    manager: Account,
    shares: list[tuple[int, str]],
    told: str,
) -> None:
    late = factories.staff(department, "1009", hired_on=date(2026, 10, 4))
    foreign = factories.staff(factories.department("D2"), "9001")
    people = [*two, late, foreign]
    order = recorded(department, remark="1001")
    with pytest.raises(CommissionRefused, match=told):
        order_assign(
            order=order,
            shares=[(people[who], D(share)) for who, share in shares],
            by=manager,
            at=WHEN,
        )
    order.refresh_from_db()
    assert (order.agent, order.split, order.attribution) == (two[0], None, "remark")
    assert not OrderSplit.objects.exists() and not FactChange.objects.filter(source="attribution").exists()


def test_the_database_keeps_shares_whole_and_unchanged(
    department: Department, two: list[Staff], manager: Account
) -> None:
    order = recorded(department)
    made = shared(order, {two[0]: "0.5", two[1]: "0.5"}, manager)
    with pytest.raises(IntegrityError, match="100%"), transaction.atomic():
        bare = OrderSplit.objects.create(order=order, by=manager, at=WHEN)
        OrderShare.objects.create(split=bare, staff=two[0], share=D("0.9"))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        made.shares.update(share=D("0.1"))
    with pytest.raises(IntegrityError, match="split_has_source"), transaction.atomic():
        Order.objects.update(agent=None, attribution="none")
    assert sharers_of(Order.objects.get()) == {two[0]: D("0.5"), two[1]: D("0.5")}


def test_a_correction_is_added_and_what_was_said_before_stays(
    department: Department, two: list[Staff], manager: Account
) -> None:
    order = recorded(department)
    first = shared(order, {two[0]: "0.5", two[1]: "0.5"}, manager)
    second = shared(order, {two[1]: "1"}, manager, at=WHEN + timedelta(days=1))
    order.refresh_from_db()
    assert (order.agent, order.split, order.in_shares) == (two[1], second, "")
    assert list(order.splits.all()) == [second, first] and first.shares.count() == 2
    assert set(sums(department, *two)) == {"1002"}


def test_two_claim_an_order_together_and_each_gets_a_part(
    department: Department, two: list[Staff], manager: Account
) -> None:
    given = {"order": recorded(department), "staff": two[0], "reason": "一起接的", "at": WHEN}
    for partner, share, told in (
        (two[1], None, "一起写"),
        (two[0], D("0.5"), "写了两次"),
        (two[1], D("1"), "份额0%不对"),
    ):
        with pytest.raises(CommissionRefused, match=told):
            order_claim(**given, partner=partner, share=share)
    assert not OrderClaim.objects.exists()
    claim = order_claim(**given, partner=two[1], share=D("0.7"))
    assert claim.in_shares == f"{two[0]} 70%、{two[1]} 30%"
    partner = factories.account("manager", department, staff=two[1])
    with pytest.raises(CommissionRefused, match="自己的认领"):
        order_claim_decide(claim=claim, accept=True, by=partner, at=WHEN)
    order_claim_decide(claim=claim, accept=True, by=manager, at=WHEN)
    order = Order.objects.get()
    assert (order.agent, order.attribution) == (two[0], "claim")
    assert order.in_shares == f"{two[0]} 70%、{two[1]} 30%"


def test_no_import_takes_a_shared_order_away(
    department: Department, two: list[Staff], manager: Account, bring: Bring
) -> None:
    row = "T1,,,2026-10-03 10:00,{},{},,工号1001"
    bring("orders", HEADER, row.format("100.00", "0"))
    shared(Order.objects.get(), {two[0]: "0.5", two[1]: "0.5"}, manager)
    bring("orders", HEADER, row.format("100.00", "20.00"), as_of=date(2026, 10, 20))
    done = bring("attribution", "订单编号,落实客服工号", "T1,1001")
    assert "T1" in " ".join(done.lines()) and Order.objects.get().attribution == "assigned"
    assert sums(department, *two) == {each.number: Sums(D("50.00"), D("10.00"), D("0.5")) for each in two}


def test_a_file_shares_an_order_and_a_later_one_takes_it_back(
    department: Department, two: list[Staff], bring: Bring
) -> None:
    for number in ("T1", "T2"):
        recorded(department, number, remark="1001")
    rows = ["T1,1001,30%", "T1,1002,70%", "T2,1002,"]
    done = bring("attribution", SHARED, *rows)
    first, second = Order.objects.order_by("order_no")
    assert (first.agent, first.attribution) == (two[1], "file")
    assert first.in_shares == f"{two[0]} 30%、{two[1]} 70%"
    assert (second.agent, second.split) == (two[1], None)
    assert [f"{each:%Y-%m}" for each in done.summary.months] == ["2026-10"]
    assert (done.summary.changed, done.summary.unchanged) == (2, 0)
    again = bring("attribution", SHARED, *rows[:2], "T2,1002,100%").summary
    assert (again.changed, again.unchanged) == (0, 2) and OrderSplit.objects.count() == 1
    bring("attribution", SHARED, "T1,1001,50%", "T1,1002,50%")
    assert Order.objects.get(pk=first.pk).in_shares == f"{two[0]} 50%、{two[1]} 50%"
    bring("attribution", "订单编号,落实客服工号", "T1,1001")
    first.refresh_from_db()
    assert (first.agent, first.split, first.splits.count()) == (two[0], None, 2)


def test_the_totals_of_a_file_have_each_persons_part(
    department: Department, two: list[Staff], bring: Bring
) -> None:
    for number in ("T1", "T2"):
        recorded(department, number)
    done = bring("attribution", SHARED, "T1,1001,30%", "T1,1002,70%", "T2,1001,")
    assert list(done.summary.totals) == [(str(two[0]), "2 单 130.00 元"), (str(two[1]), "1 单 70.00 元")]


def test_a_file_that_shared_an_order_can_be_undone(
    department: Department, two: list[Staff], bring: Bring
) -> None:
    recorded(department, remark="1001")
    batch = bring("attribution", SHARED, "T1,1001,30%", "T1,1002,70%").batch
    assert batch is not None
    batch_undo(batch=batch, by=factories.account("manager", department), at=WHEN)
    order = Order.objects.get()
    assert (order.agent, order.attribution, order.split) == (two[0], "remark", None)
    assert not OrderSplit.objects.exists() and not OrderShare.objects.exists()


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["T1,1001,30%", "T1,1002,60%"], "各人份额合计90%，不是100%"),
        (["T1,1001,30%", "T1,1002,"], "同一订单有的行没有份额"),
        (["T1,1001,50%", "T1,1001,50%"], "同一订单里有人写了两次"),
        (["T1,1001,33.333%", "T1,1002,66.667%"], "最多两位小数"),
        (["T1,1001,0%", "T1,1002,100%"], "份额应大于0"),
    ],
)
def test_a_file_whose_shares_cannot_be_changes_nothing(
    department: Department, bring: Bring, rows: list[str], told: str
) -> None:
    recorded(department, remark="1002")
    with pytest.raises(SheetError, match=told):
        bring("attribution", SHARED, *rows)
    assert Order.objects.get().attribution == "remark" and not OrderSplit.objects.exists()


def test_everybody_with_a_part_sees_the_order(
    department: Department, two: list[Staff], manager: Account
) -> None:
    order = recorded(department)
    shared(order, {two[0]: "0.9", two[1]: "0.1"}, manager)
    for staff in two:
        assert list(orders_visible_to(factories.account("agent", staff=staff))) == [order]
    stranger = factories.account("agent", staff=factories.staff(department, "1003"))
    assert not orders_visible_to(stranger).exists()


def test_reading_sums_takes_one_query_whoever_shares(
    department: Department, two: list[Staff], manager: Account
) -> None:
    for i in range(5):
        shared(recorded(department, f"T{i}"), {two[0]: "0.5", two[1]: "0.5"}, manager)
    with CaptureQueriesContext(connection) as queries:
        found = sums(department, *two)
    assert len(queries) == 1 and found["1001"].orders == D("2.5")
