"""Review rounds: who may open and fill them, who scores, when they end."""

from decimal import Decimal
from typing import Any

import pytest

from notices.models import Notice
from people.services import staff_terms_change
from promotions.models import PanelScore
from promotions.selectors.rounds import candidates_visible_to, rounds_visible_to, with_scores
from promotions.services import candidate_add, candidate_nominate, candidate_score, round_close
from tests import factories
from tests.factories import WHEN
from tests.promotions.conftest import Office, refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "yearly"}, "没有写是哪一种评审"),
        ({"to_tier": "junior"}, "原职级和新职级相同"),
        ({"from_tier": ""}, "没有写职级"),
        ({"to_tier": "king"}, "没有“king”这一职级"),
    ],
)
def test_a_round_without_what_it_needs_is_refused(office: Office, given: Any, words: str) -> None:
    refused(lambda: office.round(**given), words)


def test_who_runs_no_reviews_opens_none_and_again_is_the_same(office: Office) -> None:
    for who in ("lead", "gm", "auditor"):
        refused(lambda who=who: office.round(by=office.accounts[who]), "您不能在这个部门发起评审")
    assert office.round(key="k") == office.round(key="k")


def test_candidates_fit_the_round_and_stand_in_it_once(office: Office) -> None:
    round = office.round()
    evidence = [{"title": "入职满3个月", "verdict": "met", "words": "82个月"}]
    lead, hr = office.accounts["lead"], office.accounts["hr"]
    candidate = candidate_add(round=round, staff=office.person, evidence=evidence, by=lead, at=WHEN)
    assert candidate.evidence == evidence and office.candidate(round) == candidate
    other = factories.staff(factories.department("D2"), tier="junior")
    senior = lead.staff.get()
    for staff, words in (
        (other, "不在客服D1"),
        (senior, "高级客服，这一轮评的是初级客服"),
        (factories.staff(office.department, "1050"), "没有职级，这一轮评的是初级客服"),
    ):
        refused(lambda staff=staff: candidate_add(round=round, staff=staff, by=hr, at=WHEN), words)
    stranger = factories.staff(office.department, "1051", tier="junior")
    refused(lambda: candidate_add(round=round, staff=stranger, by=lead, at=WHEN), "不能把此人列为候选人")
    round_close(round=round, by=hr, at=WHEN)
    refused(lambda: office.candidate(round, office.agents[1]), "已结束，不能再加候选人")


def test_the_panel_scores_and_the_average_is_shown(office: Office) -> None:
    panel = [office.accounts["gm"], office.accounts["manager"], office.accounts["person"]]
    candidate = office.candidate(office.round(panel=panel))
    assert Notice.objects.filter(text__startswith="请您担任评委").count() == 3

    def score(who: str, points: str, **given: Any) -> PanelScore:
        account = office.accounts[who]
        return candidate_score(candidate=candidate, score=Decimal(points), by=account, at=WHEN, **given)

    refused(lambda: score("hr", "80"), "您不是这一轮的评委")
    refused(lambda: score("person", "100"), "不能给自己评分")
    refused(lambda: score("gm", "100.5"), "评分100.5不在0到100之间")
    refused(lambda: score("gm", "80", note="字" * 501), "最多500字")
    score("gm", "70")
    score("gm", "80", note="讲得清楚")
    score("manager", "91")
    found = with_scores(candidates_visible_to(office.accounts["gm"])).get()
    assert (found.average, found.scored) == (Decimal("85.5"), 2)
    office.decide(office.nominated(candidate))
    refused(lambda: score("gm", "10"), "已有结果，不能再评分")


def test_a_round_ends_once_nothing_of_it_waits(office: Office) -> None:
    hr = office.accounts["hr"]
    voting = office.voting()
    refused(lambda: round_close(round=voting.round, by=hr, at=WHEN), "正在投票，不能结束评审")
    round = office.round()
    candidate = office.candidate(round, office.agents[1])
    change = office.nominated(candidate)
    refused(lambda: round_close(round=round, by=hr, at=WHEN), "还有1人的结果没有决定")
    refused(lambda: round_close(round=round, by=office.accounts["lead"], at=WHEN), "您不能办理这一轮评审")
    office.decide(change, accept=False)
    assert round_close(round=round, by=hr, at=WHEN) == round_close(round=round, by=hr, at=WHEN)
    refused(
        lambda: candidate_nominate(candidate=candidate, reason="x", by=office.accounts["lead"], at=WHEN),
        "评审已经结束；请在下一轮推举",
    )


def test_a_lead_sees_the_own_team_the_panel_its_round_and_an_agent_nothing(office: Office) -> None:
    round = office.round(panel=[factories.account("hr")])
    other = factories.staff(office.department, "1040", tier="junior", team=factories.team(office.department))
    mine, theirs = office.candidate(round), office.candidate(round, other)

    def seen(account: Any) -> list[Any]:
        return list(candidates_visible_to(account).order_by("pk"))

    assert seen(office.accounts["lead"]) == [mine]
    assert seen(round.panel.get()) == seen(office.accounts["gm"]) == seen(office.accounts["auditor"])
    assert seen(office.accounts["manager"]) == [mine, theirs]
    assert seen(office.accounts["person"]) == [] == list(rounds_visible_to(office.accounts["person"]))
    elsewhere = factories.account("manager", factories.department("D2"))
    assert seen(elsewhere) == [] == list(rounds_visible_to(elsewhere))


def test_the_tier_of_the_rounds_day_counts(office: Office) -> None:
    staff_terms_change(staff=office.person, on=WHEN.date(), tier="senior", by=None, at=WHEN)
    refused(lambda: office.candidate(office.round()), "2026-10-15高级客服，这一轮评的是初级客服")
