"""What people are told when an order, a refund or a metric is refused."""


class CommissionRefused(ValueError):
    """The fact is refused and nothing changed; the message (Chinese) says why and what to do."""
