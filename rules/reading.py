"""Provisions as people read them: clause, figures in words, whom they bind, what is still blank."""

from dataclasses import dataclass

from rules.differences import kind_label, roles_in_words
from rules.kinds import parse_kind
from rules.kinds.collection import collection_of
from rules.kinds.pay import Text
from rules.models import ProvisionFields


@dataclass(frozen=True, slots=True)
class Reading:
    """A stored provision with its words."""

    row: ProvisionFields
    words: str
    kind_label: str
    roles: str
    blanks: int
    computes: bool
    collection: str

    @property
    def anchor(self) -> str:
        """Where on a page it stands."""
        return f"p-{self.row.code}"


def reading_of(row: ProvisionFields) -> Reading:
    """The provision in words; nothing here queries."""
    kind, blanks = parse_kind(row.kind, row.params)
    return Reading(
        row=row,
        words=kind.in_words(),
        kind_label=kind_label(row),
        roles=roles_in_words(row.roles),
        blanks=len(blanks),
        computes=not isinstance(kind, Text),
        collection=collection_of(row.collection).in_words(),
    )


def binds(row: ProvisionFields, role: str) -> bool:
    """Whether a stored provision binds a business role."""
    return not row.roles or role in row.roles
