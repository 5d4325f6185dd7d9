"""Which steps of a month are open to whom, what hinders them, and that they hold for every face."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from payroll.errors import PeriodRefused
from payroll.models import SettlementPeriod
from payroll.services.steps import APPROVE, PAY, SETTLE, step_take, steps_offered
from people.models import Account, Department
from people.selectors import actions_in
from tests import factories
from tests.factories import WHEN
from tests.payroll import sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def department() -> Department:
    made = sample.department("D1")
    sample.agent(made, "1001")
    return made


@pytest.fixture
def hr(department: Department) -> Account:
    return factories.account("hr", department)


@pytest.fixture
def manager(department: Department) -> Account:
    return factories.account("manager", department)


def offered(period: SettlementPeriod, account: Account) -> dict[str, str]:
    offers = steps_offered(period, account, actions_in(account, period.department))
    return {each.step.key: each.hindrance for each in offers}


def take(step: Any, period: SettlementPeriod, by: Account, **said: Any) -> None:
    step_take(step=step, period=period, **{"seen": sample.stamp_of(period), "by": by, "at": WHEN, **said})


def test_each_sees_the_steps_of_the_own_role_and_what_hinders_them(
    department: Department, hr: Account, manager: Account
) -> None:
    period = sample.settled(department)
    assert offered(period, hr) == {"settle": "", "submit": ""}
    assert "还没有人复核；先由人事复核并提交" in offered(period, manager)["approve"]
    period = sample.settled(department, by=hr)
    assert offered(period, hr) == {"settle": ""}
    assert offered(period, manager)["approve"] == ""
    assert offered(period, factories.account("auditor")) == {}


def test_an_approval_says_which_draft_was_seen(department: Department, hr: Account, manager: Account) -> None:
    period = sample.settled(department, by=hr)
    for seen in (None, "", "computed "):
        with pytest.raises(PeriodRefused, match="在您核对以后有变化"):
            take(APPROVE, period, manager, seen=seen)
    assert not period.events.filter(after="approved").exists()
    take(APPROVE, period, manager, reason="已核对")
    take(PAY, period, hr, seen=None)
    period.refresh_from_db()
    assert (period.state, period.approved_by, period.paid_by) == ("paid", manager, hr)


def test_who_may_not_take_a_step_is_denied_and_nothing_is_begun(
    department: Department, hr: Account, manager: Account
) -> None:
    never_begun = SettlementPeriod(department=department, month=sample.MONTH)
    with pytest.raises(PermissionDenied):
        step_take(step=SETTLE, period=never_begun, seen=None, by=factories.account("auditor"), at=WHEN)
    assert not SettlementPeriod.objects.exists()
    period = sample.settled(department, by=manager)
    with pytest.raises(PermissionDenied):
        take(APPROVE, period, hr)
    period.refresh_from_db()
    assert period.state == "computed"
