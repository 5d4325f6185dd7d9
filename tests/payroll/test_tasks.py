"""Settlement on Celery: drafts at the month's end, as often as the broker likes."""

import subprocess
import time
from datetime import date, datetime
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from kefu.celery import app
from payroll.models import SettlementPeriod, SettlementRun
from payroll.tasks import month_before, settle, settle_all_departments
from people.models import Department
from tests.payroll.months import (
    BY_CONVERSION,
    FINE,
    OCTOBER,
    SEPTEMBER,
    agent,
    approved,
    conversion,
    department,
    incident,
    moment,
    order,
    rows,
    settled,
    slip,
    user,
)

State = SettlementPeriod.State
RunState = SettlementRun.State
PATIENCE = 60


@pytest.fixture
def of(db: None) -> Department:
    made = department(FINE)
    incident(agent(made), "t-fine", date(2026, 10, 5))
    return made


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the month's end hands to the workers."""
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(settle, "delay", lambda *args: calls.append(args))
    return calls


def test_the_task_settles_a_department_for_whoever_asked(of: Department) -> None:
    assert settle(of.pk, "2026-10", user("人事").pk) == f"{of} 2026年10月：1人，0人未能结算"
    period = SettlementPeriod.objects.get(department=of)
    assert (period.month, period.state, period.prepared_by) == (OCTOBER, State.COMPUTED, user("人事"))
    assert slip(period).deductions == 10


def test_the_task_delivered_twice_gives_the_same_rows(of: Department) -> None:
    settle(of.pk, "2026-10")
    period = SettlementPeriod.objects.get(department=of)
    before = rows(period)
    settle(of.pk, "2026-10")
    assert rows(period) == before
    assert SettlementPeriod.objects.count() == 1 and period.runs.count() == 2


@pytest.mark.parametrize("state", [State.APPROVED, State.PAID])
def test_the_task_leaves_a_frozen_month_alone(of: Department, state: str) -> None:
    period = approved(of, SEPTEMBER)
    SettlementPeriod.objects.filter(pk=period.pk).update(state=state)
    incident(of.staff.get(), "t-fine", date(2026, 9, 5))
    before = rows(period)
    said = settle(of.pk, "2026-09")
    assert said.startswith(f"{of} 2026年09月{State(state).label}，不能重新计算；")
    period.refresh_from_db()
    assert (rows(period), period.state, period.runs.count()) == (before, state, 0)


def test_a_draft_of_the_system_has_no_preparer(of: Department) -> None:
    settled(of, OCTOBER, by="人事")
    settle(of.pk, "2026-10")
    assert SettlementPeriod.objects.get(department=of).prepared_by is None


def test_the_months_end_queues_the_month_before_for_every_department_that_is_not_frozen(
    of: Department, queued: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted, frozen, earlier = department(FINE), department(FINE), department(FINE)
    settled(drafted, OCTOBER)
    approved(frozen, OCTOBER)
    approved(earlier, SEPTEMBER)
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 11, 1))
    assert settle_all_departments() == 3
    assert sorted(queued) == [(each.pk, "2026-10") for each in (of, drafted, earlier)]


def test_the_months_end_may_be_told_the_month(of: Department, queued: list[tuple[Any, ...]]) -> None:
    assert settle_all_departments("2026-07") == 1
    assert queued == [(of.pk, "2026-07")]


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2026, 11, 1), date(2026, 10, 1)),
        (date(2026, 11, 30), date(2026, 10, 1)),
        (date(2026, 3, 31), date(2026, 2, 1)),
        (date(2027, 1, 1), date(2026, 12, 1)),
    ],
)
def test_the_month_before_a_day(day: date, month: date) -> None:
    assert month_before(day) == month


def test_beat_queues_the_months_end_on_the_first_at_two_in_shanghai() -> None:
    entry = settings.CELERY_BEAT_SCHEDULE["settle-all-departments"]
    assert entry["task"] == settle_all_departments.name
    assert "args" not in entry and "kwargs" not in entry  # the month before, whichever it is
    schedule = entry["schedule"]
    schedule.app = app

    def due_after(last: datetime) -> datetime:
        start, delta, _ = schedule.remaining_delta(last)
        return (start + delta).astimezone(last.tzinfo)

    assert due_after(moment("2026-10-15 12:00")) == moment("2026-11-01 02:00")
    assert due_after(moment("2026-11-01 02:00")) == moment("2026-12-01 02:00")


def test_what_a_task_takes_is_acknowledged_when_it_is_done() -> None:
    assert settle.acks_late and app.conf.task_reject_on_worker_lost
    longest = app.conf.broker_transport_options["visibility_timeout"]
    assert longest >= 60 * 60


@pytest.mark.django_db(transaction=True)
def test_a_worker_settles_every_department_at_the_months_end(
    worker_process: "subprocess.Popen[bytes]",
) -> None:
    departments = [department(FINE), department(FINE)]
    for each in departments:
        incident(agent(each), "t-fine", date(2026, 10, 5))
    settle_all_departments.delay("2026-10")
    deadline = time.monotonic() + PATIENCE
    while SettlementRun.objects.filter(state=RunState.SUCCEEDED).count() < len(departments):
        assert time.monotonic() < deadline, list(SettlementRun.objects.values())
        time.sleep(0.05)
    for period in SettlementPeriod.objects.all():
        assert (period.state, period.prepared_by, period.approved_by) == (State.COMPUTED, None, None)
        assert slip(period).net == 2990


# The command


def test_the_command_settles_through_the_same_service_and_names_who_failed(of: Department) -> None:
    made = department(BY_CONVERSION, code="C9")
    order(agent(made), date(2026, 10, 3), "100.00")
    conversion(agent(made, "1002"), OCTOBER, "0.60")
    out = StringIO()
    call_command("settle", "2026-10", "--department", "C9", stdout=out)
    assert "2026年10月：已结算2人，1人未能结算" in out.getvalue()
    assert "1001 员工1001：缺2026年10月的询单转化率" in out.getvalue()
    assert "补救：导入1001 员工1001的询单转化率后重新结算" in out.getvalue()
    run = SettlementRun.objects.get()
    assert (run.by, run.state, run.period.prepared_by) == (None, RunState.SUCCEEDED, None)


def test_the_command_refuses_a_frozen_month_in_words(of: Department) -> None:
    approved(of, SEPTEMBER)
    with pytest.raises(CommandError, match="已批准，不能重新计算"):
        call_command("settle", "2026-09", "--department", of.code)


@pytest.mark.parametrize("month", ["2026-13", "2026/10", "十月", "2026-1"])
def test_the_command_refuses_what_is_no_month(of: Department, month: str) -> None:
    with pytest.raises(CommandError, match="月"):
        call_command("settle", month, "--department", of.code)
    assert not SettlementPeriod.objects.exists()


def test_the_command_refuses_an_unknown_department(db: None) -> None:
    with pytest.raises(CommandError, match="没有"):
        call_command("settle", "2026-10", "--department", "XX")
