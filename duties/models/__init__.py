"""What one shift hands over to the next, what people owe besides their shifts, and what they note."""

from duties.models.duties import DutyRecord, DutyWaiver
from duties.models.handover import HandoverEntry, HandoverItem, HandoverReview, HandoverSignature
from duties.models.memos import Memo, Suggestion
from duties.models.turns import DutySwap, DutyTurn

__all__ = [
    "DutyRecord",
    "DutySwap",
    "DutyTurn",
    "DutyWaiver",
    "HandoverEntry",
    "HandoverItem",
    "HandoverReview",
    "HandoverSignature",
    "Memo",
    "Suggestion",
]
