"""The month's complaint statistics, worked by hand; every fact comes in through the services."""

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from unittest.mock import patch

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints.models import Case, Charge, Loss, PartyMember, ResponsibleParty, Ruling
from complaints.selectors.statistics import statistics_of
from complaints.services.cases import case_open, case_step
from complaints.services.lifecycle import callback_record, case_merge, case_reopen
from complaints.statistics import Statistics
from people.models import Account, Department, Staff
from rules.models import Provision, Version
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db

NOVEMBER = date(2026, 11, 1)
NOW = datetime(2026, 12, 3, 9, 0, tzinfo=WHEN.tzinfo)
A_WEEK = {
    "code": "x-week",
    "title": "七日办结",
    "kind": "case_deadline",
    "params": {"days": 7, "ends": "moment"},
}
SHARING = {"code": "x-share", "title": "损失分担", "kind": "loss_share", "params": {}}
_keys = count(1)

Publish = Callable[..., Version]


def moment(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=WHEN.tzinfo)


@pytest.fixture
def place() -> Department:
    department = factories.department("D1", name="一店")
    version = Version.objects.create(department=department, number=1, effective_on=date(2025, 1, 1))
    Provision.objects.bulk_create(
        Provision(version=version, position=position, clause=each["title"], **each)
        for position, each in enumerate((A_WEEK, SHARING), 1)
    )
    Version.objects.filter(pk=version.pk).update(published_at=WHEN)
    return department


def opened(department: Department, at: datetime, **given: Any) -> Case:
    fields = {"title": "少件", "key": f"k{next(_keys)}", "cause": "少件", "product": "茶杯", **given}
    return case_open(department=department, received_at=at, by=None, at=at, **fields)


def closed(case: Case, at: datetime, *, upheld: bool = True) -> Case:
    given = {"brings": {"处理结果": "补发"}, "upheld": upheld, "happened_at": at}
    return case_step(case=case, decision="结案", by=None, at=at, **given)


def lost(case: Case, amount: str) -> Loss:
    return Loss.objects.create(case=case, amount=Decimal(amount), basis="进货价", at=NOW)


def ruled(case: Case, amount: str, *parties: tuple[str, dict[str, Any], list[Staff]]) -> Ruling:
    ruling = Ruling.objects.create(
        case=case,
        provision=Provision.objects.get(code="x-share"),
        amount=Decimal(amount),
        reason="未核对",
        proposed_at=NOW,
        state="decided",
        decided_at=NOW,
        charged_on=date(2026, 11, 9),
    )
    for percent, unit, people in parties:
        party = ResponsibleParty(ruling=ruling, percent=Decimal(percent), **unit)
        ResponsibleParty.objects.bulk_create([party])
        PartyMember.objects.bulk_create(PartyMember(party=party, staff=each) for each in people)
    return ruling


def figures(department: Department, month: date = NOVEMBER) -> Statistics:
    return statistics_of(department, month, now=NOW)


def test_a_month_worked_by_hand(place: Department) -> None:
    # In time after 2 days, late after 10 days (not upheld), in time after 3 days from the earlier receipt.
    quick = closed(opened(place, moment(11, 2), channel="store"), moment(11, 4))
    slow = closed(opened(place, moment(10, 30), product="茶壶"), moment(11, 9), upheld=False)
    twin = opened(place, moment(11, 5))
    whole = opened(place, moment(11, 6), cause="破损")
    lost(twin, "30.00")
    case_merge(case=twin, into=whole, reason="同一件", by=None, at=moment(11, 7))
    closed(whole, moment(11, 8))
    declined = opened(place, moment(11, 10), cause="")
    case_step(
        case=declined, decision="不成立，婉拒", brings={"处理结果": "说明"}, note="非本店", by=None,
        at=moment(11, 11),
    )  # fmt: skip
    opened(place, moment(11, 12))  # still open, and overdue since the 19th
    lost(quick, "100.00")
    lost(slow, "20.50")

    found = figures(place)
    this = found.this
    assert (this.received, this.declined, this.merged, this.closed) == (5, 1, 1, 3)
    assert (this.upheld, this.reopened, this.closed_again) == (2, 0, 0)
    assert (this.average_days, this.median_days, this.longest_days) == (
        Decimal("5.0"),
        Decimal("3.0"),
        Decimal("10.0"),
    )
    assert (this.clocks.on_time, this.clocks.late, this.clocks.share) == (2, 1, Decimal("66.7"))
    assert this.losses == Decimal("150.50")
    assert found.overdue == 1
    assert (found.before.received, found.before.closed) == (1, 0)
    assert [(each.label, each.received, each.closed, each.losses) for each in found.groups["cause"]] == [
        ("少件", 3, 2, Decimal("120.50")),
        ("破损", 1, 1, Decimal("30.00")),
        ("未填", 1, 0, Decimal("0.00")),
    ]
    assert [(each.label, each.received, each.before) for each in found.groups["product"]] == [
        ("茶杯", 5, 0),
        ("茶壶", 0, 1),
    ]
    assert [(each.label, each.received) for each in found.groups["channel"]] == [("电话", 4), ("门店", 1)]


def test_a_reopened_case_stays_in_the_month_of_its_first_closing(place: Department) -> None:
    case = closed(opened(place, moment(10, 5)), moment(10, 7), upheld=False)
    before = figures(place, date(2026, 10, 1)).this
    case = case_reopen(case=case, reason="客户不认", by=None, at=moment(11, 3))
    closed(case, moment(11, 20))

    october = figures(place, date(2026, 10, 1)).this
    assert (october.closed, october.upheld, october.average_days) == (1, 0, Decimal("2.0"))
    assert (october.clocks.on_time, october.clocks.late) == (1, 0)
    assert (october.closed, october.took) == (before.closed, before.took)
    november = figures(place).this
    assert (november.received, november.closed, november.reopened, november.closed_again) == (0, 0, 1, 1)
    assert (november.clocks.on_time, november.clocks.late) == (0, 0)
    assert (november.clocks_again.on_time, november.clocks_again.late) == (0, 1)


def test_a_clock_counts_when_its_thing_happened_not_when_it_was_told(place: Department) -> None:
    case = opened(place, moment(11, 20))
    given = {"brings": {"处理结果": "补发"}, "happened_at": moment(11, 27)}
    case_step(case=case, decision="结案", by=None, at=moment(12, 2), **given)
    this = figures(place).this
    assert (this.closed, this.clocks.on_time, this.clocks.late) == (1, 1, 0)


def test_a_merge_does_not_hide_what_was_late(place: Department) -> None:
    late, target = opened(place, moment(11, 1)), opened(place, moment(11, 10))
    case_merge(case=late, into=target, reason="同一件", by=None, at=moment(11, 12))
    assert figures(place).this.clocks.late == 1


def test_a_later_merge_leaves_the_days_of_the_first_closing(place: Department) -> None:
    case = closed(opened(place, moment(10, 10)), moment(10, 12))
    case = case_reopen(case=case, reason="客户不认", by=None, at=moment(10, 13))
    case_merge(case=opened(place, moment(10, 1)), into=case, reason="同一件", by=None, at=moment(10, 14))
    assert figures(place, date(2026, 10, 1)).this.took == [timedelta(days=2)]


def test_units_bear_what_standing_rulings_say(place: Department) -> None:
    first, second = factories.team(place, "甲组"), factories.team(place, "乙组")
    one, other = factories.staff(place, team=first), factories.staff(place, team=second)
    lone = factories.staff(place)
    mine = closed(opened(place, moment(11, 2)), moment(11, 4))
    ours = closed(opened(place, moment(11, 2)), moment(11, 5))
    all_ = closed(opened(place, moment(11, 2)), moment(11, 6))
    ruling = ruled(mine, "100.00", ("60", {}, [one, other]), ("40", {"team": second}, []))
    for person, amount in ((one, "45.00"), (other, "15.00")):
        Charge.objects.create(
            ruling=ruling, staff=person, amount=Decimal(amount), appeal_until=date(2026, 11, 20), at=NOW
        )
    ruled(ours, "9.00", ("100", {}, [lone]))
    ruled(all_, "10.00", ("100", {"is_department": True}, []))
    reversed_ = closed(opened(place, moment(11, 2)), moment(11, 7))
    Ruling.objects.filter(pk=ruled(reversed_, "500.00", ("100", {"team": first}, [])).pk).update(
        state="reversed"
    )
    assert [(each.label, each.cases, each.losses) for each in figures(place).units] == [
        ("乙组", 1, Decimal("55.00")),
        ("甲组", 1, Decimal("45.00")),
        ("一店", 1, Decimal("10.00")),
        ("未分组的人", 1, Decimal("9.00")),
    ]


def test_who_complains_again_is_known_by_the_phone_and_never_named(place: Department) -> None:
    given = {"complainant": "孙女士", "phone": "138 0000 0001"}
    first = opened(place, moment(9, 1), **given)
    again = opened(place, moment(11, 2), **{**given, "phone": "13800000001"})
    double = opened(place, moment(11, 3), **given)
    case_merge(case=double, into=again, reason="同一件", by=None, at=moment(11, 4))
    opened(place, moment(11, 5), complainant="李先生", phone="13900000002")
    found = figures(place)
    assert [each.numbers for each in found.repeats] == [(first.number, again.number)]


def test_the_last_score_of_a_callback_counts(place: Department) -> None:
    reached, not_reached, never = (closed(opened(place, moment(11, 2)), moment(11, day)) for day in (4, 5, 6))
    given: dict[str, Any] = {"by": None}
    callback_record(case=reached, happened_at=moment(11, 8), is_reached=True, satisfaction=2,
                    at=moment(11, 8), **given)  # fmt: skip
    callback_record(case=reached, happened_at=moment(12, 1), is_reached=True, satisfaction=5,
                    at=moment(12, 1), **given)  # fmt: skip
    callback_record(case=not_reached, happened_at=moment(11, 8), is_reached=False,
                    at=moment(11, 8), **given)  # fmt: skip
    this = figures(place).this
    assert (this.called, this.reached, this.called_share) == (2, 1, Decimal("33.3"))
    assert (this.satisfaction, this.scores) == (Decimal("5.0"), [5])
    assert never.state == Case.State.CLOSED


def test_nothing_at_all_has_no_shares(place: Department) -> None:
    this = figures(place).this
    assert this.received == 0
    assert {this.average_days, this.clocks.share, this.called_share, this.satisfaction} == {None}


def many(department: Department, number: int) -> None:
    team = factories.team(department, "甲组")
    person = factories.staff(department, team=team)
    for index in range(number):
        at = moment(11, 1 + index % 20)
        case = closed(opened(department, at, phone=f"1380000{index % 7}"), at + timedelta(days=index % 9))
        lost(case, "10.00")
        ruled(case, "10.00", ("100", {}, [person]))


@pytest.mark.parametrize("number", [3, 60])
def test_the_figures_take_as_many_queries_for_any_number_of_cases(place: Department, number: int) -> None:
    many(place, number)
    with CaptureQueriesContext(connection) as queries:
        found = figures(place)
    assert found.this.closed == number
    assert len(queries) <= 13


# The page and the workbook


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


VIEWS = ("", "cause", "product", "type", "channel", "unit", "clocks", "callbacks")


def test_the_page_shows_the_month_and_the_way_to_others(place: Department) -> None:
    many(place, 3)
    manager = client_of(factories.account("manager", place))
    page = reverse("case_statistics")
    for view in VIEWS:
        response = manager.get(page, {"month": "2026-11", "view": view})
        assert response.status_code == 200, view
        text = response.content.decode()
        assert "2026年11月" in text and "month=2026-10" in text
        assert "style=" not in text and "<script>" not in text


def test_without_a_month_the_page_shows_the_last_whole_one(place: Department) -> None:
    with patch("django.utils.timezone.now", return_value=NOW):
        response = client_of(factories.account("hr", place)).get(reverse("case_statistics"))
    assert response.context["month"] == NOVEMBER


@pytest.mark.parametrize("group", ["agent", "lead"])
def test_who_does_not_see_all_cases_gets_no_figures(place: Department, group: str) -> None:
    many(place, 1)
    person = factories.staff(place, role=group)
    client = client_of(factories.account(group, staff=person))
    assert client.get(reverse("case_statistics")).status_code == 404
    assert client.get(reverse("case_statistics_export")).status_code == 404


def test_another_department_is_neither_shown_nor_exported(place: Department) -> None:
    opened(place, moment(11, 3), cause="别店的事由")
    other = factories.department("D2")
    client = client_of(factories.account("manager", other))
    asked = {"month": "2026-11", "department": "D1"}
    assert "别店" not in client.get(reverse("case_statistics"), {**asked, "view": "cause"}).content.decode()
    book = workbook_of(client.get(reverse("case_statistics_export"), asked))
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert not [each for each in cells if "别店" in each or place.name in each]


def workbook_of(response: Any) -> openpyxl.Workbook:
    assert response.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))


def test_the_workbook_has_the_figures_of_the_page(place: Department) -> None:
    many(place, 3)
    given = {"complainant": "孙女士", "phone": "13800000001", "cause": "=1+1"}
    for day in (3, 4):
        opened(place, moment(11, day), **given)
    hr = client_of(factories.account("hr", place))
    with CaptureQueriesContext(connection) as queries:
        response = hr.get(reverse("case_statistics_export"), {"month": "2026-11"})
        book = workbook_of(response)
    assert len(queries) <= 20
    assert book.sheetnames == [
        "总览", "近12个月", "按事由", "按产品", "按类型", "按来源", "按责任单位", "时限", "重复投诉", "口径",
    ]  # fmt: skip
    told = {row[0]: row[1:3] for row in book["总览"].iter_rows(values_only=True)}
    assert told["接到"] == (5, 0)
    assert told["结案"] == (3, 0)
    assert told["损失（元）"] == (30, 0)
    causes = {row[0]: row[1] for row in book["按事由"].iter_rows(values_only=True)}
    assert causes == {"事由": "接到", "少件": 3, "=1+1": 2, "合计": 5}
    months = list(book["近12个月"].iter_rows(values_only=True))
    assert len(months) == 13 and months[-1][0] == "2026-11"
    words = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert not [each for each in words if "孙女士" in each or "138" in each]


# The first page


@pytest.mark.parametrize(("day", "is_there"), [(1, True), (10, True), (11, False)])
def test_hr_is_reminded_until_the_tenth(place: Department, day: int, is_there: bool) -> None:
    opened(place, moment(11, 3))
    account = factories.account("hr", place)
    with patch("django.utils.timezone.now", return_value=moment(12, day)):
        text = client_of(account).get(reverse("home")).content.decode()
    link = f"{reverse('case_statistics')}?department=D1&amp;month=2026-11"
    assert (link in text) is is_there


def test_only_departments_with_cases_are_to_report(place: Department) -> None:
    account = factories.account("hr", place)
    with patch("django.utils.timezone.now", return_value=moment(12, 2)):
        response = client_of(account).get(reverse("home"))
    assert response.status_code == 200
    assert reverse("case_statistics") not in response.content.decode()
