"""What people do with a month: which steps are open to whom, what hinders one, and taking it.

Page, API and administration ask here and show what they are told; the writes themselves are `periods`'.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from core.runs import QueueDown, task_send
from payroll.errors import FROZEN_REMEDY, AlreadyRunning, PeriodRefused
from payroll.models import SettlementPeriod
from payroll.services import periods
from payroll.settlement.runner import is_running, runs_check
from payroll.tasks import settle
from payroll.workflow import period_lock, period_open
from people.models import Account
from people.selectors import may

State = SettlementPeriod.State


@dataclass(frozen=True, slots=True)
class Step:
    """What is done with a month: the action (people/permissions.py) it needs, the states that offer it.

    `reason`: why a month is sent back, or why it is approved in spite of what is open.

    `check` raises PeriodRefused where something still hinders the account; `take` does the step.
    """

    key: str
    label: str
    action: str
    states: tuple[str, ...]
    done: str
    take: Callable[[SettlementPeriod, str, date | None, Account, datetime], object]
    check: Callable[[SettlementPeriod, Account], None] = lambda period, by: None
    needs_reason: bool = False
    needs_seen: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that is open to an account, and what hinders it; empty where nothing does."""

    step: Step
    hindrance: str = ""


def _queue(period: SettlementPeriod, reason: str, on: date | None, by: Account, at: datetime) -> None:
    """Hand the month to a worker. PeriodRefused when it is frozen, being computed, or nobody takes tasks."""
    if period.is_frozen:
        raise PeriodRefused(f"{period}{period.get_state_display()}，不能重新计算", FROZEN_REMEDY)
    if is_running(period):
        raise AlreadyRunning(f"{period}正在结算，请等它完成", "进度见结算运行")
    try:
        task_send(settle, period.department_id, f"{period.month:%Y-%m}", by.pk)
    except QueueDown as error:
        raise PeriodRefused(error.reason, error.remedy) from error


SETTLE = Step("settle", "结算", "settle_pay", (State.OPEN, State.COMPUTED), "已交给结算进程", _queue)
SUBMIT = Step(
    "submit",
    "复核并提交",
    "settle_pay",
    (State.COMPUTED,),
    "已复核并提交，由另一人批准",
    lambda period, reason, on, by, at: periods.period_submit(period=period, by=by, at=at),
)
APPROVE = Step(
    "approve",
    "批准",
    "approve_pay",
    (State.COMPUTED,),
    "已批准，本月工资不再变动",
    lambda period, reason, on, by, at: periods.period_approve(period=period, reason=reason, by=by, at=at),
    check=periods.approval_check,
    needs_seen=True,
)
SEND_BACK = Step(
    "send-back",
    "退回",
    "approve_pay",
    (State.APPROVED,),
    "已退回，可重新结算",
    lambda period, reason, on, by, at: periods.period_send_back(period=period, reason=reason, by=by, at=at),
    check=lambda period, by: periods.send_back_check(period),
    needs_reason=True,
)
PAY = Step(
    "pay",
    "标为已发放",
    "mark_paid",
    (State.APPROVED,),
    "已标为已发放",
    lambda period, reason, on, by, at: periods.period_mark_paid(period=period, on=on, by=by, at=at),
    check=lambda period, by: periods.paid_check(period),
)
STEPS = {step.key: step for step in (SETTLE, SUBMIT, APPROVE, SEND_BACK, PAY)}


def stamp(state: str, facts_read_at: datetime | None) -> str:
    """What tells one draft of a month from the next: its state and the moment of its facts."""
    return f"{state} {facts_read_at.astimezone(UTC).isoformat() if facts_read_at else ''}"


def steps_offered(period: SettlementPeriod, account: Account, actions: Collection[str]) -> list[Offer]:
    """The steps open to an account that may do `actions` in the department, with what hinders each.

    A draft that a person has prepared needs no submitting. Six queries at most.
    """
    offered = [
        step
        for step in STEPS.values()
        if step.action in actions
        and period.state in step.states
        and not (step is SUBMIT and period.prepared_by_id is not None)
    ]
    return [Offer(step, _hindrance(step, period, account)) for step in offered]


def _hindrance(step: Step, period: SettlementPeriod, account: Account) -> str:
    try:
        step.check(period, account)
    except PeriodRefused as refused:
        return str(refused)
    return ""


def step_take(
    *,
    step: Step,
    period: SettlementPeriod,
    seen: str | None,
    reason: str = "",
    on: date | None = None,
    by: Account,
    at: datetime,
) -> None:
    """Take a step with a month that may not be begun yet; `seen`: the `stamp` of what `by` looked at;
    `on`: the day on which it was paid.

    PermissionDenied for whoever may not take it in the department. PeriodRefused where the month has moved
    on since it was looked at: nobody approves figures that they have not seen. Where `seen` is None nothing
    was said of that, which an approval does not allow; settling again needs no such care.
    """
    if not may(by, step.action, period.department):
        raise PermissionDenied
    if period.pk is None:
        period = period_open(department=period.department, month=period.month)
    runs_check(period, at=at)
    if step is SETTLE:
        step.take(period, reason, on, by, at)  # nothing is written here, so there is nothing to commit first
        return
    _check_seen(step, period, seen)  # before waiting for a settlement that holds the row
    with transaction.atomic():
        locked = period_lock(period)
        _check_seen(step, locked, seen)
        step.take(locked, reason, on, by, at)


def _check_seen(step: Step, period: SettlementPeriod, seen: str | None) -> None:
    if seen is None and not step.needs_seen:
        return
    if seen != stamp(period.state, period.facts_read_at):
        raise PeriodRefused(
            f"没有{step.label}：{period}在您核对以后有变化，现为“{period.get_state_display()}”",
            "请核对最新的数字，再操作一次" if period.state in step.states else "不用再操作；刷新看最新的状态",
        )
