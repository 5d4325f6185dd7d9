"""Every write about incidents, what follows from them, and proposals."""

from penalties.errors import FundRefused, IncidentRefused, IncidentsRefused, ProposalRefused
from penalties.judgement import IncidentFact
from penalties.services.fund import (
    Withheld,
    cash_payment_record,
    cash_refund_record,
    transfer_record,
    withheld_post,
)
from penalties.services.fund_counts import count_record, count_witness
from penalties.services.fund_expenses import expense_decide, expense_request, expense_withdraw
from penalties.services.incidents import (
    incident_confirm,
    incident_record,
    incident_reject,
    incident_reverse,
    incidents_confirm,
    incidents_record,
    incidents_reject,
)
from penalties.services.postings import Posting, money_post, money_reverse
from penalties.services.proposals import MonthProposal, proposal_decide, proposals_sync_month

__all__ = [
    "FundRefused",
    "IncidentFact",
    "IncidentRefused",
    "IncidentsRefused",
    "MonthProposal",
    "Posting",
    "ProposalRefused",
    "Withheld",
    "cash_payment_record",
    "cash_refund_record",
    "count_record",
    "count_witness",
    "expense_decide",
    "expense_request",
    "expense_withdraw",
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
    "transfer_record",
    "withheld_post",
]
