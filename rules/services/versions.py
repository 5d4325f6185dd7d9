"""A department's versions: adopting rulebooks and publishing changes from a date."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from people.models import Account, Department
from rules.collisions import Collision, new_collisions
from rules.kinds import KINDS, parse_kind
from rules.kinds.sales import Commission
from rules.kinds.target import Target, unfit_names
from rules.library import RulebookError, blanks_of, read_provisions, stored
from rules.models import Edition, LibraryProvision, Provision, ProvisionFields, Version

PROVISION_FIELDS = tuple(
    field.name for field in ProvisionFields._meta.get_fields() if field.name != "position"
)
# What a department may word or set otherwise than the library, besides the figures.
ADJUSTABLE = ("title", "clause", "roles", "window", "basis", "confirm", "collection")


@dataclass(frozen=True)
class Blank:
    """A provision that is inert until `params` (paths) are filled in."""

    code: str
    title: str
    params: tuple[str, ...]


@dataclass(frozen=True)
class Adoption:
    """The version that an adoption led to, with what it now rules twice.

    `is_new` is False where that edition was in force already.
    """

    version: Version
    blanks: tuple[Blank, ...]
    is_new: bool = True
    collisions: tuple[Collision, ...] = ()


@transaction.atomic
def rulebook_adopt(
    *, department: Department, rulebook: str, effective_on: date, by: Account | None, at: datetime
) -> Adoption:
    """Add a rulebook's latest edition to the rules in force, from a date; with the figures still blank.

    Provisions of an earlier edition of it are replaced; values that the department had changed, and its own
    provisions, stay. RulebookError for an unknown rulebook, a date before the latest version, a code that
    another rulebook uses, or points provisions that disagree.
    """
    (edition,) = latest_editions([rulebook])
    former = lock_and_latest(department)
    kept = provisions_of(former)
    editions = list(former.editions.select_related("rulebook")) if former else []
    if former is not None and edition in editions and former.effective_on <= effective_on:
        return Adoption(former, _blanks(kept), is_new=False)
    rows, editions = joined(kept, editions, edition)
    version = _publish(
        department,
        effective_on,
        rows,
        editions,
        former=former,
        by=by,
        at=at,
        note=f"采用 {edition}",
    )
    return Adoption(version, _blanks(rows), collisions=tuple(new_collisions(rows, kept)))


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
    editions = latest_editions(rulebooks)
    former = lock_and_latest(department)
    rows = {each.code: _adopted(each, None) for edition in editions for each in edition.provisions.all()}
    if len(rows) < sum(len(edition.provisions.all()) for edition in editions):
        raise RulebookError(f"制度 {'、'.join(rulebooks)} 里有相同的条款编号，不能同时采用")
    rows |= own_provisions(provisions)
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
    former = lock_and_latest(department)
    rows = {each.code: each for each in provisions_of(former)}
    unknown = [code for code in [*changes, *without] if code not in rows]
    if unknown:
        raise RulebookError(*(f"{code}：{department}没有这一条款" for code in unknown))
    for code, values in changes.items():
        rows[code].params = {**rows[code].params, **stored(values)}
    for code in without:
        del rows[code]
    rows |= own_provisions(provisions)
    editions = list(former.editions.all()) if former else []
    return _publish(
        department, effective_on, list(rows.values()), editions, former=former, by=by, at=at, note=note
    )


def joined(
    kept: Sequence[Provision], editions: Sequence[Edition], edition: Edition
) -> tuple[list[Provision], list[Edition]]:
    """Some provisions and their editions with one more edition; its provisions replace an earlier one's.

    RulebookError for a code that another rulebook uses.
    """
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
    return rows, [each for each in editions if each.rulebook_id != edition.rulebook_id] + [edition]


def latest_editions(codes: Sequence[str]) -> list[Edition]:
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


def lock_and_latest(department: Department) -> Version | None:
    """The department's latest published version; whoever publishes for it at the same time waits."""
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    published = Version.objects.filter(department=department, published_at__isnull=False)
    return published.order_by("-effective_on", "-number").first()


def provisions_of(version: Version | None) -> list[Provision]:
    """Unsaved copies of a version's provisions, with their sources."""
    if version is None:
        return []
    rows = version.provisions.select_related("source__edition__rulebook").order_by("position")
    return [copied(each, each.source) for each in rows]


def copied(row: ProvisionFields, source: LibraryProvision | None) -> Provision:
    return Provision(source=source, **{name: getattr(row, name) for name in PROVISION_FIELDS})


def _is_from(provision: Provision, rulebook_id: int) -> bool:
    return provision.source is not None and provision.source.edition.rulebook_id == rulebook_id


def _adopted(offered: LibraryProvision, own: Provision | None) -> Provision:
    """A library provision for a department, with what it had changed in the former edition."""
    row = copied(offered, offered)
    if own is not None and own.source is not None and own.kind == offered.kind:
        before = own.source.params
        row.params = {
            **row.params,
            **{key: value for key, value in own.params.items() if key not in before or before[key] != value},
        }
        for name in ADJUSTABLE:
            if getattr(own, name) != getattr(own.source, name):
                setattr(row, name, getattr(own, name))
    return row


def own_provisions(provisions: Sequence[Mapping[str, Any]]) -> dict[str, Provision]:
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
    check(rows, effective_on, former)
    version = Version.objects.create(
        department=department,
        number=next_number(department),
        effective_on=effective_on,
        note=note[:200],
        base=former,
    )
    for position, row in enumerate(rows):
        row.version, row.position = version, position
    Provision.objects.bulk_create(rows)
    version.editions.add(*editions)
    # From here on the database lets nothing about the version change.
    version.published_at, version.published_by = at, by
    version.save(update_fields=["published_at", "published_by"])
    return version


def check(rows: Sequence[Provision], effective_on: date, former: Version | None) -> None:
    """RulebookError for provisions that cannot be published, or a date before the latest version."""
    if former is not None and effective_on < former.effective_on:
        raise RulebookError(
            f"生效日期 {effective_on:%Y-%m-%d} 早于{former}；"
            f"新版本只能从 {former.effective_on:%Y-%m-%d} 或以后起"
        )
    problems = problems_of(rows)
    if problems:
        raise RulebookError(*problems)


def next_number(department: Department) -> int:
    """Published versions are numbered from 1; drafts do not count."""
    return Version.objects.filter(department=department, published_at__isnull=False).count() + 1


def problems_of(rows: Sequence[ProvisionFields]) -> list[str]:
    """What keeps provisions from being published together: figures that do not fit their kind, points
    provisions that disagree about the base."""
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
    return problems or [*_unfit(rows)]


def _unfit(rows: Sequence[ProvisionFields]) -> Iterator[str]:
    """What targets name that they cannot decide.

    What a refund takes back at the rate of its sale was paid in the month of the sale: whether a target held
    it back then is not that of the refund's month.
    """
    kinds = {code: KINDS[row.kind] for row in rows for code in (*row.covers, row.code)}
    at_sale = {
        code: row.code
        for row in rows
        if row.kind == Commission.name and row.params.get("refund_rate") == "sale"
        for code in (*row.covers, row.code)
    }
    for row in rows:
        if row.kind != Target.name:
            continue
        kind, _ = parse_kind(row.kind, row.params)
        assert isinstance(kind, Target)
        for name in unfit_names(kind, kinds.get):
            yield (
                f"{row.code}：所列的“{name}”不是指标能决定的条款，也不是建议；"
                "写提成、奖励、补贴或定额罚款条款的编号，或者 talk 这样的建议"
            )
        for name in dict.fromkeys(at_sale[each] for each in kind.names if each in at_sale):
            yield (
                f"{name}按付款时的比例扣回退款（refund_rate: sale），不能由指标{row.code}决定；"
                "改为按退款当时的比例扣回，或者从指标里去掉它"
            )


def _blanks(rows: Iterable[Provision]) -> tuple[Blank, ...]:
    return tuple(Blank(row.code, row.title, tuple(blanks)) for row in rows if (blanks := blanks_of(row)))
