"""The rows of the ladder: what people attested, review rounds, ballots, changes of grade."""

from promotions.models.attestations import Attestation

__all__ = ["Attestation"]
