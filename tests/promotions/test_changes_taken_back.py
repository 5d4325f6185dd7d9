"""What a reversal writes: over a transfer, as far as the decision went, and by whom it may be made."""

from datetime import date

import pytest

from payroll.services.grade_changes import grade_change_reverse
from people.models import Staff
from people.services import staff_terms_change, staff_transfer
from promotions.models import GradeChange
from promotions.services import change_propose, change_reverse, grade_appeal, grade_appeal_decide
from tests import factories
from tests.factories import WHEN
from tests.promotions.conftest import FROM_ON, LATER, Office, refused

pytestmark = pytest.mark.django_db
MIDDLE, DECEMBER = date(2026, 11, 15), date(2026, 12, 1)


def demoted(office: Office) -> GradeChange:
    by = office.accounts["second"]
    return office.decide(
        change_propose(staff=office.person, to_tier="trial", reason="季度考核为C", by=by, at=WHEN)
    )


def moved(office: Office, on: date = MIDDLE) -> Staff:
    return staff_transfer(staff=office.person, to=factories.department("D2"), on=on, by=None, at=WHEN)


@pytest.mark.parametrize("on", [MIDDLE, date(2026, 10, 20)], ids=["after its day", "before its day"])
def test_an_appeal_that_is_granted_after_a_transfer_restores_the_new_departments_tier(
    office: Office, on: date
) -> None:
    change = demoted(office)
    appeal = grade_appeal(change=change, reason="休产假", by=office.accounts["person"], at=LATER)
    there = moved(office, on)
    assert office.tiers(there)[-1] == (max(on, FROM_ON), "trial")
    grade_appeal_decide(appeal=appeal, state="approved", by=office.accounts["gm"], at=LATER)
    assert {tier for _, tier in office.tiers(there)} == {"junior"}
    assert there.terms.latest("valid").valid.upper is None


def test_a_later_change_in_the_new_department_is_taken_back_first(office: Office) -> None:
    change = demoted(office)
    there = moved(office)
    manager = factories.account("manager", there.department)
    at = WHEN.replace(month=11, day=20)
    up = change_propose(staff=there, to_tier="junior", reason="考核为A", by=manager, at=at)
    up = office.decide(up, by="gm", effective_on=DECEMBER, at=at)
    refused(
        lambda: change_reverse(change=change, reason="误", by=office.accounts["gm"], at=LATER),
        f"自2026-12-01起又有晋升；请先撤销{up.number}",
    )


def test_a_day_before_one_that_was_decided_in_the_former_department_is_refused(office: Office) -> None:
    office.decide(
        change_propose(
            staff=office.person, to_tier="trial", reason="C", by=office.accounts["second"], at=WHEN
        ),
        effective_on=DECEMBER,
    )
    there = moved(office)
    manager = factories.account("manager", there.department)
    at = WHEN.replace(month=11, day=20)
    up = change_propose(staff=there, to_tier="intermediate", reason="A", by=manager, at=at)
    refused(lambda: office.decide(up, by="gm", effective_on=date(2026, 11, 20)), "自2026-12-01起已有降级")


def test_the_same_tier_that_was_entered_ahead_stays_when_the_decision_is_taken_back(office: Office) -> None:
    staff_terms_change(staff=office.person, on=DECEMBER, tier="intermediate", by=None, at=WHEN)
    change = office.decide(office.nominated())
    assert office.tiers() == [
        (date(2020, 1, 1), "junior"), (FROM_ON, "intermediate"), (DECEMBER, "intermediate"),
    ]  # fmt: skip
    change_reverse(change=change, reason="算错了名次", by=office.accounts["second"], at=LATER)
    assert [tier for _, tier in office.tiers()] == ["junior", "junior", "intermediate"]


def test_a_tier_that_somebody_corrected_meanwhile_is_told_not_passed_over(office: Office) -> None:
    change = office.decide(office.nominated())
    staff_terms_change(staff=office.person, on=FROM_ON, tier="senior", by=None, at=LATER)
    refused(
        lambda: change_reverse(change=change, reason="误", by=office.accounts["second"], at=LATER),
        "2026-11-01起已是高级客服，不是中级客服；请人事先核对任职条件",
    )


def test_neither_the_proposer_nor_somebody_below_the_decider_takes_a_decision_back(office: Office) -> None:
    change = office.decide(office.nominated(by=office.accounts["manager"]), by="gm")

    def reverse(who: str) -> GradeChange:
        return grade_change_reverse(change=change, reason="误", by=office.accounts[who], at=LATER)

    refused(lambda: reverse("manager"), "提出的人不能撤销；请由决定的人或其上级撤销")
    refused(lambda: reverse("second"), "这是职位更高的人决定的；请由决定的人或其上级撤销")
    assert reverse("gm").state == "reversed"
