"""Every write about incidents, what follows from them, and proposals."""

from penalties.errors import IncidentRefused, IncidentsRefused, ProposalRefused
from penalties.judgement import IncidentFact
from penalties.services.incidents import (
    incident_confirm,
    incident_record,
    incident_reject,
    incident_reverse,
    incidents_confirm,
    incidents_record,
    incidents_reject,
)
from penalties.services.proposals import MonthProposal, proposal_decide, proposals_sync_month

__all__ = [
    "IncidentFact",
    "IncidentRefused",
    "IncidentsRefused",
    "MonthProposal",
    "ProposalRefused",
    "incident_confirm",
    "incident_record",
    "incident_reject",
    "incident_reverse",
    "incidents_confirm",
    "incidents_record",
    "incidents_reject",
    "proposal_decide",
    "proposals_sync_month",
]
