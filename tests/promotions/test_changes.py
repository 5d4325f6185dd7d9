"""Changes of grade: proposed, decided by another, written into the terms, taken back; each refused once."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction

from notices.models import Notice
from people.services import staff_leave, staff_terms_change, staff_transfer
from promotions.models import GradeAppeal, GradeChange
from promotions.selectors.changes import changes_to_review, changes_visible_to, changes_waiting
from promotions.services import (
    candidate_add,
    candidate_nominate,
    candidate_score,
    change_propose,
    change_reverse,
    grade_appeal,
    grade_appeal_decide,
    grade_appeal_withdraw,
    round_close,
)
from tests import factories
from tests.at_once import at_once
from tests.factories import WHEN
from tests.promotions.conftest import FROM_ON, LATER, Office, refused
from tests.roles import as_application

pytestmark = pytest.mark.django_db
DECEMBER = date(2026, 12, 1)


def demotion(office: Office, to_tier: str = "trial", by: str = "lead", **given: Any) -> GradeChange:
    fields = {"staff": office.person, "reason": "季度考核为C", "by": office.accounts[by], "at": WHEN}
    return change_propose(**{**fields, "to_tier": to_tier, **given})


def test_a_decided_promotion_is_a_term_from_its_day_with_a_letter_and_notices(office: Office) -> None:
    change = office.nominated()
    assert (change.direction, change.steps, change.tiers) == ("promotion", 1, "初级客服→中级客服")
    waiting = Notice.objects.filter(text__endswith="等您决定").values_list("account", flat=True)
    assert set(waiting) == {office.accounts["manager"].pk, office.accounts["second"].pk}
    change = office.decide(change)
    assert (change.state, change.number, change.effective_on) == ("decided", "ZJ-D1-2026-001", FROM_ON)
    assert office.tiers() == [(date(2020, 1, 1), "junior"), (FROM_ON, "intermediate")]
    told = Notice.objects.get(account=office.accounts["person"], source__startswith="grade-decided")
    assert told.text == "您自2026-11-01起晋升：初级客服→中级客服"


def test_a_tier_goes_on_through_terms_that_are_entered_ahead(office: Office) -> None:
    staff_terms_change(staff=office.person, on=DECEMBER, base_pay=Decimal("3000"), by=None, at=WHEN)
    change = office.decide(office.nominated())
    assert office.tiers() == [
        (date(2020, 1, 1), "junior"), (FROM_ON, "intermediate"), (DECEMBER, "intermediate"),
    ]  # fmt: skip
    change_reverse(change=change, reason="算错了名次", by=office.accounts["second"], at=LATER)
    assert {tier for _, tier in office.tiers()} == {"junior"}
    assert office.person.terms.latest("valid").base_pay == 3000


def test_a_declined_change_leaves_the_tier_and_gives_way_to_another_nomination(office: Office) -> None:
    candidate = office.candidate(office.round())
    change = office.decide(office.nominated(candidate), accept=False, decision="再观察一季")
    assert (change.state, change.number, office.tiers()) == ("declined", None, [(date(2020, 1, 1), "junior")])
    assert changes_visible_to(office.accounts["person"]).get() == change
    assert office.nominated(candidate, by=office.accounts["manager"]).state == "proposed"


def test_who_proposed_does_not_decide_nor_does_the_person(office: Office) -> None:
    change = office.nominated(by=office.accounts["manager"])
    refused(lambda: office.decide(change), "提出的人不能决定；请由另一位经理或总经理决定")
    refused(lambda: office.decide(change, by="lead"), "您不能决定此人的职级")
    with pytest.raises(IntegrityError, match="decided_by_another"), transaction.atomic():
        GradeChange.objects.update(state="declined", decided_by=office.accounts["manager"], decided_at=WHEN)
    assert not changes_waiting(office.accounts["manager"]).exists()
    assert changes_waiting(office.accounts["second"]).get() == change
    office.decide(change, by="second")
    refused(lambda: office.decide(change, by="gm"), "已决定，不能再决定")


def test_nobody_proposes_for_themselves_or_beyond_the_own_team(office: Office) -> None:
    lead = office.accounts["lead"]
    own, other = lead.staff.get(), factories.staff(office.department, "1030", tier="junior")
    for staff, words in ((own, "不能办理自己的职级"), (other, "您不能推举此人")):
        refused(lambda staff=staff: demotion(office, "intermediate", staff=staff), words)
    refused(lambda: demotion(office, by="person", staff=other), "您不能推举此人")
    round = office.round(from_tier="senior", to_tier="reserve_supervisor")
    refused(lambda: candidate_add(round=round, staff=own, by=lead, at=WHEN), "不能把自己列为候选人")


def test_a_skipped_tier_takes_the_gm_and_a_reason(office: Office) -> None:
    change = office.nominated(office.candidate(office.round(to_tier="senior")))
    assert change.steps == 2
    assert [each.account for each in Notice.objects.filter(text__endswith="等您决定")] == [
        office.accounts["gm"]
    ]
    refused(lambda: office.decide(change), "越级只能由总经理决定；请提交总经理")
    refused(lambda: office.decide(change, by="gm", decision=" "), "没有写决定的理由")
    with pytest.raises(IntegrityError, match="越级只能由总经理决定"), transaction.atomic():
        GradeChange.objects.update(
            state="decided", decided_by=office.accounts["second"], decided_at=WHEN, number="x",
            effective_on=FROM_ON,
        )  # fmt: skip
    office.decide(change, by="gm", decision="大促期间一人接待全店三成客户")
    assert office.tiers()[-1] == (FROM_ON, "senior")


def test_nobody_is_promoted_and_demoted_in_one_round(office: Office) -> None:
    round = office.round()
    candidate = office.candidate(round)
    refused(lambda: demotion(office), "一人一轮只有一个结果；请等那一轮结束，或在那里办")
    down = office.round(from_tier="junior", to_tier="trial")
    refused(lambda: office.candidate(down), "一人一轮只有一个结果")
    office.decide(office.nominated(candidate))
    refused(lambda: demotion(office), "一人一轮只有一个结果")
    with pytest.raises(IntegrityError, match="one_of_candidate"), transaction.atomic():
        GradeChange.objects.create(
            staff=office.person, direction="demotion", from_tier="intermediate", to_tier="junior", steps=1,
            candidate=candidate, reason="x", proposed_by=office.accounts["lead"], proposed_at=WHEN,
        )  # fmt: skip
    round_close(round=round, by=office.accounts["hr"], at=WHEN)
    later = demotion(office, to_tier="trial", at=WHEN)
    refused(
        lambda: office.decide(later, effective_on=FROM_ON),
        "自2026-11-01起已有晋升；生效日期须在这一天以后",
    )
    assert office.tiers()[-1] == (FROM_ON, "intermediate")


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_at_once_about_two_people_is_about_one_of_them(office: Office) -> None:
    outcomes = at_once(
        lambda: demotion(office, key="k1"), lambda: demotion(office, staff=office.agents[1], key="k1")
    )
    assert outcomes == ["done", "这个页面已经用过"]
    assert GradeChange.objects.count() == 1


def test_one_open_change_of_a_person_and_again_is_the_same(office: Office) -> None:
    first = demotion(office, key="k1")
    assert demotion(office, key="k1") == first
    refused(
        lambda: demotion(office, staff=office.agents[1], key="k1"), "这个页面已经用过；请重新打开页面再填"
    )
    refused(lambda: demotion(office), "已有待决定的降级（初级客服→试用）；请先决定那一项")
    assert GradeChange.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"effective_on": None}, "没有写生效日期"),
        ({"effective_on": date(2019, 12, 31)}, "2019-12-31不在职"),
        ({"decision": "字" * 501}, "写了501字；最多500字"),
    ],
)
def test_a_decision_without_what_it_needs_is_refused(office: Office, given: Any, words: str) -> None:
    change = office.nominated()
    refused(lambda: office.decide(change, **given), words)


def test_a_day_on_which_the_tier_is_another_is_refused(office: Office) -> None:
    change = office.nominated()
    staff_terms_change(staff=office.person, on=DECEMBER, tier="senior", by=None, at=WHEN)
    refused(lambda: office.decide(change, effective_on=date(2026, 12, 5)), "2026-12-05高级客服，不是初级客服")
    office.decide(change)
    assert office.tiers()[1:] == [(FROM_ON, "intermediate"), (DECEMBER, "senior")]


def test_who_leaves_or_is_transferred_is_told(office: Office) -> None:
    change = office.nominated()
    staff_leave(staff=office.person, last_day=FROM_ON - timedelta(days=1), by=None, at=WHEN)
    refused(lambda: office.decide(change), "2026-11-01不在职；请把生效日期改到在职期间")
    staff_leave(staff=office.person, last_day=None, by=None, at=WHEN)
    staff_transfer(staff=office.person, to=factories.department("D2"), on=DECEMBER, by=None, at=WHEN)
    refused(lambda: office.decide(change), "自2026-12-01起调往客服D2；请不通过，由那里另行提出")


def test_nothing_is_decided_before_the_ballot_is_closed_and_the_panel_has_scored(office: Office) -> None:
    candidate = office.voting(panel=[office.accounts["gm"], office.accounts["hr"]])
    change = office.nominated(candidate)
    refused(lambda: office.decide(change), "匿名投票还没有结束")
    assert not changes_waiting(office.accounts["manager"]).exists()
    candidate.round.__class__.objects.update(state="voted")
    refused(lambda: office.decide(change), "评委还没有评分")
    candidate_score(candidate=candidate, score=Decimal("80"), by=office.accounts["gm"], at=WHEN)
    assert office.decide(change).state == "decided"


def test_a_demotion_is_the_same_act_and_contested_before_somebody_else(office: Office) -> None:
    change = office.decide(demotion(office, by="second"))
    assert (change.direction, office.tiers()[-1]) == ("demotion", (FROM_ON, "trial"))
    person, gm = office.accounts["person"], office.accounts["gm"]
    refused(lambda: grade_appeal(change=change, reason=" ", by=person, at=LATER), "没有写理由")
    refused(lambda: grade_appeal(change=change, reason="x", by=gm, at=LATER), "只能对本人的降级申诉")
    late = WHEN + timedelta(days=9)
    refused(lambda: grade_appeal(change=change, reason="x", by=person, at=late), "申诉期限到2026-10-18为止")
    appeal = grade_appeal(change=change, reason="那个月我在休产假", by=person, at=LATER)
    refused(lambda: grade_appeal(change=change, reason="再说", by=person, at=LATER), "已经申诉过（待审批）")
    assert [each.account for each in Notice.objects.filter(text__contains="提出申诉")] == [gm]

    def decide(by: str, state: str = "approved", answer: str = "") -> GradeAppeal:
        account = office.accounts[by]
        return grade_appeal_decide(appeal=appeal, state=state, answer=answer, by=account, at=LATER)

    for who in ("manager", "second"):
        refused(lambda who=who: decide(who), "提出或决定这次降级的人不能决定申诉")
        assert not changes_to_review(office.accounts[who]).exists()
    refused(lambda: decide("hr"), "不能审批此人的申请")
    refused(lambda: decide("gm", "refused"), "不批准须写明原因")
    assert changes_to_review(gm).get() == change
    assert decide("gm", answer="休假月份不应计入") == decide("gm")
    change.refresh_from_db()
    assert (change.state, change.reversal) == ("reversed", "申诉成立：休假月份不应计入")
    assert {tier for _, tier in office.tiers()} == {"junior"}


def test_a_refused_appeal_leaves_the_demotion_and_a_withdrawn_one_can_be_made_again(office: Office) -> None:
    change = office.decide(demotion(office))
    person = office.accounts["person"]
    first = grade_appeal(change=change, reason="不同意", by=person, at=WHEN)
    grade_appeal_withdraw(appeal=first, by=person, at=WHEN)
    again = grade_appeal(change=change, reason="还是不同意", by=person, at=WHEN)
    grade_appeal_decide(
        appeal=again, state="refused", answer="事实清楚", by=office.accounts["second"], at=WHEN
    )
    assert office.tiers()[-1] == (FROM_ON, "trial")
    assert Notice.objects.filter(account=person, text=f"您对降级{change.number}的申诉未批准").exists()


def test_a_reversal_is_made_once_in_order_and_by_who_decides(office: Office) -> None:
    round = office.round()
    first = office.decide(office.nominated(office.candidate(round)))
    round_close(round=round, by=office.accounts["hr"], at=WHEN)
    at = WHEN.replace(month=11, day=20)
    second = office.decide(demotion(office, "junior", at=at), effective_on=DECEMBER, at=at)

    def reverse(change: GradeChange, by: str = "second", reason: str = "算错") -> GradeChange:
        return change_reverse(change=change, reason=reason, by=office.accounts[by], at=at)

    refused(lambda: reverse(first), f"自2026-12-01起又有降级；请先撤销{second.number}")
    refused(lambda: reverse(second, "hr"), "您不能撤销这一项")
    refused(lambda: reverse(second, reason=""), "没有写撤销的理由")
    reverse(second)
    refused(lambda: reverse(second), "已撤销，不能撤销")
    assert office.tiers()[-1][1] == "intermediate"
    reverse(first)
    assert {tier for _, tier in office.tiers()} == {"junior"}


def test_what_was_proposed_stays_as_it_was(office: Office) -> None:
    office.nominated()
    with pytest.raises(InternalError, match="proposal_stays"), transaction.atomic():
        GradeChange.objects.update(to_tier="senior")


def test_a_demotion_that_waits_or_was_declined_is_not_shown_to_the_person(office: Office) -> None:
    change = demotion(office)
    person = office.accounts["person"]
    assert not changes_visible_to(person).exists()
    office.decide(change, accept=False)
    assert not changes_visible_to(person).exists()
    assert not Notice.objects.filter(account=person).exists()


def test_the_application_does_it_with_what_it_is_granted(office: Office) -> None:
    with as_application():
        candidate = office.candidate(office.round(panel=[office.accounts["gm"]]))
        change = candidate_nominate(candidate=candidate, reason="好", by=office.accounts["lead"], at=WHEN)
        candidate_score(candidate=candidate, score=Decimal("80"), by=office.accounts["gm"], at=WHEN)
        change = office.decide(change)
        change_reverse(change=change, reason="误", by=office.accounts["second"], at=WHEN)
    assert office.tiers()[-1][1] == "junior"
