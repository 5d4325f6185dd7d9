"""What the database itself refuses: nothing of an approved month moves, whoever asks."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from payroll.models import ManualLine, PayLine, Payslip, PeriodEvent, SettledOrders, SettlementPeriod
from payroll.services.manual_lines import manual_line_add
from payroll.services.periods import period_approve, period_mark_paid, period_send_back
from payroll.workflow import period_open
from people.models import Department
from tests.payroll.months import (
    COMMISSION,
    NOVEMBER,
    OCTOBER,
    SEPTEMBER,
    agent,
    approved,
    department,
    next_month,
    order,
    rows,
    settled,
    user,
)

pytestmark = pytest.mark.django_db
State = SettlementPeriod.State

INSERTS = {
    "payslip": """
        INSERT INTO payroll_payslip (period_id, staff_id, number, name, team, role, tier, days_due,
            days_worked, gross, deductions, net, points_trace, failure, remedy, failure_cause)
        SELECT s.period_id, (SELECT id FROM people_staff WHERE number = '9999'), '9999', '', '', '', '', 0, 0,
            0, 0, 0, '{}', '', '', '{}'
        FROM payroll_payslip s WHERE s.id = %(payslip)s
    """,
    "line": """
        INSERT INTO payroll_payline (payslip_id, position, nature, "column", code, title, basis, for_month,
            "on", amount, full_amount, reason, trace)
        SELECT payslip_id, 99, nature, "column", code, title, basis, for_month, "on", amount, full_amount,
            reason, trace
        FROM payroll_payline WHERE payslip_id = %(payslip)s LIMIT 1
    """,
    "orders": """
        INSERT INTO payroll_settledorders (period_id, staff_id, order_ids, amounts)
        SELECT period_id, (SELECT id FROM people_staff WHERE number = '9999'), order_ids, amounts
        FROM payroll_settledorders WHERE period_id = %(period)s
    """,
    "manual": """
        INSERT INTO payroll_manualline (period_id, staff_id, title, amount, reason, at)
        SELECT period_id, staff_id, '补', 1, '补', at FROM payroll_manualline WHERE period_id = %(period)s
    """,
}
UPDATES = {
    "payslip": "UPDATE payroll_payslip SET gross = gross + 1, net = net + 1 WHERE id = %(payslip)s",
    "payslip moved away": "UPDATE payroll_payslip SET period_id = %(empty_period)s WHERE id = %(payslip)s",
    "line": "UPDATE payroll_payline SET amount = amount + 1 WHERE payslip_id = %(payslip)s",
    "line's trace": "UPDATE payroll_payline SET trace = '{}' WHERE payslip_id = %(payslip)s",
    "line moved in": "UPDATE payroll_payline SET payslip_id = %(payslip)s, position = 99 "
    "WHERE payslip_id = %(other_payslip)s AND position = 1",
    "line moved away": "UPDATE payroll_payline SET payslip_id = %(other_payslip)s, position = 99 "
    "WHERE payslip_id = %(payslip)s AND position = 1",
    "orders": "UPDATE payroll_settledorders SET amounts = '{1}' WHERE period_id = %(period)s",
    "manual": "UPDATE payroll_manualline SET amount = 99 WHERE period_id = %(period)s",
    "manual withdrawn": "UPDATE payroll_manualline SET withdrawn_at = now() WHERE period_id = %(period)s",
    "manual moved in": "UPDATE payroll_manualline SET period_id = %(period)s "
    "WHERE period_id = %(other_period)s",
}
DELETES = {
    "payslip": "DELETE FROM payroll_payslip WHERE id = %(payslip)s",
    "line": "DELETE FROM payroll_payline WHERE payslip_id = %(payslip)s",
    "orders": "DELETE FROM payroll_settledorders WHERE period_id = %(period)s",
    "manual": "DELETE FROM payroll_manualline WHERE period_id = %(period)s",
}
STATEMENTS = [
    pytest.param(sql, id=f"{verb} {name}")
    for verb, statements in (("insert", INSERTS), ("update", UPDATES), ("delete", DELETES))
    for name, sql in statements.items()
]


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[Department]:
    """Settled once for all tests here, each of which undoes what it did; rolled back after the last."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _two_months()
        transaction.set_rollback(True)


@pytest.fixture
def of(made: Department, db: None) -> Department:
    """A department with orders and a manual line in two months; 9999 works elsewhere."""
    return Department.objects.get(pk=made.pk)


def _two_months() -> Department:
    made = department(COMMISSION)
    person = agent(made)
    agent(department(), "9999")
    for month in (SEPTEMBER, OCTOBER):
        order(person, month.replace(day=3), "500.00")
        period = settled(made, month)
        manual_line_add(
            period=period,
            staff=person,
            title="补发",
            amount=Decimal("50.00"),
            reason="漏记",
            by=user("编制人"),
            at=next_month(month, 1),
        )
        settled(made, month)
    return made


def frozen(of: Department, *, paid: bool) -> SettlementPeriod:
    period = SettlementPeriod.objects.get(department=of, month=SEPTEMBER)
    period = period_approve(period=period, reason="测试", by=user("批准人"), at=next_month(SEPTEMBER, 2))
    if paid:
        period = period_mark_paid(period=period, by=user("出纳"), at=next_month(SEPTEMBER, 5))
    return period


def reached(sql: str, of: Department) -> int:
    """How many of September's rows a statement reaches; what it did is undone."""
    period = SettlementPeriod.objects.get(department=of, month=SEPTEMBER)
    other = SettlementPeriod.objects.get(department=of, month=OCTOBER)
    names = {
        "period": period.pk,
        "payslip": Payslip.objects.get(period=period).pk,
        "other_period": other.pk,
        "other_payslip": Payslip.objects.get(period=other).pk,
        "empty_period": period_open(department=of, month=NOVEMBER).pk,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, names)
        transaction.set_rollback(True)
        return cursor.rowcount


@pytest.mark.parametrize("paid", [False, True], ids=["approved", "paid"])
@pytest.mark.parametrize("sql", STATEMENTS)
def test_the_database_refuses_raw_sql_on_a_frozen_month(of: Department, sql: str, paid: bool) -> None:
    period = frozen(of, paid=paid)
    before = rows(period), list(ManualLine.objects.order_by("pk").values())
    with pytest.raises(IntegrityError, match="已批准的工资不可更改"):
        reached(sql, of)
    assert (rows(period), list(ManualLine.objects.order_by("pk").values())) == before


@pytest.mark.parametrize("sql", STATEMENTS)
def test_the_same_statements_reach_the_rows_of_a_draft(of: Department, sql: str) -> None:
    assert reached(sql, of) > 0


def test_a_month_that_was_sent_back_moves_again(of: Department) -> None:
    period = frozen(of, paid=False)
    period_send_back(period=period, reason="漏了一单", by=user("批准人"), at=next_month(SEPTEMBER, 3))
    assert reached(UPDATES["line"], of) > 0


def test_the_events_of_a_month_are_only_inserted(of: Department) -> None:
    for sql in ("UPDATE payroll_periodevent SET reason = ''", "DELETE FROM payroll_periodevent"):
        with pytest.raises(Exception, match="payroll_periodevent"), transaction.atomic():
            connection.cursor().execute(sql)
    assert PeriodEvent.objects.exists()


def test_rows_of_other_months_are_free_while_one_is_frozen(of: Department) -> None:
    frozen(of, paid=True)
    other = settled(of, OCTOBER)
    assert other.state == State.COMPUTED and PayLine.objects.filter(payslip__period=other).exists()
    assert SettledOrders.objects.filter(period=other).exists()


def test_an_approved_month_needs_who_approved_it_and_when(of: Department) -> None:
    period = settled(of, SEPTEMBER)
    with pytest.raises(IntegrityError, match="approved_by_person"), transaction.atomic():
        SettlementPeriod.objects.filter(pk=period.pk).update(state=State.APPROVED)


STEPS = {
    (State.OPEN, State.COMPUTING),
    (State.OPEN, State.COMPUTED),
    (State.COMPUTING, State.COMPUTED),
    (State.COMPUTING, State.OPEN),
    (State.COMPUTED, State.COMPUTING),
    (State.COMPUTED, State.APPROVED),
    (State.APPROVED, State.COMPUTED),
    (State.APPROVED, State.PAID),
}


@pytest.mark.parametrize("before", list(State))
def test_the_database_moves_a_month_only_along_its_workflow(of: Department, before: State) -> None:
    somebody = user("总经理")
    row = SettlementPeriod.objects.create(
        department=of,
        month=date(2027, 3, 1),
        state=before,
        approved_by=somebody,
        approved_at=next_month(SEPTEMBER, 2),
    )
    for after in State:
        try:
            with transaction.atomic():
                SettlementPeriod.objects.filter(pk=row.pk).update(state=after)
                transaction.set_rollback(True)
        except InternalError as error:
            assert "Invalid transition" in str(error)
            moved = False
        else:
            moved = True
        assert moved == (before == after or (before, after) in STEPS), (before, after)


def test_a_period_begins_on_the_first_of_its_month(of: Department) -> None:
    with pytest.raises(IntegrityError, match="first_of_month"), transaction.atomic():
        SettlementPeriod.objects.create(department=of, month=date(2026, 9, 2))


def test_a_payslip_whose_net_is_not_gross_less_deductions_is_refused(of: Department) -> None:
    with pytest.raises(IntegrityError, match="net_is_gross_less_deductions"), transaction.atomic():
        Payslip.objects.update(net=1)


def test_a_line_without_a_reason_is_refused(of: Department) -> None:
    with pytest.raises(IntegrityError, match="has_reason"), transaction.atomic():
        PayLine.objects.update(reason="")


def test_approving_again_does_not_recompute(of: Department) -> None:
    period = settled(of, SEPTEMBER)
    before = rows(period)
    order(period.payslips.get().staff, date(2026, 9, 9), "999.00", at=next_month(SEPTEMBER, 1))
    period = period_approve(period=period, reason="测试", by=user("批准人"), at=next_month(SEPTEMBER, 2))
    assert rows(period) == before
    assert approved(of, OCTOBER).state == State.APPROVED
