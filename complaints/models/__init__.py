from complaints.models.cases import Callback, Case, CaseEvent, CasePart, Complainant
from complaints.models.clocks import Alarm, Clock, ClockEvent, OpeningHours
from complaints.models.losses import (
    Appeal,
    Charge,
    Loss,
    PartyMember,
    ResponsibleParty,
    Ruling,
)

__all__ = [
    "Alarm",
    "Appeal",
    "Callback",
    "Case",
    "CaseEvent",
    "CasePart",
    "Charge",
    "Clock",
    "ClockEvent",
    "Complainant",
    "Loss",
    "OpeningHours",
    "PartyMember",
    "ResponsibleParty",
    "Ruling",
]
