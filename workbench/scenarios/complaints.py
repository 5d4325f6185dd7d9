"""Playing complaints: opened, walked through their events, closed; the cost falls due at the closing."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from complaints.models import Case, Ruling
from complaints.selectors.parties import team_members
from complaints.services.cases import case_open, case_step, event_record
from complaints.services.lifecycle import case_pause, case_reopen, case_resume
from complaints.services.rulings import Party, loss_record, ruling_decide, ruling_propose, ruling_reverse
from penalties.models import Incident
from penalties.services import incident_confirm, incident_record, incident_reverse
from people.models import Department, Staff, Team
from people.services import team_get_or_create
from rules.kinds.cases import PLAIN_CASE, CaseDeadline, LossShare
from rules.provisions import Rules, has_kind
from rules.selectors import timeline_of
from workbench.scenarios.document import as_decimal, as_flag, optional_decimal
from workbench.scenarios.facts import ScenarioFact, UnknownNumber, in_shanghai

WORDS = "场景"  # where a service asks for a reason or a text
CLOSED = "closed"
WHOLE = Decimal(100)
# The plain path has one step, whose first decision closes the case.
HANDLE = PLAIN_CASE.steps[0]


@dataclass(slots=True)
class PlayedCase:
    """A complaint of the scenario, with what was decided or recorded about it."""

    case: Case
    rules: Rules  # those of the day of receipt
    ruling: Ruling | None = None
    incidents: list[Incident] = field(default_factory=list)


@dataclass(slots=True)
class Complaints:
    """The complaints of one scenario, by their ids. Nobody in particular does what is done: `by` is None."""

    department: Department
    person: Callable[[Any], Staff]
    played: dict[str, PlayedCase] = field(default_factory=dict)

    def facts(self, place: str, row: Mapping[str, Any]) -> list[ScenarioFact]:
        """A complaint's facts in the order of their moments; once it could not be opened the others rest."""
        received_at = in_shanghai(row["received_at"], place)
        happened = [(in_shanghai(each["at"], place), str(each["event"])) for each in row.get("events") or []]
        closings = [at for at, event in happened if event == CLOSED]
        if row.get("closed_at"):
            counts_at = in_shanghai(row["closed_at"], place)
            if counts_at not in closings:
                happened.append((counts_at, CLOSED))
        else:
            counts_at = max(closings, default=received_at)
        facts = [self._fact(place, received_at, lambda: self._open(place, row, received_at))]
        for at, event in sorted(happened, key=lambda each: each[0]):
            facts.append(self._fact(place, at, self._event(place, row, at, event)))
            if event == CLOSED and at == counts_at:
                facts.append(self._fact(place, at, self._consequences(place, row, received_at, at)))
        return facts

    def reversal(self, place: str, row: Mapping[str, Any], on: date) -> None:
        """Take back what a complaint came to: its ruling, or the incidents that it was recorded as."""
        played = self.played.get(str(row["complaint"]))
        if played is None or not (played.ruling or played.incidents):
            raise UnknownNumber(f"投诉 {row['complaint']} 没有可撤销的；检查 id")
        reason = str(row.get("reason") or "撤销")
        if played.ruling:
            ruling_reverse(ruling=played.ruling, reason=reason, by=None, at=timezone.now())
        for incident in played.incidents:
            incident_reverse(incident=incident, on=on, reason=reason, by=None, at=timezone.now())

    def _fact(self, place: str, at: datetime, record: Callable[[], Any]) -> ScenarioFact:
        return ScenarioFact(place, timezone.localdate(at), record)

    def _open(self, place: str, row: Mapping[str, Any], received_at: datetime) -> None:
        rules = self._rules(received_at)
        named = [str(row["deadline"])] if row.get("deadline") else None
        case = case_open(
            department=self.department,
            title=str(row["id"]),
            received_at=received_at,
            deadlines=named or [rule.code for rule in rules.of_kind(CaseDeadline)],
            key=uuid.uuid4().hex,
            by=None,
            at=received_at,
        )
        self.played[str(row["id"])] = PlayedCase(case, rules)

    def _event(self, place: str, row: Mapping[str, Any], at: datetime, event: str) -> Callable[[], Any]:
        def record() -> None:
            played = self.played.get(str(row["id"]))
            if played is None:
                return
            given: dict[str, Any] = {"case": played.case, "happened_at": at, "by": None, "at": at}
            match event:
                case "closed":
                    brings = {each.name: WORDS for each in HANDLE.brings}
                    decision, upheld = HANDLE.decisions[0].label, _is_upheld(row, place)
                    case_step(decision=decision, brings=brings, note=WORDS, upheld=upheld, **given)
                case "reopened":
                    case_reopen(reason=WORDS, **given)
                case "paused":
                    case_pause(reason=WORDS, **given)
                case "resumed":
                    case_resume(**given)
                case _:
                    event_record(kind=event, note=WORDS, **given)

        return record

    def _consequences(
        self, place: str, row: Mapping[str, Any], received_at: datetime, closed_at: datetime
    ) -> Callable[[], Any]:
        """The loss and who bears it, or the incidents of the day of receipt under another provision."""

        def record() -> None:
            played = self.played.get(str(row["id"]))
            if played is None or not _is_upheld(row, place):
                return
            loss = optional_decimal(row.get("loss"), place)
            if loss is not None:
                loss_record(case=played.case, amount=loss, basis=WORDS, by=None, at=closed_at)
            code = str(row.get("provision") or "")
            rule = played.rules.get(code)
            is_shared = has_kind(rule, LossShare) if rule else not code
            if not is_shared:
                self._incidents(played, row, place, code, received_at, closed_at)
            elif loss is not None and (parties := self._parties(row, place)):
                played.ruling = ruling_propose(
                    case=played.case,
                    parties=parties,
                    reason=WORDS,
                    provision_code=code,
                    by=None,
                    at=closed_at,
                )
                ruling_decide(ruling=played.ruling, accept=True, by=None, at=closed_at)

        return record

    def _parties(self, row: Mapping[str, Any], place: str) -> list[Party]:
        if row.get("shares"):
            return [
                Party(as_decimal(share, place) * WHOLE, staff=(self.person(number),))
                for number, share in row["shares"].items()
            ]
        if row.get("responsible_team"):
            return [Party(WHOLE, team=self._team(row))]
        people = tuple(self.person(number) for number in row.get("responsible") or [])
        return [Party(WHOLE, staff=people)] if people else []

    def _incidents(
        self,
        played: PlayedCase,
        row: Mapping[str, Any],
        place: str,
        code: str,
        received_at: datetime,
        closed_at: datetime,
    ) -> None:
        people: Sequence[Staff]
        if row.get("responsible_team"):
            people = list(team_members(self._team(row), timezone.localdate(closed_at)))
        else:
            people = [self.person(number) for number in row.get("shares") or row.get("responsible") or []]
        for person in people:
            incident = incident_record(
                staff=person,
                code=code,
                work_date=timezone.localdate(received_at),
                note=f"投诉{played.case.number}",
                by=None,
                at=timezone.now(),
            )
            if incident.state != Incident.State.CONFIRMED:
                incident = incident_confirm(incident=incident, by=None, at=timezone.now())
            played.incidents.append(incident)

    def _team(self, row: Mapping[str, Any]) -> Team:
        return team_get_or_create(department=self.department, name=str(row["responsible_team"]))

    def _rules(self, at: datetime) -> Rules:
        return timeline_of(self.department).on(timezone.localdate(at))


def _is_upheld(row: Mapping[str, Any], place: str) -> bool:
    return row.get("upheld") is None or as_flag(row["upheld"], place)
