"""Declaring what is deducted from the income that is taxed, and ending it."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from core.money import plain
from core.periods import first_of, shift_months
from people.models import Account, FactChange, Staff
from rules.kinds.labels import DEDUCTION_LABELS
from statutory.errors import DeclarationRefused
from statutory.limits import EXCLUDE_EACH_OTHER, SHARED_KINDS, does_not_fit
from statutory.models import TaxDeduction
from statutory.services import common
from statutory.services.bases import ended_checked

SOURCE = FactChange.Source.TAX


@transaction.atomic
def deduction_declare(
    *,
    staff: Staff,
    kind: str,
    amount: Decimal,
    since: date,
    by: Account | None,
    at: datetime,
    until: date | None = None,
    is_shared: bool = False,
    note: str = "",
) -> TaxDeduction:
    """Declare a deduction in yuan a month, from and to a month inclusive (`kind`: DEDUCTION_LABELS).

    DeclarationRefused for an amount that the law does not allow, a kind that the person has in one of these
    months already, and interest of a housing loan beside rent.
    """
    if kind not in DEDUCTION_LABELS:
        raise DeclarationRefused(f"没有扣除项目“{kind}”", "请从列出的项目里选", field="kind")
    label = DEDUCTION_LABELS[kind]
    amount = common.amount_checked(amount, "amount", "每月金额")
    since, until = common.months_checked(since, until, at)
    note = common.note_checked(note)
    if is_shared and kind not in SHARED_KINDS:
        kinds = "、".join(DEDUCTION_LABELS[each] for each in DEDUCTION_LABELS if each in SHARED_KINDS)
        raise DeclarationRefused(f"{label}没有分摊", f"只有{kinds}可以分摊，请取消勾选", field="is_shared")
    misfit = does_not_fit(kind, amount, since, is_shared=is_shared, is_once=until == since)
    if misfit:
        raise DeclarationRefused(f"{label}{misfit}", "请核对金额", field="amount")
    rows = common.person_locked(staff)
    kinds_held = [kind, *([EXCLUDE_EACH_OTHER[kind]] if kind in EXCLUDE_EACH_OTHER else [])]
    of_person = TaxDeduction.objects.filter(staff__in=rows, kind__in=kinds_held)
    for other in common.overlapping(of_person, since, until):
        held = f"{other.get_kind_display()}{plain(other.amount)}元（{other.since:%Y年%m月}起）"
        why = "同一个月不能有两条" if other.kind == kind else f"与{label}不能同时扣除"
        raise DeclarationRefused(f"{staff}已有{held}，{why}", "请先停止或撤回那一条", field="kind")
    made = TaxDeduction.objects.create(
        staff=staff,
        kind=kind,
        amount=amount,
        is_shared=is_shared,
        since=since,
        until=until,
        note=note,
        by=by,
        at=at,
    )
    common.months_told(staff, common.months_touched(since, until, at), SOURCE, by=by, at=at)
    return made


@transaction.atomic
def deduction_end(
    *, declaration: TaxDeduction, until: date, by: Account | None, at: datetime
) -> TaxDeduction:
    """Let a deduction hold up to a month and no longer.

    DeclarationRefused for a month before it begins, for a later end than it has, and for what is withdrawn.
    """
    common.person_locked(declaration.staff)
    row = common.declaration_locked(declaration)
    former, until = row.until, first_of(until)
    ended_checked(row, until)
    row.until = until
    row.save(update_fields=["until"])
    touched = common.months_touched(shift_months(until, 1), former, at)
    common.months_told(row.staff, touched, SOURCE, by=by, at=at)
    return row
