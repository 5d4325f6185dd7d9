"""What shifts refuse."""


class RosterRefused(ValueError):
    """A pattern, roster or swap that cannot be so; the message is Chinese and names the remedy."""
