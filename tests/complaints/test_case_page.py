"""What the page of a case shows and offers to whom: no more than can be done, in the rulebook's order."""

import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.utils import timezone

from complaints.models import Appeal, Case, CaseEvent, CasePart, Charge
from complaints.services.appeals import appeal_raise
from complaints.services.cases import case_step
from complaints.services.rulings import (
    Party,
    loss_record,
    ruling_decide,
    ruling_propose,
    ruling_reverse,
)
from notices.models import Notice
from shifts.models import Roster, RosterDay, ShiftPattern
from tests.complaints.losses import SHARE
from tests.complaints.opened import PATH, WEEK, Place, at, place
from tests.complaints.test_pages_losses import page, post, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(monkeypatch: Any, settings: Any, tmp_path: Path) -> datetime:
    settings.ATTACHMENT_DIR = tmp_path
    monkeypatch.setattr(timezone, "now", Mock(return_value=at(5)))
    return at(5)


@pytest.fixture
def here() -> Place:
    return place(WEEK, SHARE, PATH)


def doubled(text: str) -> list[str]:
    """Ids that stand more than once in a page: a label would lead to the first alone."""
    ids = re.findall(r'\bid="([^"]+)"', text)
    return sorted({each for each in ids if ids.count(each) > 1})


def test_every_field_of_the_page_has_an_id_of_its_own(here: Place) -> None:
    running, over = here.open(), here.open()
    case_step(case=over, decision="结案", brings={"处理结果": "补发"}, by=None, at=at(4))
    for name in ("agent", "supervisor", "manager"):
        for case in (running, over):
            assert doubled(page(signed_in(here.accounts[name]), "case", case.pk)) == []
    refused = post(signed_in(here.accounts["supervisor"]), "case_event", running.pk, kind="note")
    assert "没有办成" in refused and doubled(refused) == []


def test_every_share_that_can_be_appealed_has_a_form_of_its_own(here: Place) -> None:
    charges = []
    for _ in range(2):
        case = here.open()
        case_step(case=case, decision="结案", brings={"处理结果": "补发"}, by=None, at=at(4))
        charges.append(_charged(here, case))
    client = signed_in(here.accounts["agent"])
    assert doubled(page(client, "me_charges")) == []
    text = post(client, "me_charge_appeal", charges[0].pk, reason="")
    assert text.count('<details class="confirm" open>') == 1 and "必填" in text
    assert not Appeal.objects.exists()


def _charged(here: Place, case: Case) -> Charge:
    supervisor, manager = here.accounts["supervisor"], here.accounts["manager"]
    loss_record(case=case, amount=Decimal(30), basis="补发的成本", by=supervisor, at=at(4))
    parties = [Party(Decimal(100), staff=(here.holder,))]
    ruling = ruling_propose(case=case, parties=parties, reason="漏点一支", by=supervisor, at=at(4))
    return ruling_decide(ruling=ruling, accept=True, by=manager, at=at(5)).charges.get()


def test_an_open_appeal_says_whom_it_waits_for(here: Place) -> None:
    case = here.open()
    case_step(case=case, decision="结案", brings={"处理结果": "补发"}, by=None, at=at(4))
    appeal_raise(charge=_charged(here, case), reason="不是我", by=here.accounts["agent"], at=at(5))
    said, button = "等没有登记、裁定过本案的经理或总经理答复", "批准申诉"
    for name, is_offered in {"manager": False, "supervisor": False, "gm": True}.items():
        text = page(signed_in(here.accounts[name]), "case", case.pk)
        assert ((button in text), (said in text)) == (is_offered, not is_offered), name


def test_what_nobody_may_do_has_no_card(here: Place) -> None:
    case = here.open()
    heading = '<h2 id="work">'
    assert heading in page(signed_in(here.accounts["supervisor"]), "case", case.pk)
    for name in ("gm", "auditor"):
        assert heading not in page(signed_in(here.accounts[name]), "case", case.pk)


def test_those_who_may_be_responsible_for_one_reason_stand_in_one_line(here: Place) -> None:
    pattern = ShiftPattern.objects.create(department=here.department, code="白", name="白班")
    roster = Roster.objects.create(department=here.department, month=at(1).date(), state="published")
    for staff in (here.holder, here.colleague):
        RosterDay.objects.create(
            roster=roster, staff=staff, work_date=at(3).date(), pattern=pattern, starts_at=at(3, "08:00"),
            ends_at=at(3, "17:00"),
        )  # fmt: skip
    text = page(signed_in(here.accounts["supervisor"]), "case", here.open().pk)
    assert text.count("接到投诉时在班") == 1
    assert f"{here.holder.number} {here.holder.name}" in text
    assert f"{here.colleague.number} {here.colleague.name}" in text


def test_what_was_written_stands_in_the_order_of_the_rulebook(here: Place) -> None:
    case = here.open(provision_code="x-path", card={"客户要求": "退货", "批号": "B7"})
    text = page(signed_in(here.accounts["agent"]), "case", case.pk)
    assert 0 < text.index("<dt>客户要求</dt>") < text.index("<dt>批号</dt>")


def test_who_recorded_is_told_that_the_inquiry_is_for_others(here: Place) -> None:
    recorder, other = here.accounts["supervisor"], here.accounts["hr"]
    case = here.open(provision_code="x-path", card={"客户要求": "退货"}, by=recorder)
    case_step(case=case, decision="受理", by=here.accounts["agent"], at=at(4))
    told = Notice.objects.filter(text__contains="等您办理“调查”").values_list("account", flat=True)
    assert set(told) == {other.pk}
    client, given = signed_in(recorder), {"step": "inquire", "decision": "报批", "brings-0": "漏点"}
    given["happened_at"] = "2026-10-04T10:00"
    text = page(client, "case", case.pk)
    assert "您已是本案的登记人" in text and 'value="报批"' not in text
    before = (CaseEvent.objects.count(), CasePart.objects.count())
    assert "您已是本案的登记人，不能再调查" in post(client, "case_step", case.pk, **given)
    assert (CaseEvent.objects.count(), CasePart.objects.count()) == before
    assert "已办理：报批" in post(signed_in(other), "case_step", case.pk, **given)


def test_a_refused_form_leads_to_its_fault(here: Place) -> None:
    case, client = here.open(), signed_in(here.accounts["supervisor"])
    assert "autofocus" not in page(client, "case", case.pk)
    text = post(client, "case_event", case.pk, kind="note", happened_at="2026-10-04T10:00")
    focused = re.findall(r"<(?:input|select|textarea)[^>]*autofocus[^>]*>", text)
    assert len(focused) == 1 and 'id="event_note"' in focused[0]


def test_parties_that_were_written_are_not_folded_away(here: Place) -> None:
    case, client = here.open(), signed_in(here.accounts["supervisor"])
    post(client, "case_loss", case.pk, amount="30", basis="补发的成本")
    folded, unfolded = '<details class="party-more">', '<details class="party-more" open>'
    assert folded in page(client, "case", case.pk)
    given = {"reason": "漏点", "party-0-people": here.holder.number, "party-0-percent": "60"}
    text = post(client, "case_ruling", case.pk, **given)
    assert "合计为60%" in text and folded in text
    third = {"party-2-unit": "department", "party-2-percent": "30"}
    assert unfolded in post(client, "case_ruling", case.pk, **given, **third)


def test_that_a_ruling_was_taken_back_is_read_by_who_sees_rulings(here: Place) -> None:
    case = here.open()
    case_step(case=case, decision="结案", brings={"处理结果": "补发"}, by=None, at=at(4))
    ruling = _charged(here, case).ruling
    ruling_reverse(ruling=ruling, reason="不是此人", by=here.accounts["manager"], at=at(5))
    for name, is_told in {"agent": False, "supervisor": True, "auditor": True}.items():
        assert ("不是此人" in page(signed_in(here.accounts[name]), "case", case.pk)) is is_told, name
