"""What people are told when the record of an incident or a decision is refused."""

from collections.abc import Mapping

from penalties.models import Incident


class IncidentRefused(Exception):
    """An incident is refused and nothing changed: why (`reason`), what to do (`remedy`), in Chinese.

    `field` names the field of the incident that is wrong, for forms and imports; `incident` is set where
    a stored incident cannot count.
    """

    def __init__(
        self, reason: str, remedy: str, *, field: str = "code", incident: Incident | None = None
    ) -> None:
        super().__init__(f"{reason}；{remedy}")
        self.reason = reason
        self.remedy = remedy
        self.field = field
        self.incident = incident


class IncidentsRefused(Exception):
    """Some of many incidents are refused and none was stored; `refusals` by their position from 0."""

    def __init__(self, refusals: Mapping[int, IncidentRefused]) -> None:
        self.refusals = dict(refusals)
        super().__init__("\n".join(f"第{index + 1}条：{error}" for index, error in self.refusals.items()))


class ProposalRefused(Exception):
    """A decision on a proposal is refused and nothing changed; the message (Chinese) says why."""
