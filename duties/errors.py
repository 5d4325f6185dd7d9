"""What duties refuse, by noun; the messages are Chinese and name the remedy."""

from core.errors import Refused


class DutyRefused(Refused):
    """A duty that cannot be done, waived or looked at so."""


class TurnRefused(Refused):
    """A turn of a rota that cannot be given or exchanged so."""


class HandoverRefused(Refused):
    """An entry, a signature or a review of the handover book that cannot be so."""


class MemoRefused(Refused):
    """A memo or suggestion that cannot be so."""
