"""Who is on shift at a moment, late or missing; the tiles of the first page count what is behind them."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from duties.services.handover import handover_write
from duties.services.missed_duties import missed_duties_record
from people.models import Account
from shifts.models import Leave, Overtime, Punch, RosterDay
from shifts.selectors.on_shift import shift_counts, shifts_begun
from tests import factories
from tests.rostered import Place, moment, place

pytestmark = pytest.mark.django_db
NOON = moment(12, "12:00")


@pytest.fixture
def at() -> Any:
    with patch("django.utils.timezone.now", Mock(wraps=timezone.now, return_value=NOON)) as clock:
        yield clock


@pytest.fixture
def world() -> Place:
    """Of four in the day one is in time, one late, one missing and one on leave; one works in the evening."""
    made = place()
    for number, name in (("1", "准时"), ("2", "迟到"), ("3", "没来"), ("4", "请假"), ("5", "晚班")):
        made.staff[name] = factories.staff(made.department, number, name=f"{name}的人")
        made.shift(made.staff[name], "晚班" if name == "晚班" else "白班", 11, 12)
    for name, clock in (("准时", "08:30"), ("迟到", "08:31")):
        Punch.objects.create(staff=made.staff[name], at=moment(12, clock))
    Leave.objects.create(
        staff=made.staff["请假"], starts_on=date(2026, 10, 12), days=Decimal(1), type="personal"
    )
    return made


@pytest.fixture
def manager(world: Place) -> Account:
    return factories.account("manager", world.department)


def client_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def names(account: Account, at: Any) -> set[str]:
    return {row.staff.name for row in shifts_begun(account, at=at).select_related("staff")}


def test_who_came_late_who_is_missing_and_who_is_on_leave(world: Place, manager: Account) -> None:
    assert shift_counts(manager, at=NOON) == {"on": 3, "late": 1, "missing": 1}
    assert names(manager, NOON) == {"准时的人", "迟到的人", "没来的人"}
    assert shift_counts(manager, at=moment(12, "08:00")) == {"on": 0, "late": 0, "missing": 0}


def test_the_evening_shift_runs_beyond_midnight_and_the_days_shift_stays_until_then(
    world: Place, manager: Account
) -> None:
    Punch.objects.create(staff=world.staff["晚班"], at=moment(12, "17:28"))
    assert shift_counts(manager, at=moment(12, "20:00")) == {"on": 1, "late": 1, "missing": 1}
    assert names(manager, moment(13, "00:30")) == {"晚班的人"}
    assert names(manager, moment(13, "01:30")) == set()


def test_half_a_day_of_leave_is_neither_late_nor_missing(world: Place, manager: Account) -> None:
    Leave.objects.create(
        staff=world.staff["没来"], starts_on=date(2026, 10, 12), days=Decimal("0.5"), type="personal"
    )
    assert shift_counts(manager, at=NOON) == {"on": 3, "late": 1, "missing": 0}


def test_leave_across_rest_is_counted_as_everywhere(world: Place, manager: Account) -> None:
    """A day and a half from the 10th, the 11th a day of rest: half of the 12th is leave."""
    staff = world.staff["没来"]
    RosterDay.objects.filter(staff=staff, work_date=date(2026, 10, 11)).update(
        pattern=None, starts_at=None, ends_at=None
    )
    world.shift(staff, "白班", 10)
    leave = Leave.objects.create(
        staff=staff, starts_on=date(2026, 10, 10), days=Decimal("1.5"), type="personal"
    )
    assert shift_counts(manager, at=NOON) == {"on": 3, "late": 1, "missing": 0}
    leave.days = 2
    leave.save()
    assert names(manager, NOON) == {"准时的人", "迟到的人"}


def test_only_those_who_lead_see_it_and_only_their_people(world: Place) -> None:
    agent = factories.account("agent", staff=world.staff["准时"])
    assert client_of(agent).get("/shifts/now/").status_code == 404
    other = factories.account("manager", factories.department("Z"))
    page = client_of(other).get("/shifts/now/").content.decode()
    assert "的人" not in page.split("<main")[1]
    assert shift_counts(other, at=NOON) == {"on": 0, "late": 0, "missing": 0}


def test_a_lead_who_is_an_auditor_too_sees_the_own_team_at_work(world: Place) -> None:
    team = factories.team(world.department)
    lead = factories.staff(world.department, "9", name="组长的人", team=team, role="lead")
    world.shift(lead, "白班", 12)
    account = factories.account("lead", staff=lead)
    account.groups.add(factories.account("auditor").groups.get())
    assert names(account, NOON) == {"组长的人"}


def test_late_is_who_comes_a_minute_after_the_start(world: Place, manager: Account) -> None:
    start = moment(12, "08:30")
    Punch.objects.filter(staff=world.staff["迟到"]).delete()
    Punch.objects.create(staff=world.staff["迟到"], at=start + timedelta(seconds=59.4))
    assert shift_counts(manager, at=NOON)["late"] == 0


def test_the_tiles_count_what_is_behind_them(world: Place, manager: Account, at: Any) -> None:
    handover_write(author=world.staff["准时"], text="等回电", key="k", by=None, at=NOON)
    for day in (8, 9):
        Overtime.objects.create(
            staff=world.staff["准时"], work_date=date(2026, 10, day), hours=1, reason="盘点", asked_at=NOON
        )
    missed_duties_record(department=world.department, at=NOON)
    client = client_of(manager)
    home = client.get("/").content.decode()
    tiles = re.findall(
        r'href="([^"]+)"><span class="stat-figure">(\d+)</span><span class="stat-label">([^<]+)', home
    )
    found = {label: (int(figure), url) for url, figure, label in tiles}
    assert {label: figure for label, (figure, _) in found.items() if figure} == {
        "人当班": 3,
        "人今天迟到": 1,
        "人没有打卡": 1,
        "项申请待审批": 2,
        "项交接没有签收": 1,
        "次职责没有做到，待确认": found["次职责没有做到，待确认"][0],
        "条奖惩待确认": found["条奖惩待确认"][0],
        "天交接待复核": 1,
    }
    assert found["次职责没有做到，待确认"][0] >= 4
    for label, (figure, url) in found.items():
        if label in ("天交接待复核",) or not figure:
            continue
        page = client.get(url.replace("&amp;", "&")).content.decode()
        assert page.split("<tbody")[1].split("</tbody")[0].count("<tr") == figure, label


def test_the_page_takes_few_queries_for_many_people(world: Place, manager: Account, at: Any) -> None:
    client = client_of(manager)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/shifts/now/").status_code == 200
        return len(captured)

    before = cost()
    for i in range(60):
        person = factories.staff(world.department, f"90{i:02}")
        world.shift(person, "白班", 12)
    assert cost() == before <= 12
    page = client.get("/shifts/now/").content.decode()
    assert page.split("<tbody")[1].count("<tr") == 50
