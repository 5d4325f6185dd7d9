"""Annual bonuses against the months that they are paid with: an approved month takes none and loses none."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from core.periods import first_of
from payroll.models import SettlementPeriod
from payroll.workflow import periods_shared
from people.models import Account, Department, Staff
from statutory.errors import DeclarationRefused
from statutory.models import AnnualBonus
from statutory.models.declarations import Declaration
from statutory.services import bonus_record, declaration_withdraw


@transaction.atomic
def annual_bonus_record(
    *,
    staff: Staff,
    paid_on: date,
    amount: Decimal,
    method: str,
    by: Account | None,
    at: datetime,
    note: str = "",
) -> AnnualBonus:
    """Record a bonus of the year in yuan, as `bonus_record`.

    DeclarationRefused as there, and where the department's month of that day is approved: no payslip would
    pay it.
    """
    frozen = _frozen_month(staff.department, paid_on)
    if frozen is not None:
        raise DeclarationRefused(
            f"{frozen}{frozen.get_state_display()}，{paid_on}的年终奖已不能随它发放",
            "请改发放日期到还没有批准的月份，未发放的也可先退回",
            field="paid_on",
        )
    return bonus_record(staff=staff, paid_on=paid_on, amount=amount, method=method, by=by, at=at, note=note)


@transaction.atomic
def declared_withdraw(*, declaration: Declaration, by: Account | None, at: datetime) -> Declaration:
    """Take a declaration of any kind back, as `declaration_withdraw`.

    DeclarationRefused as there, and for a bonus whose month is approved: its payslip has paid it.
    """
    if isinstance(declaration, AnnualBonus):
        frozen = _frozen_month(declaration.department, declaration.paid_on)
        if frozen is not None:
            raise DeclarationRefused(
                f"{declaration.paid_on}的年终奖已在{frozen}的工资条里，{frozen}{frozen.get_state_display()}",
                "未发放的请先退回那个月；已发放的在以后的月份用手工项目扣回",
            )
    return declaration_withdraw(declaration=declaration, by=by, at=at)


def _frozen_month(department: Department, day: date) -> SettlementPeriod | None:
    """The department's month of a day where it is approved; none is approved until the transaction ends."""
    periods_shared(department, [day])
    frozen = SettlementPeriod.objects.filter(
        department=department, month=first_of(day), state__in=SettlementPeriod.FROZEN
    )
    return frozen.select_related("department").first()
