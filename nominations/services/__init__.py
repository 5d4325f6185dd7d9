"""Every write of nominations."""

from nominations.services.decisions import (
    award_revoke,
    criterion_attest,
    nomination_decide,
    round_close,
)
from nominations.services.nominating import nomination_make, nomination_withdraw, voice_give
from nominations.services.placings import Placing, placings_sync

__all__ = [
    "Placing",
    "award_revoke",
    "criterion_attest",
    "nomination_decide",
    "nomination_make",
    "nomination_withdraw",
    "placings_sync",
    "round_close",
    "voice_give",
]
