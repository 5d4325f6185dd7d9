"""What the ladder, rounds, ballots and changes of grade refuse, one class a noun."""

from core.errors import Refused


class AttestationRefused(Refused):
    """A word about a criterion that cannot be given so."""


class RoundRefused(Refused):
    """A review that cannot be opened, filled, scored or closed so."""


class BallotRefused(Refused):
    """A ballot that cannot be opened or closed, or a vote that cannot be cast."""


class GradeRefused(Refused):
    """A change of grade that cannot be proposed, decided, contested or taken back so."""
