"""The documents and bank accounts in the rows of a staff list."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from people.documents import DocumentKind, account_checked, luhn_fits
from people.errors import IdentityRefused, SealRefused
from people.identities import Row, kept, owners_by_digest, rows_seen
from people.models import Account, BankAccount, Department, IdentityDocument, SealedNumber, Staff
from people.one_person import rows_of
from people.selectors import may
from people.services.identity import (
    account_made,
    digests_of,
    document_made,
    employer_lock,
    fitted,
    is_elsewheres,
    taken_by,
)
from sheets.errors import SheetError
from sheets.table import Table

DOCUMENT, ACCOUNT = "document_number", "account_number"
_KEPT_DIGITS = 15  # of a number that a spreadsheet program took for a quantity
_SHOWN = 5
_INCOMPLETE = "只写了开户行，没有银行账号，没有导入"
_ROUNDED = "的号码末几位都是 0，像是表格软件丢了末几位，请对照证件和银行卡"
_NO_CARD = "的银行账号末位不合卡号的校验规则，请对照银行卡；存折和对公账号可以不合"
_OTHER_HOLDER = "的户名与姓名不同，银行会退回，请核对"
_SHARED = "的银行账号别人也有，请核对"
_ELSEWHERE = "的人已离开本部门，证件与银行账号没有导入，请由现在的部门登记"


@dataclass(frozen=True, slots=True)
class _Read:
    """A number of one row of the file: where it stands, whose it is, the row to store and its digests."""

    line: int
    staff: Staff
    row: SealedNumber
    digests: list[str]


class Numbers:
    """Reads them row by row, and stores them all once the people are stored.

    Who may not `view_identity` in the department imports the rest of the file. The number of queries does
    not depend on the number of rows.
    """

    def __init__(
        self,
        table: Table,
        department: Department,
        *,
        effective_on: date,
        by: Account | None,
        at: datetime,
        notes: set[str],
    ) -> None:
        self._table = table
        self._department = department
        self._effective_on = effective_on
        self._by, self._at, self._notes = by, at, notes
        self._documents: dict[str, _Read] = {}  # by digest
        self._accounts: list[_Read] = []
        self._to_check: dict[str, list[int]] = defaultdict(list)  # what is doubtful, of which rows
        there = [field for field in (DOCUMENT, ACCOUNT) if field in table.present]
        self._is_open = bool(there) and (by is None or may(by, "view_identity", department))
        if there and not self._is_open:
            headers = "、".join(f"“{table.header_of(field)}”" for field in there)
            notes.add(f"{headers}没有导入：登记证件与银行账号由行政人事办理。")

    def read(self, line: int, staff: Staff, values: Mapping[str, Any]) -> None:
        """Check a row's numbers; recorded what cannot be."""
        if not self._is_open:
            return
        if _looks_rounded(values[DOCUMENT]) or _looks_rounded(values[ACCOUNT]):
            self._to_check[_ROUNDED].append(line)
        try:
            if values[DOCUMENT]:
                self._read_document(line, staff, values)
            if values[ACCOUNT]:
                self._read_account(line, staff, values)
            elif values["bank"] and ACCOUNT in self._table.present:
                self._to_check[_INCOMPLETE].append(line)
        except SealRefused as refused:
            raise SheetError(f"{refused}。") from refused

    def store(self) -> set[int]:
        """Store what differs of what was read; the people of whom something did."""
        changed: set[int] = set()
        if self._documents or self._accounts:
            employer_lock(self._department)
            documents = list(self._documents.values())
            persons = rows_of({each.staff.pk for each in (*documents, *self._accounts)})
            self._check_owners(documents, persons)
            changed |= self._store(IdentityDocument, documents, persons)
            changed |= self._store(BankAccount, self._accounts, persons)
            for read, _ in self._with_others(BankAccount, self._accounts, persons):
                self._to_check[_SHARED].append(read.line)
        for doubt, lines in self._to_check.items():
            rows = "、".join(map(str, lines[:_SHOWN])) + (" 等" if len(lines) > _SHOWN else "")
            self._notes.add(f"第 {rows} 行{doubt}。")
        return changed

    def _read_document(self, line: int, staff: Staff, values: Mapping[str, Any]) -> None:
        try:
            row = document_made(
                staff=staff,
                kind=values["document_kind"] or DocumentKind.RESIDENT,
                number=values[DOCUMENT],
                nationality=values["nationality"] or "",
                since=self._effective_on,
                on=timezone.localdate(self._at),
            )
        except IdentityRefused as refused:
            is_guessed = not values["document_kind"]
            remedy = f"{refused.remedy}；不是居民身份证的，请写证件类型" if is_guessed else refused.remedy
            field = "nationality" if refused.field == "nationality" else DOCUMENT
            self._table.add_error(line, field, refused.reason, remedy)
            return
        if not self._fits(line, row, {"nationality": "nationality"}):
            return
        read = _Read(line, staff, row, digests_of(row))
        twin = self._documents.setdefault(read.digests[0], read)
        if twin is not read:
            message = f"与{self._table.place_of(twin.line)}的号码相同"
            self._table.add_error(line, DOCUMENT, message, "一个号码只归一个人，请核对是哪一行写错了")

    def _read_account(self, line: int, staff: Staff, values: Mapping[str, Any]) -> None:
        try:
            row = account_made(
                staff=staff,
                bank=values["bank"] or "",
                branch=values["branch"] or "",
                number=values[ACCOUNT],
                holder=values["account_holder"] or "",
                since=self._effective_on,
            )
        except IdentityRefused as refused:
            field = "bank" if refused.field == "bank" else ACCOUNT
            self._table.add_error(line, field, refused.reason, refused.remedy)
            return
        if not self._fits(line, row, {"bank": "bank", "branch": "branch", "holder": "account_holder"}):
            return
        if not luhn_fits(account_checked(values[ACCOUNT])):
            self._to_check[_NO_CARD].append(line)
        if row.holder != staff.name:
            self._to_check[_OTHER_HOLDER].append(line)
        self._accounts.append(_Read(line, staff, row, digests_of(row)))

    def _fits(self, line: int, row: SealedNumber, fields: Mapping[str, str]) -> bool:
        """Whether what stands beside a number is short enough; recorded where not. `fields`: the row's, each
        with its column."""
        fits = True
        for name, column in fields.items():
            text, most = getattr(row, name), getattr(row._meta.get_field(name), "max_length", 0)
            if len(text) > most:
                self._table.add_error(line, column, f"超过 {most} 个字", "请缩短这一格", text)
                fits = False
        return fits

    def _check_owners(self, documents: Sequence[_Read], persons: Mapping[int, set[int]]) -> None:
        """A document is one person's of the employer; refused where somebody else has it."""
        found = self._with_others(IdentityDocument, documents, persons)
        named = Staff.objects.in_bulk({pk for _, others in found for pk in others}) if found else {}
        for read, others in found:
            refused = taken_by(named[pk] for pk in sorted(others))
            self._table.add_error(read.line, DOCUMENT, refused.reason, refused.remedy)
        self._table.check()

    def _with_others(
        self, model: type[SealedNumber], reads: Sequence[_Read], persons: Mapping[int, set[int]]
    ) -> list[tuple[_Read, set[int]]]:
        """The numbers that somebody else of the employer has as well, with whose rows those are."""
        owners = owners_by_digest(model, [each for read in reads for each in read.digests], self._department)
        found = []
        for read in reads:
            having = set().union(*(owners.get(each, set()) for each in read.digests))
            if others := having - persons[read.staff.pk]:
                found.append((read, others))
        return found

    def _store(self, model: type[Row], reads: Sequence[_Read], persons: Mapping[int, set[int]]) -> set[int]:
        everybody = set().union(*(persons[read.staff.pk] for read in reads))
        theirs: dict[int, list[Row]] = defaultdict(list)
        for other in kept(model).filter(staff__in=everybody).order_by("since", "pk"):
            theirs[other.staff_id].append(other)
        new, ended = [], []
        seen = persons if self._by is None else rows_seen(persons.keys(), self._by)
        for read in reads:
            others = [other for pk in persons[read.staff.pk] for other in theirs[pk]]
            others.sort(key=lambda other: other.since)
            row: Any = read.row
            row.since = max(self._effective_on if others else read.staff.joined_on, read.staff.joined_on)
            strangers = persons[read.staff.pk] - seen[read.staff.pk]
            if is_elsewheres(row, others, strangers):
                if read.line not in self._to_check[_ELSEWHERE]:
                    self._to_check[_ELSEWHERE].append(read.line)
                continue
            placed, changed = fitted(row, others, by=self._by, at=self._at)
            if placed is row:
                new.append(row)
                ended += changed
        model._default_manager.bulk_update(ended, ["until", "withdrawn_at", "withdrawn_by"], batch_size=500)
        model._default_manager.bulk_create(new, batch_size=500)
        return {row.staff_id for row in new}


def _looks_rounded(number: str | None) -> bool:
    """Whether nothing but zeros stands behind the digits that a spreadsheet program keeps."""
    rest = (number or "")[_KEPT_DIGITS:]
    return len(rest) > 1 and set(rest) == {"0"}
