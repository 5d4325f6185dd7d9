"""Real runs: one at a time, seen from outside while they last, and what stands when one dies."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import psutil
import pytest
from django.db import connection, transaction

from payroll.errors import AlreadyRunning, PeriodRefused
from payroll.models import PeriodEvent, SettlementPeriod, SettlementRun
from payroll.settlement.runner import is_running, period_settle, runs_check
from payroll.tasks import settle
from payroll.workflow import period_open
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
    next_month,
    order,
    rows,
    settled,
    slip,
    user,
)

pytestmark = pytest.mark.django_db(transaction=True)
State = SettlementPeriod.State
RunState = SettlementRun.State
NOW = next_month(OCTOBER, 1)
BAND = {
    "code": "t-band",
    "title": "低分谈话",
    "kind": "points_band",
    "params": {"at_or_below": "3", "proposal": "talk"},
}
PATIENCE = 60  # seconds after which a test gives up
# Where a run waits while a test holds the table: the old draft's payslips are deleted but not its orders;
# the new draft is written but not committed.
HALF_DELETED, FULLY_WRITTEN = "payroll_settledorders", "penalties_proposal"


@pytest.fixture
def of() -> Department:
    """An October with a draft, and a fine that came after it."""
    made = department(FINE, BAND)
    person = agent(made)
    order(person, date(2026, 10, 3), "100.00")
    settled(made, OCTOBER)
    incident(person, "t-fine", date(2026, 10, 5))
    return made


@pytest.fixture
def period(of: Department) -> SettlementPeriod:
    return SettlementPeriod.objects.get(department=of)


@contextmanager
def held(table: str) -> Iterator[None]:
    """Hold a table from another connection, so that a run that comes to it waits there."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        other.close()


def wait_until(holds: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)


def waits_for(table: str) -> bool:
    """Whether a run has come to the table that a test holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE relation = %s::regclass AND NOT granted)", [table]
        )
        return bool(cursor.fetchone()[0])


def in_thread(work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def settle_as(period: SettlementPeriod, name: str | None = "编制人") -> object:
    return period_settle(period=period, by=user(name) if name else None, at=NOW)


def last_run(period: SettlementPeriod) -> SettlementRun:
    return SettlementRun.objects.filter(period=period).latest("id")


# Runs that end


def test_a_run_says_who_began_it_how_many_it_settled_and_when_it_ended(period: SettlementPeriod) -> None:
    settle_as(period)
    run = last_run(period)
    assert (run.state, run.step, run.done, run.total, run.failed) == (RunState.SUCCEEDED, "完成", 1, 1, 0)
    assert (run.by, run.started_at, run.message) == (user("编制人"), NOW, "")
    assert run.finished_at is not None
    assert slip(period).deductions == 10
    assert not is_running(period)


def test_a_run_tells_how_many_failed_and_where_to_look() -> None:
    of = department(BY_CONVERSION)
    order(agent(of), date(2026, 10, 3), "100.00")
    agent(of, "1002")
    period = period_open(department=of, month=OCTOBER)
    settle_as(period)
    run = last_run(period)
    assert (run.state, run.done, run.failed) == (RunState.SUCCEEDED, 2, 1)
    assert run.message == "1人未能结算，见其工资条上的原因与补救办法。"


def test_the_events_of_a_run_tell_computing_from_computed(period: SettlementPeriod) -> None:
    before = PeriodEvent.objects.count()
    settle_as(period, "人事")
    events = PeriodEvent.objects.filter(period=period).order_by("id")[before:]
    assert [(each.before, each.after, str(each.by)) for each in events] == [
        (State.COMPUTED, State.COMPUTING, "人事"),
        (State.COMPUTING, State.COMPUTED, "人事"),
    ]


@pytest.mark.parametrize("had_draft", [True, False])
def test_a_run_that_breaks_off_is_marked_and_what_stood_before_stands(
    of: Department, monkeypatch: pytest.MonkeyPatch, had_draft: bool
) -> None:
    month = OCTOBER if had_draft else SEPTEMBER
    period = period_open(department=of, month=month)
    before = rows(period), period.state

    def torn(*args: Any) -> None:
        raise OSError("磁盘已满")

    monkeypatch.setattr("payroll.settlement.storage.line_rows", torn)
    with pytest.raises(OSError):
        settle_as(period)
    period.refresh_from_db()
    assert (rows(period), period.state) == before
    run = last_run(period)
    assert (run.state, run.message) == (RunState.FAILED, "磁盘已满") and run.finished_at is not None
    assert PeriodEvent.objects.filter(period=period).latest("id").reason == "结算未完成"
    monkeypatch.undo()
    settle_as(period)
    assert last_run(period).state == RunState.SUCCEEDED


def test_a_frozen_month_is_refused_and_leaves_no_run(of: Department) -> None:
    agent_september = of.staff.get()
    conversion(agent_september, SEPTEMBER, "0.60")
    period = approved(of, SEPTEMBER)
    with pytest.raises(PeriodRefused, match="已批准，不能重新计算"):
        settle_as(period)
    assert not SettlementRun.objects.filter(period=period).exists()
    assert not is_running(period)


# Two at once


def test_of_two_runs_at_once_one_runs_and_the_other_is_told_at_once(period: SettlementPeriod) -> None:
    with held(FULLY_WRITTEN):
        first = in_thread(lambda: settle_as(period))
        wait_until(lambda: waits_for(FULLY_WRITTEN))
        assert is_running(period)
        # The first cannot go on before the table is free, so this answer did not wait for it.
        with pytest.raises(AlreadyRunning, match="正在结算，请等它完成"):
            settle_as(period, "人事")
        assert settle(period.department_id, "2026-10").endswith("正在结算，请等它完成；进度见结算运行")
        assert SettlementRun.objects.filter(period=period).count() == 1
    first.join(PATIENCE)
    assert last_run(period).state == RunState.SUCCEEDED
    settle_as(period, "人事")
    assert last_run(period).by == user("人事")


def test_another_month_is_settled_meanwhile(of: Department, period: SettlementPeriod) -> None:
    other = period_open(department=department(), month=OCTOBER)
    with held(HALF_DELETED):
        first = in_thread(lambda: settle_as(period))
        wait_until(lambda: waits_for(HALF_DELETED))
        assert is_running(period) and not is_running(other)
    first.join(PATIENCE)
    settle_as(other)
    assert last_run(other).state == RunState.SUCCEEDED


def test_progress_is_seen_from_outside_while_the_draft_is_not_committed(period: SettlementPeriod) -> None:
    before = rows(period)
    with held(FULLY_WRITTEN):
        first = in_thread(lambda: settle_as(period))
        wait_until(lambda: waits_for(FULLY_WRITTEN))
        run = last_run(period)
        assert (run.state, run.step, run.done, run.total) == (RunState.RUNNING, "写入工资条", 1, 1)
        assert SettlementPeriod.objects.get(pk=period.pk).state == State.COMPUTING
        assert rows(period) == before
    first.join(PATIENCE)
    assert rows(period) != before


def test_a_run_that_lives_is_not_taken_for_dead(period: SettlementPeriod) -> None:
    with held(HALF_DELETED):
        first = in_thread(lambda: settle_as(period))
        wait_until(lambda: waits_for(HALF_DELETED))
        period.refresh_from_db()
        runs_check(period, at=NOW)
        assert (period.state, last_run(period).state) == (State.COMPUTING, RunState.RUNNING)
    first.join(PATIENCE)
    assert last_run(period).state == RunState.SUCCEEDED


# A worker that dies


def kill(worker: "subprocess.Popen[bytes]") -> None:
    """SIGKILL the worker and the processes it began, as a machine out of memory would."""
    family = psutil.Process(worker.pid)
    for each in [*family.children(recursive=True), family]:
        os.kill(each.pid, signal.SIGKILL)
    worker.wait(PATIENCE)


@pytest.mark.parametrize("table", [HALF_DELETED, FULLY_WRITTEN])
def test_a_worker_killed_in_the_middle_leaves_the_old_draft_and_the_next_run_goes_through(
    of: Department, period: SettlementPeriod, table: str, worker_process: "subprocess.Popen[bytes]"
) -> None:
    before = rows(period)
    with held(table):
        settle.delay(of.pk, "2026-10")
        wait_until(lambda: waits_for(table))
        assert is_running(period)
        kill(worker_process)
        wait_until(lambda: not is_running(period))
        # The database lets go of the dead run's rows by itself, although its statement still waits.
        period.refresh_from_db()
        assert period.state == State.COMPUTING
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '20s'")
            runs_check(period, at=NOW)
        assert period.state == State.COMPUTED
    assert rows(period) == before
    died = last_run(period)
    assert (died.state, died.finished_at is not None) == (RunState.DIED, True)
    assert died.get_state_display() == "中断" and "可立即重新结算" in died.message
    assert PeriodEvent.objects.filter(period=period).latest("id").reason == "结算进程中断"

    settle_as(period)
    assert last_run(period).state == RunState.SUCCEEDED
    assert rows(period) != before and slip(period).deductions == 10


def test_after_a_death_nobody_noticed_the_next_run_goes_through_at_once(
    of: Department, period: SettlementPeriod, worker_process: "subprocess.Popen[bytes]"
) -> None:
    with held(HALF_DELETED):
        settle.delay(of.pk, "2026-10")
        wait_until(lambda: waits_for(HALF_DELETED))
        kill(worker_process)
        wait_until(lambda: not is_running(period))
    settle_as(period)
    died, next_one = SettlementRun.objects.filter(period=period).order_by("id")
    assert (died.state, next_one.state) == (RunState.DIED, RunState.SUCCEEDED)
    period.refresh_from_db()
    assert period.state == State.COMPUTED and slip(period).deductions == 10


def test_a_first_run_that_dies_leaves_the_month_unsettled(
    of: Department, worker_process: "subprocess.Popen[bytes]"
) -> None:
    period = period_open(department=of, month=SEPTEMBER)
    with held(FULLY_WRITTEN):
        settle.delay(of.pk, "2026-09")
        wait_until(lambda: waits_for(FULLY_WRITTEN))
        kill(worker_process)
        wait_until(lambda: not is_running(period))
    period.refresh_from_db()
    runs_check(period, at=NOW)
    assert (period.state, period.payslips.count()) == (State.OPEN, 0)


def test_a_task_whose_process_is_killed_is_run_again_by_the_same_worker(
    of: Department, period: SettlementPeriod, worker_process: "subprocess.Popen[bytes]"
) -> None:
    with held(HALF_DELETED):
        settle.delay(of.pk, "2026-10")
        wait_until(lambda: waits_for(HALF_DELETED))
        (child,) = psutil.Process(worker_process.pid).children()
        os.kill(child.pid, signal.SIGKILL)
        wait_until(lambda: SettlementRun.objects.filter(period=period).count() == 2)
    wait_until(lambda: last_run(period).state == RunState.SUCCEEDED)
    assert slip(period).deductions == 10
