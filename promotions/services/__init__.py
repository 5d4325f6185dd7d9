"""Every write of the ladder."""

from promotions.services.attestations import attestation_record

__all__ = ["attestation_record"]
