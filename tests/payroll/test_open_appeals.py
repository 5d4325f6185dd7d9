"""What people contest of a month: told before it is approved, waited for, or waived with a reason."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from payroll.errors import PeriodRefused
from payroll.models import PayLine, PeriodEvent, PeriodWaiver, SettlementPeriod
from payroll.selectors.appeals import appeals_of_month
from payroll.services.periods import period_approve
from payroll.services.steps import stamp
from payroll.settlement.draft import draft_write
from payroll.workflow import period_open
from penalties.models import IncidentAppeal
from penalties.services import (
    incident_appeal,
    incident_appeal_decide,
    incident_appeal_withdraw,
    incident_confirm,
    incident_record,
)
from people.models import Account, Department, Staff
from rules.services import version_publish
from tests import factories
from tests.factories import WHEN

OCTOBER = date(2026, 10, 1)
FINE: dict[str, Any] = {"code": "f-pay", "title": "记录疏漏", "kind": "fine", "params": {"amount": "30.00"}}
CASH = {**FINE, "code": "f-cash", "title": "抽查", "collection": {"by": "cash", "due_days": 30}}

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(db: None) -> Department:
    made = factories.department("D5", name="客服五部")
    version_publish(
        department=made, effective_on=OCTOBER, rulebooks=[], provisions=[FINE, CASH], by=None, at=WHEN
    )
    return made


@pytest.fixture
def person(place: Department) -> Staff:
    return factories.staff(
        place, "5001", name="陆晚晴", base_pay="3000.00", account=factories.account("agent")
    )


@pytest.fixture
def boss(place: Department) -> Account:
    return factories.account("manager", place)


def contested(staff: Staff, code: str = "f-pay", day: int = 5) -> IncidentAppeal:
    at = datetime(2026, 10, day, 12, tzinfo=WHEN.tzinfo)
    row = incident_record(staff=staff, code=code, work_date=at.date(), by=None, at=at)
    incident_confirm(incident=row, by=None, at=at)
    return incident_appeal(incident=row, reason="我不在班", by=staff.account, at=at)


def settled(of: Department) -> SettlementPeriod:
    period = period_open(department=of, month=OCTOBER)
    draft_write(period=period, by=factories.account("hr", of), at=WHEN)
    period.refresh_from_db()
    return period


def refused(period: SettlementPeriod, words: str, act: Callable[[], object]) -> None:
    events = PeriodEvent.objects.count()
    with pytest.raises(PeriodRefused) as caught, transaction.atomic():
        act()
    assert words in str(caught.value)
    assert SettlementPeriod.objects.get(pk=period.pk).state == "computed"
    assert PeriodEvent.objects.count() == events


def test_a_month_waits_for_its_appeals_and_the_deduction_stays_in_the_draft(
    place: Department, person: Staff, boss: Account
) -> None:
    appeal = contested(person)
    period = settled(place)
    assert PayLine.objects.get(code="f-pay").amount == -30
    refused(
        period,
        f"申诉：1条没有决定：{person}2026-10-05记录疏漏",
        lambda: period_approve(period=period, by=boss, at=WHEN),
    )
    incident_appeal_decide(appeal=appeal, state="refused", answer="录音里有你", by=boss, at=WHEN)
    assert period_approve(period=period, reason="已核对", by=boss, at=WHEN).state == "approved"
    assert not PeriodWaiver.objects.filter(key="appeals").exists()


def test_an_appeal_is_waived_by_name_with_a_reason(place: Department, person: Staff, boss: Account) -> None:
    contested(person)
    period = settled(place)
    refused(
        period, "理由最多500字", lambda: period_approve(period=period, reason="长" * 501, by=boss, at=WHEN)
    )
    period_approve(period=period, reason="证人月底才回来", by=boss, at=WHEN)
    waiver = PeriodWaiver.objects.get(key="appeals")
    assert f"{person}2026-10-05记录疏漏" in waiver.words
    assert (waiver.reason, waiver.by) == ("证人月底才回来", boss)


def test_what_was_withdrawn_or_belongs_to_another_month_or_department_hinders_nothing(
    place: Department, person: Staff, boss: Account
) -> None:
    incident_appeal_withdraw(appeal=contested(person), by=person.account, at=WHEN)  # type: ignore[arg-type]
    contested(person, "f-cash", day=4)  # due on 3 November: its pay has it
    period = settled(place)
    assert appeals_of_month(period) == []
    november = SettlementPeriod(department=place, month=date(2026, 11, 1))
    assert [str(each) for each in appeals_of_month(november)] == [f"{person}2026-10-04抽查"]
    elsewhere = SettlementPeriod(department=factories.department("D6"), month=date(2026, 11, 1))
    assert appeals_of_month(elsewhere) == []
    period_approve(period=period, reason="已核对", by=boss, at=WHEN)
    assert not PeriodWaiver.objects.filter(key="appeals").exists()


def test_pages_list_the_appeals_by_person_and_the_button_asks_for_a_reason(
    client: Client, place: Department, person: Staff, boss: Account
) -> None:
    appeal = contested(person)
    period = settled(place)
    client.force_login(boss)
    page = client.get("/pay/D5/2026-10/checks").content.decode()
    assert "1 条申诉还没有决定" in page and f'href="/incidents/{appeal.incident_id}/"' in page
    assert "5001 陆晚晴：2026-10-05记录疏漏" in page
    page = client.get("/pay/D5/2026-10/").content.decode()
    assert "1条没有决定：5001 陆晚晴2026-10-05记录疏漏" in page and "/pay/D5/2026-10/checks" in page
    seen = stamp(period.state, period.facts_read_at)
    told = client.post("/pay/D5/2026-10/step/approve", {"seen": seen}, follow=True).content.decode()
    assert "1条没有决定" in told and "放行的理由" in told
    assert SettlementPeriod.objects.get().state == "computed"
    sent = {"seen": seen, "reason": "证人月底才回来"}
    client.post("/pay/D5/2026-10/step/approve", sent, follow=True)
    assert SettlementPeriod.objects.get().state == "approved"
    page = client.get("/pay/D5/2026-10/").content.decode()
    assert "批准时放行的事项" in page and "证人月底才回来" in page


def test_as_many_queries_for_one_appeal_as_for_many(
    place: Department, person: Staff, django_assert_num_queries: Callable[..., Any]
) -> None:
    period = settled(place)
    for days in (range(1, 2), range(2, 13)):
        for day in days:
            contested(person, day=day)
        with django_assert_num_queries(2):
            assert len(appeals_of_month(period)) == days.stop - 1


def test_a_grant_after_approval_is_paid_back_by_an_adjustment(
    place: Department, person: Staff, boss: Account
) -> None:
    appeal = contested(person)
    period_approve(period=settled(place), reason="证人月底才回来", by=boss, at=WHEN)
    later = WHEN + timedelta(days=20)
    incident_appeal_decide(appeal=appeal, state="approved", by=boss, at=later)
    november = period_open(department=place, month=date(2026, 11, 1))
    draft_write(period=november, by=factories.account("hr", place), at=later)
    line = PayLine.objects.get(payslip__period=november, nature="adjustment")
    assert (line.amount, line.for_month) == (30, OCTOBER)
