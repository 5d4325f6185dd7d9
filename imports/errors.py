"""What the import pages refuse."""


class ImportRefused(Exception):
    """A step of an import is refused: why, and what to do instead (Chinese)."""
