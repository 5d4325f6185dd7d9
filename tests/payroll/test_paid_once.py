"""One order or incident is paid for once, whichever of claim, appeal and objection is decided first."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from commissions.models import Order, OrderClaim
from commissions.services import order_claim, order_record
from core.errors import Refused
from payroll.errors import ClaimRefused, ObjectionRefused, PeriodRefused
from payroll.models import ManualLine, Objection, PayLine, SettlementPeriod
from payroll.selectors.readiness import readiness
from payroll.services.claims import claim_decide
from payroll.services.manual_lines import manual_line_withdraw
from payroll.services.objections import objection_raise, objection_uphold
from payroll.services.periods import period_approve
from penalties.models import Reversal
from penalties.services import incident_appeal, incident_appeal_decide
from people.models import Account, Department, FactChange, Staff
from people.services import facts_changed
from tests import factories
from tests.payroll import months

pytestmark = pytest.mark.django_db
OCTOBER_1, OCTOBER_3 = months.moment("2026-10-01 10:00"), months.moment("2026-10-03 09:00")
TWENTY = Decimal("20.00")


@pytest.fixture
def department() -> Department:
    return months.department(months.FINE, months.COMMISSION, code="D1", name="客服一部")


@pytest.fixture
def person(department: Department) -> Staff:
    made = months.agent(department, "1001", name="陈晓")
    months.order(made, date(2026, 9, 6), "1000.00")
    return made


@pytest.fixture
def agent(person: Staff) -> Account:
    return factories.account("agent", staff=person)


@pytest.fixture
def hr(department: Department) -> Account:
    return factories.account("hr", department)


@pytest.fixture
def manager(department: Department) -> Account:
    return factories.account("manager", department)


def nobodys(department: Department, number: str = "N1") -> Order:
    return order_record(
        department=department,
        order_no=number,
        paid_at=months.moment("2026-09-20 12:00"),
        amount=Decimal("2000.00"),
        by=None,
        at=months.LONG_AGO,
    )


def claimed(person: Staff) -> OrderClaim:
    return order_claim(
        order=nobodys(person.department), staff=person, reason="是我", at=months.moment("2026-09-21 09:00")
    )


def objection_to(period: SettlementPeriod, agent: Account, code: str = "t-comm") -> Objection:
    line = PayLine.objects.select_related("payslip__staff").get(
        payslip__period=period, payslip__staff__account=agent, code=code
    )
    return objection_raise(line=line, reason="少算一单", by=agent, at=OCTOBER_3)


def uphold(objection: Objection, by: Account, amount: Decimal | None = TWENTY) -> Objection:
    return objection_uphold(objection=objection, answer="是", amount=amount, by=by, at=OCTOBER_3)


def test_an_objection_waits_for_the_claim_and_then_pays_nothing_beside_it(
    person: Staff, agent: Account, hr: Account, manager: Account
) -> None:
    claim = claimed(person)
    objection = objection_to(months.approved(person.department, months.SEPTEMBER), agent)
    for amount in (TWENTY, None):
        with pytest.raises(ObjectionRefused, match="认领的订单N1还没有决定；先到“订单认领”决定"):
            uphold(objection, hr, amount)
    claim_decide(claim=claim, accept=True, by=manager, at=OCTOBER_3)
    with pytest.raises(ObjectionRefused, match="订单N1已认定，会自动在以后月份补上；不用写补正金额"):
        uphold(objection, hr)
    assert Objection.objects.get().state == "open" and not ManualLine.objects.exists()
    uphold(objection, hr, None)
    assert Objection.objects.get().state == "upheld" and not ManualLine.objects.exists()
    october = months.settled(person.department, months.OCTOBER)
    assert months.amounts(october, "1001", "adjustment", "manual") == {"t-comm": TWENTY}


def test_a_declined_claim_leaves_it_to_the_objection(
    person: Staff, agent: Account, hr: Account, manager: Account
) -> None:
    claim = claimed(person)
    objection = objection_to(months.approved(person.department, months.SEPTEMBER), agent)
    claim_decide(claim=claim, accept=False, answer="不是", by=manager, at=OCTOBER_3)
    uphold(objection, hr)
    assert ManualLine.objects.get().amount == TWENTY


def test_an_order_that_an_objection_paid_is_not_given_as_well(
    person: Staff, agent: Account, hr: Account, manager: Account
) -> None:
    objection = objection_to(months.approved(person.department, months.SEPTEMBER), agent)
    uphold(objection, hr)
    claim = claimed(person)
    with pytest.raises(ClaimRefused, match=f"第{objection.pk}号）已经成立，2026年10月补了20元"):
        claim_decide(claim=claim, accept=True, by=manager, at=OCTOBER_3)
    claim.refresh_from_db()
    assert claim.state == "open" and Order.objects.get(order_no="N1").agent is None
    client = Client()
    client.force_login(manager)
    page = client.post(f"/claims/{claim.pk}/decide", {"decision": "accept"}, follow=True)
    assert "没有决定：1001 陈晓对“销售提成”的异议" in page.content.decode()
    manual_line_withdraw(line=ManualLine.objects.get(), by=hr, at=OCTOBER_3)
    claim_decide(claim=claim, accept=True, by=manager, at=OCTOBER_3)
    assert Order.objects.get(order_no="N1").agent == person


def test_another_colleague_another_month_and_another_line_do_not_wait_for_a_claim(
    person: Staff, agent: Account, hr: Account, manager: Account
) -> None:
    other = months.agent(person.department, "1002", name="李四")
    months.order(other, date(2026, 9, 7), "1000.00")
    claimed(other)
    months.approved(person.department, months.AUGUST)
    period = months.approved(person.department, months.SEPTEMBER)
    uphold(objection_to(period, agent), hr)
    uphold(objection_to(period, factories.account("agent", staff=other), "base-pay"), hr)
    months.order(person, date(2026, 10, 6), "1000.00")
    later = order_claim(
        order=order_record(
            department=person.department,
            order_no="N2",
            paid_at=months.moment("2026-10-02 12:00"),
            amount=Decimal("500.00"),
            by=None,
            at=OCTOBER_3,
        ),
        staff=person,
        reason="是我",
        at=OCTOBER_3,
    )
    claim_decide(claim=later, accept=True, by=manager, at=OCTOBER_3)
    assert ManualLine.objects.count() == 2


def test_a_claim_that_was_settled_already_leaves_the_amount_to_the_objection(
    person: Staff, agent: Account, hr: Account, manager: Account
) -> None:
    claim_decide(claim=claimed(person), accept=True, by=manager, at=months.moment("2026-09-22 09:00"))
    period = months.approved(person.department, months.SEPTEMBER)
    assert months.amounts(period)["t-comm"] == Decimal("30.00")
    uphold(objection_to(period, agent), hr, Decimal("5.00"))
    assert ManualLine.objects.get().amount == Decimal("5.00")


def test_an_appeal_and_an_objection_about_one_incident_are_decided_once(
    person: Staff, agent: Account, manager: Account
) -> None:
    fine = months.incident(person, "t-fine", date(2026, 9, 30), at=OCTOBER_1)
    objection = objection_to(months.approved(person.department, months.SEPTEMBER), agent, "t-fine")
    appeal = incident_appeal(incident=fine, reason="那天请假", by=agent, at=OCTOBER_3)
    with pytest.raises(ObjectionRefused, match="陈晓 申诉（那天请假）说的是同一笔，还没有决定；先决定申诉"):
        uphold(objection, manager, None)
    assert not Reversal.objects.exists() and Objection.objects.get().state == "open"
    incident_appeal_decide(appeal=appeal, state="refused", answer="没有请假", by=manager, at=OCTOBER_3)
    with pytest.raises(ObjectionRefused, match="已经决定，没有批准；请答复为不成立"):
        uphold(objection, manager, None)
    assert not Reversal.objects.exists() and Objection.objects.get().state == "open"


def test_a_granted_appeal_is_paid_back_once_although_the_objection_is_upheld_too(
    person: Staff, agent: Account, manager: Account
) -> None:
    fine = months.incident(person, "t-fine", date(2026, 9, 30), at=OCTOBER_1)
    objection = objection_to(months.approved(person.department, months.SEPTEMBER), agent, "t-fine")
    appeal = incident_appeal(incident=fine, reason="那天请假", by=agent, at=OCTOBER_3)
    incident_appeal_decide(appeal=appeal, state="approved", answer="是", by=manager, at=OCTOBER_3)
    uphold(objection, manager, None)
    october = months.settled(person.department, months.OCTOBER)
    assert months.amounts(october, "1001", "adjustment", "manual") == {"t-fine": Decimal("10.00")}


def test_a_leads_share_comes_back_by_the_appeal_alone(manager: Account) -> None:
    joint = {**months.FINE, "code": "t-joint", "params": {"amount": "10.00", "also": {"lead": "30.00"}}}
    made = months.department(joint)
    team = factories.team(made)
    lead = months.agent(made, "2001", role="lead", team=team)
    fine = months.incident(months.agent(made, "2002", team=team), "t-joint", date(2026, 9, 30), at=OCTOBER_1)
    account = factories.account("lead", staff=lead)
    objection = objection_to(months.approved(made, months.SEPTEMBER), account, "t-joint")
    appeal = incident_appeal(incident=fine, reason="我休假", by=account, at=OCTOBER_3)
    with pytest.raises(ObjectionRefused, match="还没有决定；先决定申诉"):
        uphold(objection, manager, Decimal("30.00"))
    own = factories.account("manager", made)
    incident_appeal_decide(appeal=appeal, state="approved", answer="是", by=own, at=OCTOBER_3)
    with pytest.raises(ObjectionRefused, match="申诉已批准，会自动在以后月份补上"):
        uphold(objection, manager, Decimal("30.00"))
    uphold(objection, manager, None)
    assert not ManualLine.objects.exists() and not Reversal.objects.exists()
    october = months.settled(made, months.OCTOBER)
    assert months.adjustments(october, "2001") == {"t-joint": Decimal("30.00")}


def test_what_an_import_pays_beside_an_objection_is_said_before_approval(
    person: Staff, agent: Account, hr: Account, manager: Account
) -> None:
    order = nobodys(person.department)
    period = months.approved(person.department, months.SEPTEMBER)
    uphold(objection_to(period, agent), hr)
    Order.objects.filter(pk=order.pk).update(agent=person, attribution="file")
    facts_changed(
        department=person.department,
        months=[months.SEPTEMBER],
        source=FactChange.Source.ATTRIBUTION,
        by=hr,
        at=OCTOBER_3,
    )
    october = months.settled(person.department, months.OCTOBER)
    assert months.amounts(october, "1001", "adjustment") == {"t-comm": TWENTY}
    said = {item.key: item for item in readiness(october, at=months.next_month(months.OCTOBER, 2))}["twice"]
    assert said.is_open and "1001 陈晓（2026年09月“销售提成”异议已补20元，本月又调整20元）" in said.words
    with pytest.raises(PeriodRefused, match="异议已补20元"):
        period_approve(period=october, by=manager, at=months.next_month(months.OCTOBER, 2))
    assert SettlementPeriod.objects.get(pk=october.pk).state == "computed"
    manual_line_withdraw(line=ManualLine.objects.get(), by=hr, at=months.next_month(months.OCTOBER, 1))
    october = months.settled(person.department, months.OCTOBER)
    said = {item.key: item for item in readiness(october, at=months.next_month(months.OCTOBER, 2))}["twice"]
    assert not said.is_open


def test_the_objections_page_shows_the_claims_with_as_many_queries_for_many(
    person: Staff, agent: Account, hr: Account
) -> None:
    claimed(person)
    objection = objection_to(months.approved(person.department, months.SEPTEMBER), agent)
    client = Client()
    client.force_login(hr)
    client.get(f"/objections/{objection.pk}/")
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            page = client.get(f"/objections/{objection.pk}/").content.decode()
        counts.append(len(queries))
        assert "N1（2,000.00 元，待决定）" in page
        for each in range(3 * number, 3 * number + 3):
            order_claim(
                order=nobodys(person.department, f"M{each}"), staff=person, reason="是我", at=OCTOBER_3
            )
    assert "M2" in page and counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_a_claim_and_an_objection_decided_at_once_pay_once() -> None:
    of = months.department(months.COMMISSION)
    person = months.agent(of, "1001")
    months.order(person, date(2026, 9, 6), "1000.00")
    agent = factories.account("agent", staff=person)
    manager, hr = factories.account("manager", of), factories.account("hr", of)
    claim = claimed(person)
    objection = objection_to(months.approved(of, months.SEPTEMBER), agent)
    ready = threading.Barrier(3)
    told: list[str] = []

    def press(decide) -> None:
        try:
            ready.wait(20)
            decide()
        except Refused as refused:
            told.append(str(refused))
        finally:
            connection.close()

    threads = [
        threading.Thread(target=press, args=[decide])
        for decide in (
            lambda: claim_decide(claim=claim, accept=True, by=manager, at=OCTOBER_3),
            lambda: uphold(objection, hr),
        )
    ]
    for thread in threads:
        thread.start()
    ready.wait(20)
    for thread in threads:
        thread.join(20)
    assert len(told) == 1 and "订单N1" in told[0]
    assert Order.objects.get(order_no="N1").agent == person and not ManualLine.objects.exists()
