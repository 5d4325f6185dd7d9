"""What recording something would cost whom and why, before anything is saved."""

from collections.abc import Sequence
from dataclasses import dataclass

from penalties.errors import IncidentRefused
from penalties.judgement import IncidentFact, Judge
from penalties.models import Incident
from penalties.services.ledgers import Foreseen, ledgers_foresee
from people.models import Department, Staff
from rules.kinds.labels import ROLE_LABELS, keyed
from rules.models import ProvisionFields
from rules.proposals import ProposalKind


@dataclass(frozen=True, slots=True)
class Outlook:
    """What one fact would come to (`foreseen`), or why it cannot be recorded (`refused`)."""

    staff: Staff
    foreseen: Foreseen | None
    refused: IncidentRefused | None = None
    counts_at_once: bool = False

    @property
    def window(self) -> str:
        return ProvisionFields.Window(self.foreseen.rule.window).label if self.foreseen else ""

    @property
    def also(self) -> list[str]:
        """Who answers for it too, and with how much."""
        assessment = self.foreseen.assessment if self.foreseen else None
        if assessment is None:
            return []
        return [f"{keyed(role, ROLE_LABELS)}连带{-amount}元" for role, amount in assessment.also.items()]

    @property
    def proposals(self) -> list[str]:
        assessment = self.foreseen.assessment if self.foreseen else None
        return [ProposalKind(each).label for each in assessment.proposals] if assessment else []


def outlooks(department: Department, facts: Sequence[IncidentFact]) -> list[Outlook]:
    """What facts of one department would come to, in their order; seven queries for any number of them."""
    judge = Judge(department, [fact.staff.pk for fact in facts])
    judged: list[Incident | IncidentRefused] = []
    for fact in facts:
        try:
            judged.append(judge.incident(fact))
        except IncidentRefused as refused:
            judged.append(refused)
    new = [each for each in judged if isinstance(each, Incident)]
    foreseen = iter(ledgers_foresee(new))
    return [
        Outlook(fact.staff, next(foreseen), counts_at_once=judge.confirms_itself(each))
        if isinstance(each, Incident)
        else Outlook(fact.staff, None, each)
        for fact, each in zip(facts, judged, strict=True)
    ]
