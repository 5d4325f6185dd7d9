"""Payslips are confirmed by who they are of, and whoever has not is reminded."""

from datetime import datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from notices.models import NoticeKind
from notices.services import notices_send
from payroll.errors import ConfirmationRefused
from payroll.models import Payslip, PayslipConfirmation, SettlementPeriod
from payroll.selectors.confirmations import confirmations_of, unconfirmed
from payroll.workflow import period_lock
from people.models import Account
from people.selectors import may

ACTION = "settle_pay"


@transaction.atomic
def payslip_confirm(*, slip: Payslip, net: Decimal, by: Account, at: datetime) -> PayslipConfirmation:
    """Say that the own payslip was seen; `net` (yuan) is what it said when it was looked at.

    PermissionDenied for another's payslip. ConfirmationRefused where the month is no longer approved, or
    the payslip says something else by now. What is confirmed already stays as it is.
    """
    if slip.staff.account_id != by.pk:
        raise PermissionDenied
    period = period_lock(slip.period)
    current = Payslip.objects.filter(period=period, staff=slip.staff_id).first()
    if current is None or not period.is_frozen:
        raise ConfirmationRefused(f"{period}的工资条已退回重算，没有确认", "等再次批准后看最新的再确认")
    if current.net != net:
        raise ConfirmationRefused(
            f"实发现为{current.net}元，与您看到的{net}元不同，没有确认", "看最新的工资条再确认"
        )
    known = confirmations_of([current]).get(current.pk)
    if known is not None:
        return known
    return PayslipConfirmation.objects.create(period=period, staff=slip.staff, net=net, by=by, at=at)


def confirmations_remind(*, period: SettlementPeriod, by: Account, at: datetime) -> int:
    """Ask everybody who has not confirmed the own payslip to do so, once a day; how many were told.

    PermissionDenied for who may not settle the department's pay, ConfirmationRefused for a month that is
    not approved: nobody sees a payslip of it.
    """
    if not may(by, ACTION, period.department):
        raise PermissionDenied
    if not period.is_frozen:
        raise ConfirmationRefused(f"{period}还没有批准，员工看不到工资条", "批准以后再提醒")
    accounts = unconfirmed(period).filter(staff__account__isnull=False)
    return notices_send(
        to=set(accounts.order_by().values_list("staff__account", flat=True)),
        kind=NoticeKind.PAYSLIP,
        text=f"请确认{period.month:%Y年%m月}的工资条",
        url=reverse("me_slip", args=[period.month]),
        source=f"payslip-confirm:{period.pk}:{timezone.localdate(at)}",
        at=at,
    )
