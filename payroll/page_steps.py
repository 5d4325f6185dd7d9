"""The buttons of a month's page: which are offered, and taking one unless the page was stale."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from payroll.errors import PeriodRefused
from payroll.models import SettlementPeriod
from payroll.steps import STEPS, Step
from people.models import Account

State = SettlementPeriod.State


@dataclass(frozen=True, slots=True)
class Offer:
    """A button, or why it is not there for this account in this state."""

    step: Step
    hindrance: str = ""


def stamp(period: SettlementPeriod) -> str:
    """What tells one draft of a month from the next: its state and the moment of its facts."""
    read_at = period.facts_read_at
    return f"{period.state} {read_at.isoformat() if read_at else ''}"


def offers(period: SettlementPeriod, account: Account, actions: Collection[str], failed: int) -> list[Offer]:
    """The steps that the account may take as the month stands; of those that something hinders, why."""
    found = []
    for step in STEPS.values():
        if step.action not in actions or period.state not in step.states:
            continue
        if step.key == "submit" and period.prepared_by_id is not None:
            continue
        found.append(Offer(step, _hindrance(step, period, account, failed)))
    return found


def _hindrance(step: Step, period: SettlementPeriod, account: Account, failed: int) -> str:
    if step.key != "approve":
        return ""
    if failed:
        return f"{failed}人未能结算，处理后重新结算才能批准。"
    if period.department.four_eyes:
        if period.prepared_by_id is None:
            return "草稿由系统自动计算，先由人事复核并提交，再由另一人批准。"
        if period.prepared_by_id == account.pk:
            return "草稿由您编制，须由另一位有权限的人批准。"
    return ""


def step_take(
    *, step: Step, period: SettlementPeriod, seen: str, reason: str, by: Account, at: datetime
) -> None:
    """Take a step with the month as its page showed it (`seen`: its stamp).

    PeriodRefused where the month has moved on since: nobody approves figures that they have not seen.
    Settling again needs no such care.
    """
    if step.key == "settle":
        step.take(period, reason, by, at)  # nothing is written here, so there is nothing to commit first
        return
    _check(step, period, seen)  # before waiting for a settlement that holds the row
    with transaction.atomic():
        locked = (
            SettlementPeriod.objects.select_for_update(of=("self",))
            .select_related("department")
            .get(pk=period.pk)
        )
        _check(step, locked, seen)
        step.take(locked, reason, by, at)


def _check(step: Step, period: SettlementPeriod, seen: str) -> None:
    if stamp(period) != seen:
        raise PeriodRefused(
            f"没有{step.label}：{period}在您打开页面以后有变化，现为“{period.get_state_display()}”",
            "请核对下面的最新数字，再操作一次",
        )
