"""Reading documents and bank accounts: whose they are on a day, and what should be looked at twice.

A person's rows (transfers, returns) have them together: what was entered under one holds under all.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Q, QuerySet

from people.documents import DocumentKind, luhn_fits
from people.models import Account, BankAccount, Department, IdentityDocument, SealedNumber, Staff
from people.one_person import rows_of
from people.sealing import unseal
from people.selectors import departments_where

Row = TypeVar("Row", bound=SealedNumber)


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody's document in full; `nationality` is blank for Chinese."""

    kind: DocumentKind
    number: str
    nationality: str


@dataclass(frozen=True, slots=True)
class PayAccount:
    """The bank account into which somebody's pay goes, in full."""

    bank: str
    branch: str
    number: str
    holder: str


def identities_of(staff_ids: Collection[int], *, on: date) -> dict[int, Identity]:
    """The documents of these people on a day in full, who has none left out; two queries.

    The caller notes that they were seen (`identities_viewed`). SealRefused where a number cannot be opened.
    """
    return {
        staff_id: Identity(DocumentKind(row.kind), unseal(row.sealed), row.nationality)
        for staff_id, row in rows_on(IdentityDocument, staff_ids, on=on).items()
    }


def bank_accounts_of(staff_ids: Collection[int], *, on: date) -> dict[int, PayAccount]:
    """The bank accounts of these people on a day in full, who has none left out; two queries.

    The caller notes that they were seen (`identities_viewed`). SealRefused where a number cannot be opened.
    """
    return {
        staff_id: PayAccount(row.bank, row.branch, unseal(row.sealed), row.holder)
        for staff_id, row in rows_on(BankAccount, staff_ids, on=on).items()
    }


def rows_on(
    model: type[Row],
    staff_ids: Collection[int],
    *,
    on: date,
    seen: Mapping[int, Collection[int]] | None = None,
) -> dict[int, Row]:
    """The row in force on a day of each of these people who has one, numbers still sealed; two queries.

    `seen`: which of their rows count where that is not all of them (`rows_seen`).
    """
    persons = rows_of(staff_ids) if seen is None else seen
    in_force = Q(since__lte=on) & (Q(until__isnull=True) | Q(until__gte=on))
    found: dict[int, Row] = {}
    everybody = set().union(*persons.values())
    for row in kept(model).filter(in_force, staff__in=everybody).order_by("since", "pk"):
        found[row.staff_id] = row
    chosen = {}
    for staff_id, rows in persons.items():
        of_person = [found[each] for each in rows if each in found]
        if of_person:
            chosen[staff_id] = max(of_person, key=lambda row: (row.since, row.pk))
    return chosen


def rows_seen(staff_ids: Collection[int], by: Account) -> dict[int, set[int]]:
    """Those rows of each of these people whose numbers the account may see; three queries.

    Whoever employs somebody now sees what was entered before; a department that somebody left sees nothing
    of what came after it: it may be another employer's.
    """
    persons = rows_of(staff_ids)
    everybody = set().union(*persons.values())
    ordered = Staff.objects.filter(pk__in=everybody).order_by("joined_on", "pk")
    open_to = set(departments_where(by, "view_identity").values_list("pk", flat=True))
    place, is_open = {}, {}
    for nth, (pk, department) in enumerate(ordered.values_list("pk", "department")):
        place[pk], is_open[pk] = nth, department in open_to
    found = {}
    for asked, rows in persons.items():
        last = max((place[row] for row in rows if is_open[row]), default=-1)
        found[asked] = {row for row in rows if place[row] <= last}
    return found


def history_of(model: type[Row], staff: Staff, *, by: Account | None = None) -> QuerySet[Row]:
    """Every row of a person's, the withdrawn ones too, the latest first; what `by` may see alone."""
    rows = (rows_of([staff.pk]) if by is None else rows_seen([staff.pk], by))[staff.pk]
    found = model._default_manager.filter(staff__in=rows).select_related("by", "withdrawn_by")
    return found.order_by("-since", "-pk")


def kept(model: type[Row]) -> QuerySet[Row]:
    """The rows that were not withdrawn."""
    return model._default_manager.filter(withdrawn_at__isnull=True)


def departments_with(department: Department) -> QuerySet[Department]:
    """The departments of the employer of one; without an employer it alone."""
    if department.employer_id is None:
        return Department.objects.filter(pk=department.pk)
    return Department.objects.filter(employer=department.employer_id)


def doubts_of(number: str, holder: str, name: str, sharers: Iterable[Staff] = ()) -> list[str]:
    """What of a bank account should be compared with the card, in words; nothing of it is refused."""
    doubts = []
    if not luhn_fits(number):
        doubts.append("银行账号的末位不合卡号的校验规则，请对照银行卡；存折和对公账号可以不合")
    if holder != name:
        doubts.append(f"户名是{holder}，与姓名{name}不同，银行会退回")
    if others := "、".join(map(str, sharers)):
        doubts.append(f"{others}也是这个账号，请核对")
    return doubts


def owners_by_digest(
    model: type[SealedNumber], wanted: Collection[str], department: Department
) -> dict[str, set[int]]:
    """Who of the employer has a number, by its digest; withdrawn rows are left out; three queries at most.

    Ids of staff of the employer: what was entered of somebody elsewhere is theirs here as well.
    """
    found = list(kept(model).filter(digest__in=wanted).values_list("digest", "staff"))
    persons = rows_of({staff_id for _, staff_id in found})
    everybody = set().union(*persons.values())
    here = set(
        Staff.objects.filter(pk__in=everybody, department__in=departments_with(department))
        .order_by()
        .values_list("pk", flat=True)
    )
    owners: dict[str, set[int]] = defaultdict(set)
    for digest, staff_id in found:
        owners[digest] |= {staff_id} & here or persons[staff_id] & here
    return owners


def sharers_of(row: BankAccount, staff: Staff) -> list[Staff]:
    """Who else of the person's employer has the same account; five queries at most."""
    owners = owners_by_digest(BankAccount, [row.digest], staff.department)[row.digest]
    return list(Staff.objects.filter(pk__in=owners - rows_of([staff.pk])[staff.pk]))
