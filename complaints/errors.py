"""What complaints refuse, by noun; the messages are Chinese and name the remedy."""

from core.errors import Refused


class CaseRefused(Refused):
    """A case that cannot be recorded, moved on, merged or reopened so."""


class RulingRefused(Refused):
    """A loss, a responsibility or a share that cannot be so."""


class AppealRefused(Refused):
    """An appeal that cannot be made or decided so."""
