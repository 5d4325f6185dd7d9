"""What promotions refuse, one class a noun."""

from core.errors import Refused


class AttestationRefused(Refused):
    """A word about a criterion that cannot be given so."""
