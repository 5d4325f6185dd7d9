"""Declaring what is deducted from the income that is taxed, and ending it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from core.money import plain
from core.periods import first_of, shift_months
from people.models import Account, FactChange, Staff
from rules.kinds.labels import DEDUCTION_LABELS
from statutory.errors import DeclarationRefused, DeclarationsRefused
from statutory.limits import EXCLUDE_EACH_OTHER, SHARED_KINDS, does_not_fit
from statutory.models import TaxDeduction
from statutory.services import common
from statutory.services.bases import ended_checked

SOURCE = FactChange.Source.TAX


@dataclass(frozen=True, slots=True)
class DeductionFact:
    """A deduction to declare, yuan a month, from and to a month inclusive (`kind`: DEDUCTION_LABELS)."""

    staff: Staff
    kind: str
    amount: Decimal
    since: date
    until: date | None = None
    is_shared: bool = False
    note: str = ""


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
    fact = DeductionFact(staff, kind, amount, since, until, is_shared, note)
    with common.one_alone():
        return deductions_declare(facts=[fact], by=by, at=at)[0]


@transaction.atomic
def deductions_declare(
    *, facts: Sequence[DeductionFact], by: Account | None, at: datetime
) -> list[TaxDeduction]:
    """Declare many deductions, all or none, in as many queries as one.

    DeclarationsRefused, by position, as `deduction_declare` refuses one.
    """
    persons = common.persons_locked(fact.staff for fact in facts)
    stand = common.standing(TaxDeduction, persons)
    refusals: dict[int, DeclarationRefused] = {}
    made: list[TaxDeduction] = []
    for place, fact in enumerate(facts):
        of_person = stand[persons.of(fact.staff.pk)]
        try:
            row = _checked(fact, by, at)
            _check_beside(row, of_person)
        except DeclarationRefused as refused:
            refusals[place] = refused
            continue
        of_person.append(row)
        made.append(row)
    if refusals:
        raise DeclarationsRefused(refusals)
    TaxDeduction.objects.bulk_create(made)
    common.made_told(made, SOURCE, by=by, at=at)
    return made


def _checked(fact: DeductionFact, by: Account | None, at: datetime) -> TaxDeduction:
    """The declaration that a fact makes, not yet stored; DeclarationRefused where the law has none such."""
    if fact.kind not in DEDUCTION_LABELS:
        raise DeclarationRefused(f"没有扣除项目“{fact.kind}”", "请从列出的项目里选", field="kind")
    label = DEDUCTION_LABELS[fact.kind]
    amount = common.amount_checked(fact.amount, "amount", "每月金额")
    since, until = common.months_checked(fact.since, fact.until, at)
    common.employed_checked(fact.staff, since)
    if fact.is_shared and fact.kind not in SHARED_KINDS:
        kinds = "、".join(DEDUCTION_LABELS[each] for each in DEDUCTION_LABELS if each in SHARED_KINDS)
        raise DeclarationRefused(f"{label}没有分摊", f"只有{kinds}可以分摊，请改正", field="is_shared")
    misfit = does_not_fit(fact.kind, amount, since, is_shared=fact.is_shared, is_once=until == since)
    if misfit:
        raise DeclarationRefused(f"{label}{misfit}", "请核对金额", field="amount")
    return TaxDeduction(
        staff=fact.staff,
        kind=fact.kind,
        amount=amount,
        is_shared=fact.is_shared,
        since=since,
        until=until,
        note=common.note_checked(fact.note),
        by=by,
        at=at,
    )


def _check_beside(row: TaxDeduction, of_person: Sequence[TaxDeduction]) -> None:
    """DeclarationRefused for two of a kind in one month, and for two that exclude each other."""
    for other in of_person:
        if other.kind not in (row.kind, EXCLUDE_EACH_OTHER.get(row.kind)):
            continue
        if common.holds_within(other, row.since, row.until):
            held = f"{other.get_kind_display()}{plain(other.amount)}元（{other.since:%Y年%m月}起）"
            same = other.kind == row.kind
            why = "同一个月不能有两条" if same else f"与{row.get_kind_display()}不能同时扣除"
            raise DeclarationRefused(f"{row.staff}已有{held}，{why}", "请先停止或撤回那一条", field="kind")


@transaction.atomic
def deduction_end(
    *, declaration: TaxDeduction, until: date, by: Account | None, at: datetime
) -> TaxDeduction:
    """Let a deduction hold up to a month and no longer.

    DeclarationRefused for a month before it begins, for a later end than it has, and for what is withdrawn.
    """
    common.persons_locked([declaration.staff])
    row = common.declaration_locked(declaration)
    former, until = row.until, first_of(until)
    if until == former:
        return row
    ended_checked(row, until)
    row.until = until
    row.save(update_fields=["until"])
    touched = common.months_touched(shift_months(until, 1), former, at)
    common.months_told(row.staff, touched, SOURCE, by=by, at=at)
    return row
