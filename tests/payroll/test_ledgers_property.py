"""Whatever is done to fines, appeals, discipline and the fund in whatever order, all is charged once."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from core.errors import Refused
from core.money import ZERO
from payroll.models import PayLine, SettlementPeriod
from payroll.services.cash import cash_payment_take
from payroll.services.periods import period_approve
from payroll.settlement.draft import draft_write
from payroll.workflow import period_open
from penalties import services
from penalties.cash_fines import CashFine, cash_fines
from penalties.fund import fund_balances
from penalties.models import (
    DisciplinaryCase,
    FundCount,
    FundExpense,
    FundPosting,
    Incident,
    IncidentAppeal,
    MoneyEntry,
    Reversal,
)
from people.models import Account, Department, Staff
from tests import factories
from tests.examples import examples
from tests.factories import WHEN
from tests.payroll import months
from tests.payroll.months import NOVEMBER, OCTOBER
from tests.penalties.conftest import MAJOR, MINOR, WARNING
from tests.penalties.test_fund import CASH, PAY, PNG, STEPS

pytestmark = [pytest.mark.django_db(transaction=False), pytest.mark.long]
TODAY = date(2026, 10, 15)
BONUS = Decimal("1000.00")
CODES = ("c-steps", "c-pay")
DISCIPLINE = {each["code"] for each in (WARNING, MINOR, MAJOR)}
FEW = st.integers(min_value=0, max_value=3)
DAY = st.integers(min_value=1, max_value=15)
AMOUNT = st.decimals(min_value="0.01", max_value="120.00", places=2)
NOTHING = st.just(0)
MOVES = st.one_of(
    st.tuples(st.just("offend"), st.sampled_from(CODES), DAY),
    st.tuples(st.just("reverse"), FEW, NOTHING),
    st.tuples(st.just("appeal"), FEW, NOTHING),
    st.tuples(st.just("judge"), FEW, st.tuples(st.booleans(), st.booleans())),
    st.tuples(st.just("accuse"), st.sampled_from(["warning", "minor", "major", "dismissal"]), NOTHING),
    st.tuples(st.just("hear"), FEW, NOTHING),
    st.tuples(st.just("decide"), FEW, st.booleans()),
    st.tuples(st.just("take_back"), FEW, NOTHING),
    st.tuples(st.just("pay"), FEW, AMOUNT),
    st.tuples(st.just("pay_all"), FEW, st.integers(min_value=0, max_value=5)),
    st.tuples(st.just("refund"), FEW, NOTHING),
    st.tuples(st.just("withhold"), NOTHING, AMOUNT),
    st.tuples(st.just("transfer"), NOTHING, AMOUNT),
    st.tuples(st.just("spend"), NOTHING, AMOUNT),
    st.tuples(st.just("count"), st.booleans(), AMOUNT),
    st.tuples(st.just("approve"), NOTHING, NOTHING),
)
BEFORE_PAY = [("appeal", 0, 0), ("judge", 0, (True, False)), ("approve", 0, 0)]
AFTER_PAY = [("appeal", 0, 0), ("approve", 0, 0), ("judge", 0, (True, False)), ("reverse", 1, 0)]
PAID_AND_GRANTED = [("appeal", 0, 0), ("pay_all", 0, 0), ("judge", 0, (True, False)), ("refund", 0, 0)]
DECIDED = [("accuse", "minor", 0), ("hear", 0, 0), ("decide", 0, True)]
TAKEN_BACK = [*DECIDED, ("approve", 0, 0), ("take_back", 0, 0)]


class Game:
    """A department with one person, whose fines double, and everybody who has to do with it."""

    def __init__(self, department: Department) -> None:
        self.department = department
        pay = {"base_pay": "8000.00", "performance_bonus": BONUS}
        self.staff: Staff = factories.staff(department, at=months.LONG_AGO, **pay)
        self.person: Account = factories.account("agent", staff=self.staff)
        self.staff.refresh_from_db()
        self.keeper: Account = factories.account("supervisor", department)
        self.boss: Account = factories.account("manager", department)
        self.hr: Account = factories.account("hr", department)
        self.gm: Account = factories.account("gm")
        self.incidents: list[Incident] = []
        self.cases: list[DisciplinaryCase] = []
        self.step = 0

    @property
    def is_approved(self) -> bool:
        return SettlementPeriod.objects.filter(department=self.department, state="approved").exists()

    @property
    def at(self) -> datetime:
        """Now: in the middle of October, and in November once October is approved."""
        return months.next_month(OCTOBER, 10) if self.is_approved else WHEN

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
            Incident.objects.count(),
            Reversal.objects.count(),
            list(IncidentAppeal.objects.order_by("pk").values()),
            list(DisciplinaryCase.objects.order_by("pk").values()),
            list(SettlementPeriod.objects.order_by("pk").values("month", "state")),
        )

    def offend(self, code: str, day: int) -> None:
        """Recorded by the keeper, confirmed by the boss."""
        on = date(2026, 10, day)
        row = services.incident_record(staff=self.staff, code=code, work_date=on, by=self.keeper, at=self.at)
        self.incidents.append(services.incident_confirm(incident=row, by=self.boss, at=self.at))

    def reverse(self, which: int, _: int) -> None:
        if which < len(self.incidents):
            row = self.incidents[which]
            services.incident_reverse(incident=row, on=TODAY, reason="误记", by=None, at=self.at)

    def appeal(self, which: int, _: int) -> None:
        if which < len(self.incidents):
            row = self.incidents[which]
            services.incident_appeal(incident=row, reason="不是我", by=self.person, at=self.at)

    def judge(self, which: int, how: tuple[bool, bool]) -> None:
        """An appeal is decided by the gm, or tried to be by who confirmed the incident."""
        grants, is_biased = how
        appeals = IncidentAppeal.objects.filter(staff=self.staff).order_by("pk")[which : which + 1]
        for appeal in appeals:
            services.incident_appeal_decide(
                appeal=appeal,
                state="approved" if grants else "refused",
                answer="看过记录",
                by=self.boss if is_biased else self.gm,
                at=self.at,
            )

    def accuse(self, level: str, _: int) -> None:
        case = services.discipline_propose(
            staff=self.staff, level=level, grounds="旷工", by=self.hr, at=self.at
        )
        self.cases.append(case)

    def hear(self, which: int, _: int) -> None:
        if which < len(self.cases):
            case, at = self.cases[which], self.at
            services.discipline_hear(case=case, statement="忘了", heard_at=at, by=self.hr, at=at)

    def decide(self, which: int, accept: bool) -> None:
        """By the manager, who must not dismiss."""
        if which < len(self.cases):
            services.discipline_decide(
                case=self.cases[which], accept=accept, decision="清楚", by=self.boss, at=self.at
            )

    def take_back(self, which: int, _: int) -> None:
        if which < len(self.cases):
            services.discipline_reverse(case=self.cases[which], reason="有误", by=self.boss, at=self.at)

    def pay(self, which: int, amount: Decimal, later: int = 0) -> None:
        if which < len(self.incidents):
            cash_payment_take(
                incident=self.incidents[which],
                staff=self.staff,
                amount=amount,
                on=TODAY + timedelta(days=later),
                key=f"pay{self.step}",
                by=self.keeper,
                at=self.at + timedelta(days=later),
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
                at=self.at,
            )

    def withhold(self, _: int, amount: Decimal) -> None:
        line = services.Withheld(f"line{self.step}", self.staff.pk, amount, "罚款")
        services.withheld_post(department=self.department, month=TODAY, lines=[line], by=None, at=self.at)

    def transfer(self, _: int, amount: Decimal) -> None:
        key = f"transfer{self.step}"
        services.transfer_record(
            department=self.department, amount=amount, on=TODAY, key=key, by=self.keeper, at=self.at
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
            at=self.at,
        )
        services.expense_decide(expense=expense, state="approved", by=self.boss, at=self.at)

    def count(self, agrees: bool, counted: Decimal) -> None:
        row = services.count_record(
            department=self.department,
            counted=counted,
            explanation="点过两遍",
            witness=self.boss,
            by=self.keeper,
            at=self.at,
        )
        services.count_witness(count=row, agrees=agrees, word="看过", by=self.boss, at=self.at)

    def approve(self, _: int, __: int) -> None:
        """October is settled and approved, once: what comes later is made up for in November."""
        if not self.is_approved:
            period = period_open(department=self.department, month=OCTOBER)
            draft_write(period=period, by=self.hr, at=months.next_month(OCTOBER, 1))
            period_approve(period=period, reason="测试", by=self.boss, at=months.next_month(OCTOBER, 2))

    def end(self) -> None:
        """Every appeal has its answer, both months are settled."""
        for appeal in IncidentAppeal.objects.filter(state="asked"):
            services.incident_appeal_decide(
                appeal=appeal, state="refused", answer="属实", by=self.gm, at=self.at
            )
        self.approve(0, 0)
        period = period_open(department=self.department, month=NOVEMBER)
        draft_write(period=period, by=self.hr, at=months.next_month(NOVEMBER, 1))

    def check(self) -> None:
        """What must hold whatever was played."""
        with connection.cursor() as cursor:  # the triggers that look at the end of a transaction
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        fines = cash_fines(Incident.objects.all())
        self._check_book(fines)
        self._check_ledger()
        self._check_discipline()
        self._check_pay(fines)

    def _check_book(self, fines: list[CashFine]) -> None:
        balances = fund_balances(self.department)
        assert sum(balances.values()) == 0
        assert balances["cash"] >= 0 and balances["payroll"] >= 0
        paid = ZERO
        for fine in fines:
            dearest = max(fine.fine, ZERO) * fine.collection.overdue_multiplier
            own = sum((amount for _, amount in fine.paid), ZERO)
            assert own >= 0
            paid += own
            too_much = max(-fine.owed(TODAY + timedelta(days=60)), ZERO)
            # In cash and from pay together never more than the fine costs at its dearest.
            assert own - too_much + fine.to_withhold <= dearest
        kinds = FundPosting.objects.filter(account="fines", transaction__kind__in=["payment", "refund"])
        assert paid == -sum((each.amount for each in kinds), ZERO)

    def _check_ledger(self) -> None:
        """The ledger is what counts, by its ranks; an appeal that was granted leaves nothing."""
        standing = Incident.objects.filter(code="c-steps", state="confirmed", reversal=None).count()
        steps = sum(([30, 50] + [50] * standing)[:standing])
        fixed = Incident.objects.filter(code="c-pay", state="confirmed", reversal=None).count() * 20
        assert _total(MoneyEntry.objects.all()) == -(steps + fixed)
        for appeal in IncidentAppeal.objects.filter(state="approved").select_related("incident__reversal"):
            assert appeal.incident.reversal.reason.startswith("申诉成立")
            assert _total(MoneyEntry.objects.of_incident(appeal.incident_id)) == 0
        assert not IncidentAppeal.objects.filter(decided_by=self.boss).exists()

    def _check_discipline(self) -> None:
        """Only what stands decided has an incident that counts, and no dismissal was decided by a manager."""
        counts = {each.pk for each in Incident.objects.filter(code__in=DISCIPLINE, reversal=None)}
        stands = DisciplinaryCase.objects.filter(state="decided")
        assert counts == {each.incident_id for each in stands}
        assert not DisciplinaryCase.objects.filter(level="dismissal", number__isnull=False).exists()
        taken = self._paid(*DISCIPLINE)
        assert -BONUS <= taken <= 0 and (taken == 0) == (not counts)

    def _check_pay(self, fines: list[CashFine]) -> None:
        """Pay has what is not paid in cash, and what is never paid in cash, once over both months."""
        assert self._paid("c-steps") == -sum((each.to_withhold for each in fines), ZERO)
        assert self._paid("c-pay") == _total(MoneyEntry.objects.filter(provision__code="c-pay"))

    def _paid(self, *codes: str) -> Decimal:
        return _total(PayLine.objects.filter(payslip__staff=self.staff, code__in=codes))


def _total(rows: Any) -> Decimal:
    return rows.aggregate(total=Sum("amount"))["total"] or ZERO


@pytest.fixture
def game(settings: Any, tmp_path: Any) -> Callable[[], Game]:
    settings.ATTACHMENT_DIR = tmp_path
    steps = {**STEPS, "collection": CASH}
    department = months.department(steps, PAY, WARNING, MINOR, MAJOR, code="D1")
    return lambda: Game(department)


@settings(
    max_examples=examples(5),
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@example(moves=BEFORE_PAY)
@example(moves=AFTER_PAY)
@example(moves=PAID_AND_GRANTED)
@example(moves=DECIDED)
@example(moves=TAKEN_BACK)
@given(moves=st.lists(MOVES, min_size=6, max_size=14))
def test_whatever_is_played_the_ledgers_balance_and_nothing_is_charged_twice(
    game: Callable[[], Game], moves: list[tuple[str, Any, Any]]
) -> None:
    with transaction.atomic():
        played = game()
        played.play(("offend", "c-steps", 15))
        played.play(("offend", "c-steps", 12))
        for move in moves:
            played.play(move)
        played.end()
        played.check()
        transaction.set_rollback(True)
