"""A department with a team of four agents, its lead, and whoever reviews them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from core.errors import Refused
from people.models import Account, Department, Staff, Term
from promotions.models import (
    BallotCount,
    BallotVoter,
    Candidate,
    GradeAppeal,
    GradeChange,
    PanelScore,
    ReviewRound,
)
from promotions.services import (
    ballot_close,
    ballot_open,
    candidate_add,
    candidate_nominate,
    change_decide,
    round_open,
    vote_cast,
)
from tests import factories
from tests.factories import WHEN

FROM_ON = date(2026, 11, 1)
LATER = WHEN + timedelta(days=1)
KEPT = (ReviewRound, Candidate, PanelScore, BallotVoter, BallotCount, GradeChange, GradeAppeal, Term)


@dataclass
class Office:
    """The department's people: `agents` of the team in order of their numbers, accounts by login group."""

    department: Department
    agents: list[Staff]
    accounts: dict[str, Account]
    mates: list[Account] = field(default_factory=list)

    @property
    def person(self) -> Staff:
        return self.agents[0]

    def round(self, **given: Any) -> ReviewRound:
        """A round from junior to intermediate."""
        fields = {
            "department": self.department,
            "kind": "quarterly",
            "on": WHEN.date(),
            "from_tier": "junior",
            "to_tier": "intermediate",
            "by": self.accounts["hr"],
            "at": WHEN,
        }
        return round_open(**{**fields, **given})

    def candidate(self, round: ReviewRound, staff: Staff | None = None) -> Candidate:
        return candidate_add(round=round, staff=staff or self.person, by=self.accounts["hr"], at=WHEN)

    def voting(self, **given: Any) -> Candidate:
        """The person in a round whose ballot is open."""
        round = self.round(has_ballot=True, **given)
        candidate = self.candidate(round)
        candidate.round = ballot_open(round=round, by=self.accounts["hr"], at=WHEN)
        return candidate

    def voted(self, *answers: str, **given: Any) -> Candidate:
        """The same once the mates, in their order, have voted and the ballot is closed."""
        candidate = self.voting(**given)
        for account, answer in zip(self.mates, answers, strict=False):
            vote_cast(candidate=candidate, answer=answer, by=account)
        candidate.round = ballot_close(round=candidate.round, by=self.accounts["hr"], at=WHEN)
        return candidate

    def nominated(self, candidate: Candidate | None = None, **given: Any) -> GradeChange:
        candidate = candidate or self.candidate(self.round())
        fields = {"reason": "三个月来月均第一", "by": self.accounts["lead"], "at": WHEN}
        return candidate_nominate(candidate=candidate, **{**fields, **given})

    def decide(self, change: GradeChange, by: str = "manager", **given: Any) -> GradeChange:
        fields = {"accept": True, "decision": "符合条件", "effective_on": FROM_ON, "at": WHEN}
        return change_decide(change=change, by=self.accounts[by], **{**fields, **given})

    def tiers(self, staff: Staff | None = None) -> list[tuple[date, str]]:
        """The first day of each of somebody's terms, with the tier."""
        terms = (staff or self.person).terms.order_by("valid")
        return [(term.valid.lower, term.tier) for term in terms]


@pytest.fixture
def office() -> Office:
    department = factories.department("D1")
    team = factories.team(department, "甲组")
    agents = [factories.staff(department, f"100{number}", team=team, tier="junior") for number in range(1, 5)]
    lead = factories.staff(department, "1009", name="组长", team=team, role="lead", tier="senior")
    accounts = {group: factories.account(group, department) for group in ("hr", "manager", "supervisor")}
    accounts |= {group: factories.account(group) for group in ("gm", "auditor")}
    accounts["second"] = factories.account("manager", department)
    accounts["lead"] = factories.account("lead", staff=lead)
    own = [factories.account("agent", staff=each) for each in agents]
    accounts["person"] = own[0]
    for each in agents:
        each.refresh_from_db()
    return Office(department, agents, accounts, mates=[*own[1:], accounts["lead"]])


def refused(act: Callable[[], object], words: str) -> Refused:
    """The refusal, after which nothing has changed."""

    def rows() -> list[Any]:
        return [list(model.objects.order_by("pk").values()) for model in KEPT]

    before = rows()
    with pytest.raises(Refused, match=re.escape(words)) as caught, transaction.atomic():
        act()
    assert rows() == before
    return caught.value
