"""Review rounds: who may open and fill them, who scores, when they end."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from notices.models import Notice
from people.services import staff_leave, staff_terms_change
from promotions.forms import RoundForm
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


def test_who_was_declined_can_be_scored_and_nominated_again(office: Office) -> None:
    gm = office.accounts["gm"]
    candidate = office.candidate(office.round(panel=[gm]))
    office.decide(office.nominated(candidate), accept=False)
    page = Client()
    page.force_login(gm, backend="django.contrib.auth.backends.ModelBackend")
    assert "score" in page.get(reverse("candidate", args=[candidate.pk])).context["forms"]
    candidate_score(candidate=candidate, score=Decimal("80"), by=gm, at=WHEN)
    assert office.decide(office.nominated(candidate)).state == "decided"


def test_a_panel_is_of_people_who_can_still_score(office: Office) -> None:
    left = factories.account("agent", staff=factories.staff(office.department, "1060"))
    staff_leave(staff=left.staff.get(), last_day=WHEN.date() - timedelta(days=1), by=None, at=WHEN)
    closed = factories.account("hr", office.department)
    closed.is_active = False
    closed.save()
    refused(lambda: office.round(panel=[left]), "不在职；请另选评委")
    refused(lambda: office.round(panel=[office.accounts["gm"], closed]), "账号已停用；请另选评委")
    assert office.round(panel=[office.accounts["gm"]]).panel.count() == 1


def test_whoever_alone_is_the_panel_is_no_candidate(office: Office) -> None:
    round = office.round(panel=[office.accounts["person"]])
    refused(lambda: office.candidate(round), "的评委只有本人，没有别人可以评分；请另开一轮，加上别的评委")
    assert office.candidate(round, office.agents[1]).round == round


def test_a_key_that_was_used_elsewhere_is_told(office: Office) -> None:
    round = office.round(key="k")
    hr = office.accounts["hr"]
    there = factories.department("D2")
    hr.departments.add(there)
    refused(lambda: office.round(key="k", department=there), "这个页面已经用过；请重新打开页面再填")
    assert office.round(key="k") == round


def test_a_lead_learns_nothing_of_the_own_demotion_from_the_rounds(office: Office) -> None:
    account = office.accounts["lead"]
    down = office.round(from_tier="senior", to_tier="intermediate")
    office.candidate(down, account.staff.get())
    up = office.round()
    other = factories.staff(office.department, "1040", tier="junior", team=factories.team(office.department))
    office.candidate(up), office.candidate(up, other)
    page = Client()
    page.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    assert [(row, row.size) for row in page.get(reverse("rounds")).context["page"]] == [(up, 1)]
    assert page.get(reverse("round", args=[down.pk])).status_code == 404
    assert down in rounds_visible_to(office.accounts["manager"])


def test_a_number_that_is_anothers_login_name_is_asked(office: Office) -> None:
    stranger = factories.account("agent", staff=factories.staff(factories.department("D2"), "77"))
    stranger.username = "1001"
    stranger.save()
    given = {
        "department": office.department.pk, "kind": "quarterly", "on": "2026-10-15", "from_tier": "junior",
        "to_tier": "intermediate", "panel": "1001", "key": "k",
    }  # fmt: skip
    form = RoundForm(given, account=office.accounts["hr"], today=WHEN.date())
    assert "“1001”是一个人的登录名，又是本部门另一人的工号" in str(form.errors["panel"])
    own = office.accounts["person"]
    form = RoundForm({**given, "panel": own.username}, account=office.accounts["hr"], today=WHEN.date())
    assert form.is_valid() and form.cleaned_data["panel"] == [own]


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
