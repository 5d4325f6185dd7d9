"""What files refuse."""

from core.errors import Refused


class FileRefused(Refused):
    """An attachment that is empty, too large, or no picture and no PDF."""
