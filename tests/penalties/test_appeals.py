"""Signing that an incident was seen, appealing against it, and who decides."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import Error, IntegrityError, transaction
from django.db.models import Sum

from files.models import Attachment
from files.selectors import attachments_visible_to
from notices.models import Notice
from penalties.errors import AppealRefused
from penalties.models import Incident, IncidentAppeal, IncidentSignature, MoneyEntry, Reversal
from penalties.selectors import incidents_to_decide
from penalties.services import (
    incident_appeal,
    incident_appeal_decide,
    incident_appeal_withdraw,
    incident_confirm,
    incident_record,
    incident_reverse,
    incident_sign,
)
from people.models import Account, Department, Staff
from tests import factories
from tests.factories import WHEN

State = IncidentAppeal.State
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 24
LAST_MOMENT = datetime(2026, 10, 18, 23, 59, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def person(agent: Staff) -> Account:
    account = factories.account("agent", staff=agent)
    agent.refresh_from_db()
    return account


@pytest.fixture
def manager(department: Department) -> Account:
    return factories.account("manager", department)


@pytest.fixture
def other_manager(department: Department) -> Account:
    return factories.account("manager", department)


def confirmed(staff: Staff, by: Account | None, day: int = 1, **given: object) -> Incident:
    incident = incident_record(
        staff=staff, code="x-complaint", work_date=date(2026, 10, day), by=by, at=WHEN, **given
    )
    return incident_confirm(incident=incident, by=by, at=WHEN)


def appealed(incident: Incident, by: Account | None, at: datetime = WHEN, **given: object) -> IncidentAppeal:
    return incident_appeal(incident=incident, **{"reason": "当天我不在班", **given}, by=by, at=at)


def decide(appeal: IncidentAppeal, by: Account | None, state: str = State.APPROVED, answer: str = "") -> None:
    incident_appeal_decide(appeal=appeal, state=state, answer=answer, by=by, at=WHEN)


def refused(act: Callable[[], object]) -> AppealRefused:
    before = [list(each.objects.order_by("pk").values()) for each in STORED]
    with pytest.raises(AppealRefused) as caught, transaction.atomic():
        act()
    assert before == [list(each.objects.order_by("pk").values()) for each in STORED]
    return caught.value


STORED = (IncidentAppeal, IncidentSignature, MoneyEntry, Reversal, Notice, Attachment)


def costs(staff: Staff) -> Decimal:
    total: Decimal = MoneyEntry.objects.filter(staff=staff).aggregate(total=Sum("amount"))["total"]
    return total


def test_a_confirmed_incident_is_told_with_the_last_day_for_an_appeal(
    agent: Staff, person: Account, manager: Account
) -> None:
    incident = confirmed(agent, manager)
    told = Notice.objects.get(account=person)
    assert told.text == "2026-10-01的奖惩已确认，请签字；不服的可以申诉到2026-10-18"
    assert told.url == f"/incidents/{incident.pk}/"


def test_an_incident_is_signed_once_by_the_person_alone(
    agent: Staff, person: Account, manager: Account
) -> None:
    incident = confirmed(agent, manager)
    assert refused(lambda: incident_sign(incident=incident, by=manager, at=WHEN)).field == "incident"
    first = incident_sign(incident=incident, by=person, at=WHEN)
    again = incident_sign(incident=incident, by=person, at=WHEN + timedelta(hours=1))
    assert (first.pk, first.by, again.at) == (again.pk, person, WHEN)
    for change in (first.delete, lambda: IncidentSignature.objects.update(at=LAST_MOMENT)):
        with pytest.raises(Error, match="Cannot"), transaction.atomic():
            change()


def test_what_nobody_has_confirmed_is_neither_signed_nor_appealed(agent: Staff, person: Account) -> None:
    incident = incident_record(staff=agent, code="x-complaint", work_date=date(2026, 10, 1), by=None, at=WHEN)
    assert "确认以后才要签字" in str(refused(lambda: incident_sign(incident=incident, by=person, at=WHEN)))
    assert "确认以后才能申诉" in str(refused(lambda: appealed(incident, person)))


def test_an_appeal_on_the_last_day_waits_and_moves_no_money(
    agent: Staff, person: Account, manager: Account, other_manager: Account
) -> None:
    incident = confirmed(agent, manager)
    incident_sign(incident=incident, by=person, at=WHEN)
    picture = SimpleUploadedFile("班表.png", PICTURE)
    appeal = appealed(incident, person, LAST_MOMENT, files=[picture])
    assert (appeal.state, appeal.staff, appeal.asked_by) == (State.ASKED, agent, person)
    assert costs(agent) == Decimal("-50.00")
    told = Notice.objects.filter(kind="incident_appeal").values_list("account", "url")
    assert list(told) == [(other_manager.pk, f"/incidents/{incident.pk}/")]
    (kept,) = incident.attachments.all()
    assert (kept.staff, kept.by, kept.file_name) == (agent, person, "班表.png")
    assert list(incidents_to_decide(other_manager)) == [incident]
    assert not incidents_to_decide(manager) and not incidents_to_decide(person)


def test_after_its_days_nobody_appeals(agent: Staff, person: Account, manager: Account) -> None:
    incident = confirmed(agent, manager)
    late = LAST_MOMENT + timedelta(minutes=1)
    assert "申诉期限到2026-10-18为止，已经过了；" in str(refused(lambda: appealed(incident, person, late)))
    Department.objects.update(appeal_days=4)
    assert appealed(incident, person, late).state == State.ASKED


def test_nobody_appeals_twice_or_for_somebody_else_or_without_a_reason(
    department: Department, agent: Staff, person: Account, manager: Account
) -> None:
    incident = confirmed(agent, manager)
    stranger = factories.account("agent", staff=factories.staff(department))
    assert "只能对本人" in str(refused(lambda: appealed(incident, stranger)))
    for reason in (" ", "长" * 201):
        assert refused(lambda reason=reason: appealed(incident, person, reason=reason)).field == "reason"
    appeal = appealed(incident, person)
    assert "已经申诉过（待审批）" in str(refused(lambda: appealed(incident, person)))
    with pytest.raises(IntegrityError, match="incidentappeal_once"), transaction.atomic():
        IncidentAppeal.objects.create(staff=agent, incident=incident, reason="再", asked_at=WHEN)
    assert "只能撤回自己的" in str(
        refused(lambda: incident_appeal_withdraw(appeal=appeal, by=manager, at=WHEN))
    )
    incident_appeal_withdraw(appeal=appeal, by=person, at=WHEN)
    assert appealed(incident, person).state == State.ASKED


def test_an_appeal_that_is_granted_takes_the_second_of_four_back_and_corrects_what_followed(
    agent: Staff, person: Account, manager: Account, other_manager: Account
) -> None:
    four = [confirmed(agent, manager, day) for day in (1, 2, 3, 4)]
    assert costs(agent) == Decimal("-150.00")  # 50, 100, then nothing
    assert agent.proposals.get().state == "open"
    appeal = appealed(four[1], person)
    decide(appeal, other_manager, answer="班表上确实没有排班")
    assert costs(agent) == Decimal("-150.00")  # the third is now the second
    standing = MoneyEntry.objects.filter(reverses=None, reversed_by=None)
    assert dict(standing.values_list("source_id", "amount")) == {
        four[0].pk: Decimal("-50.00"),
        four[2].pk: Decimal("-100.00"),
    }
    reversal = Reversal.objects.get()
    assert (reversal.incident, reversal.by) == (four[1], other_manager)
    assert reversal.reason == "申诉成立：班表上确实没有排班"
    text = Notice.objects.filter(account=person).latest("pk").text
    assert text == "2026-10-02的奖惩已撤销：申诉成立：班表上确实没有排班"
    entries = MoneyEntry.objects.count()
    decide(appeal, other_manager)  # again changes nothing
    assert MoneyEntry.objects.count() == entries and Reversal.objects.count() == 1


def test_an_appeal_that_is_refused_needs_a_word_and_leaves_the_incident(
    agent: Staff, person: Account, manager: Account, other_manager: Account
) -> None:
    incident = confirmed(agent, manager)
    appeal = appealed(incident, person)
    assert refused(lambda: decide(appeal, other_manager, State.REFUSED, " ")).field == "answer"
    decide(appeal, other_manager, State.REFUSED, "录音里有你")
    appeal.refresh_from_db()
    assert (appeal.state, appeal.answer, appeal.decided_by) == (State.REFUSED, "录音里有你", other_manager)
    assert costs(agent) == Decimal("-50.00")
    assert "未批准" in Notice.objects.filter(account=person).latest("pk").text
    assert "已经申诉过（未批准）" in str(refused(lambda: appealed(incident, person)))


def test_two_people_who_decide_one_appeal_otherwise_decide_it_once(
    department: Department, agent: Staff, person: Account, manager: Account, other_manager: Account
) -> None:
    appeal = appealed(confirmed(agent, manager), person)
    decide(appeal, other_manager, State.REFUSED, "不成立")
    third = factories.account("manager", department)
    assert "不能再决定" in str(refused(lambda: decide(appeal, third)))
    assert costs(agent) == Decimal("-50.00") and not Reversal.objects.exists()


def test_who_recorded_or_confirmed_the_incident_or_may_not_decide_does_not_decide_the_appeal(
    department: Department, agent: Staff, person: Account, manager: Account, other_manager: Account
) -> None:
    supervisor = factories.account("supervisor", department)
    elsewhere = factories.account("manager", factories.department("D9"))
    incident = incident_record(
        staff=agent, code="x-complaint", work_date=date(2026, 10, 1), by=manager, at=WHEN
    )
    incident_confirm(incident=incident, by=other_manager, at=WHEN)
    appeal = appealed(incident, person)
    for by in (manager, other_manager):
        assert "记录或确认这条奖惩的人" in str(refused(lambda by=by: decide(appeal, by)))
    for by in (person, supervisor, elsewhere):
        assert "您不能决定" in str(refused(lambda by=by: decide(appeal, by)))
    assert not Notice.objects.filter(kind="incident_appeal")


def test_where_only_the_recorder_could_decide_the_general_manager_is_told(
    agent: Staff, person: Account, manager: Account
) -> None:
    gm = factories.account("gm")
    appeal = appealed(confirmed(agent, manager), person)
    assert [each.account for each in Notice.objects.filter(kind="incident_appeal")] == [gm]
    decide(appeal, gm)
    assert Reversal.objects.get().by == gm


def test_taking_an_incident_back_grants_the_appeal_that_waits(
    agent: Staff, person: Account, manager: Account, other_manager: Account
) -> None:
    incident = confirmed(agent, manager)
    appeal = appealed(incident, person)
    incident_reverse(incident=incident, on=date(2026, 10, 15), reason="记错人", by=manager, at=WHEN)
    appeal.refresh_from_db()
    assert (appeal.state, appeal.answer, appeal.decided_by) == (State.APPROVED, "记录已撤销：记错人", manager)
    assert not incidents_to_decide(other_manager)
    assert "不能再决定" in str(refused(lambda: decide(appeal, other_manager, State.REFUSED, "不")))
    assert "已撤销，没有要申诉的" in str(refused(lambda: appealed(incident, person)))


def test_evidence_is_opened_by_the_person_and_those_who_see_the_person(
    department: Department, agent: Staff, person: Account, manager: Account
) -> None:
    incident = confirmed(agent, manager, files=[SimpleUploadedFile("现场.png", PICTURE)])
    kept = incident.attachments.get()
    colleague = factories.account("agent", staff=factories.staff(department))
    for account, opens in ((person, True), (manager, True), (colleague, False)):
        assert attachments_visible_to(account).filter(pk=kept.pk).exists() is opens
