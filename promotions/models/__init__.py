"""The rows of the ladder: what people attested, review rounds, ballots, changes of grade."""

from promotions.models.attestations import Attestation
from promotions.models.ballots import BallotCount, BallotVoter
from promotions.models.changes import GradeAppeal, GradeChange
from promotions.models.rounds import Candidate, PanelScore, ReviewRound

__all__ = [
    "Attestation",
    "BallotCount",
    "BallotVoter",
    "Candidate",
    "GradeAppeal",
    "GradeChange",
    "PanelScore",
    "ReviewRound",
]
