"""What penalties refuse, by noun; the messages are Chinese and name the remedy."""

from core.errors import ManyRefused, Refused
from penalties.models import Incident


class IncidentRefused(Refused):
    """An incident that cannot be recorded, decided or taken back so.

    `field` names the field of the incident that is wrong, for forms and imports; `incident` is set where
    a stored incident cannot count.
    """

    def __init__(
        self, reason: str, remedy: str, *, field: str = "code", incident: Incident | None = None
    ) -> None:
        super().__init__(reason, remedy, field=field)
        self.incident = incident


class IncidentsRefused(ManyRefused):
    """Some of many incidents that cannot be recorded."""


class AppealRefused(Refused):
    """A signature or an appeal that cannot be made or decided so."""


class ProposalRefused(Refused):
    """A decision on a proposal that cannot be so."""


class DisciplineRefused(Refused):
    """A disciplinary case that cannot be proposed, heard, decided or taken back so."""


class WageRuleRefused(Refused):
    """Something about deductions from wages that cannot be set so."""


class FundRefused(Refused):
    """A payment, an expense or a count that the fund's book cannot take so."""
