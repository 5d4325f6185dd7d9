"""What is printed and reviewed of a month's rulings, made by the services that people use."""

from datetime import date
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse

from complaints.models import Case, Charge, Ruling
from complaints.selectors.notices import announced_in, charges_seen_by, standing_of
from complaints.services.appeals import appeal_decide, appeal_raise
from complaints.services.cases import case_step
from complaints.services.rulings import Party, loss_record, ruling_decide, ruling_propose, ruling_reverse
from penalties.models import Incident, Proposal
from people.models import Account
from rules.models import Provision, Version
from tests import factories
from tests.complaints.opened import PATH, WEEK, Place, at, place

pytestmark = pytest.mark.django_db

SHARE: dict[str, Any] = {
    "code": "x-share",
    "title": "损失分担",
    "clause": "损失按基点分担。",
    "kind": "loss_share",
    "params": {},
}
DEMERIT: dict[str, Any] = {
    "code": "x-minor",
    "title": "记小过",
    "kind": "discipline",
    "params": {"level": "minor", "rate": "0.3"},
}
OCTOBER = date(2026, 10, 1)
TODAY = date(2026, 10, 8)


@pytest.fixture
def one() -> Place:
    return place({**WEEK, "params": {"days": 7}}, PATH, SHARE)


def charged(one: Place, amount: str = "100.00") -> Charge:
    """The holder bears the whole loss of a case closed on the 6th; the manager decided on the 7th."""
    case = one.open(by=None, phone="13800000001", complainant="孙女士")
    given = {"brings": {"处理结果": "补发"}, "happened_at": at(6), "by": None, "at": at(6)}
    case = case_step(case=case, decision="结案", **given)
    loss_record(case=case, amount=Decimal(amount), basis="进货价", by=None, at=at(6))
    ruling = ruling_propose(
        case=case,
        parties=[Party(percent=Decimal(100), staff=(one.holder,))],
        reason="没有核对清单",
        by=one.accounts["supervisor"],
        at=at(6, "10:00"),
    )
    ruling_decide(ruling=ruling, accept=True, answer="照办", by=one.accounts["manager"], at=at(7))
    return Charge.objects.get(ruling=ruling)


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def seen(one: Place, charge: Charge) -> str:
    row = charges_seen_by(one.accounts["hr"]).get(pk=charge.pk)
    return standing_of(row, TODAY).words


def text_of(response: Any) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_a_notice_tells_the_person_what_how_much_why_and_until_when(one: Place) -> None:
    charge = charged(one)
    text = text_of(client_of(one.accounts["hr"]).get(reverse("charge_notice", args=[charge.pk])))
    case = charge.ruling.case
    told = [
        f"{case.number}-{charge.pk}",
        str(one.holder),
        "没有核对清单",
        "x-share 损失分担",
        "损失按基点分担。",
    ]
    for each in [*told, "100.00", "2026年10月", "照办", "员工签收", "data-print"]:
        assert each in text, each
    customer = case.complainant
    for each in (customer.name, customer.phone, customer.phone_masked):
        assert each and each not in text, each


def test_a_notice_of_what_was_taken_back_says_so(one: Place) -> None:
    charge = charged(one)
    ruling_reverse(ruling=charge.ruling, reason="另有原因", by=one.accounts["manager"], at=at(8))
    text = text_of(client_of(one.accounts["hr"]).get(reverse("charge_notice", args=[charge.pk])))
    assert "裁定已撤销，这张通知单不再有效" in text


def test_the_state_of_a_charge_follows_the_appeal(one: Place) -> None:
    charge = charged(one)
    assert seen(one, charge) == "10-10以前可申诉"
    appeal = appeal_raise(charge=charge, reason="不是我", by=one.accounts["agent"], at=at(8))
    assert seen(one, charge) == "申诉待决定，暂不扣"
    appeal_decide(appeal=appeal, state="approved", answer="属实", by=one.accounts["gm"], at=at(9))
    assert seen(one, charge) == "申诉成立，已退回"
    assert announced_in(one.department, OCTOBER) == []


def test_the_announcement_lists_what_was_decided_in_the_month_and_stands(one: Place) -> None:
    charge = charged(one)
    gone = charged(one, "7.00")
    ruling_reverse(ruling=gone.ruling, reason="另有原因", by=one.accounts["manager"], at=at(8))
    draft = Version.objects.create(department=one.department, number=2, effective_on=OCTOBER)
    Incident.objects.create(
        staff=one.colleague, provision=Provision.objects.create(version=draft, position=1, **DEMERIT),
        code="x-minor", work_date=date(2026, 10, 9), note="屡次漏发", state="confirmed", recorded_at=at(9),
    )  # fmt: skip
    for kind, state in (("warning", "accepted"), ("talk", "accepted"), ("major_demerit", "declined")):
        Proposal.objects.create(
            department=one.department, staff=one.colleague, code="x-share", kind=kind, month=OCTOBER,
            opened_at=at(9), state=state, decided_by=one.accounts["gm"], decided_at=at(20), decision="属实",
        )  # fmt: skip
    found = announced_in(one.department, OCTOBER)
    assert [(each.on.day, each.staff, each.result) for each in found] == [
        (7, str(one.holder), "承担损失100.00元"),
        (9, str(one.colleague), "记小过"),
        (20, str(one.colleague), "警告"),
    ]
    assert found[0].ground == f"投诉{charge.ruling.case.number}：没有核对清单"
    assert announced_in(one.department, date(2026, 11, 1)) == []
    text = text_of(client_of(one.accounts["gm"]).get(reverse("case_notices"), {"month": "2026-10"}))
    for each in ("人事公布单", f"{one.department.code}-202610", "屡次漏发", "总经理核准"):
        assert each in text, each


def test_the_charges_of_the_month_are_reviewed_with_their_state(one: Place) -> None:
    charge = charged(one)
    gm = client_of(one.accounts["gm"])
    asked = {"month": "2026-10", "view": "charges"}
    text = text_of(gm.get(reverse("case_notices"), asked))
    assert str(one.holder) in text and "100.00" in text and "11月10日以前审视" in text
    assert reverse("charge_notice", args=[charge.pk]) in text
    assert str(one.holder) not in text_of(gm.get(reverse("case_notices"), {**asked, "month": "2026-09"}))


def test_lists_take_as_many_queries_for_many_charges(one: Place, django_assert_max_num_queries: Any) -> None:
    for _ in range(6):
        charged(one)
    gm = client_of(one.accounts["gm"])
    for view in ("", "charges"):
        with django_assert_max_num_queries(12):
            gm.get(reverse("case_notices"), {"month": "2026-10", "view": view})


@pytest.mark.parametrize("who", ["agent", "colleague"])
def test_who_does_not_see_all_cases_prints_nothing(one: Place, who: str) -> None:
    charge = charged(one)
    client = client_of(one.accounts[who])
    assert client.get(reverse("case_notices")).status_code == 404
    assert client.get(reverse("charge_notice", args=[charge.pk])).status_code == 404


def test_another_department_prints_nothing(one: Place) -> None:
    charge = charged(one)
    other = client_of(factories.account("manager", factories.department()))
    assert other.get(reverse("charge_notice", args=[charge.pk])).status_code == 404
    asked = {"month": "2026-10", "department": one.department.code}
    for view in ("", "charges"):
        assert str(one.holder) not in text_of(other.get(reverse("case_notices"), {**asked, "view": view}))


def test_without_a_month_the_last_whole_one_is_shown(one: Place) -> None:
    with patch("django.utils.timezone.now", return_value=at(3, month=11)):
        response = client_of(one.accounts["hr"]).get(reverse("case_notices"))
    assert response.context["month"] == OCTOBER
    assert not Ruling.objects.exists() and not Case.objects.exists()
