"""What people refuse, by noun; the messages are Chinese and name the remedy."""

from core.errors import Refused


class PeopleError(Refused):
    """A change to departments, staff, terms, accounts or tokens that cannot be made."""


class RequestRefused(Refused):
    """What cannot be asked for, decided or taken back so."""


class AliasRefused(Refused):
    """Another name of a person that cannot be given or ended so."""


class IdentityRefused(Refused):
    """A document or bank account that cannot be kept, withdrawn or looked at so."""


class SealRefused(Refused):
    """A number that cannot be sealed or opened with the keys at hand."""
