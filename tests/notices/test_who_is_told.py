"""Who is told of what happens: of incidents, pay, claims, requests, rosters, duties, handovers and memos."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from commissions.services import order_claim, order_claim_decide, order_record
from duties.models import DutyWaiver, HandoverItem
from duties.services.memos import memo_add, memo_settle
from duties.services.reminders import duties_notify, memos_notify
from notices.models import Notice
from payroll.models import PayLine
from payroll.services.objections import objection_raise, objection_reject
from payroll.services.periods import period_send_back
from penalties.services import incident_confirm, incident_record
from people.models import Account, Department, Staff
from shifts.services.requests import overtime_ask, request_approve, request_refuse
from tests import factories
from tests.factories import WHEN
from tests.payroll.months import FINE, SEPTEMBER, approved, department
from tests.payroll.months import agent as person_of
from tests.rostered import Place, moment, place

pytestmark = pytest.mark.django_db
DAY = date(2026, 9, 5)


@pytest.fixture
def of() -> Department:
    return department(FINE)


@pytest.fixture
def agent(of: Department) -> Staff:
    person = person_of(of, team=factories.team(of))
    person.account = factories.account("agent", staff=person)
    return person


@pytest.fixture
def manager(of: Department, agent: Staff) -> Account:
    return factories.account("manager", of)


def told(account: Account | None) -> list[tuple[str, str]]:
    return list(Notice.objects.filter(account=account).order_by("pk").values_list("kind", "url"))


def test_managers_are_told_that_an_incident_waits_and_the_person_that_it_counts(
    of: Department, agent: Staff, manager: Account
) -> None:
    lead = factories.account("lead", staff=factories.staff(of, team=agent.terms.get().team, role="lead"))
    factories.account("manager", factories.department())
    row = incident_record(staff=agent, code="t-fine", work_date=DAY, note="迟到", by=lead, at=WHEN)
    assert told(manager) == [("incident_waiting", "/incidents/")] and not told(agent.account)
    incident_confirm(incident=row, by=manager, at=WHEN)
    assert told(agent.account) == [("incident", f"/incidents/{row.pk}/")]
    assert Notice.objects.count() == 2
    incident_record(staff=agent, code="t-fine", work_date=DAY, note="迟到", by=manager, at=WHEN)
    assert len(told(manager)) == 1, "who recorded it knows"


def test_people_are_told_of_their_payslips_each_time_a_month_is_approved(
    of: Department, agent: Staff
) -> None:
    other = person_of(of, "1002")
    other.account = factories.account("agent", staff=other)
    period = approved(of, SEPTEMBER)
    assert told(agent.account) == told(other.account) == [("payslip", "/me/pay/2026-09/")]
    text = Notice.objects.filter(account=agent.account).get().text
    assert text == "2026年09月的工资条已批准"
    period_send_back(period=period, reason="漏了一行", by=factories.account("gm"), at=timezone.now())
    assert len(told(agent.account)) == 1


def test_an_answer_to_an_objection_is_told(of: Department, agent: Staff, manager: Account) -> None:
    incident_record(staff=agent, code="t-fine", work_date=DAY, note="迟到", by=None, at=WHEN)
    period = approved(of, SEPTEMBER)
    line = PayLine.objects.filter(payslip__period=period).earliest("pk")
    assert period.approved_at is not None and agent.account is not None
    raised = objection_raise(line=line, reason="算错了", by=agent.account, at=period.approved_at)
    before = told(agent.account)
    objection_reject(objection=raised, answer="按制度算的", by=manager, at=period.approved_at)
    assert told(agent.account) == [*before, ("objection", "/me/objections/")]


def test_a_decided_claim_is_told_to_each_who_claimed(of: Department, agent: Staff, manager: Account) -> None:
    other = person_of(of, "1002")
    other.account = factories.account("agent", staff=other)
    order = order_record(
        department=of, order_no="A1", amount=Decimal(100), paid_at=WHEN, by=None, at=WHEN,
    )  # fmt: skip
    mine, _ = (order_claim(order=order, staff=each, reason="我接待的", at=WHEN) for each in (agent, other))
    order_claim_decide(claim=mine, accept=True, by=manager, at=WHEN)
    assert told(agent.account) == told(other.account) == [("claim", "/me/commission/")]


@pytest.mark.parametrize("accept, said", [(True, ["同事认领、与您共享的一笔订单已认定"]), (False, [])])
def test_a_partner_is_told_of_the_part_of_an_order(
    of: Department, agent: Staff, manager: Account, accept: bool, said: list[str]
) -> None:
    other = person_of(of, "1002")
    other.account = factories.account("agent", staff=other)
    order = order_record(
        department=of, order_no="A1", amount=Decimal(100), paid_at=WHEN, by=None, at=WHEN,
    )  # fmt: skip
    claim = order_claim(
        order=order, staff=agent, partner=other, share=Decimal("0.5"), reason="一起接待的", at=WHEN
    )
    order_claim_decide(claim=claim, accept=accept, answer="不是", by=manager, at=WHEN)
    assert [each.text for each in Notice.objects.filter(account=other.account)] == said
    assert told(agent.account) == [("claim", "/me/commission/")]


def test_a_request_is_told_to_the_own_lead_and_its_decision_to_who_asked(
    of: Department, agent: Staff, manager: Account
) -> None:
    team = agent.terms.get().team
    lead = factories.account("lead", staff=factories.staff(of, team=team, role="lead"))
    second = factories.team(of, "B")
    stranger = factories.account("lead", staff=factories.staff(of, team=second, role="lead"))
    account = agent.account
    assert account is not None
    asked = [
        overtime_ask(staff=agent, work_date=WHEN.date() + timedelta(days=n), hours=Decimal(2), reason="盘点",
                     by=account, at=WHEN)
        for n in (1, 2)
    ]  # fmt: skip
    assert told(lead) == told(manager) == [("request_waiting", "/shifts/requests/")] * 2
    assert not told(stranger) and not told(account)
    request_approve(request=asked[0], by=lead, at=WHEN)
    request_approve(request=asked[0], by=lead, at=WHEN)
    request_refuse(request=asked[1], answer="人手够", by=lead, at=WHEN)
    assert told(account) == [("request", "/me/overtime/")] * 2


def test_memos_remind_once_and_not_when_they_are_settled(agent: Staff) -> None:
    memo = memo_add(staff=agent, text="回电给王先生", remind_at=WHEN, key="m1", at=WHEN - timedelta(days=1))
    done = memo_add(staff=agent, text="寄发票", remind_at=WHEN, key="m2", at=WHEN - timedelta(days=1))
    memo_settle(memo=done, at=WHEN)
    assert memos_notify(at=WHEN - timedelta(minutes=1)) == 0
    assert (memos_notify(at=WHEN), memos_notify(at=WHEN + timedelta(minutes=5))) == (1, 0)
    assert told(agent.account) == [("memo", f"/me/memos/{memo.pk}/")]


def test_what_nobody_signed_is_told_to_who_wrote_it_once_the_shift_is_over(
    of: Department, agent: Staff
) -> None:
    item = HandoverItem.objects.create(
        author=agent, work_date=WHEN.date(), shift_ends_at=WHEN, text="客户等补发", key="h1", at=WHEN
    )
    assert duties_notify(of, at=WHEN + timedelta(minutes=59)) == 0
    assert duties_notify(of, at=WHEN + timedelta(minutes=61)) == 1
    assert duties_notify(of, at=WHEN + timedelta(minutes=90)) == 0
    assert told(agent.account) == [("handover", f"/me/handover/{item.pk}/")]


@pytest.fixture
def night() -> Place:
    """1001 by day and 1002 in the evening of the 15th; both are to write the handover, 1002 until 01:00."""
    made = place()
    for number, pattern in (("1001", "白班"), ("1002", "晚班")):
        made.staff[number] = factories.staff(made.department, number)
        made.shift(made.staff[number], pattern, 15)
        made.staff[number].account = factories.account("agent", staff=made.staff[number])
    return made


def test_duties_due_soon_are_told_once_those_of_last_nights_shift_too(night: Place) -> None:
    assert duties_notify(night.department, at=moment(15, "15:29")) == 0
    assert duties_notify(night.department, at=moment(15, "15:30")) == 1
    assert told(night.staff["1001"].account) == [("duty_due", "/me/duties/")]
    assert duties_notify(night.department, at=moment(16, "00:30")) == 1
    assert duties_notify(night.department, at=moment(16, "00:35")) == 0
    assert told(night.staff["1002"].account) == [("duty_due", "/me/duties/")]


def test_nobody_is_told_of_a_duty_that_is_past_waived_or_done(night: Place) -> None:
    DutyWaiver.objects.create(
        staff=night.staff["1001"], code="day-book", due_on=date(2026, 10, 15), reason="系统故障",
        by=factories.account("manager", night.department), at=moment(15, "09:00"),
    )  # fmt: skip
    assert duties_notify(night.department, at=moment(15, "16:00")) == 0
    assert duties_notify(night.department, at=moment(16, "01:01")) == 0
    HandoverItem.objects.create(
        author=night.staff["1002"], work_date=date(2026, 10, 15), is_nothing=True, key="n",
        at=moment(16, "00:10"),
    )  # fmt: skip
    assert duties_notify(night.department, at=moment(16, "00:30")) == 0
