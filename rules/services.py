"""Every write of rules: loading the library, adopting rulebooks, publishing a department's versions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from people.models import Account, Department
from rules.library import (
    RulebookError,
    RulebookFile,
    blanks_of,
    read_provisions,
    read_rulebook,
    stored,
)
from rules.models import Edition, LibraryProvision, Provision, ProvisionFields, Rulebook, Version

PROVISION_FIELDS = tuple(
    field.name for field in ProvisionFields._meta.get_fields() if field.name != "position"
)


@dataclass(frozen=True)
class Outdated:
    """A department that lives by an earlier edition than the library's latest."""

    department: Department
    edition: Edition
    latest: int


@dataclass(frozen=True)
class LoadReport:
    """What loading the library did: the editions that are new, how many files brought nothing new."""

    loaded: tuple[Edition, ...]
    unchanged: int
    outdated: tuple[Outdated, ...]


@dataclass(frozen=True)
class Blank:
    """A provision that is inert until `params` (paths) are filled in."""

    code: str
    title: str
    params: tuple[str, ...]


@dataclass(frozen=True)
class Adoption:
    """The version that an adoption led to. `is_new` is False where that edition was in force already."""

    version: Version
    blanks: tuple[Blank, ...]
    is_new: bool = True


# The library


@transaction.atomic
def rulebooks_load(*, directories: Iterable[Path], at: datetime) -> LoadReport:
    """Store every rulebook file (`*.yaml`) of the directories as an edition; all files or none.

    A stored edition is left as it is; RulebookError lists every mistake of every file, changed content
    under a used edition number among them. The number of queries does not depend on the number of files.
    """
    books = _read_all(directories)
    editions = {(each.rulebook.code, each.number): each for each in _editions()}
    changed = [
        f"{book.code} 第{book.edition}版已经载入，内容不可更改；修订请把 edition 加一"
        for book in books
        if (known := editions.get((book.code, book.edition))) and known.digest != book.digest
    ]
    if changed:
        raise RulebookError(*changed)
    new = [book for book in books if (book.code, book.edition) not in editions]
    loaded = _store(new, at)
    return LoadReport(tuple(loaded), len(books) - len(new), tuple(editions_outdated()))


def _read_all(directories: Iterable[Path]) -> list[RulebookFile]:
    paths: list[Path] = []
    problems: list[str] = []
    for directory in directories:
        found = sorted(Path(directory).glob("*.yaml"))
        if not found:
            problems.append(f"{directory} 里没有制度文件（*.yaml）")
        paths += found
    books: dict[tuple[str, int], RulebookFile] = {}
    for path in paths:
        try:
            book = read_rulebook(path)
        except RulebookError as error:
            problems += error.problems
            continue
        if (book.code, book.edition) in books:
            problems.append(f"{path.name}：{book.code} 第{book.edition}版在另一个文件里已有")
        books[book.code, book.edition] = book
    if problems:
        raise RulebookError(*problems)
    return list(books.values())


def _editions() -> Iterable[Edition]:
    return Edition.objects.select_related("rulebook").order_by("rulebook__code", "number")


def _store(books: Sequence[RulebookFile], at: datetime) -> list[Edition]:
    """New editions with their provisions; a rulebook's name and trade are those of the latest file."""
    rows = {book.code: Rulebook(code=book.code, name=book.name, trade=book.trade) for book in books}
    Rulebook.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["code"], update_fields=["name", "trade"]
    )
    editions = Edition.objects.bulk_create(
        Edition(rulebook=rows[book.code], number=book.edition, digest=book.digest, loaded_at=at)
        for book in books
    )
    LibraryProvision.objects.bulk_create(
        LibraryProvision(edition=edition, position=position, **fields)
        for edition, book in zip(editions, books, strict=True)
        for position, fields in enumerate(book.provisions)
    )
    return editions


def editions_outdated() -> list[Outdated]:
    """Departments whose latest version holds an edition that the library has a later one of."""
    latest = {each.rulebook_id: each.number for each in _editions()}
    versions = (
        Version.objects.filter(published_at__isnull=False)
        .order_by("department_id", "-effective_on", "-number")
        .distinct("department_id")
        .select_related("department")
        .prefetch_related("editions__rulebook")
    )
    return [
        Outdated(version.department, edition, latest[edition.rulebook_id])
        for version in versions
        for edition in version.editions.all()
        if edition.number < latest[edition.rulebook_id]
    ]


# A department's versions


@transaction.atomic
def rulebook_adopt(
    *, department: Department, rulebook: str, effective_on: date, by: Account | None, at: datetime
) -> Adoption:
    """Add a rulebook's latest edition to the rules in force, from a date; with the figures still blank.

    Provisions of an earlier edition of it are replaced; values that the department had changed, and its own
    provisions, stay. RulebookError for an unknown rulebook, a date before the latest version, a code that
    another rulebook uses, or points provisions that disagree.
    """
    (edition,) = _latest_editions([rulebook])
    former = _lock_and_latest(department)
    kept = _provisions_of(former)
    editions = list(former.editions.select_related("rulebook")) if former else []
    if former is not None and edition in editions and former.effective_on <= effective_on:
        return Adoption(former, _blanks(kept), is_new=False)
    others = [each for each in kept if not _is_from(each, edition.rulebook_id)]
    own = {each.code: each for each in kept if _is_from(each, edition.rulebook_id)}
    taken = {each.code: each for each in others}
    rows = list(others)
    for offered in edition.provisions.all():
        other = taken.get(offered.code)
        if other is None:
            rows.append(_adopted(offered, own.get(offered.code)))
        elif other.source is not None:
            raise RulebookError(
                f"条款编号 {offered.code} 与已采用的 {other.source.edition} 重复，不能同时采用"
            )
    version = _publish(
        department,
        effective_on,
        rows,
        [each for each in editions if each.rulebook_id != edition.rulebook_id] + [edition],
        former=former,
        by=by,
        at=at,
        note=f"采用 {edition}",
    )
    return Adoption(version, _blanks(rows))


@transaction.atomic
def version_publish(
    *,
    department: Department,
    effective_on: date,
    rulebooks: Sequence[str],
    provisions: Sequence[Mapping[str, Any]],
    by: Account | None,
    at: datetime,
    note: str = "",
) -> Version:
    """A version that consists of the latest editions of some rulebooks and of own provisions, nothing else.

    An own provision has the keys of a rulebook file; with a code of the library it takes that one's place.
    RulebookError lists what is wrong.
    """
    editions = _latest_editions(rulebooks)
    former = _lock_and_latest(department)
    rows = {each.code: _adopted(each, None) for edition in editions for each in edition.provisions.all()}
    if len(rows) < sum(len(edition.provisions.all()) for edition in editions):
        raise RulebookError(f"制度 {'、'.join(rulebooks)} 里有相同的条款编号，不能同时采用")
    rows |= _own(provisions)
    return _publish(
        department, effective_on, list(rows.values()), editions, former=former, by=by, at=at, note=note
    )


@transaction.atomic
def version_change(
    *,
    department: Department,
    effective_on: date,
    changes: Mapping[str, Mapping[str, Any]],
    by: Account | None,
    at: datetime,
    provisions: Sequence[Mapping[str, Any]] = (),
    without: Iterable[str] = (),
    note: str = "",
) -> Version:
    """The rules in force with other parameters (code → parameter → value), more own provisions, or fewer.

    RulebookError for a code that is not in force, values that do not fit, or a date before the
    latest version.
    """
    former = _lock_and_latest(department)
    rows = {each.code: each for each in _provisions_of(former)}
    unknown = [code for code in [*changes, *without] if code not in rows]
    if unknown:
        raise RulebookError(*(f"{code}：{department}没有这一条款" for code in unknown))
    for code, values in changes.items():
        rows[code].params = {**rows[code].params, **stored(values)}
    for code in without:
        del rows[code]
    rows |= _own(provisions)
    editions = list(former.editions.all()) if former else []
    return _publish(
        department, effective_on, list(rows.values()), editions, former=former, by=by, at=at, note=note
    )


def _latest_editions(codes: Sequence[str]) -> list[Edition]:
    """The latest edition of each rulebook, in the order given, with its provisions; two queries."""
    found = Edition.objects.filter(rulebook__code__in=codes).select_related("rulebook")
    latest = {
        each.rulebook.code: each
        for each in found.order_by("rulebook_id", "-number")
        .distinct("rulebook_id")
        .prefetch_related("provisions")
    }
    unknown = [code for code in codes if code not in latest]
    if unknown:
        raise RulebookError(f"制度库里没有 {'、'.join(unknown)}，请先 load_rulebooks 载入")
    return [latest[code] for code in dict.fromkeys(codes)]


def _lock_and_latest(department: Department) -> Version | None:
    """The department's latest published version; whoever publishes for it at the same time waits."""
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    published = Version.objects.filter(department=department, published_at__isnull=False)
    return published.order_by("-effective_on", "-number").first()


def _provisions_of(version: Version | None) -> list[Provision]:
    """Unsaved copies of a version's provisions, with their sources."""
    if version is None:
        return []
    rows = version.provisions.select_related("source__edition__rulebook").order_by("position")
    return [_copy(each, each.source) for each in rows]


def _copy(row: ProvisionFields, source: LibraryProvision | None) -> Provision:
    return Provision(source=source, **{name: getattr(row, name) for name in PROVISION_FIELDS})


def _is_from(provision: Provision, rulebook_id: int) -> bool:
    return provision.source is not None and provision.source.edition.rulebook_id == rulebook_id


def _adopted(offered: LibraryProvision, own: Provision | None) -> Provision:
    """A library provision for a department, with the values that it had changed in the former edition."""
    row = _copy(offered, offered)
    if own is not None and own.source is not None and own.kind == offered.kind:
        before = own.source.params
        row.params = {
            **row.params,
            **{key: value for key, value in own.params.items() if key not in before or before[key] != value},
        }
    return row


def _own(provisions: Sequence[Mapping[str, Any]]) -> dict[str, Provision]:
    return {fields["code"]: Provision(**fields) for fields in read_provisions(provisions)}


def _publish(
    department: Department,
    effective_on: date,
    rows: list[Provision],
    editions: list[Edition],
    *,
    former: Version | None,
    by: Account | None,
    at: datetime,
    note: str,
) -> Version:
    if former is not None and effective_on < former.effective_on:
        raise RulebookError(
            f"生效日期 {effective_on:%Y-%m-%d} 早于{former}；"
            f"新版本只能从 {former.effective_on:%Y-%m-%d} 或以后起"
        )
    _check(rows)
    version = Version.objects.create(
        department=department,
        number=Version.objects.filter(department=department).count() + 1,
        effective_on=effective_on,
        note=note[:200],
    )
    for position, row in enumerate(rows):
        row.version, row.position = version, position
    Provision.objects.bulk_create(rows)
    version.editions.add(*editions)
    # From here on the database lets nothing about the version change.
    version.published_at, version.published_by = at, by
    version.save(update_fields=["published_at", "published_by"])
    return version


def _check(rows: Sequence[Provision]) -> None:
    """RulebookError for parameters that do not fit their kind or points provisions that disagree."""
    problems: list[str] = []
    for row in rows:
        try:
            blanks_of(row)
        except ValueError as error:
            problems.append(f"{row.code}：{error}")
    bases: dict[Decimal, list[str]] = {}
    for row in rows:
        if row.kind == "points" and row.params.get("base") is not None and not problems:
            bases.setdefault(Decimal(row.params["base"]), []).append(row.code)
    if len(bases) > 1:
        told = "；".join(f"{base:f}分（{'、'.join(codes)}）" for base, codes in bases.items())
        problems.append(f"每月基础分只能有一个，现有：{told}。请改成一致后再发布")
    if problems:
        raise RulebookError(*problems)


def _blanks(rows: Iterable[Provision]) -> tuple[Blank, ...]:
    return tuple(Blank(row.code, row.title, tuple(blanks)) for row in rows if (blanks := blanks_of(row)))
