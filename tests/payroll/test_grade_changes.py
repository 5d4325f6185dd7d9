"""A change of grade in pay: prorated in the month of its day, an adjustment of months that are approved."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from payroll.models import PayLine
from payroll.services.grade_changes import (
    grade_change_appeal_decide,
    grade_change_decide,
    grade_change_reverse,
)
from people.models import Department, Term
from promotions.errors import GradeRefused
from promotions.models import GradeAppeal, GradeChange
from promotions.services import change_propose, grade_appeal
from tests import factories
from tests.payroll.months import (
    LONG_AGO,
    NOVEMBER,
    OCTOBER,
    SEPTEMBER,
    adjustments,
    agent,
    amounts,
    approved,
    department,
    lines,
    moment,
    rows,
    settled,
)

pytestmark = pytest.mark.django_db
TABLE = {
    "code": "t-table",
    "title": "级别工资",
    "kind": "base_pay",
    "params": {"table": {"trial": "1800.00", "junior": "2200.00", "intermediate": "2500.00"}},
}


@pytest.fixture
def of() -> Department:
    made = department(TABLE)
    agent(made, base_pay=None, tier="junior")
    return made


def promote(of: Department, on: date, **given: Any) -> GradeChange:
    manager, gm = factories.account("manager", of), factories.account("gm")
    at = moment("2026-10-10 09:00")
    person = of.staff.get()
    change = GradeChange.objects.filter(staff=person, state="proposed").first() or change_propose(
        staff=person, to_tier="intermediate", reason="月均第一", by=manager, at=at
    )
    return grade_change_decide(
        change=change, accept=True, decision="同意", effective_on=on, by=gm, at=at, **given
    )


def contested(of: Department) -> GradeAppeal:
    """An appeal against a demotion from the middle of September, which is approved since."""
    person = of.staff.get()
    account = factories.account("agent", staff=person)
    manager, gm = factories.account("manager", of), factories.account("gm")
    at = moment("2026-09-10 09:00")
    change = change_propose(staff=person, to_tier="trial", reason="季度C", by=manager, at=at)
    given = {"accept": True, "decision": "属实", "effective_on": date(2026, 9, 16)}
    change = grade_change_decide(change=change, **given, by=gm, at=at)
    change = GradeChange.objects.select_related("staff__department").get(pk=change.pk)
    appeal = grade_appeal(change=change, reason="休产假", by=account, at=at)
    approved(of, SEPTEMBER)
    return appeal


def test_base_pay_of_the_new_tier_begins_on_its_day_within_the_month(of: Department) -> None:
    promote(of, date(2026, 10, 16))
    # 2,200.00 × 15/31 + 2,500.00 × 16/31
    assert amounts(settled(of, OCTOBER)) == {"t-table": D("2354.84")}


def test_a_day_in_an_approved_month_is_told_before_anything_is_saved(of: Department) -> None:
    approved(of, SEPTEMBER)
    told = "生效日期在已批准的月份里：2026-09 已批准，差额计入 2026年10月；请改为以后的日期，或勾选"
    with pytest.raises(GradeRefused, match=told) as caught:
        promote(of, date(2026, 9, 16))
    assert caught.value.field == "into_frozen"
    assert GradeChange.objects.get().state == "proposed"
    assert [term.tier for term in Term.objects.all()] == ["junior"]


def test_the_difference_of_an_approved_month_is_an_adjustment_once_and_taken_back_with_it(
    of: Department,
) -> None:
    september = approved(of, SEPTEMBER)
    before = rows(september)
    change = promote(of, date(2026, 9, 16), into_frozen=True)
    october = approved(of, OCTOBER)
    # 15 of September's 30 days at 300.00 more
    assert adjustments(october) == {"t-table": D("150.00")}
    (line,) = lines(october, "1001", PayLine.Nature.ADJUSTMENT)
    assert line.for_month == SEPTEMBER and "（员工有变更）" in line.reason
    assert rows(september) == before
    given = {
        "change": change,
        "reason": "算错",
        "by": factories.account("gm"),
        "at": moment("2026-11-10 09:00"),
    }
    with pytest.raises(GradeRefused, match="2026-10 已批准，差额计入 2026年11月；要撤销请勾选") as caught:
        grade_change_reverse(**given)
    assert caught.value.field == "into_frozen" and Term.objects.latest("valid").tier == "intermediate"
    grade_change_reverse(**given, into_frozen=True)
    assert adjustments(approved(of, NOVEMBER)) == {"t-table": D("-450.00")}


def test_what_is_declined_asks_nothing_of_approved_months(of: Department) -> None:
    approved(of, SEPTEMBER)
    manager, gm = factories.account("manager", of), factories.account("gm")
    change = change_propose(
        staff=of.staff.get(), to_tier="intermediate", reason="好", by=manager, at=LONG_AGO
    )
    given = {"accept": False, "decision": "再看", "effective_on": date(2026, 9, 16)}
    assert grade_change_decide(change=change, **given, by=gm, at=LONG_AGO).state == "declined"


def test_an_appeal_that_reaches_into_an_approved_month_is_granted_knowingly(of: Department) -> None:
    appeal = contested(of)
    given = {"appeal": appeal, "by": factories.account("manager", of), "at": moment("2026-10-11 09:00")}
    with pytest.raises(GradeRefused, match="2026-09 已批准，差额计入 2026年10月；要批准请勾选") as caught:
        grade_change_appeal_decide(**given, state="approved")
    appeal.refresh_from_db()
    assert caught.value.field == "into_frozen" and appeal.state == "asked"
    assert Term.objects.latest("valid").tier == "trial"
    for _ in range(2):  # pressed again it changes nothing and asks nothing
        appeal = grade_change_appeal_decide(**given, state="approved", into_frozen=True)
    assert Term.objects.latest("valid").tier == "junior"
    # 15 of September's 30 days at 400.00 more
    assert adjustments(approved(of, OCTOBER)) == {"t-table": D("200.00")}


def test_an_appeal_that_is_refused_asks_nothing_of_approved_months(of: Department) -> None:
    appeal, by = contested(of), factories.account("manager", of)
    given = {"appeal": appeal, "by": by, "at": moment("2026-10-11 09:00")}
    assert grade_change_appeal_decide(**given, state="refused", answer="已核对").state == "refused"
    assert Term.objects.latest("valid").tier == "trial"
