"""A period begun, locked, and moved from state to state by the one function that walks them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import connection

from core.periods import first_of
from payroll.errors import PeriodRefused
from payroll.models import PERIOD_MOVES, PeriodEvent, SettlementPeriod
from people.models import Account, Department

State = SettlementPeriod.State


def period_open(*, department: Department, month: date) -> SettlementPeriod:
    """The department's period of that month, begun if need be."""
    period, _ = SettlementPeriod.objects.get_or_create(department=department, month=month)
    return period


def period_move(
    *,
    period: SettlementPeriod,
    to: str,
    by: Account | None,
    at: datetime,
    reason: str = "",
    changed: Sequence[str] = (),
) -> None:
    """Move a locked period to another state, save its `changed` fields too, and leave an event.

    PeriodRefused where that is no step.
    """
    is_resubmitted = to == period.state == State.COMPUTED
    if not is_resubmitted and to not in PERIOD_MOVES.get(period.state, ()):
        raise PeriodRefused(
            f"{period}现为“{period.get_state_display()}”，不能转为“{State(to).label}”", "请刷新页面后再看"
        )
    before, period.state = period.state, to
    period.save(update_fields=["state", *changed])
    PeriodEvent.objects.create(period=period, before=before, after=to, reason=reason, by=by, at=at)


def periods_shared(department: Department, months: Iterable[date]) -> None:
    """Keep months (any day of each) from being approved or paid until the transaction ends; one query."""
    firsts = sorted({first_of(day) for day in months})
    sql = """
        SELECT FROM payroll_settlementperiod WHERE department_id = %s AND month = ANY(%s)
        ORDER BY month FOR SHARE
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [department.pk, firsts])


def period_lock(period: SettlementPeriod) -> SettlementPeriod:
    return (
        SettlementPeriod.objects.select_for_update(of=("self",))
        .select_related("department")
        .get(pk=period.pk)
    )
