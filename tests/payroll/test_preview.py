"""A draft of rules is tried on last month: person by person, exact, nothing stored."""

from datetime import date
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from payroll.models import PayLine, Payslip
from payroll.services.periods import period_approve
from payroll.settlement.draft import draft_write
from payroll.settlement.preview import preview
from payroll.workflow import period_open
from penalties.services import IncidentFact, incidents_record
from people.models import AccessLog, Department
from rules.models import Version
from rules.selectors import draft_of
from rules.services import (
    draft_provision_add,
    draft_provision_drop,
    draft_start,
    version_publish,
)
from tests import factories
from tests.factories import WHEN
from tests.payroll import sample
from tests.thousand import it_is_november

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 21)


@pytest.fixture
def department():
    return sample.department("D1")


@pytest.fixture
def manager(department):
    return factories.account("manager", department)


def drafted(department: Department, **values: dict[str, Any]) -> Version:
    """The department's draft in which provisions have other parameters (code with _ for -)."""
    account = department.accounts.first() or factories.account("manager", department)
    draft = draft_start(department=department, by=account, at=WHEN)
    for code, params in values.items():
        row = draft.provisions.get(code=code.replace("_", "-"))
        row.params = {**row.params, **params}
        row.save()
    return draft


def add(draft: Version, **provision: Any) -> None:
    account = draft.changed_by
    draft_provision_add(draft=draft, provision={"title": "新条款", **provision}, by=account, at=WHEN)


def counts() -> dict[str, int]:
    return {model._meta.label: model.objects.count() for model in apps.get_models()}


def test_other_fine_costs_each_incident_anew_and_stores_nothing(department, manager):
    one, two = sample.agent(department, "1001"), sample.agent(department, "1002")
    sample.agent(department, "1003")
    sample.incident(one, "t-fine", quantity=2)
    sample.incident(two, "t-fine", day=6)
    sample.settled(department)
    draft = drafted(department, t_fine={"amount": "25.00"})
    before = counts()
    found = preview(draft, on=TODAY)
    assert counts() == before
    assert (found.month, found.people) == (date(2026, 10, 1), 3)
    assert [(each.number, each.difference) for each in found.changed] == [
        ("1001", Decimal("-30.00")),
        ("1002", Decimal("-15.00")),
    ]
    (line,) = found.changed[0].lines
    assert (line.code, line.before, line.after) == ("t-fine", Decimal("-20.00"), Decimal("-50.00"))
    assert "每次10.00元×2次" in line.reason_before and "每次25.00元×2次" in line.reason_after
    (provision,) = found.provisions
    assert (provision.code, provision.people, provision.difference) == ("t-fine", 2, Decimal("-45.00"))
    assert found.difference == Decimal("-45.00")


def test_version_before_comes_to_what_was_settled(department, manager):
    person = sample.agent(department, "1001", refunds="1000.00")
    sample.incident(person, "t-fine")
    sample.incident(person, "t-loss", amount=Decimal("120.00"))
    sample.settled(department)
    found = preview(drafted(department, t_meal={"amount": "200.00"}), on=TODAY)
    (change,) = found.changed
    assert change.before == Payslip.objects.get(staff=person).net
    assert change.difference == Decimal("-100.00")


def test_commission_by_other_brackets(department, manager):
    sample.agent(department, "1001")
    draft = drafted(department, t_comm={"brackets": [{"from": "0", "rate": "0.03"}]})
    (change,) = preview(draft, on=TODAY).changed
    assert (change.lines[0].before, change.lines[0].after) == (Decimal("150.00"), Decimal("300.00"))


def test_dropped_provision_costs_nothing_and_a_new_one_pays(department, manager):
    person = sample.agent(department, "1001")
    sample.incident(person, "t-fine")
    draft = drafted(department)
    draft_provision_drop(draft=draft, code="t-fine", by=manager, at=WHEN)
    add(draft, code="t-new", kind="allowance", params={"amount": "50.00"})
    (change,) = preview(draft, on=TODAY).changed
    assert {line.code: line.difference for line in change.lines} == {
        "t-fine": Decimal("10.00"),
        "t-new": Decimal("50.00"),
    }
    assert change.lines[0].reason_before == ""


def test_incident_outside_the_new_range_is_brought_within_it(department, manager):
    person = sample.agent(department, "1001")
    sample.incident(person, "t-loss", amount=Decimal("500.00"))
    (change,) = preview(drafted(department, t_loss={"max": "200.00"}), on=TODAY).changed
    assert change.difference == Decimal("300.00")


def test_nth_time_is_counted_from_incidents_before_the_month(manager):
    department = factories.department("D9")
    provision = {"code": "t-esc", "title": "投诉", "kind": "fine", "params": {"amount": "10.00"}}
    version_publish(
        department=department,
        effective_on=date(2026, 9, 1),
        rulebooks=[],
        provisions=[provision],
        by=None,
        at=WHEN,
    )
    person = sample.agent(department, "1001")
    facts = [IncidentFact(staff=person, code="t-esc", work_date=date(2026, month, 10)) for month in (9, 10)]
    incidents_record(department=department, facts=facts, confirm=True, by=None, at=WHEN)
    draft = draft_start(department=department, by=manager, at=WHEN)
    row = draft.provisions.get()
    row.kind, row.params, row.window = "escalating_fine", {"steps": ["50.00", "100.00"]}, "year"
    row.save()
    (change,) = preview(draft, on=TODAY).changed
    assert (change.lines[0].before, change.lines[0].after) == (Decimal("-10.00"), Decimal("-100.00"))


def test_joint_liability_and_points_under_the_draft(department, manager):
    person = sample.agent(department, "1001")
    lead = sample.agent(department, "1002", role="lead")
    sample.incident(person, "t-fine")
    draft = drafted(department, t_fine={"also": {"lead": "5.00"}})
    (change,) = preview(draft, on=TODAY).changed
    assert (change.number, change.difference) == (lead.number, Decimal("-5.00"))
    row = draft.provisions.get(code="t-fine")
    row.kind, row.params = "points", {"deduct": "2"}
    row.save()
    found = {each.number: each for each in preview(draft, on=TODAY).changed}
    assert (found["1001"].points_before, found["1001"].points_after) == (None, Decimal("8.0"))
    assert found["1001"].difference == Decimal("10.00")


def test_incident_of_somebody_whom_the_draft_does_not_bind_costs_nothing(department, manager):
    person = sample.agent(department, "1001")
    sample.incident(person, "t-fine")
    draft = drafted(department)
    draft.provisions.filter(code="t-fine").update(roles=["lead"])
    (change,) = preview(draft, on=TODAY).changed
    assert change.difference == Decimal("10.00")


def test_caps_are_applied_under_both_versions(manager):
    department = sample.department("D8", caps=True, minimum_wage=Decimal("2000.00"))
    person = sample.agent(department, "1001")
    sample.incident(person, "t-loss", amount=Decimal("500.00"))
    sample.settled(department)
    found = preview(drafted(department, t_loss={"min": "2000.00"}), on=TODAY)
    # The gross is 3,000 + 150 + 300; a fifth of it is 690.
    assert found.changed[0].before == Payslip.objects.get(staff=person).net == Decimal("2950.00")
    assert found.changed[0].after == Decimal("2760.00")
    assert PayLine.objects.count() == 4


def test_number_of_queries_depends_on_nobody(department, manager):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            preview(drafted(department, t_fine={"amount": "25.00"}), on=TODAY)
        return len(queries)

    sample.incident(sample.agent(department, "1001"), "t-fine")
    few = cost()
    for number in range(2000, 2015):
        sample.incident(sample.agent(department, str(number)), "t-fine")
    assert cost() <= few


# The page


@patch("django.utils.timezone.now", it_is_november())
def test_page_shows_who_differs_most_first_and_is_logged(department, manager):
    one, two = sample.agent(department, "1001"), sample.agent(department, "1002")
    sample.incident(one, "t-fine")
    sample.incident(two, "t-fine", quantity=3)
    drafted(department, t_fine={"amount": "25.00"})
    client = Client()
    client.force_login(manager)
    page = client.get("/rules/D1/draft/preview").content.decode()
    assert page.index("1002 ") < page.index("1001 ")
    assert "−75.00" in page and "−60.00" in page and "2人有差别" in page
    part = client.get("/rules/D1/draft/preview", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "−75.00" in part
    log = AccessLog.objects.first()
    assert (log.by, log.month, log.staff) == (manager, date(2026, 10, 1), None)


def test_page_needs_a_draft(department, manager):
    client = Client()
    client.force_login(manager)
    assert draft_of(department) is None
    assert client.get("/rules/D1/draft/preview").status_code == 404


def test_department_without_rules_is_previewed_too(manager):
    department = factories.department("D7")
    sample.agent(department, "1001")
    draft = draft_start(department=department, by=manager, at=WHEN)
    add(draft, code="t-new", kind="allowance", params={"amount": "50.00"})
    (change,) = preview(draft, on=TODAY).changed
    assert change.difference == Decimal("50.00")


def test_the_last_approved_month_is_tried_unless_another_is_chosen(department, manager):
    sample.agent(department, "1001")
    october = sample.settled(department, by=factories.account("hr", department))
    period_approve(period=october, reason="测试", by=manager, at=WHEN)
    november = period_open(department=department, month=date(2026, 11, 1))
    draft_write(period=november, by=None, at=WHEN)
    draft = drafted(department, t_meal={"amount": "200.00"})
    found = preview(draft, on=TODAY)
    assert (found.month, found.is_approved) == (date(2026, 10, 1), True)
    chosen = preview(draft, on=TODAY, month=date(2026, 11, 1))
    assert (chosen.month, chosen.is_approved, chosen.state_label) == (date(2026, 11, 1), False, "待批准")


def test_the_page_says_that_a_month_is_not_approved_and_offers_others(department, manager):
    sample.agent(department, "1001")
    drafted(department, t_meal={"amount": "200.00"})
    client = Client()
    client.force_login(manager)
    page = client.get("/rules/D1/draft/preview").content.decode()
    assert "还没有结算" in page and "按现有的数据试算" in page
    sample.settled(department)
    period_open(department=department, month=date(2026, 11, 1))
    page = client.get("/rules/D1/draft/preview?month=2026-11").content.decode()
    assert "2026年11月（" in page and 'value="2026-10"' in page


def test_two_regulations_of_one_thing_are_shown_with_what_each_costs(department, manager):
    sample.agent(department, "1001")
    sample.settled(department)
    draft = drafted(department)
    add(draft, code="t-comm2", kind="commission", params={"measure": "net_sales", "rate": "0.02"})
    client = Client()
    client.force_login(manager)
    page = client.get("/rules/D1/draft/preview").content.decode()
    # 10,000 at 1.5 % by conversion, and at 2 %.
    assert "150.00" in page and "200.00" in page and "发布时要选哪一种有效" in page
