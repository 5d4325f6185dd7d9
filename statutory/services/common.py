"""What all declarations are checked for, and what else is told when one is made."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone

from core.money import FEN, plain, to_fen
from core.periods import first_of, shift_months
from people.models import Account, FactChange, Staff
from people.one_person import other_rows
from people.services import facts_changed, months_since
from statutory.errors import DeclarationRefused
from statutory.models.declarations import NOTE_LENGTH, ContributionBase, Declaration, TaxDeduction

MONTHS_AHEAD = 12
MOST = Decimal("9999999.99")
FIRST_YEAR = 2019  # cumulative withholding and special additional deductions begin with it

Dated = TypeVar("Dated", ContributionBase, TaxDeduction)


def person_locked(staff: Staff) -> list[int]:
    """All rows of the person, locked: who declares something else of the same person waits until the end."""
    rows = sorted({staff.pk, *other_rows([staff.pk])})
    list(Staff.objects.select_for_update(no_key=True).filter(pk__in=rows).order_by("pk").values_list("pk"))
    return rows


def amount_checked(amount: Decimal, field: str, what: str, *, zero: bool = False) -> Decimal:
    """The amount in fen; DeclarationRefused where it is none, is not above zero, or is out of all reason."""
    if not amount.is_finite() or amount > MOST:
        raise DeclarationRefused(f"{what}过大", f"请填不超过{plain(MOST)}的数", field=field)
    if amount < 0 or (amount == 0 and not zero):
        least = "不小于0" if zero else "大于0"
        raise DeclarationRefused(f"{what}{plain(amount)}元不对", f"请填{least}的数", field=field)
    if amount != amount.quantize(FEN):
        raise DeclarationRefused(f"{what}{plain(amount)}元多于两位小数", "请填到分", field=field)
    return to_fen(amount)


def months_checked(since: date, until: date | None, at: datetime) -> tuple[date, date | None]:
    """First and last month; DeclarationRefused for months out of order, long past or far ahead."""
    first, last = first_of(since), first_of(until) if until else None
    if first.year < FIRST_YEAR or first > shift_months(timezone.localdate(at), MONTHS_AHEAD):
        raise DeclarationRefused(
            f"起月{first:%Y年%m月}不对",
            f"请填{FIRST_YEAR}年1月以后、从现在起{MONTHS_AHEAD}个月以内的月份",
            field="since",
        )
    if last is not None and last < first:
        raise DeclarationRefused(
            f"止月{last:%Y年%m月}早于起月{first:%Y年%m月}", "请改正其中一个", field="until"
        )
    return first, last


def note_checked(note: str) -> str:
    note = note.strip()
    if len(note) > NOTE_LENGTH:
        raise DeclarationRefused(f"说明有{len(note)}字", f"最多{NOTE_LENGTH}字，请写短一些", field="note")
    return note


def overlapping(rows: "QuerySet[Dated]", since: date, until: date | None) -> "QuerySet[Dated]":
    """Those of the declarations that are not withdrawn and hold in one of the months, the earliest first."""
    held = rows.filter(Q(until__isnull=True) | Q(until__gte=since), withdrawn_at__isnull=True)
    return (held.filter(since__lte=until) if until else held).order_by("since", "pk")


def declaration_locked(declaration: Dated) -> Dated:
    """The row as it is now with its person; DeclarationRefused where it is withdrawn already."""
    rows = type(declaration)._default_manager.select_for_update(of=("self",))
    row = rows.select_related("staff__department").get(pk=declaration.pk)
    standing_checked(row)
    return row


def standing_checked(row: Declaration) -> None:
    if row.withdrawn_at is not None:
        raise DeclarationRefused("这一条已经撤回", "刷新页面看现在有效的")


def months_told(
    staff: Staff,
    months: Iterable[date],
    source: FactChange.Source,
    *,
    by: Account | None,
    at: datetime,
    note: str = "",
) -> None:
    """Say that the facts of these months changed for a person."""
    facts_changed(
        department=staff.department, months=months, source=source, by=by, at=at, note=note or str(staff)
    )


def months_touched(since: date, until: date | None, at: datetime) -> list[date]:
    """The months from `since` that have begun at `at`, up to `until`; of what is only to come, its first."""
    return [month for month in months_since(since, at) if until is None or month <= until] or [since]
