"""A change of grade in pay: prorated in the month of its day, an adjustment of months that are approved."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest

from payroll.models import PayLine
from payroll.services.grade_changes import grade_change_decide, grade_change_reverse
from people.models import Department, Term
from promotions.errors import GradeRefused
from promotions.models import GradeChange
from promotions.services import change_propose
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
    "params": {"table": {"junior": "2200.00", "intermediate": "2500.00"}},
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
