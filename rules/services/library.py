"""Loading the library: rulebook files become stored editions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from people.models import Department
from rules.library import RulebookError, RulebookFile, read_rulebook
from rules.models import Edition, LibraryProvision, Rulebook, Version


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
