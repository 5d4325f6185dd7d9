"""A department's draft: the next version while it is being worked on, one per department.

It is a version without number (0) and date of publication; `base` is the version that it changes. Whoever
writes holds the lock on the department, so that a draft is published once and never half written.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from people.models import Account, Department
from rules.collisions import new_collisions
from rules.differences import fingerprint
from rules.library import RulebookError, blanks_of, check_collection, check_window, read_provisions, stored
from rules.models import Edition, Provision, Version
from rules.services.versions import (
    ADJUSTABLE,
    check,
    copied,
    joined,
    latest_editions,
    lock_and_latest,
    next_number,
    provisions_of,
)

DRAFT_NUMBER = 0
ALL_HOLD = "all"  # the answer that regulations of the same thing hold beside each other


@transaction.atomic
def draft_start(*, department: Department, by: Account, at: datetime) -> Version:
    """The department's draft; where there is none, one that equals the latest version."""
    former = lock_and_latest(department)
    draft = Version.objects.filter(department=department, published_at__isnull=True).first()
    if draft is not None:
        return draft
    draft = Version.objects.create(
        department=department,
        number=DRAFT_NUMBER,
        effective_on=former.effective_on if former else timezone.localdate(at),
        base=former,
        changed_at=at,
        changed_by=by,
    )
    _replace(draft, provisions_of(former), list(former.editions.all()) if former else [])
    return draft


@transaction.atomic
def draft_adopt(*, draft: Version, rulebook: str, by: Account, at: datetime) -> list[Provision]:
    """Put a rulebook's latest edition into the draft; returns its provisions whose figures are still blank.

    What the department had changed in an earlier edition of it stays. RulebookError for an unknown rulebook
    or a code that another one uses.
    """
    draft = _locked(draft)
    (edition,) = latest_editions([rulebook])
    editions = list(draft.editions.select_related("rulebook"))
    if edition in editions:
        raise RulebookError(f"草案已经采用{edition}")
    rows, editions = joined(provisions_of(draft), editions, edition)
    _replace(draft, rows, editions)
    _touch(draft, by, at)
    return [row for row in rows if row.source and row.source.edition_id == edition.pk and blanks_of(row)]


@transaction.atomic
def draft_provision_change(
    *, draft: Version, code: str, values: Mapping[str, Any], seen: str, by: Account, at: datetime
) -> Provision:
    """Other figures (`params`, whole) or words and scope (ADJUSTABLE) for a provision of the draft.

    `seen` is the fingerprint of the provision as it was shown. RulebookError where it was changed since or
    is gone, or where the figures do not fit the kind.
    """
    draft = _locked(draft)
    row = _row(draft, code)
    if seen != fingerprint(row):
        raise RulebookError(f"{code} 在您打开以后被别人改过，这次没有保存；请看过现在的内容再改")
    for name, value in values.items():
        if name not in (*ADJUSTABLE, "params"):
            raise RulebookError(f"{code}：{name} 不能在这里改")
        setattr(row, name, stored(value))
    _fitting(row)
    row.save()
    _touch(draft, by, at)
    return row


@transaction.atomic
def draft_provision_add(
    *, draft: Version, provision: Mapping[str, Any], by: Account, at: datetime
) -> Provision:
    """An own provision (keys of a rulebook file) at the end of the draft; RulebookError for a used code."""
    draft = _locked(draft)
    (fields,) = read_provisions([provision])
    rows = draft.provisions.all()
    if rows.filter(code=fields["code"]).exists():
        raise RulebookError(f"编号 {fields['code']} 已有条款，请换一个编号")
    last = rows.order_by("-position").values_list("position", flat=True).first()
    row = Provision.objects.create(version=draft, position=0 if last is None else last + 1, **fields)
    _touch(draft, by, at)
    return row


@transaction.atomic
def draft_provision_drop(*, draft: Version, code: str, by: Account, at: datetime) -> None:
    """Take a provision out of the draft; nothing happens where it is out already."""
    draft = _locked(draft)
    draft.provisions.filter(code=code).delete()
    _touch(draft, by, at)


@transaction.atomic
def draft_provision_restore(*, draft: Version, code: str, by: Account, at: datetime) -> None:
    """A provision as the draft's base has it. RulebookError where the base has none of that code."""
    draft = _locked(draft)
    before = draft.base.provisions.filter(code=code).first() if draft.base else None
    if before is None:
        raise RulebookError(f"原版本没有条款 {code}，不能恢复")
    draft.provisions.filter(code=code).delete()
    row = copied(before, before.source)
    row.version, row.position = draft, before.position
    row.save()
    _touch(draft, by, at)


@transaction.atomic
def draft_rebase(*, draft: Version, by: Account, at: datetime) -> list[str]:
    """Apply what the draft changes to the version that was published meanwhile.

    Returns the codes that both changed: there the draft's wording stands.
    """
    draft = _locked(draft)
    latest = lock_and_latest(draft.department)
    before, own, now = (_by_code(each) for each in (draft.base, draft, latest))
    kept, conflicts = [], []
    for code in dict.fromkeys([*now, *own]):
        was, mine, theirs = (_print_of(rows, code) for rows in (before, own, now))
        row = now.get(code) if mine == was else own.get(code)
        if row is not None:
            kept.append(row)
        if was not in (mine, theirs) and mine != theirs:
            conflicts.append(code)
    editions: dict[int, Edition] = {}
    for version in (latest, draft):
        for edition in version.editions.all() if version else ():
            known = editions.get(edition.rulebook_id)
            if known is None or known.number < edition.number:
                editions[edition.rulebook_id] = edition
    _replace(draft, kept, list(editions.values()))
    draft.base = latest
    draft.save(update_fields=["base"])
    _touch(draft, by, at)
    return conflicts


@transaction.atomic
def draft_discard(*, draft: Version) -> None:
    """Throw the draft away; nothing happens where that was done already. RulebookError once published."""
    lock_and_latest(draft.department)
    current = Version.objects.filter(pk=draft.pk).first()
    if current is None:
        return
    if current.published_at is not None:
        raise RulebookError(f"草案已发布为第{current.number}版，不能放弃")
    current.provisions.all().delete()
    current.editions.clear()
    current.delete()


@transaction.atomic
def draft_publish(
    *,
    draft: Version,
    effective_on: date,
    note: str = "",
    seen: datetime | None = None,
    holds: Mapping[str, str] | None = None,
    by: Account,
    at: datetime,
) -> Version:
    """Make the draft the department's next version, from a date. A second call returns what the first made.

    `seen` is the draft's `changed_at` as it was shown. `holds` answers, by subject, which origin's regulation
    of a thing that the draft rules twice shall hold; the others' provisions are left out, with ALL_HOLD none.
    RulebookError where the draft was changed since or somebody published meanwhile, where it changes nothing,
    for a date before the latest version, for provisions that do not go together, or where an answer is
    missing.
    """
    former = lock_and_latest(draft.department)
    current = Version.objects.filter(pk=draft.pk).select_related("base").first()
    if current is None:
        raise RulebookError("草案已被放弃，没有可发布的内容")
    if current.published_at is not None:
        return current
    if seen is not None and current.changed_at != seen:
        raise RulebookError("草案在您打开以后又改过；请再看一遍差别，再发布")
    if current.base != former:
        raise RulebookError(f"{former}在草案之后发布；请先把草案的改动移到新版本上，再发布")
    _settle_collisions(current, former, holds or {})
    rows = provisions_of(current)
    if former is not None and _content_of(current) == _content_of(former):
        raise RulebookError(f"草案与{former}没有差别，不必发布")
    if not rows:
        raise RulebookError("草案里还没有条款；请先采用一部制度或新增条款")
    check(rows, effective_on, former)
    current.number = next_number(current.department)
    current.effective_on, current.note = effective_on, note[:200]
    current.published_at, current.published_by = at, by
    current.save()
    return current


def _settle_collisions(draft: Version, former: Version | None, holds: Mapping[str, str]) -> None:
    """Leave out of the draft what does not hold; RulebookError names what nobody has decided about."""
    undecided, dropped = [], set()
    for each in new_collisions(provisions_of(draft), provisions_of(former)):
        answer = holds.get(each.subject)
        if answer == ALL_HOLD:
            continue
        if answer not in {regulation.origin for regulation in each.regulations}:
            undecided.append(f"{each.in_words()}；请选哪一种有效")
        else:
            dropped |= set(each.others(answer))
    if undecided:
        raise RulebookError(*undecided)
    draft.provisions.filter(code__in=dropped).delete()


def _locked(draft: Version) -> Version:
    """The draft as it is now, while its department is locked; RulebookError where it is no draft any more."""
    lock_and_latest(draft.department)
    current = Version.objects.filter(pk=draft.pk).select_related("department", "base").first()
    if current is None:
        raise RulebookError("草案已被放弃；请重新开始修改")
    if current.published_at is not None:
        raise RulebookError(f"草案已发布为第{current.number}版，这次没有保存；请重新开始修改")
    return current


def _row(draft: Version, code: str) -> Provision:
    row = draft.provisions.filter(code=code).first()
    if row is None:
        raise RulebookError(f"草案里没有条款 {code}，可能刚被删去")
    return row


def _fitting(row: Provision) -> None:
    try:
        blanks_of(row)
        check_collection(row.kind, row.collection)
        check_window(row.kind, row.window)
    except ValueError as error:
        raise RulebookError(f"{row.code}：{error}") from error


def _replace(draft: Version, rows: Sequence[Provision], editions: Sequence[Edition]) -> None:
    """Give the draft these provisions and editions instead of its own."""
    draft.provisions.all().delete()
    for position, row in enumerate(rows):
        row.pk, row.version, row.position = None, draft, position
    Provision.objects.bulk_create(rows)
    draft.editions.set(editions)


def _content_of(version: Version) -> tuple[dict[str, str], set[int]]:
    prints = {row.code: fingerprint(row) for row in version.provisions.all()}
    return prints, set(version.editions.values_list("pk", flat=True))


def _touch(draft: Version, by: Account, at: datetime) -> None:
    Version.objects.filter(pk=draft.pk).update(changed_at=at, changed_by=by)


def _by_code(version: Version | None) -> dict[str, Provision]:
    return {row.code: row for row in provisions_of(version)}


def _print_of(rows: Mapping[str, Provision], code: str) -> str:
    return fingerprint(rows[code]) if code in rows else ""
