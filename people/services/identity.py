"""Documents and bank accounts: entered with their day, withdrawn, looked at with a reason."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from people.documents import FOREIGN, account_checked, number_checked, tidy_number
from people.errors import IdentityRefused, PeopleError
from people.identities import Row, history_of, kept, owners_by_digest, rows_seen
from people.models import (
    AccessLog,
    Account,
    BankAccount,
    Department,
    Employer,
    IdentityDocument,
    SealedNumber,
    Staff,
)
from people.one_person import rows_of
from people.sealing import digest, digests, seal, unseal
from people.selectors import may
from people.services.saving import row_save

REASON_LENGTH = 200
_FACTS: dict[type[SealedNumber], tuple[str, ...]] = {
    IdentityDocument: ("kind", "nationality"),
    BankAccount: ("bank", "branch", "holder"),
}


def document_made(
    *, staff: Staff, kind: str, number: str, nationality: str, since: date, on: date
) -> IdentityDocument:
    """A checked document, not stored, its number sealed. IdentityRefused for a number or nationality that
    cannot be; `on`: today."""
    nationality = nationality.strip()
    if kind in FOREIGN and not nationality:
        raise IdentityRefused("外国人的证件没有写国籍", "请填国籍，如 韩国", field="nationality")
    if kind not in FOREIGN and nationality not in ("", "中国"):
        raise IdentityRefused("这类证件不填国籍", "请把国籍留空，或者改证件类型", field="nationality")
    tidy = number_checked(kind, number, on=on)
    nationality = nationality if kind in FOREIGN else ""
    return IdentityDocument(
        staff=staff,
        kind=kind,
        nationality=nationality,
        since=since,
        sealed=seal(tidy),
        digest=digest(document_key(kind, tidy, nationality)),
    )


def account_made(
    *, staff: Staff, bank: str, branch: str, number: str, holder: str, since: date
) -> BankAccount:
    """A checked bank account, not stored, its number sealed; without `holder` it is in the person's name.

    IdentityRefused for a number that is none, and where the bank is missing.
    """
    if not bank.strip():
        raise IdentityRefused("没有写开户行", "请填开户行，如 中国工商银行", field="bank")
    tidy = account_checked(number)
    return BankAccount(
        staff=staff,
        bank=bank.strip(),
        branch=branch.strip(),
        holder=holder.strip() or staff.name,
        since=since,
        sealed=seal(tidy),
        digest=digest(tidy),
    )


def document_key(kind: str, number: str, nationality: str) -> str:
    """What makes two documents the same: passports are numbered by each country for itself."""
    return f"{kind}:{nationality}:{tidy_number(number)}"


@transaction.atomic
def document_record(
    *,
    staff: Staff,
    kind: str,
    number: str,
    since: date,
    nationality: str = "",
    by: Account | None,
    at: datetime,
) -> IdentityDocument:
    """By which document somebody is declared from a day on; the one before ends the day before.

    The same again changes nothing; another one from the same day takes its place. IdentityRefused for a
    number that cannot be one, and for one that somebody else of the employer has.
    """
    row = document_made(
        staff=staff,
        kind=kind,
        number=number,
        nationality=nationality,
        since=since,
        on=timezone.localdate(at),
    )
    _check_may(staff, by)
    employer_lock(staff.department)
    keys = digests(document_key(kind, number, row.nationality))
    own = rows_of([staff.pk])[staff.pk]
    for owners in owners_by_digest(IdentityDocument, keys, staff.department).values():
        if others := owners - own:
            raise taken_by(Staff.objects.filter(pk__in=others))
    return _put(row, by=by, at=at)


@transaction.atomic
def account_record(
    *,
    staff: Staff,
    bank: str,
    number: str,
    since: date,
    branch: str = "",
    holder: str = "",
    by: Account | None,
    at: datetime,
) -> BankAccount:
    """Into which bank account somebody's pay goes from a day on; the one before ends the day before.

    The same again changes nothing; another one from the same day takes its place. IdentityRefused for what
    is no account number; what is only doubtful is stored (`doubts_of`).
    """
    row = account_made(staff=staff, bank=bank, branch=branch, number=number, holder=holder, since=since)
    _check_may(staff, by)
    employer_lock(staff.department)
    return _put(row, by=by, at=at)


@transaction.atomic
def number_withdraw(*, row: Row, by: Account, at: datetime) -> Row:
    """Take back what was wrong from the start; what it ended does not come back by itself."""
    found = type(row)._default_manager.select_for_update().get(pk=row.pk)
    _check_may_person(found.staff, by)
    left_on = found.staff.left_on
    if left_on and (found.until is None or found.until > left_on) and _strangers(found.staff, by):
        raise _elsewhere(found.staff)
    if found.withdrawn_at is not None:
        raise IdentityRefused("这一条已经撤回", "请刷新页面")
    found.withdrawn_at, found.withdrawn_by = at, by
    found.save(update_fields=["withdrawn_at", "withdrawn_by"])
    return found


@transaction.atomic
def identity_view(*, row: SealedNumber, reason: str, by: Account, at: datetime) -> str:
    """The full number; who saw whose and why is noted for good.

    IdentityRefused without the right or a reason, SealRefused where it cannot be opened; then nothing is
    noted.
    """
    _check_may_person(row.staff, by)
    number = unseal(row.sealed)
    identities_viewed(
        staff=[row.staff], what=row.LOOKED_AT, reason=reason, month=timezone.localdate(at), by=by, at=at
    )
    return number


def identities_viewed(
    *, staff: Iterable[Staff], what: AccessLog.What, reason: str, month: date, by: Account, at: datetime
) -> None:
    """Note that somebody saw these people's numbers in full, on a page or in a file, and why; one query.

    IdentityRefused without a reason.
    """
    told = " ".join(reason.split())
    if not told:
        raise IdentityRefused("没有写查看的理由", "请写为什么要看全号码", field="reason")
    if len(told) > REASON_LENGTH:
        raise IdentityRefused(f"理由超过 {REASON_LENGTH} 字", "请写短一些", field="reason")
    AccessLog.objects.bulk_create(
        AccessLog(
            what=what,
            department_id=each.department_id,
            staff=each,
            month=month.replace(day=1),
            reason=told,
            by=by,
            at=at,
        )
        for each in staff
    )


def taken_by(owners: Iterable[Staff]) -> IdentityRefused:
    """What is said of a document number that others have; the number itself is not."""
    named = "、".join(map(str, owners))
    remedy = "请核对是谁写错了；是同一个人的，请先用调动、再入职或同一账号连起来"
    return IdentityRefused(f"这个证件号码已登记给{named}", remedy, field="number")


def employer_lock(department: Department) -> None:
    """Whoever enters numbers for the employer waits for the one before: no two people get the same."""
    if department.employer_id is None:
        Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    else:
        Employer.objects.select_for_update(no_key=True).get(pk=department.employer_id)


def fitted(row: Row, others: Iterable[Row], *, by: Account | None, at: datetime) -> tuple[Row, list[Row]]:
    """The row put among others of the same person, and those of them that change by it; nothing is stored.

    Where the one in force says the same, it is given back and nothing changes. The others are in the order
    of their days.
    """
    changed = []
    known = set(digests_of(row))
    for other in others:
        is_over = other.until is not None and other.until < row.since
        if is_over:
            continue
        if other.since > row.since:
            row.until = min(row.until or date.max, other.since - timedelta(days=1))
            continue
        if other.digest in known and _says_the_same(other, row):
            return other, []
        if other.since == row.since:
            other.withdrawn_at, other.withdrawn_by = at, by
        else:
            other.until = row.since - timedelta(days=1)
        changed.append(other)
    row.by, row.at = by, at
    return row, changed


def is_elsewheres(row: Row, others: Iterable[Row], strangers: Collection[int]) -> bool:
    """Whether a number entered where somebody was once would say by what they are paid and declared since.

    `strangers`: the person's later rows that whoever enters it may not see. What is there already is not.
    """
    left_on = row.staff.left_on
    if left_on is None:
        return False
    others = list(others)
    in_force = [each for each in others if each.since <= row.since <= (each.until or date.max)]
    known = set(digests_of(row))
    if any(each.digest in known and _says_the_same(each, row) for each in in_force):
        return False
    if row.since > left_on:
        return True
    ends = min((each.since for each in others if each.since > row.since), default=date.max)
    is_on = ends > left_on + timedelta(days=1)
    return bool(strangers) and (is_on or any(each.staff_id in strangers for each in in_force))


def digests_of(row: SealedNumber) -> list[str]:
    """The digests of a row's number under every key."""
    number = unseal(row.sealed)
    if isinstance(row, IdentityDocument):
        return digests(document_key(row.kind, number, row.nationality))
    return digests(number)


def _put(row: Row, *, by: Account | None, at: datetime) -> Row:
    model: Any = type(row)
    if row.since > date(2200, 1, 1) or row.since < date(1950, 1, 1):
        raise IdentityRefused("起始日期不对", "请填从哪天起有效，如 2026-10-01", field="since")
    theirs = list(
        history_of(model, row.staff).filter(pk__in=kept(model).values("pk")).order_by("since", "pk")
    )
    if is_elsewheres(row, theirs, _strangers(row.staff, by)):
        raise _elsewhere(row.staff)
    placed, changed = fitted(row, theirs, by=by, at=at)
    if placed is not row:
        return placed
    for other in changed:
        other.save(update_fields=["until", "withdrawn_at", "withdrawn_by"])
    try:
        row_save(row)
    except PeopleError as refused:
        raise IdentityRefused(str(refused)) from refused
    return row


def _says_the_same(other: SealedNumber, row: SealedNumber) -> bool:
    return all(getattr(other, name) == getattr(row, name) for name in _FACTS[type(row)])


def _check_may(staff: Staff, by: Account | None) -> None:
    """Without `by` it is a command on the server, which may do everything."""
    if by is not None and not may(by, "view_identity", staff.department):
        raise IdentityRefused(f"您不能登记和查看{staff.department}的证件与银行账号", "请交行政人事办理")


def _check_may_person(staff: Staff, by: Account) -> None:
    """What was entered before a transfer is the business of the department after it as well, not the other
    way round."""
    if staff.pk not in rows_seen([staff.pk], by)[staff.pk]:
        raise IdentityRefused(f"您不能登记和查看{staff}的证件与银行账号", "请交行政人事办理")


def _strangers(staff: Staff, by: Account | None) -> set[int]:
    """The person's later rows whose numbers the account may not see."""
    return set() if by is None else rows_of([staff.pk])[staff.pk] - rows_seen([staff.pk], by)[staff.pk]


def _elsewhere(staff: Staff) -> IdentityRefused:
    return IdentityRefused(
        f"{staff}{staff.left_on}起已不在{staff.department}，离开以后的号码不在这里登记和撤回",
        f"请由现在的部门办理；结清工资要换账号的，从不晚于{staff.left_on}的日期起登记",
        field="since",
    )
