"""Whatever is done to fines and the fund in whatever order, the book balances and nobody pays twice."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Refused
from core.money import ZERO
from penalties import services
from penalties.cash_fines import cash_fines
from penalties.fund import fund_balances
from penalties.models import FundCount, FundExpense, FundPosting, Incident, MoneyEntry
from people.models import Account, Department, Staff
from tests import factories
from tests.factories import WHEN
from tests.penalties.conftest import Publish
from tests.penalties.test_fund import CASH, PNG, STEPS

pytestmark = [pytest.mark.django_db(transaction=False)]
TODAY = date(2026, 10, 15)
FEW = st.integers(min_value=0, max_value=3)
AMOUNT = st.decimals(min_value="0.01", max_value="120.00", places=2)
MOVES = st.one_of(
    st.tuples(st.just("offend"), FEW, st.integers(min_value=1, max_value=15)),
    st.tuples(st.just("reverse"), FEW, st.just(0)),
    st.tuples(st.just("pay"), FEW, AMOUNT),
    st.tuples(st.just("pay_all"), FEW, st.integers(min_value=0, max_value=5)),
    st.tuples(st.just("refund"), FEW, st.just(0)),
    st.tuples(st.just("withhold"), st.just(0), AMOUNT),
    st.tuples(st.just("transfer"), st.just(0), AMOUNT),
    st.tuples(st.just("spend"), st.just(0), AMOUNT),
    st.tuples(st.just("count"), st.booleans(), AMOUNT),
)


class Game:
    """A department with one person, whose fines double, and everybody who has to do with the fund."""

    def __init__(self, department: Department) -> None:
        self.department = department
        self.staff: Staff = factories.staff(department)
        self.keeper: Account = factories.account("supervisor", department)
        self.boss: Account = factories.account("manager", department)
        self.incidents: list[Incident] = []
        self.step = 0

    def play(self, move: tuple[str, Any, Any]) -> None:
        """One move; what is refused has changed nothing."""
        name, one, other = move
        self.step += 1
        before = self.state()
        try:
            with transaction.atomic():
                getattr(self, name)(one, other)
        except Refused:
            assert self.state() == before

    def state(self) -> tuple[Any, ...]:
        return (
            fund_balances(self.department),
            FundPosting.objects.count(),
            MoneyEntry.objects.count(),
            FundExpense.objects.count(),
            FundCount.objects.count(),
        )

    def offend(self, _: int, day: int) -> None:
        on = date(2026, 10, day)
        row = services.incident_record(staff=self.staff, code="c-steps", work_date=on, by=None, at=WHEN)
        self.incidents.append(services.incident_confirm(incident=row, by=None, at=WHEN))

    def reverse(self, which: int, _: int) -> None:
        if which < len(self.incidents):
            row = self.incidents[which]
            services.incident_reverse(incident=row, on=TODAY, reason="误记", by=None, at=WHEN)

    def pay(self, which: int, amount: Decimal, later: int = 0) -> None:
        if which < len(self.incidents):
            services.cash_payment_record(
                incident=self.incidents[which],
                staff=self.staff,
                amount=amount,
                on=TODAY + timedelta(days=later),
                key=f"pay{self.step}",
                by=self.keeper,
                at=WHEN + timedelta(days=later),
            )

    def pay_all(self, which: int, later: int) -> None:
        if which < len(self.incidents):
            [fine] = cash_fines(Incident.objects.filter(pk=self.incidents[which].pk)) or [None]
            if fine is not None:
                self.pay(which, fine.owed(TODAY + timedelta(days=later)), later)

    def refund(self, which: int, _: int) -> None:
        if which < len(self.incidents):
            services.cash_refund_record(
                incident=self.incidents[which],
                staff=self.staff,
                on=TODAY,
                key=f"refund{self.step}",
                by=self.keeper,
                at=WHEN,
            )

    def withhold(self, _: int, amount: Decimal) -> None:
        line = services.Withheld(f"line{self.step}", self.staff.pk, amount, "罚款")
        services.withheld_post(department=self.department, month=TODAY, lines=[line], by=None, at=WHEN)

    def transfer(self, _: int, amount: Decimal) -> None:
        key = f"transfer{self.step}"
        services.transfer_record(
            department=self.department, amount=amount, on=TODAY, key=key, by=self.keeper, at=WHEN
        )

    def spend(self, _: int, amount: Decimal) -> None:
        expense = services.expense_request(
            staff=self.staff,
            amount=amount,
            on=TODAY,
            reason="聚餐",
            receipts=[SimpleUploadedFile("a.png", PNG)],
            key=f"expense{self.step}",
            by=self.keeper,
            at=WHEN,
        )
        services.expense_decide(expense=expense, state="approved", by=self.boss, at=WHEN)

    def count(self, agrees: bool, counted: Decimal) -> None:
        row = services.count_record(
            department=self.department,
            counted=counted,
            explanation="点过两遍",
            witness=self.boss,
            by=self.keeper,
            at=WHEN,
        )
        services.count_witness(count=row, agrees=agrees, word="看过", by=self.boss, at=WHEN)

    def check(self) -> None:
        """What must hold whatever was played."""
        with connection.cursor() as cursor:  # the triggers that look at the end of a transaction
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        balances = fund_balances(self.department)
        assert sum(balances.values()) == 0
        assert balances["cash"] >= 0 and balances["payroll"] >= 0
        paid = ZERO
        for fine in cash_fines(Incident.objects.all()):
            dearest = max(fine.fine, ZERO) * fine.collection.overdue_multiplier
            own = sum((amount for _, amount in fine.paid), ZERO)
            assert own >= 0
            paid += own
            too_much = max(-fine.owed(TODAY + timedelta(days=30)), ZERO)
            assert own - too_much <= dearest
        kinds = FundPosting.objects.filter(account="fines", transaction__kind__in=["payment", "refund"])
        assert paid == -sum((each.amount for each in kinds), ZERO)


@pytest.fixture
def game(department: Department, publish: Publish) -> Callable[[], Game]:
    publish(department, date(2026, 1, 1), [{**STEPS, "collection": CASH}])
    return lambda: Game(department)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(moves=st.lists(MOVES, min_size=4, max_size=14))
def test_whatever_is_played_the_book_balances_and_nobody_pays_twice(
    game: Callable[[], Game], moves: list[tuple[str, Any, Any]]
) -> None:
    with transaction.atomic():
        played = game()
        played.play(("offend", 0, 15))
        for move in moves:
            played.play(move)
        played.check()
        transaction.set_rollback(True)
