"""A real run: the period's lock, its state, its progress (core/runs.py). The draft itself is draft.py's.

When a worker dies, the lock is free and the old draft stands.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.locks import Lock, is_locked
from core.runs import die_with_the_worker, run_of
from payroll.errors import FROZEN_REMEDY, AlreadyRunning, PeriodRefused
from payroll.models import SettlementPeriod, SettlementRun
from payroll.settlement.draft import DraftSummary, draft_write
from payroll.workflow import period_move
from people.models import Account

State = SettlementPeriod.State
RunState = SettlementRun.State


def period_settle(*, period: SettlementPeriod, by: Account | None, at: datetime) -> DraftSummary:
    """Compute the period's draft under its lock, with progress that others can see.

    AlreadyRunning when a run is under way, PeriodRefused when the period is frozen. What a dead worker
    left behind is marked and replaced.
    """
    with run_of(Lock.SETTLEMENT, period.pk) as held:
        if held is None:
            raise AlreadyRunning(f"{period}正在结算，请等它完成", "进度见结算运行")
        run = _begin(period, by, at)

        def progress(step: str, done: int, total: int) -> None:
            held.tell(SettlementRun, run.pk, step=step, done=done, total=total)

        try:
            with transaction.atomic():
                die_with_the_worker()
                summary = draft_write(period=period, by=by, at=at, progress=progress)
        except BaseException as error:
            _end(run, period, RunState.FAILED, message=str(error) or type(error).__name__)
            raise
        _end(run, period, RunState.SUCCEEDED, summary=summary)
        return summary


@transaction.atomic
def _begin(period: SettlementPeriod, by: Account | None, at: datetime) -> SettlementRun:
    """Mark what died, then the period as computing. The caller holds the lock."""
    period = SettlementPeriod.objects.select_for_update().get(pk=period.pk)
    if period.is_frozen:
        raise PeriodRefused(f"{period}{period.get_state_display()}，不能重新计算", FROZEN_REMEDY)
    runs_bury(period)
    if period.state != State.COMPUTING:
        period_move(period=period, to=State.COMPUTING, by=by, at=at)
    return SettlementRun.objects.create(period=period, by=by, started_at=at, step="排队")


def runs_bury(period: SettlementPeriod) -> None:
    """Mark the period's running runs as died; the caller knows that nobody holds the lock."""
    SettlementRun.objects.filter(period=period, state=RunState.RUNNING).update(
        state=RunState.DIED,
        message="结算进程中断，草稿仍为上一次的结果；可立即重新结算。",
        finished_at=timezone.now(),
    )


@transaction.atomic
def _end(
    run: SettlementRun,
    period: SettlementPeriod,
    state: str,
    *,
    summary: DraftSummary | None = None,
    message: str = "",
) -> None:
    now = timezone.now()
    period = SettlementPeriod.objects.select_for_update().get(pk=period.pk)
    if period.state == State.COMPUTING:  # the run failed: back to where a draft, if any, stands
        back = State.COMPUTED if period.facts_read_at else State.OPEN
        period_move(period=period, to=back, by=run.by, at=now, reason="结算未完成")
    changes: dict[str, Any] = {"state": state, "finished_at": now, "message": message}
    if summary is not None:
        changes |= {"step": "完成", "done": summary.people, "total": summary.people, "failed": summary.failed}
        if summary.failed:
            changes["message"] = f"{summary.failed}人未能结算，见其工资条上的原因与补救办法。"
    SettlementRun.objects.filter(pk=run.pk).update(**changes)


def is_running(period: SettlementPeriod) -> bool:
    """Whether a live worker holds the period's lock."""
    return is_locked(Lock.SETTLEMENT, period.pk)


def runs_check(period: SettlementPeriod, *, at: datetime) -> None:
    """Notice that a run has died: for pages that show a computing period whose lock is free."""
    if period.state != State.COMPUTING or is_running(period):
        return
    with transaction.atomic(), run_of(Lock.SETTLEMENT, period.pk) as held:
        if held is None:
            return
        locked = SettlementPeriod.objects.select_for_update().get(pk=period.pk)
        if locked.state == State.COMPUTING:
            runs_bury(locked)
            back = State.COMPUTED if locked.facts_read_at else State.OPEN
            period_move(period=locked, to=back, by=None, at=at, reason="结算进程中断")
    period.refresh_from_db()
