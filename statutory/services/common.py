"""What all declarations are checked for, and what else is told when one is made."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from django.utils import timezone

from core.money import FEN, plain, to_fen
from core.periods import first_of, shift_months
from people.models import Account, Department, FactChange, Staff
from people.services import facts_changed, months_since
from statutory.errors import DeclarationRefused, DeclarationsRefused
from statutory.models.declarations import NOTE_LENGTH, ContributionBase, Declaration, TaxDeduction
from statutory.persons import Persons

MONTHS_AHEAD = 12
MOST = Decimal("9999999.99")
FIRST_YEAR = 2019  # cumulative withholding and special additional deductions begin with it

Dated = TypeVar("Dated", ContributionBase, TaxDeduction)


@contextmanager
def one_alone() -> Iterator[None]:
    """What refuses many of which there is one refuses that one."""
    try:
        yield
    except DeclarationsRefused as refused:
        raise refused.refusals[0] from None


def persons_locked(staff: Iterable[Staff]) -> Persons:
    """The people whose rows these are, locked."""
    persons = Persons({each.pk for each in staff})
    persons.lock()
    return persons


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


def employed_checked(staff: Staff, since: date) -> None:
    """DeclarationRefused for what begins after the last day there: another row of the person takes that."""
    if staff.left_on is not None and since > staff.left_on:
        raise DeclarationRefused(
            f"{staff}{staff.left_on}已离开本部门，起月{since:%Y年%m月}在其后",
            "调到别的部门的由新部门登记；离职的请改起月",
            field="since",
        )


def note_checked(note: str) -> str:
    note = note.strip()
    if len(note) > NOTE_LENGTH:
        raise DeclarationRefused(f"说明有{len(note)}字", f"最多{NOTE_LENGTH}字，请写短一些", field="note")
    return note


def holds_within(row: Dated, since: date, until: date | None) -> bool:
    """Whether a declaration holds in one of the months from `since` to `until`, both included."""
    return (row.until is None or row.until >= since) and (until is None or row.since <= until)


def standing(model: type[Dated], persons: Persons) -> dict[int, list[Dated]]:
    """What stands of these people, by person, the earliest first; one query."""
    found: dict[int, list[Dated]] = defaultdict(list)
    rows = model._default_manager.filter(staff__in=persons.rows, withdrawn_at=None)
    for row in rows.select_related("staff").order_by("since", "pk"):
        found[persons.of(row.staff_id)].append(row)
    return found


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


@dataclass(frozen=True, slots=True)
class Span:
    """The months in which something of a person counts, where its row does not say them itself."""

    staff: Staff
    since: date
    until: date | None


def made_told(
    rows: Sequence[ContributionBase] | Sequence[TaxDeduction] | Sequence[Span],
    source: FactChange.Source,
    *,
    by: Account | None,
    at: datetime,
) -> None:
    """Say which months changed through these declarations, once a department and first month."""
    by_months: dict[tuple[Department, tuple[date, ...]], list[str]] = defaultdict(list)
    for row in rows:
        months = tuple(months_touched(row.since, row.until, at))
        by_months[row.staff.department, months].append(str(row.staff))
    for (department, months), names in by_months.items():
        note = "、".join(names)
        facts_changed(department=department, months=months, source=source, by=by, at=at, note=note)


def months_touched(since: date, until: date | None, at: datetime) -> list[date]:
    """The months from `since` that have begun at `at`, up to `until`; of what is only to come, its first."""
    return [month for month in months_since(since, at) if until is None or month <= until] or [since]
