"""What shifts refuse."""

from rules.kinds.base import FactRefused


class RosterRefused(FactRefused):
    """A pattern, roster or swap that cannot be so; the message is Chinese and names the remedy."""
