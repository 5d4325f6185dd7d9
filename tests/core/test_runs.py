"""One worker at a time over a row; what it tells is seen at once, and its death by its lock."""

from collections.abc import Iterator
from time import monotonic, sleep

import pytest
from celery import Celery
from django.db import connection, transaction
from django.utils import timezone

from core.locks import Lock, is_locked
from core.runs import QueueDown, run_of, task_send
from payroll.models import SettlementPeriod, SettlementRun
from tests import factories
from tests.factories import WHEN


def test_a_broker_that_is_not_there_is_said_in_words_within_seconds() -> None:
    app = Celery("elsewhere", broker="redis://127.0.0.1:1/0", set_as_current=False)

    @app.task
    def nothing() -> None: ...

    began = monotonic()
    with pytest.raises(QueueDown, match="任务队列连不上，没有开始；请管理员检查"):
        task_send(nothing)
    assert monotonic() - began < 30


@pytest.mark.django_db
def test_only_one_run_holds_a_row_and_another_row_is_free() -> None:
    with run_of(Lock.ROSTER, 1) as held:
        assert held is not None and is_locked(Lock.ROSTER, 1)
        with run_of(Lock.ROSTER, 1) as second, run_of(Lock.ROSTER, 2) as other, run_of(Lock.UNDO, 1) as kind:
            assert second is None and other is not None and kind is not None
    assert not is_locked(Lock.ROSTER, 1)


@pytest.mark.django_db
def test_a_run_that_fails_frees_its_row() -> None:
    with pytest.raises(ZeroDivisionError), run_of(Lock.ROSTER, 1):
        raise ZeroDivisionError
    assert not is_locked(Lock.ROSTER, 1)


@pytest.fixture
def running(transactional_db: None) -> Iterator[SettlementRun]:
    period = SettlementPeriod.objects.create(
        department=factories.department(), month=WHEN.date().replace(day=1)
    )
    yield SettlementRun.objects.create(period=period, by=None, started_at=timezone.now(), step="排队")


def test_what_a_run_tells_stays_although_its_work_is_rolled_back(running: SettlementRun) -> None:
    with run_of(Lock.SETTLEMENT, running.period_id) as held, transaction.atomic():
        assert held is not None
        SettlementPeriod.objects.filter(pk=running.period_id).update(state="computing")
        held.tell(SettlementRun, running.pk, step="读取", done=1, total=2)
        transaction.set_rollback(True)
    running.refresh_from_db()
    assert (running.step, running.done, running.total) == ("读取", 1, 2)
    assert SettlementPeriod.objects.get().state == "open"


def test_a_run_tells_by_itself_while_its_work_goes_on(running: SettlementRun) -> None:
    told: list[int] = []
    with run_of(Lock.SETTLEMENT, running.period_id) as held:
        assert held is not None
        with held.telling(lambda: told.append(1)):
            deadline = monotonic() + 10
            while not told and monotonic() < deadline:
                sleep(0.05)
        count = len(told)
    sleep(0.7)
    assert count and len(told) == count


@pytest.mark.django_db
def test_a_lock_goes_with_the_connection_that_holds_it() -> None:
    with run_of(Lock.ROSTER, 1) as held, connection.cursor() as cursor:
        assert held is not None
        with held._other.cursor() as other:
            other.execute("SELECT pg_backend_pid()")
            (pid,) = other.fetchone()
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert not is_locked(Lock.ROSTER, 1)
