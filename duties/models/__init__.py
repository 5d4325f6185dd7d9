"""What one shift hands over to the next, what people owe besides their shifts, and what they note."""

from duties.models.duties import DutyRecord, DutySwap, DutyTurn, DutyWaiver
from duties.models.handover import HandoverEntry, HandoverItem, HandoverReview, HandoverSignature
from duties.models.memos import Memo, Suggestion

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
