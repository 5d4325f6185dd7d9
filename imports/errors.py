"""What the import pages refuse."""

from core.errors import Refused


class ImportRefused(Refused):
    """A step of an import that cannot be taken so."""
