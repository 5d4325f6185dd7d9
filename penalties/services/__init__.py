"""Every write about incidents, what follows from them, and proposals."""

from penalties.errors import (
    AppealRefused,
    DisciplineRefused,
    FundRefused,
    IncidentRefused,
    IncidentsRefused,
    ProposalRefused,
    WageRuleRefused,
)
from penalties.judgement import IncidentFact
from penalties.services.appeals import (
    appeal_hindrance,
    appellant_of,
    incident_appeal,
    incident_appeal_decide,
    incident_appeal_withdraw,
    incident_sign,
)
from penalties.services.balances import BalanceFact, balances_store, counted_places, counts_follow
from penalties.services.discipline import (
    discipline_decide,
    discipline_hear,
    discipline_propose,
    discipline_reverse,
)
from penalties.services.discipline_appeals import (
    discipline_appeal,
    discipline_appeal_decide,
    discipline_appeal_hindrance,
    discipline_appeal_withdraw,
)
from penalties.services.evidence import evidence_add
from penalties.services.fund import (
    Withheld,
    cash_payment_record,
    cash_refund_record,
    transfer_record,
    withheld_post,
)
from penalties.services.fund_counts import count_record, count_witness
from penalties.services.fund_expenses import expense_decide, expense_request, expense_withdraw
from penalties.services.fund_notices import cash_fines_remind
from penalties.services.incidents import (
    incident_confirm,
    incident_record,
    incident_reject,
    incident_reverse,
    incidents_confirm,
    incidents_record,
    incidents_reject,
)
from penalties.services.lawful import loss_limit_set, wage_rule_set
from penalties.services.postings import Posting, money_post, money_reverse
from penalties.services.proposals import MonthProposal, proposal_decide, proposals_sync_month

__all__ = [
    "AppealRefused",
    "BalanceFact",
    "DisciplineRefused",
    "FundRefused",
    "IncidentFact",
    "IncidentRefused",
    "IncidentsRefused",
    "MonthProposal",
    "Posting",
    "ProposalRefused",
    "WageRuleRefused",
    "Withheld",
    "appeal_hindrance",
    "appellant_of",
    "balances_store",
    "cash_fines_remind",
    "cash_payment_record",
    "cash_refund_record",
    "count_record",
    "count_witness",
    "counted_places",
    "counts_follow",
    "discipline_appeal",
    "discipline_appeal_decide",
    "discipline_appeal_hindrance",
    "discipline_appeal_withdraw",
    "discipline_decide",
    "discipline_hear",
    "discipline_propose",
    "discipline_reverse",
    "evidence_add",
    "expense_decide",
    "expense_request",
    "expense_withdraw",
    "incident_appeal",
    "incident_appeal_decide",
    "incident_appeal_withdraw",
    "incident_confirm",
    "incident_record",
    "incident_reject",
    "incident_reverse",
    "incident_sign",
    "incidents_confirm",
    "incidents_record",
    "incidents_reject",
    "loss_limit_set",
    "money_post",
    "money_reverse",
    "proposal_decide",
    "proposals_sync_month",
    "transfer_record",
    "wage_rule_set",
    "withheld_post",
]
