"""What training refuses, by noun; the messages are Chinese and name the remedy."""

from core.errors import Refused


class EnrolmentRefused(Refused):
    """A newcomer who cannot be enrolled, given a mentor, or end a programme so."""


class StepRefused(Refused):
    """A step that cannot be recorded or given to a teacher so."""


class MaterialRefused(Refused):
    """Material that cannot be put up or taken down so."""


class PlacesRefused(Refused):
    """A ranking of a batch that cannot be so."""
