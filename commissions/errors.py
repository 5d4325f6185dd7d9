"""What people are told when an order, a refund or a metric is refused."""

from core.errors import ManyRefused, Refused


class CommissionRefused(Refused):
    """An order, a refund, a claim or a metric that cannot be so."""


class OrdersRefused(ManyRefused):
    """Some of many orders that cannot be stored."""


class OrderReadingRefused(Refused):
    """A way to read orders out of the ordinary that cannot be set so."""


class FigureRefused(Refused):
    """A department's figure, or what a metric counts, that cannot be so."""
