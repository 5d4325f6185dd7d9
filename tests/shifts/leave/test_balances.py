"""Balances of leave: what facts come to, and what is refused beyond them, wherever leave is entered."""

from datetime import date, timedelta
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import Refused
from imports.batches import run_import
from payroll.settlement.runner import period_settle
from payroll.workflow import period_open
from penalties.balances_import import openings_loader
from people.errors import PeopleError, RequestRefused
from people.models import Account, Department, FactChange, Staff
from people.services import staff_leave, staff_service_set, staff_transfer
from rules.services import version_publish
from sheets.errors import SheetError
from shifts.errors import LeaveRefused
from shifts.imports import leave_loader
from shifts.leave_account import Balance
from shifts.models import Leave, LeaveCorrection, LeaveRequest, Overtime
from shifts.selectors.leave_balances import LeaveAccounts
from shifts.services import leave_record
from shifts.services.leave_balances import leave_correct
from shifts.services.leave_requests import leave_approve, leave_cancel
from shifts.services.requests import overtime_ask, request_approve
from tests import factories
from tests.at_once import at_once
from tests.factories import WHEN
from tests.shifts.leave.asking import MONDAY, PROVISIONS, SATURDAY, SUNDAY, TODAY, asked

ANNUAL: dict[str, Any] = {
    "code": "t-annual",
    "title": "年假余额",
    "kind": "leave_balance",
    "params": {"type": "annual", "accrual": "by_service", "carry_over": "3", "expires_on": "03-31"},
}
OFF: dict[str, Any] = {
    "code": "t-off",
    "title": "调休余额",
    "kind": "leave_balance",
    "params": {"type": "compensatory", "accrual": "overtime", "expires_after": 90},
}
OVERTIME = {
    "code": "t-over",
    "title": "加班费",
    "kind": "overtime",
    "params": {"per_hour": "20", "multiple": "1"},
}
DAY = timedelta(days=1)


def published(of: Department, *provisions: dict[str, Any], on: date = date(2026, 1, 1)) -> None:
    version_publish(
        department=of,
        effective_on=on,
        rulebooks=[],
        provisions=[*PROVISIONS, OVERTIME, *provisions],
        by=None,
        at=WHEN - 300 * DAY,
    )


@pytest.fixture
def department() -> Department:
    made = factories.department("D1")
    published(made, ANNUAL, OFF)
    return made


@pytest.fixture
def agent(department: Department) -> Staff:
    """Hired on 2020-01-01: five days of annual leave a year."""
    person = factories.staff(department, "71", team=factories.team(department), base_pay=D("2175"))
    person.account = factories.account("agent", staff=person, username="ann")
    return person


def balance(person: Staff, type_: str = "annual", on: date = TODAY) -> Balance:
    found = LeaveAccounts([person.pk], on).balances(person.pk, on)
    return next(each for each in found if each.type == type_)


def figures(person: Staff, type_: str = "annual", on: date = TODAY) -> tuple[D, D, D, D, D]:
    got = balance(person, type_, on)
    return got.carried, got.granted, got.used, got.expired, got.left


def took(person: Staff, on: date, days: str, type_: str = "annual", **given: Any) -> Leave:
    return leave_record(staff=person, starts_on=on, days=D(days), type=type_, by=None, at=WHEN, **given)


def worked(person: Staff, on: date, hours: str, by: Account, **given: Any) -> Overtime:
    request = overtime_ask(
        staff=person,
        work_date=on,
        hours=D(hours),
        reason="大促",
        by=person.account or by,
        at=WHEN,
        **given,
    )
    return request_approve(request=request, by=by, at=WHEN)


pytestmark = pytest.mark.django_db


def test_the_balance_follows_from_the_days_that_leave_takes(agent: Staff) -> None:
    took(agent, date(2026, 3, 6), "2")  # a Friday and the Monday after it
    took(agent, date(2026, 11, 2), "0.5", half="first")
    assert figures(agent) == (D(0), D(5), D("2.5"), D(0), D("2.5"))
    assert [(entry.on, entry.days, entry.what) for entry in balance(agent).entries] == [
        (date(2026, 1, 1), D(5), "2026年应得"),
        (date(2026, 3, 6), D(-2), "年假2天"),
        (date(2026, 11, 2), D("-0.5"), "年假0.5天"),
    ]
    assert figures(agent, on=date(2027, 1, 1)) == (D("2.5"), D(5), D(0), D(0), D("7.5"))


def test_leave_that_was_not_granted_takes_nothing(agent: Staff) -> None:
    took(agent, MONDAY, "2", approved=False)
    assert balance(agent).left == D(5)


def test_years_of_service_elsewhere_count(agent: Staff) -> None:
    staff_service_set(staff=agent, service_since=date(2005, 3, 1))
    assert balance(agent).left == D(15)
    with pytest.raises(PeopleError, match="晚于入职日期"):
        staff_service_set(staff=agent, service_since=date(2020, 1, 2))
    agent.refresh_from_db()
    assert agent.service_since == date(2005, 3, 1)


def test_who_joins_in_the_year_has_a_part_of_it(department: Department) -> None:
    new = factories.staff(department, "72", hired_on=date(2026, 7, 1), service_since=date(2016, 1, 1))
    assert balance(new).left == D(5)  # 184 ÷ 365 × 10
    fresh = factories.staff(department, "73", hired_on=date(2026, 7, 1))
    assert balance(fresh).left == 0


def test_who_leaves_has_what_the_days_until_then_come_to(agent: Staff) -> None:
    took(agent, date(2026, 3, 6), "2")
    staff_leave(staff=agent, last_day=date(2026, 10, 20), by=None, at=WHEN)
    # 293 ÷ 365 × 5 = 4.01, of which two are taken; a later day asks about the last one.
    assert balance(agent, on=date(2026, 12, 31)).left == D(2)
    assert balance(agent, on=date(2026, 12, 31)).on == date(2026, 10, 20)


def test_more_than_is_left_cannot_be_asked_for(agent: Staff) -> None:
    took(agent, date(2026, 3, 6), "3")
    with pytest.raises(LeaveRefused, match=r"^年假到2026-10-19只剩2天，这次请3天；改短，或改请别的假$"):
        asked(agent, days="3", type="annual")
    assert not LeaveRequest.objects.exists()
    asked(agent, days="2", type="annual")
    assert balance(agent).left == D(2) and balance(agent).waiting == D(2)


def test_a_request_that_waits_holds_its_days_against_another(agent: Staff) -> None:
    asked(agent, days="4", type="annual")
    with pytest.raises(LeaveRefused, match="年假到2026-11-02只剩1天"):
        asked(agent, date(2026, 11, 2), days="2", type="annual")
    assert LeaveRequest.objects.count() == 1


def test_what_was_entered_meanwhile_stops_the_approval(agent: Staff, manager: Account) -> None:
    request = asked(agent, days="4", type="annual")
    took(agent, date(2026, 3, 6), "2")
    with pytest.raises(LeaveRefused, match="年假到2026-10-19只剩3天，这次请4天"):
        leave_approve(request=request, by=manager, at=WHEN)
    request.refresh_from_db()
    assert request.state == "asked" and Leave.objects.count() == 1


def test_leave_that_is_taken_back_is_there_again(agent: Staff, manager: Account) -> None:
    request = leave_approve(request=asked(agent, days="5", type="annual"), by=manager, at=WHEN)
    assert balance(agent).left == 0
    leave_cancel(request=request, reason="改期", by=manager, at=WHEN)
    assert balance(agent).left == D(5)


def test_a_type_without_a_rule_has_no_balance(agent: Staff) -> None:
    took(agent, MONDAY, "20", "sick")
    assert [each.type for each in LeaveAccounts([agent.pk], TODAY).balances(agent.pk, TODAY)] == [
        "compensatory",
        "annual",
    ]


def test_leave_may_be_owed_where_the_rule_says_so(department: Department, agent: Staff) -> None:
    published(department, {**ANNUAL, "params": {**ANNUAL["params"], "beyond": "allow"}})
    took(agent, MONDAY, "7")
    assert balance(agent).left == D(-2)


def test_a_rule_that_begins_in_the_year_gives_the_whole_year(db: None) -> None:
    late = factories.department("D9")
    published(late, ANNUAL, on=date(2026, 10, 1))
    person = factories.staff(late, "91")
    took(person, date(2026, 3, 6), "1")
    assert figures(person) == (D(0), D(5), D(1), D(0), D(4))


def test_who_is_not_bound_has_no_balance(department: Department) -> None:
    published(department, {**ANNUAL, "roles": ["lead"]})
    person = factories.staff(department, "92")
    assert LeaveAccounts([person.pk], TODAY).balances(person.pk, TODAY) == []


def test_two_requests_at_once_cannot_take_the_same_days(transactional_db: None) -> None:
    of = factories.department("D1")
    published(of, ANNUAL)
    person = factories.staff(of, "71")
    person.account = factories.account("agent", staff=person)
    days = (date(2026, 11, 2), date(2026, 11, 16))
    said = at_once(*(lambda day=day: asked(person, day, days="4", type="annual") for day in days))
    assert len(said) == 2 and said.count("done") == 1 and any("只剩1天" in each for each in said)
    assert LeaveRequest.objects.count() == 1


def test_a_transfer_takes_the_balance_along(agent: Staff) -> None:
    took(agent, date(2026, 3, 6), "2")
    there = factories.department("D2")
    published(there, {**ANNUAL, "params": {"type": "annual", "accrual": "yearly", "days": "10"}})
    moved = staff_transfer(staff=agent, to=there, on=date(2026, 10, 1), by=None, at=WHEN)
    # 273 days of five a year and 92 of ten: 6.26.
    assert figures(moved) == (D(0), D(6), D(2), D(0), D(4))
    assert balance(agent, on=date(2026, 9, 30)).left == balance(moved).left
    with pytest.raises(LeaveRefused, match="年假到2026-10-19只剩4天"):
        took(moved, MONDAY, "5")


def test_since_when_service_counts_is_one_date_over_a_transfer(agent: Staff) -> None:
    staff_service_set(staff=agent, service_since=date(2005, 3, 1))
    there = factories.department("D2")
    published(there, ANNUAL)
    moved = staff_transfer(staff=agent, to=there, on=date(2026, 10, 1), by=None, at=WHEN)
    assert balance(moved).left == D(15)
    staff_service_set(staff=moved, service_since=None)
    agent.refresh_from_db()
    assert (agent.service_since, balance(moved).left) == (None, D(5))


HEADER = "工号,开始日期,天数,类型,批准"


def bring(of: Department, path: Path, *rows: str, kind: str = "leave") -> Any:
    path = path / "given.csv"
    header = HEADER if kind == "leave" else "工号,期初项目,假别,截至日期,数值,说明"
    path.write_text("\n".join([header, *rows]), encoding="gb18030")
    load = (
        leave_loader(department=of, at=WHEN)
        if kind == "leave"
        else openings_loader(department=of, by=None, at=WHEN)
    )
    given: dict[str, Any] = {"department": of, "kind": kind, "path": path, "profile": None}
    return run_import(**given, by=None, at=WHEN, load=load, dry_run=False)


def test_a_file_names_the_row_that_takes_more_than_is_left(
    department: Department, agent: Staff, tmp_path: Path
) -> None:
    good = [f"71,2026-03-{day:02},1,年假," for day in (6, 9, 10)]
    with pytest.raises(SheetError, match=r"第 6 行.*年假到2026-10-19只剩1天，这次请2天"):
        bring(department, tmp_path, *good, "71,2026-03-11,1,年假,", "71,2026-10-19,2,年假,")
    assert not Leave.objects.exists()
    assert bring(department, tmp_path, *good, "71,2026-10-19,2,年假,").summary.created == 4
    assert bring(department, tmp_path, *good, "71,2026-10-19,1,年假,").summary.changed == 1
    assert balance(agent).left == D(1)
    assert bring(department, tmp_path, *good, "71,2026-10-19,9,年假,否").summary.changed == 1


def test_hours_of_one_day_are_leaves_of_their_own(
    department: Department, agent: Staff, tmp_path: Path
) -> None:
    published(department, {**ANNUAL, "params": {"type": "annual", "accrual": "yearly", "days": "0.25"}})
    header = "工号,开始时间,结束时间,时长,类型"
    path = tmp_path / "hours.csv"
    rows = [
        "71,2026-10-19 09:00,2026-10-19 11:00,2小时,年假",
        "71,2026-10-19 14:00,2026-10-19 16:00,2小时,年假",
    ]
    for count, refused in ((1, ""), (2, "第 3 行.*年假到2026-10-19只剩0天")):
        path.write_text("\n".join([header, *rows[:count]]), encoding="gb18030")
        given: dict[str, Any] = {"department": department, "kind": "leave", "path": path, "profile": None}
        given |= {
            "by": None,
            "at": WHEN,
            "load": leave_loader(department=department, at=WHEN),
            "dry_run": False,
        }
        if refused:
            with pytest.raises(SheetError, match=refused):
                run_import(**given)
        else:
            run_import(**given)
    assert Leave.objects.count() == 1


def test_a_file_says_again_what_is_recorded_already(
    department: Department, agent: Staff, tmp_path: Path
) -> None:
    took(agent, MONDAY, "5")
    published(department, {**ANNUAL, "params": {"type": "annual", "accrual": "yearly", "days": "2"}})
    assert balance(agent).left == D(-3)
    assert bring(department, tmp_path, "71,2026-10-19,5,年假,").summary.unchanged == 1
    with pytest.raises(SheetError, match="只剩0天"):
        bring(department, tmp_path, "71,2026-10-19,5,年假,", "71,2026-11-02,0.5,年假,")


def test_openings_come_as_a_file(department: Department, agent: Staff, tmp_path: Path) -> None:
    took(agent, date(2026, 3, 6), "2")
    done = bring(department, tmp_path, "71,假期余额,年休假,2026-09-30,1.5,旧台账", kind="opening")
    assert done.summary.created == 1 and not done.summary.months
    assert not FactChange.objects.filter(source="opening").exists()
    assert figures(agent) == (D(0), D("1.5"), D(0), D(0), D("1.5"))
    assert [entry.what for entry in balance(agent).entries] == ["期初余额（旧台账）"]
    assert balance(agent).parts == [(date(2027, 3, 31), D("1.5"))]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("71,假期余额,钓鱼假,2026-09-30,1,", "「假别」（钓鱼假）假期余额要写假别"),
        ("71,假期余额,病假,2026-09-30,1,", "没有病假余额的规定"),
        ("71,假期余额,年假,2026-09-30,400,", "数值太大或小数太多"),
    ],
)
def test_openings_that_cannot_be_are_refused(
    department: Department, agent: Staff, tmp_path: Path, row: str, said: str
) -> None:
    with pytest.raises(SheetError, match=said):
        bring(department, tmp_path, row, kind="opening")
    assert balance(agent).left == D(5)


def corrected(person: Staff, days: str = "1", **given: Any) -> LeaveCorrection:
    return leave_correct(
        **{
            "staff": person,
            "type": "annual",
            "days": D(days),
            "on": TODAY,
            "reason": "核对旧账",
            "by": None,
            "at": WHEN,
            **given,
        }
    )


def test_a_correction_is_an_entry_with_its_reason(agent: Staff) -> None:
    corrected(agent, "2", until=date(2026, 11, 30))
    corrected(agent, "-1.5")
    assert figures(agent) == (D(0), D("5.5"), D(0), D(0), D("5.5"))
    assert [(entry.days, entry.what) for entry in balance(agent).entries][1:] == [
        (D(2), "更正：核对旧账"),
        (D("-1.5"), "更正：核对旧账"),
    ]
    # What ends first is taken off first.
    assert balance(agent, on=date(2026, 12, 1)).expired == D("0.5")


def test_a_correction_stays_as_it_was_written(agent: Staff) -> None:
    row = corrected(agent, "2")
    for change in (lambda: row.delete(), lambda: LeaveCorrection.objects.update(days=9)):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert LeaveCorrection.objects.get().days == D(2)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"days": D("-5.5")}, "只剩5天"),
        ({"days": D(0)}, "天数应不是0"),
        ({"reason": " "}, "没有写理由"),
        ({"type": "sick"}, "制度没有病假的余额"),
        ({"type": "fishing"}, "没有这种假"),
        ({"days": -D(1), "until": TODAY}, "用到哪天只写给增加的天数"),
        ({"on": date(2019, 1, 1)}, "不在职"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(agent: Staff, given: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        corrected(agent, **given)
    assert not LeaveCorrection.objects.exists()


def test_overtime_on_a_day_of_rest_earns_days_off_and_is_not_paid(
    department: Department, agent: Staff, manager: Account
) -> None:
    request = worked(agent, SUNDAY, "4", manager)
    assert (request.compensation, request.details) == ("leave", "4 小时，换调休")
    assert balance(agent, "compensatory", on=SUNDAY).parts == [(SUNDAY + 90 * DAY, D("0.5"))]
    assert worked(agent, SATURDAY, "3", manager, compensation="pay").compensation == "pay"
    assert worked(agent, MONDAY, "2", manager).compensation == "pay"
    assert balance(agent, "compensatory", on=MONDAY).left == D("0.5")
    took(agent, date(2026, 10, 20), "0.5", "compensatory")
    with pytest.raises(LeaveRefused, match="调休到2026-10-21只剩0天"):
        took(agent, date(2026, 10, 21), "0.5", "compensatory")
    period = period_open(department=department, month=date(2026, 10, 1))
    period_settle(period=period, by=manager, at=WHEN)
    (line,) = period.payslips.get().lines.filter(code="t-over")
    assert line.amount == D("100.00")  # Saturday's three hours and Monday's two


@pytest.mark.parametrize(
    ("on", "said"),
    [(MONDAY, "只有休息日的加班可以换调休"), (date(2026, 10, 1), "法定节假日的加班须付加班费")],
)
def test_overtime_that_must_be_paid_is_not_made_good_by_days_off(
    agent: Staff, manager: Account, on: date, said: str
) -> None:
    with pytest.raises(RequestRefused, match=said):
        worked(agent, on, "2", manager, compensation="leave")
    assert not Overtime.objects.exists()


def test_without_a_rule_overtime_is_paid(manager: Account) -> None:
    of = factories.department("D8")
    published(of, ANNUAL)
    person = factories.staff(of, "81")
    by = factories.account("manager", of)
    assert worked(person, SUNDAY, "4", by).compensation == "pay"
    with pytest.raises(RequestRefused, match="制度没有加班换调休的规定"):
        worked(person, SUNDAY - 7 * DAY, "4", by, compensation="leave")


def test_many_people_are_read_with_as_many_queries_as_one(department: Department, agent: Staff) -> None:
    people = [agent] + [factories.staff(department, str(100 + n)) for n in range(5)]
    for person in people:
        took(person, date(2026, 3, 6), "2")
        corrected(person, "1")
    counts = []
    for some in (people[:1], people):
        with CaptureQueriesContext(connection) as queries:
            accounts = LeaveAccounts([person.pk for person in some], TODAY)
            assert [accounts.balances(person.pk, TODAY)[1].left for person in some] == [D(4)] * len(some)
        counts.append(len(queries))
    assert counts == [13, 13]
