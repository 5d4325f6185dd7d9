"""Pages of reviews, votes and changes of grade: what they show to whom, and what a press does once."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from payroll.models import SettlementPeriod
from payroll.workflow import period_open
from people.models import Account
from promotions.models import BallotCount, Candidate, GradeAppeal, GradeChange, ReviewRound
from promotions.services import candidate_score, change_propose, grade_appeal
from tests import factories
from tests.factories import WHEN
from tests.papers import paper_text
from tests.promotions.conftest import FROM_ON, Office

pytestmark = pytest.mark.django_db


def page_of(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(client: Client, name: str, *args: Any) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


def press(client: Client, name: str, *args: Any, **sent: Any) -> str:
    """The page that follows a press."""
    response = client.post(reverse(name, args=args), sent, follow=True)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_a_review_is_walked_from_its_opening_to_the_letter(office: Office) -> None:
    hr, lead, manager = (page_of(office.accounts[who]) for who in ("hr", "lead", "manager"))
    form = hr.get(reverse("round_new")).context["form"]
    sent = {
        "department": office.department.pk, "kind": "quarterly", "on": WHEN.date().isoformat(),
        "from_tier": "junior", "to_tier": "intermediate", "has_ballot": "on",
        "panel": office.accounts["gm"].username, "key": form["key"].value(),
    }  # fmt: skip
    assert "没有找到9999" in press(hr, "round_new", **{**sent, "panel": "9999"})
    press(hr, "round_new", **sent)
    press(hr, "round_new", **sent)
    round = ReviewRound.objects.get()
    assert list(round.panel.all()) == [office.accounts["gm"]]
    assert "没有找到“无名”" in press(lead, "round_candidate", round.pk, who="无名")
    for _ in range(2):
        press(lead, "round_candidate", round.pk, who="1001")
    candidate = Candidate.objects.get()
    assert "投票已开始" in press(hr, "round_step", round.pk, step="open_ballot")
    for account in office.mates[:3]:
        assert "员工1001" in text(page_of(account), "me_grades")
        assert "您的一票已计入" in press(page_of(account), "me_grade_vote", candidate.pk, answer="yes")
    assert "您已经投过票" in press(page_of(office.mates[0]), "me_grade_vote", candidate.pk, answer="no")
    assert "已投 3/4" in text(hr, "round", round.pk) and "同意" not in text(
        manager, "candidate", candidate.pk
    )
    press(hr, "round_step", round.pk, step="close_ballot")
    assert "同意 3，不同意 0，弃权 0" in text(hr, "round", round.pk)
    press(page_of(office.accounts["gm"]), "candidate_score", candidate.pk, score="88.5", note="清楚")
    assert "88.50（1/1人）" in text(hr, "round", round.pk)
    for _ in range(2):
        press(lead, "candidate_nominate", candidate.pk, reason="月均第一")
    change = GradeChange.objects.get()
    assert "项职级变动待决定" in text(manager, "home")
    sent = {"effective_on": FROM_ON.isoformat(), "decision": "同意", "verdict": "accept"}
    assert "没有写决定的理由" not in press(manager, "grade_change_decide", change.pk, **sent)
    assert "不能再决定" in press(manager, "grade_change_decide", change.pk, **sent)
    change.refresh_from_db()
    assert change.state == "decided"
    press(hr, "round_step", round.pk, step="close")
    person = page_of(office.accounts["person"])
    own = text(person, "grade_change", change.pk)
    assert "2026-11-01" in own and "同意 3" not in own and "88.50" not in own
    paper = person.get(reverse("grade_change_letter", args=[change.pk]))
    read = paper_text(paper.content)
    assert "晋升通知书" in read and change.number in read and "初级客服→中级客服" in read


def month_approved(office: Office) -> None:
    """October is."""
    period = period_open(department=office.department, month=FROM_ON.replace(month=10))
    SettlementPeriod.objects.filter(pk=period.pk).update(state="computed")
    SettlementPeriod.objects.filter(pk=period.pk).update(
        state="approved", approved_by=office.accounts["gm"], approved_at=WHEN
    )


def test_a_date_in_an_approved_month_is_shown_with_the_form_before_it_is_saved(office: Office) -> None:
    month_approved(office)
    change = office.nominated()
    manager = page_of(office.accounts["manager"])
    sent = {"effective_on": "2026-10-16", "decision": "同意", "verdict": "accept"}
    shown = press(manager, "grade_change_decide", change.pk, **sent)
    assert "2026-10 已批准，差额计入 2026年11月" in shown and 'value="2026-10-16"' in shown
    change.refresh_from_db()
    assert change.state == "proposed" and len(office.tiers()) == 1
    press(manager, "grade_change_decide", change.pk, **sent, into_frozen="on")
    assert office.tiers()[-1][1] == "intermediate"


def test_an_appeal_that_reaches_into_an_approved_month_is_shown_with_the_form(office: Office) -> None:
    by = office.accounts["second"]
    change = change_propose(staff=office.person, to_tier="trial", reason="季度C", by=by, at=WHEN)
    change = office.decide(change, effective_on=date(2026, 10, 16))
    grade_appeal(change=change, reason="休产假", by=office.accounts["person"], at=WHEN)
    month_approved(office)
    gm = page_of(office.accounts["gm"])
    sent = {"decision": "approved", "answer": "属实"}
    shown = press(gm, "grade_change_appeal_decide", change.pk, **sent)
    assert "要批准请勾选" in shown and "属实</textarea>" in shown
    assert GradeAppeal.objects.get().state == "asked" and office.tiers()[-1][1] == "trial"
    press(gm, "grade_change_appeal_decide", change.pk, **sent, into_frozen="on")
    assert {tier for _, tier in office.tiers()} == {"junior"}


def test_a_demotion_is_proposed_decided_contested_and_taken_back_once_each(office: Office) -> None:
    lead, manager, second, person = (
        page_of(office.accounts[who]) for who in ("lead", "manager", "second", "person")
    )
    key = lead.get(reverse("grade_change_new")).context["form"]["key"].value()
    for _ in range(2):
        press(lead, "grade_change_new", who="1001", to_tier="trial", reason="季度C", key=key)
    change = GradeChange.objects.get()
    today = timezone.localdate()
    assert person.get(reverse("grade_change", args=[change.pk])).status_code == 404
    assert "请先决定那一项" in press(
        lead, "grade_change_new", who="1001", to_tier="trial", reason="x", key="2"
    )
    sent = {"effective_on": today.isoformat(), "decision": "属实", "verdict": "accept"}
    press(manager, "grade_change_decide", change.pk, **sent)
    for _ in range(2):
        press(person, "grade_change_appeal", change.pk, reason="不同意")
    assert GradeAppeal.objects.count() == 1
    assert manager.post(reverse("grade_change_appeal_decide", args=[change.pk])).status_code == 404
    press(person, "grade_change_appeal_withdraw", change.pk)
    press(person, "grade_change_appeal", change.pk, reason="仍不同意")
    assert "申诉待我决定" in text(second, "grade_changes")
    assert "不批准须写明原因" in press(second, "grade_change_appeal_decide", change.pk, decision="refused")
    for _ in range(2):
        press(second, "grade_change_appeal_decide", change.pk, decision="approved", answer="成立")
    change.refresh_from_db()
    assert change.state == "reversed" and {tier for _, tier in office.tiers()} == {"junior"}


def test_a_decision_is_reversed_on_its_page(office: Office) -> None:
    change = office.decide(office.nominated())
    second = page_of(office.accounts["second"])
    assert "请由有权决定" not in press(second, "grade_change_reverse", change.pk, reason="算错")
    assert "不能撤销" in press(second, "grade_change_reverse", change.pk, reason="再撤")
    assert page_of(office.accounts["hr"]).post(
        reverse("grade_change_reverse", args=[change.pk]), {"reason": "x"}
    ).status_code == 404  # fmt: skip


def test_what_is_asked_before_a_ballot_opens_has_no_field_of_another_form(office: Office) -> None:
    round = office.round(has_ballot=True)
    office.candidate(round)
    shown = text(page_of(office.accounts["hr"]), "round", round.pk)
    assert "开始匿名投票？" in shown and shown.count('name="who"') == 1


def test_a_stranger_has_no_such_ballot_and_a_vote_is_in_no_log(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    candidate = office.voting()
    stranger = page_of(factories.account("agent", staff=factories.staff(office.department, "1050")))
    address = reverse("me_grade_vote", args=[candidate.pk])
    assert stranger.post(address, {"answer": "yes"}).status_code == 404
    assert BallotCount.objects.get().total == 0
    with caplog.at_level("DEBUG", logger="django.request"):
        response = page_of(office.mates[0]).post(address, {"answer": "abstained"})
    assert response.status_code == 302 and "abstained" not in caplog.text + response.url


def test_the_pages_take_as_many_queries_for_many_as_for_few(office: Office) -> None:
    round = office.round(has_ballot=True, panel=[office.accounts["gm"]])
    hr = page_of(office.accounts["hr"])

    def add(count: int) -> None:
        for place in range(count):
            staff = factories.staff(office.department, f"2{count}{place}", tier="junior")
            candidate = office.candidate(round, staff)
            candidate_score(candidate=candidate, score=80, by=office.accounts["gm"], at=WHEN)
            office.nominated(candidate, by=office.accounts["manager"])

    def queries() -> list[int]:
        found = []
        for address in (reverse("rounds"), reverse("round", args=[round.pk]), reverse("grade_changes")):
            with CaptureQueriesContext(connection) as captured:
                assert hr.get(address).status_code == 200
            found.append(len(captured))
        return found

    add(2)
    few = queries()
    add(9)
    assert queries() == few
    assert max(few) <= 12
