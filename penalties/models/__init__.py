"""What was done wrong or well, what follows from it in the ledgers, and what it suggests."""

from penalties.models.appeals import DisciplineAppeal, IncidentAppeal, IncidentSignature
from penalties.models.balances import OpeningBalance
from penalties.models.discipline import DisciplinaryCase
from penalties.models.fund import FundCount, FundExpense, FundPosting, FundTransaction
from penalties.models.incidents import Incident, Reversal
from penalties.models.lawful import LossLimit, WageRule
from penalties.models.ledgers import LedgerEntry, LedgerQuerySet, MoneyEntry, PointsEntry, SourceKind
from penalties.models.proposals import Proposal

__all__ = [
    "DisciplinaryCase",
    "DisciplineAppeal",
    "FundCount",
    "FundExpense",
    "FundPosting",
    "FundTransaction",
    "Incident",
    "IncidentAppeal",
    "IncidentSignature",
    "LedgerEntry",
    "LedgerQuerySet",
    "LossLimit",
    "MoneyEntry",
    "OpeningBalance",
    "PointsEntry",
    "Proposal",
    "Reversal",
    "SourceKind",
    "WageRule",
]
