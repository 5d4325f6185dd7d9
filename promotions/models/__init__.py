"""Review rounds, their ballots, and changes of grade."""

from promotions.models.ballots import BallotCount, BallotVoter
from promotions.models.changes import GradeAppeal, GradeChange
from promotions.models.rounds import Candidate, PanelScore, ReviewRound

__all__ = [
    "BallotCount",
    "BallotVoter",
    "Candidate",
    "GradeAppeal",
    "GradeChange",
    "PanelScore",
    "ReviewRound",
]
