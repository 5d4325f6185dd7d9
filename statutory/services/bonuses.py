"""The annual bonus: its day of payment and how it is taxed."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from core.periods import shift_months
from people.models import Account, FactChange, Staff
from statutory.errors import DeclarationRefused
from statutory.models import AnnualBonus
from statutory.services import common


@transaction.atomic
def bonus_record(
    *,
    staff: Staff,
    paid_on: date,
    amount: Decimal,
    method: str,
    by: Account | None,
    at: datetime,
    note: str = "",
) -> AnnualBonus:
    """Record a bonus of the year in yuan, taxed apart or merged into the wages (AnnualBonus.Method).

    DeclarationRefused where one is taxed apart in that year already (once a year and person), where one is
    paid on that day, and for a day before the employment or too far away.
    """
    amount = common.amount_checked(amount, "amount", "年终奖")
    note = common.note_checked(note)
    if method not in AnnualBonus.Method.values:
        raise DeclarationRefused("没有选计税方式", "请选单独计税或并入综合所得", field="method")
    if paid_on >= shift_months(timezone.localdate(at), common.MONTHS_AHEAD) or (
        paid_on.year < common.FIRST_YEAR
    ):
        raise DeclarationRefused(
            f"发放日期{paid_on}不对", f"请填{common.MONTHS_AHEAD}个月以内的日期", field="paid_on"
        )
    if paid_on < staff.joined_on:
        raise DeclarationRefused(f"{staff}{staff.joined_on}才到本部门", "请核对人与发放日期", field="paid_on")
    rows = common.persons_locked([staff]).rows
    of_person = AnnualBonus.objects.filter(staff__in=rows, withdrawn_at=None)
    if of_person.filter(paid_on=paid_on).exists():
        raise DeclarationRefused(f"{staff}{paid_on}已有年终奖", "请合并成一笔，先撤回那一笔", field="paid_on")
    apart = of_person.filter(method=AnnualBonus.Method.APART, paid_on__year=paid_on.year).first()
    if method == AnnualBonus.Method.APART and apart is not None:
        raise DeclarationRefused(
            f"{staff}{paid_on.year}年已有一笔单独计税的年终奖（{apart.paid_on}）",
            "一年只有一次，这一笔请选并入综合所得",
            field="method",
        )
    made = AnnualBonus.objects.create(
        staff=staff,
        department=staff.department,
        paid_on=paid_on,
        amount=amount,
        method=method,
        note=note,
        by=by,
        at=at,
    )
    common.months_told(staff, [paid_on], FactChange.Source.TAX, by=by, at=at)
    return made
