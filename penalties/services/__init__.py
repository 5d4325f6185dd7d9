"""Every write about incidents, what follows from them, and proposals."""

from penalties.errors import IncidentRefused, IncidentsRefused, ProposalRefused, WageRuleRefused
from penalties.judgement import IncidentFact
from penalties.services.balances import BalanceFact, balances_store, counted_places, counts_follow
from penalties.services.incidents import (
    incident_confirm,
    incident_record,
    incident_reject,
    incident_reverse,
    incidents_confirm,
    incidents_record,
    incidents_reject,
)
from penalties.services.lawful import wage_rule_set
from penalties.services.postings import Posting, money_post, money_reverse
from penalties.services.proposals import MonthProposal, proposal_decide, proposals_sync_month

__all__ = [
    "BalanceFact",
    "IncidentFact",
    "IncidentRefused",
    "IncidentsRefused",
    "MonthProposal",
    "Posting",
    "ProposalRefused",
    "WageRuleRefused",
    "balances_store",
    "counted_places",
    "counts_follow",
    "incident_confirm",
    "incident_record",
    "incident_reject",
    "incident_reverse",
    "incidents_confirm",
    "incidents_record",
    "incidents_reject",
    "money_post",
    "money_reverse",
    "proposal_decide",
    "proposals_sync_month",
    "wage_rule_set",
]
