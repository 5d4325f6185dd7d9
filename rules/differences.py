"""What one set of provisions changes in another, in words: added, removed, other figures."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from people.models import Role
from rules.kinds import KINDS, parse_kind
from rules.kinds.collection import BY_LABELS, collection_of
from rules.kinds.figures import figures_of
from rules.models import ProvisionFields

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
STATE_LABELS = {ADDED: "新增", REMOVED: "删去", CHANGED: "改动"}
_COMPARED = tuple(
    sorted(field.name for field in ProvisionFields._meta.get_fields() if field.name != "position")
)


@dataclass(frozen=True, slots=True)
class FigureChange:
    """One thing about a provision that reads otherwise."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ProvisionDifference:
    """A provision that is new, gone or changed; `before` and `after` are its figures as one phrase."""

    code: str
    title: str
    kind: str
    state: str
    before: str = ""
    after: str = ""
    changes: tuple[FigureChange, ...] = ()

    @property
    def state_label(self) -> str:
        return STATE_LABELS[self.state]


def fingerprint(row: ProvisionFields) -> str:
    """The same for provisions that say the same; whoever changes one names what it was."""
    content = json.dumps([getattr(row, name) for name in _COMPARED], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:20]


def differences(
    before: Iterable[ProvisionFields], after: Iterable[ProvisionFields]
) -> list[ProvisionDifference]:
    """What `after` adds, removes and changes, in its order, the removed ones last."""
    old, new = {row.code: row for row in before}, {row.code: row for row in after}
    found = []
    for code, row in new.items():
        if code not in old:
            found.append(ProvisionDifference(code, row.title, kind_label(row), ADDED, after=in_words(row)))
        elif fingerprint(old[code]) != fingerprint(row) and (changes := _changes(old[code], row)):
            words = in_words(old[code]), in_words(row)
            found.append(ProvisionDifference(code, row.title, kind_label(row), CHANGED, *words, changes))
    found += [
        ProvisionDifference(code, row.title, kind_label(row), REMOVED, before=in_words(row))
        for code, row in old.items()
        if code not in new
    ]
    return found


def in_words(row: ProvisionFields) -> str:
    """The figures of a stored provision in one phrase; blank ones read ［待填］."""
    return parse_kind(row.kind, row.params)[0].in_words()


def kind_label(row: ProvisionFields) -> str:
    return KINDS[row.kind].label


def collection_in_words(row: ProvisionFields) -> str:
    """How what a stored provision takes is collected."""
    return collection_of(row.collection).in_words() or BY_LABELS["payroll"]


def roles_in_words(roles: Iterable[str]) -> str:
    """Whom a provision binds."""
    labels = dict(Role.choices)
    return "、".join(labels.get(role, role) for role in roles) or "全体"


def _changes(old: ProvisionFields, new: ProvisionFields) -> tuple[FigureChange, ...]:
    pairs = [
        ("标题", old.title, new.title),
        ("类型", kind_label(old), kind_label(new)),
        *_figures(old, new),
        ("约束岗位", roles_in_words(old.roles), roles_in_words(new.roles)),
        ("计次周期", old.get_window_display(), new.get_window_display()),
        ("性质", old.get_basis_display(), new.get_basis_display()),
        ("确认", old.get_confirm_display(), new.get_confirm_display()),
        ("收取方式", collection_in_words(old), collection_in_words(new)),
        ("条文", old.clause, new.clause),
    ]
    return tuple(FigureChange(label, was or "无", now or "无") for label, was, now in pairs if was != now)


def _figures(old: ProvisionFields, new: ProvisionFields) -> list[tuple[str, str, str]]:
    if old.kind != new.kind:
        return [("数字", in_words(old), in_words(new))]
    was, now = (figures_of(parse_kind(row.kind, row.params)[0]) for row in (old, new))
    return [(label, was[label], now[label]) for label in now]
