"""The day on which a month is paid: fixed before its tax is computed, for its month is the tax month."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from core.periods import first_of, last_of, shift_months
from payroll.errors import FROZEN_REMEDY, PeriodRefused
from payroll.models import PAY_ON, PeriodEvent, SettlementPeriod, Withholding
from payroll.workflow import period_lock, period_open
from people.models import Account
from people.selectors import may

MOST_MONTHS = 12  # that a month's pay may be late
MONTHS_AHEAD = 3  # that a month may be begun for its pay day alone
ACTION = "settle_pay"


def pay_day_set(*, period: SettlementPeriod, on: date, by: Account, at: datetime) -> SettlementPeriod:
    """Fix the day of payment of a month, which may not be begun yet; the same day again changes nothing.

    PermissionDenied for who may not settle the department's pay. PeriodRefused for a month that is frozen
    or being computed, for a day before the month or more than twelve months after it, for one that is not in
    the order of the months (tax cumulates in the order of payment), and for a month not begun that is before
    the department's first or more than three months ahead.
    """
    if not may(by, ACTION, period.department):
        raise PermissionDenied
    _check_movable(period)  # before waiting for a settlement, which holds the row
    _check_day(period, on)
    if period.pk is None:
        _check_month(period, at)
    return _set(period, on, by, at)


@transaction.atomic
def _set(period: SettlementPeriod, on: date, by: Account, at: datetime) -> SettlementPeriod:
    if period.pk is None:
        period = period_open(department=period.department, month=period.month)
    period = period_lock(period)
    _check_movable(period)
    _check_order(period, on)
    if period.pay_on == on:
        return period
    period.pay_on = on
    period.save(update_fields=["pay_on"])
    PeriodEvent.objects.create(
        period=period, before=period.state, after=period.state, reason=f"发薪日定为{on}", by=by, at=at
    )
    return period


def pay_day_moved(period: SettlementPeriod) -> bool:
    """Whether the draft was computed for another day of payment than the month has now; no query."""
    computed_for = period.control.get(PAY_ON)
    return computed_for is not None and computed_for != f"{period.pays_on}"


def pay_day_check(period: SettlementPeriod) -> None:
    """PeriodRefused where the draft's tax is that of another day of payment; no query."""
    if pay_day_moved(period):
        raise PeriodRefused(
            f"草稿按{period.control[PAY_ON]}发放计算个税，发薪日现为{period.pays_on}", "重新结算后再批准"
        )


def paid_on_of(period: SettlementPeriod, at: datetime) -> date:
    """The day of payment where none is said: the one that was fixed, today while that is still to come."""
    return min(period.pays_on, timezone.localdate(at))


def paid_in_time_check(period: SettlementPeriod, on: date, at: datetime) -> None:
    """PeriodRefused for a day of payment before the month or after today, and where a month with tax was
    paid in another month than was computed for; one query."""
    planned = period.pays_on
    if on > timezone.localdate(at):
        raise PeriodRefused(f"发放日期{on}还没有到", "请填实际发放的日期", field="on")
    if on < period.month:
        raise PeriodRefused(f"发放日期{on}早于{period.month:%Y年%m月}1日", "请填实际发放的日期", field="on")
    if first_of(on) == first_of(planned):
        return
    if Withholding.objects.filter(payslip__period=period).exists():
        raise PeriodRefused(
            f"{period}的个税按{planned:%Y年%m月}发放计算，不能标为{on}发放",
            "核对实际发放的日期；确是那天发的，先退回，把发薪日改为那天，重新结算并批准",
            field="on",
        )


def _check_movable(period: SettlementPeriod) -> None:
    if period.is_frozen:
        raise PeriodRefused(
            f"{period}{period.get_state_display()}，发薪日不能再改", FROZEN_REMEDY, field="on"
        )
    if period.state == SettlementPeriod.State.COMPUTING:
        raise PeriodRefused(f"{period}正在结算，发薪日现在不能改", "等它完成后再改", field="on")


def _check_month(period: SettlementPeriod, at: datetime) -> None:
    """PeriodRefused for a month before the department's first, or far ahead; one query."""
    months = SettlementPeriod.objects.filter(department=period.department)
    today = timezone.localdate(at)
    first = months.order_by("month").values_list("month", flat=True).first()
    earliest = first or shift_months(today, -MOST_MONTHS)
    if period.month < earliest:
        why = "部门的工资从那个月算起" if first else "以前的月份不在这里算工资"
        raise PeriodRefused(f"{period}早于{earliest:%Y年%m月}，{why}", "请改月份", field="on")
    if period.month > shift_months(today, MONTHS_AHEAD):
        raise PeriodRefused(f"{period}还早，最多提前{MONTHS_AHEAD}个月定发薪日", "到时候再定", field="on")


def _check_day(period: SettlementPeriod, on: date) -> None:
    if on < period.month:
        raise PeriodRefused(f"发薪日{on}早于{period.month:%Y年%m月}1日", "请填当月或以后的日期", field="on")
    latest = last_of(shift_months(period.month, MOST_MONTHS))
    if on > latest:
        raise PeriodRefused(f"发薪日{on}比{period.month:%Y年%m月}晚了一年以上", f"最晚{latest}", field="on")


def _check_order(period: SettlementPeriod, on: date) -> None:
    """One query: of the months near enough to be in the way."""
    near = SettlementPeriod.objects.filter(
        department=period.department,
        month__range=(shift_months(period.month, -MOST_MONTHS), shift_months(period.month, MOST_MONTHS)),
    ).select_related("department")
    for each in near.order_by("month"):
        if each.month < period.month and each.pays_on > on:
            raise PeriodRefused(
                f"发薪日{on}早于{each}的发薪日{each.pays_on}",
                "工资按月份先后发放，请填其后的日期",
                field="on",
            )
        if each.month > period.month and each.pays_on < on:
            raise PeriodRefused(
                f"发薪日{on}晚于{each}的发薪日{each.pays_on}", "请先改以后月份的发薪日", field="on"
            )
