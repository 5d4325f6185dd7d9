"""Objections: who may raise one, how long, what an upheld one becomes, and that it stays on the line."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notices.models import Notice
from payroll.errors import ObjectionRefused
from payroll.models import ManualLine, Objection, PayLine, SettlementPeriod
from payroll.selectors.objections import line_name
from payroll.services.objections import objection_raise, objection_reject, objection_uphold
from payroll.services.periods import period_approve, period_mark_paid, period_send_back
from people.models import Account, Department, Staff
from tests import factories
from tests.payroll import months

pytestmark = pytest.mark.django_db
OCTOBER_3 = months.moment("2026-10-03 09:00")


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def department() -> Department:
    return months.department(months.FINE, months.LATE, months.COMMISSION, code="D1", name="客服一部")


@pytest.fixture
def person(department: Department) -> Staff:
    made = months.agent(department, "1001", name="陈晓")
    months.incident(made, "t-fine", date(2026, 9, 5))
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


@pytest.fixture
def september(person: Staff) -> SettlementPeriod:
    return months.approved(person.department, months.SEPTEMBER)


def line_of(period: SettlementPeriod, code: str) -> PayLine:
    return PayLine.objects.select_related("payslip__staff").get(payslip__period=period, code=code)


def raised(period: SettlementPeriod, agent: Account, code: str = "t-fine") -> Objection:
    return objection_raise(line=line_of(period, code), reason="那天请假", by=agent, at=OCTOBER_3)


# Raising


def test_an_objection_keeps_what_the_line_said(september: SettlementPeriod, agent: Account) -> None:
    objection = raised(september, agent)
    incident = agent.staff.get().incidents.get()
    assert objection.line == f"regular/t-fine/2026-09/{incident.pk}"
    assert (objection.title, objection.amount) == ("记录疏漏", Decimal("-10.00"))
    assert objection.incidents == [incident.pk]
    assert objection.line_reason.startswith("2026-09-05 记录疏漏")


def test_only_the_own_line_of_an_approved_month_and_with_a_reason(
    person: Staff, agent: Account, hr: Account
) -> None:
    draft = months.settled(person.department, months.SEPTEMBER)
    with pytest.raises(ObjectionRefused, match="还没有批准"):
        raised(draft, agent)
    period_approve(
        period=draft, reason="测试", by=months.user("批准人"), at=months.next_month(months.SEPTEMBER, 2)
    )
    with pytest.raises(ObjectionRefused, match="本人"):
        raised(draft, hr)
    for reason in ("  ", "长" * 501):
        with pytest.raises(ObjectionRefused, match=r"理由|写短"):
            objection_raise(line=line_of(draft, "t-fine"), reason=reason, by=agent, at=OCTOBER_3)
    assert not Objection.objects.exists()


def test_the_days_count_from_the_approval_to_their_end(september: SettlementPeriod, agent: Account) -> None:
    department = september.department
    department.objection_days = 3
    department.save()
    line = line_of(september, "t-fine")
    with pytest.raises(ObjectionRefused, match="2026-10-05为止"):
        objection_raise(line=line, reason="x", by=agent, at=months.moment("2026-10-06 00:00"))
    assert objection_raise(line=line, reason="x", by=agent, at=months.moment("2026-10-05 23:59"))


def test_one_objection_to_a_line_waits_at_a_time(september: SettlementPeriod, agent: Account) -> None:
    first = raised(september, agent)
    with pytest.raises(ObjectionRefused, match="在等答复"):
        raised(september, agent)
    raised(september, agent, "t-comm")
    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.create(
            period=september,
            staff=first.staff,
            line=first.line,
            code="t-fine",
            title="x",
            amount=1,
            line_reason="x",
            reason="x",
            at=OCTOBER_3,
        )
    objection_reject(objection=first, answer="有记录", by=months.user("人事"), at=OCTOBER_3)
    assert raised(september, agent).pk != first.pk


# Answering


def test_an_upheld_fine_is_reversed_and_comes_back_next_month(
    september: SettlementPeriod, agent: Account, manager: Account
) -> None:
    objection_uphold(objection=raised(september, agent), answer="查错了", by=manager, at=OCTOBER_3)
    objection = Objection.objects.get()
    assert (objection.state, objection.answered_by) == ("upheld", manager)
    reversal = agent.staff.get().incidents.get().reversal
    assert reversal.by == manager and reversal.reason.startswith("异议成立") and "查错了" in reversal.reason
    october = months.settled(september.department, months.OCTOBER)
    assert months.adjustments(october) == {"t-fine": Decimal("10.00")}
    with pytest.raises(ObjectionRefused, match="已经成立"):
        raised(september, agent)


def test_any_other_line_is_mended_by_a_manual_line_of_the_next_open_month(
    september: SettlementPeriod, agent: Account, hr: Account
) -> None:
    months.approved(september.department, months.OCTOBER)
    objection = raised(september, agent, "t-comm")
    with pytest.raises(ObjectionRefused, match="补正金额"):
        objection_uphold(objection=objection, answer="少算一单", by=hr, at=OCTOBER_3)
    assert Objection.objects.get().state == "open"
    objection_uphold(objection=objection, answer="少算一单", amount=Decimal("12.00"), by=hr, at=OCTOBER_3)
    line = ManualLine.objects.get()
    assert line.period.month == months.NOVEMBER
    assert (line.staff.number, line.amount) == ("1001", Decimal("12.00"))
    assert line.reason == f"异议{objection.pk}成立（2026年09月“销售提成”）：少算一单"
    assert Objection.objects.get().manual_line == line


def test_a_mending_is_not_withdrawn_in_silence(
    september: SettlementPeriod, agent: Account, hr: Account, manager: Account
) -> None:
    objection = raised(september, agent, "t-comm")
    objection_uphold(objection=objection, answer="少算", amount=Decimal("12.00"), by=hr, at=OCTOBER_3)
    line = ManualLine.objects.get()
    assert Notice.objects.filter(account=agent, kind="objection").count() == 1
    later = OCTOBER_3 + timedelta(hours=1)
    page = client_of(manager).post(f"/pay/D1/2026-10/manual/{line.pk}/withdraw", follow=True)
    assert "异议重新待答复，已告诉本人" in page.content.decode()
    objection.refresh_from_db()
    assert (objection.state, objection.answer, objection.manual_line) == ("open", "", None)
    assert "重新处理" in Notice.objects.filter(account=agent, kind="objection").latest("pk").text
    objection_uphold(objection=objection, answer="少算两单", amount=Decimal("24.00"), by=hr, at=later)
    assert Notice.objects.filter(account=agent, kind="objection").count() == 3


def test_a_month_that_was_sent_back_takes_the_mending_itself_and_keeps_the_objection(
    september: SettlementPeriod, agent: Account, manager: Account
) -> None:
    objection = raised(september, agent, "t-comm")
    period_send_back(period=september, reason="重算", by=manager, at=OCTOBER_3)
    again = months.settled(september.department, months.SEPTEMBER, at=OCTOBER_3)
    assert line_name(line_of(again, "t-comm")) == objection.line
    objection_uphold(objection=objection, answer="少算", amount=Decimal("5.00"), by=manager, at=OCTOBER_3)
    assert ManualLine.objects.get().period == september
    period_mark_paid(
        period=period_approve(
            period=months.settled(september.department, months.SEPTEMBER, at=OCTOBER_3),
            reason="测试",
            by=manager,
            at=OCTOBER_3,
        ),
        by=manager,
        at=OCTOBER_3,
    )
    page = client_of(agent).get("/me/pay/2026-09/").content.decode()
    assert "异议成立" in page and "补正 5.00 元，计入 2026年9月" in page


def test_of_several_incidents_in_a_line_only_the_chosen_are_reversed(
    department: Department, manager: Account
) -> None:
    rate = {
        "code": "t-rate",
        "title": "优惠说错",
        "kind": "rate_deduction",
        "params": {"of": "base_pay", "tiers": [{"from_count": 1, "rate": "0.01"}]},
    }
    months.publish(department, rate, on=date(2021, 1, 1))
    person = months.agent(department, "1002")
    one, two = (months.incident(person, "t-rate", date(2026, 9, day)) for day in (5, 6))
    agent = factories.account("agent", staff=person)
    period = months.approved(department, months.SEPTEMBER)
    line = PayLine.objects.select_related("payslip__staff").get(code="t-rate")
    objection = objection_raise(line=line, reason="一次不是我", by=agent, at=OCTOBER_3)
    assert objection.line == "regular/t-rate/2026-09" and objection.incidents == [one.pk, two.pk]
    with pytest.raises(ObjectionRefused, match="没有选中"):
        objection_uphold(objection=objection, answer="是", incidents=[], by=manager, at=OCTOBER_3)
    objection_uphold(objection=objection, answer="是", incidents=[two.pk], by=manager, at=OCTOBER_3)
    assert not hasattr(one, "reversal") and two.reversal
    assert period.objections.get().state == "upheld"


def test_joint_liability_is_mended_without_touching_the_colleagues_incident(manager: Account) -> None:
    joint = {**months.FINE, "code": "t-joint", "params": {"amount": "10.00", "also": {"lead": "30.00"}}}
    made = months.department(joint)
    team = factories.team(made)
    lead = months.agent(made, "2001", role="lead", team=team)
    agent = months.agent(made, "2002", team=team)
    months.incident(agent, "t-joint", date(2026, 9, 5))
    period = months.approved(made, months.SEPTEMBER)
    account = factories.account("lead", staff=lead)
    line = PayLine.objects.select_related("payslip__staff").get(payslip__number="2001", code="t-joint")
    objection = objection_raise(line=line, reason="我休假", by=account, at=OCTOBER_3)
    assert objection.incidents == []
    objection_uphold(objection=objection, answer="是", amount=Decimal("30.00"), by=manager, at=OCTOBER_3)
    assert not agent.incidents.filter(reversal__isnull=False).exists()
    assert ManualLine.objects.get().staff == lead and period.objections.exists()


def test_an_award_is_mended_by_an_amount_because_a_reversal_would_take_it_away(
    department: Department, person: Staff, agent: Account, manager: Account
) -> None:
    award = {"code": "t-award", "title": "表扬", "kind": "award", "params": {"amount": "50.00"}}
    months.publish(department, award, on=date(2021, 1, 1))
    incident = months.incident(person, "t-award", date(2026, 9, 7))
    period = months.approved(department, months.SEPTEMBER)
    objection = raised(period, agent, "t-award")
    assert objection.incidents == [] and objection.line.endswith(f"/{incident.pk}")
    objection_uphold(objection=objection, answer="应为100", amount=Decimal("50.00"), by=manager, at=OCTOBER_3)
    assert not hasattr(incident, "reversal")
    assert ManualLine.objects.get().amount == Decimal("50.00")


def test_nobody_answers_the_own_objection_or_one_twice(
    department: Department, september: SettlementPeriod, agent: Account, manager: Account
) -> None:
    objection = raised(september, agent)
    with pytest.raises(ObjectionRefused, match="自己"):
        objection_reject(objection=objection, answer="x", by=agent, at=OCTOBER_3)
    with pytest.raises(ObjectionRefused, match="理由"):
        objection_reject(objection=objection, answer=" ", by=manager, at=OCTOBER_3)
    objection_reject(objection=objection, answer="有记录", by=manager, at=OCTOBER_3)
    with pytest.raises(ObjectionRefused, match="已答复"):
        objection_uphold(objection=objection, answer="x", by=manager, at=OCTOBER_3)
    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.update(answered_by=None)


# Pages


@pytest.fixture
def fresh(person: Staff) -> SettlementPeriod:
    """September, approved just now, so that the days of objecting run."""
    draft = months.settled(person.department, months.SEPTEMBER)
    return period_approve(period=draft, reason="测试", by=months.user("批准人"), at=timezone.now())


def test_an_agent_objects_on_the_payslip_and_reads_the_answer_there(
    fresh: SettlementPeriod, agent: Account, manager: Account
) -> None:
    client, line = client_of(agent), line_of(fresh, "t-fine")
    url = f"/me/pay/2026-09/lines/{line.pk}/object"
    assert url in client.get("/me/pay/2026-09/").content.decode()
    assert "必填" in client.post(url, {"reason": " "}).content.decode()
    page = client.post(url, {"reason": "那天<b>请假</b>"}, follow=True).content.decode()
    assert "异议已提出" in page and "那天&lt;b&gt;请假&lt;/b&gt;" in page and url not in page
    assert "在等答复" in client.post(url, {"reason": "又一次"}).content.decode()
    objection = Objection.objects.get()
    answer = {"answer": "查错了", "incidents": objection.incidents, "decision": "uphold"}
    page = client_of(manager).post(f"/objections/{objection.pk}/", answer, follow=True).content.decode()
    assert "已答复" in page and "查错了" in page
    page = client.get("/me/pay/2026-09/").content.decode()
    assert "异议成立" in page and "查错了" in page and "奖惩记录已撤销" in page
    assert "查错了" in client.get("/me/objections/").content.decode()
    assert "查错了" in client_of(manager).get("/pay/D1/2026-09/1001/").content.decode()


def test_after_the_days_there_is_no_button_and_no_way_round(
    september: SettlementPeriod, agent: Account
) -> None:
    SettlementPeriod.objects.update(approved_at=timezone.now() - timedelta(days=9))
    line = line_of(september, "t-fine")
    assert "/object" not in client_of(agent).get("/me/pay/2026-09/").content.decode()
    page = client_of(agent).post(f"/me/pay/2026-09/lines/{line.pk}/object", {"reason": "x"})
    assert "已经过了" in page.content.decode() and not Objection.objects.exists()


def test_a_line_of_somebody_else_or_of_a_draft_is_not_found(
    department: Department, fresh: SettlementPeriod
) -> None:
    colleague = factories.account("agent", staff=months.agent(department, "1002"))
    line = line_of(fresh, "t-fine")
    for method in ("get", "post"):
        response = getattr(client_of(colleague), method)(f"/me/pay/2026-09/lines/{line.pk}/object")
        assert response.status_code == 404 and "陈晓" not in response.content.decode()


def test_a_payslip_recomputed_since_is_told(
    fresh: SettlementPeriod, agent: Account, manager: Account
) -> None:
    line = line_of(fresh, "t-fine")
    period_send_back(period=fresh, reason="重算", by=manager, at=timezone.now())
    months.settled(fresh.department, months.SEPTEMBER, at=timezone.now())
    period_approve(period=fresh, reason="测试", by=manager, at=timezone.now())
    url = f"/me/pay/2026-09/lines/{line.pk}/object"
    page = client_of(agent).post(url, {"reason": "x"}, follow=True).content.decode()
    assert "重新计算过" in page and not Objection.objects.exists()


def test_hr_upholds_what_came_from_an_incident_and_reverses_it_only_there(
    fresh: SettlementPeriod, agent: Account, hr: Account
) -> None:
    objection, client = raised_now(fresh, agent, "t-fine"), client_of(hr)
    incident = agent.staff.get().incidents.get()
    assert client.post(f"/incidents/{incident.pk}/reverse", {"reason": "x"}).status_code == 404
    assert 'value="uphold"' in client.get(f"/objections/{objection.pk}/").content.decode()
    given = {"answer": "那天确实请假", "decision": "uphold", "incidents": objection.incidents}
    for _ in range(2):
        page = client.post(f"/objections/{objection.pk}/", given, follow=True).content.decode()
    assert "已答复为“成立”" in page and "那天确实请假" in page
    incident.refresh_from_db()
    assert incident.reversal.by == hr and "那天确实请假" in incident.reversal.reason


def test_hr_answers_with_an_amount_once(fresh: SettlementPeriod, agent: Account, hr: Account) -> None:
    raised_now(fresh, agent, "t-fine")
    commission = raised_now(fresh, agent, "t-comm")
    client = client_of(hr)
    assert (
        "补正金额"
        in client.post(
            f"/objections/{commission.pk}/", {"answer": "少算", "decision": "uphold"}
        ).content.decode()
    )
    given = {"answer": "少算", "amount": "3.50", "decision": "uphold"}
    page = client.post(f"/objections/{commission.pk}/", given, follow=True).content.decode()
    assert "3.50 元，2026年10月手工项目" in page
    again = client.post(f"/objections/{commission.pk}/", given, follow=True).content.decode()
    assert "已答复为“成立”" in again and ManualLine.objects.count() == 1
    listed = client.get("/objections/").content.decode()
    assert "记录疏漏" in listed and "销售提成" not in listed
    assert "销售提成" in client.get("/objections/?state=upheld").content.decode()


def raised_now(period: SettlementPeriod, agent: Account, code: str) -> Objection:
    return objection_raise(line=line_of(period, code), reason="有误", by=agent, at=timezone.now())


def test_hr_does_not_answer_the_own_objection(department: Department) -> None:
    row = months.agent(department, "1002")
    hr = factories.account("hr", department, staff=row)
    months.order(row, date(2026, 9, 6), "1000.00")
    draft = months.settled(department, months.SEPTEMBER)
    period = period_approve(period=draft, reason="测试", by=months.user("批准人"), at=timezone.now())
    objection = raised_now(period, hr, "t-comm")
    page = client_of(hr).get(f"/objections/{objection.pk}/").content.decode()
    assert "您本人的异议" in page and 'name="decision"' not in page
    given = {"answer": "给自己", "amount": "900.00", "decision": "uphold"}
    assert "不能答复自己的异议" in client_of(hr).post(f"/objections/{objection.pk}/", given).content.decode()
    assert not ManualLine.objects.exists() and Objection.objects.get().state == "open"


def test_objections_are_not_found_by_others(fresh: SettlementPeriod, agent: Account) -> None:
    objection = raised_now(fresh, agent, "t-fine")
    colleague = factories.account("agent", staff=months.agent(fresh.department, "1002"))
    stranger = factories.account("manager", factories.department("D2"))
    lead = factories.account("lead", fresh.department)
    for account in (colleague, stranger, lead):
        for method in ("get", "post"):
            response = getattr(client_of(account), method)(f"/objections/{objection.pk}/")
            assert response.status_code == 404 and "陈晓" not in response.content.decode()
        assert "陈晓" not in client_of(account).get("/objections/").content.decode()
        assert "记录疏漏" not in client_of(account).get("/me/objections/").content.decode()
    auditor = client_of(factories.account("auditor"))
    assert "陈晓" in auditor.get(f"/objections/{objection.pk}/").content.decode()
    answer = {"answer": "x", "decision": "reject"}
    assert auditor.post(f"/objections/{objection.pk}/", answer).status_code == 404


def test_lists_of_objections_cost_the_same_for_any_number(
    fresh: SettlementPeriod, agent: Account, hr: Account
) -> None:
    def queries(account: Account, url: str) -> int:
        client = client_of(account)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    first = raised_now(fresh, agent, "t-fine")
    before = [queries(hr, "/objections/"), queries(agent, "/me/objections/")]
    Objection.objects.bulk_create(
        Objection(
            period=fresh,
            staff=first.staff,
            line=f"regular/x/{i}",
            code="x",
            title="x",
            amount=1,
            line_reason="x",
            reason="x",
            at=OCTOBER_3,
        )
        for i in range(60)
    )
    assert [queries(hr, "/objections/"), queries(agent, "/me/objections/")] == before
    assert max(before) <= 12
    assert client_of(hr).get("/objections/").content.decode().count('<td data-label="理由"') == 50
