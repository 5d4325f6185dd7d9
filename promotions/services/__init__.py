"""Every write of the ladder: attestations, review rounds, ballots, changes of grade."""

from promotions.services.attestations import attestation_record
from promotions.services.ballots import ballot_close, ballot_open, vote_cast
from promotions.services.change_appeals import (
    grade_appeal,
    grade_appeal_decide,
    grade_appeal_hindrance,
    grade_appeal_withdraw,
)
from promotions.services.changes import (
    candidate_nominate,
    change_decide,
    change_propose,
    change_reverse,
    change_reverse_hindrance,
)
from promotions.services.rounds import candidate_add, candidate_score, round_close, round_open

__all__ = [
    "attestation_record",
    "ballot_close",
    "ballot_open",
    "candidate_add",
    "candidate_nominate",
    "candidate_score",
    "change_decide",
    "change_propose",
    "change_reverse",
    "change_reverse_hindrance",
    "grade_appeal",
    "grade_appeal_decide",
    "grade_appeal_hindrance",
    "grade_appeal_withdraw",
    "round_close",
    "round_open",
    "vote_cast",
]
