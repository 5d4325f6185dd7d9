"""What is refused of declarations; the messages are Chinese and name the remedy."""

from core.errors import ManyRefused, Refused


class DeclarationRefused(Refused):
    """A base, a deduction, figures of a year or an annual bonus that cannot be declared or changed so."""


class DeclarationsRefused(ManyRefused):
    """Some of many declarations that cannot be made; none was."""
