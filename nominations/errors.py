"""What nominations refuse."""

from core.errors import Refused


class NominationRefused(Refused):
    """A nomination that cannot be made, spoken of, certified, decided or revoked so."""
