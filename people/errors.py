"""What people refuse, by noun; the messages are Chinese and name the remedy."""

from core.errors import Refused


class PeopleError(Refused):
    """A change to departments, staff, terms, accounts or tokens that cannot be made."""


class RequestRefused(Refused):
    """What cannot be asked for, decided or taken back so."""


class AliasRefused(Refused):
    """Another name of a person that cannot be given or ended so."""
