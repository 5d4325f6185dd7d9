"""What people do with a month on its page: each step, who may take it, in which states."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kombu.exceptions import OperationalError

from payroll.errors import FROZEN_REMEDY, AlreadyRunning, PeriodRefused
from payroll.models import SettlementPeriod
from payroll.services import periods as services
from payroll.settlement.runner import is_running
from payroll.tasks import settle
from people.models import Account
from people.selectors import may

State = SettlementPeriod.State


@dataclass(frozen=True, slots=True)
class Step:
    """A button: its words, the action (people/permissions.py) it needs, the states in which it is offered."""

    key: str
    label: str
    action: str
    states: tuple[str, ...]
    done: str
    take: Callable[[SettlementPeriod, str, Account, datetime], object]
    needs_reason: bool = False
    variant: str = "primary"


def queue_settlement(period: SettlementPeriod, reason: str, by: Account, at: datetime) -> None:
    """Hand the month to a worker. PeriodRefused when it is frozen, being computed, or nobody takes tasks."""
    if period.is_frozen:
        raise PeriodRefused(f"{period}{period.get_state_display()}，不能重新计算", FROZEN_REMEDY)
    if is_running(period):
        raise AlreadyRunning(f"{period}正在结算，请等它完成", "进度见结算运行")
    try:
        settle.delay(period.department_id, f"{period.month:%Y-%m}", by.pk)
    except OperationalError as error:
        raise PeriodRefused("任务队列连不上，没有开始结算", "请管理员检查 Redis 与 worker 后再试") from error


STEPS = {
    step.key: step
    for step in (
        Step(
            "settle",
            "结算",
            "settle_pay",
            (State.OPEN, State.COMPUTED),
            "已交给结算进程",
            queue_settlement,
            variant="default",
        ),
        Step(
            "submit",
            "复核并提交",
            "settle_pay",
            (State.COMPUTED,),
            "已复核并提交，由另一人批准",
            lambda period, reason, by, at: services.period_submit(period=period, by=by, at=at),
        ),
        Step(
            "approve",
            "批准",
            "approve_pay",
            (State.COMPUTED,),
            "已批准，本月工资不再变动",
            lambda period, reason, by, at: services.period_approve(period=period, by=by, at=at),
        ),
        Step(
            "send-back",
            "退回",
            "approve_pay",
            (State.APPROVED,),
            "已退回，可重新结算",
            lambda period, reason, by, at: services.period_send_back(
                period=period, reason=reason, by=by, at=at
            ),
            needs_reason=True,
            variant="danger",
        ),
        Step(
            "pay",
            "标为已发放",
            "mark_paid",
            (State.APPROVED,),
            "已标为已发放",
            lambda period, reason, by, at: services.period_mark_paid(period=period, by=by, at=at),
        ),
    )
}


def steps_open_to(account: Account, period: SettlementPeriod) -> list[Step]:
    """The steps that the account may take with the period as it stands."""
    return [
        step
        for step in STEPS.values()
        if period.state in step.states
        and not (step.key == "submit" and period.prepared_by_id)
        and may(account, step.action, period.department)
    ]
