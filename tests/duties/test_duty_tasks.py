"""The hourly check, by the task and by the command."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from duties import tasks
from duties.models import DutyTurn, HandoverItem
from notices.models import Notice
from penalties.models import Incident
from shifts.models import Roster, RosterDay, ShiftPattern
from tests import factories
from tests.rostered import RULES, Place, place, rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Place:
    """Somebody whose shift of yesterday ended without a handover."""
    made = place([each for each in RULES if each["code"] in ("day-book", "s000-03-01f")])
    staff = factories.staff(made.department, "1001")
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
    RosterDay.objects.create(
        roster=made.roster,
        staff=staff,
        work_date=noon.date(),
        pattern=ShiftPattern.objects.get(department=made.department, name="白班"),
        starts_at=noon,
        ends_at=noon + timedelta(hours=1),
    )
    Roster.objects.update(published_at=noon - timedelta(days=9))
    return made


def test_the_task_of_a_department_records_once(here: Place) -> None:
    assert tasks.duties_check_department(here.department.pk) == 1
    assert tasks.duties_check_department(here.department.pk) == 0
    assert Incident.objects.get().code == "s000-03-01f"


def test_the_hourly_task_queues_every_department(here: Place, monkeypatch: Any) -> None:
    """Without a roster too: turns that were given out are owed all the same."""
    other = factories.department()
    queued: list[int] = []
    monkeypatch.setattr(tasks.duties_check_department, "delay", queued.append)
    assert tasks.duties_check() == 2
    assert set(queued) == {here.department.pk, other.pk}


def test_a_turn_is_recorded_as_missed_without_a_roster() -> None:
    department = factories.department()
    rules(department)
    yesterday = timezone.localdate() - timedelta(days=1)
    DutyTurn.objects.create(
        department=department,
        code="clean",
        on=yesterday,
        staff=factories.staff(department),
        at=timezone.now(),
    )
    assert tasks.duties_check_department(department.pk) == 1


def test_people_without_a_roster_are_reminded() -> None:
    """Of what they handed over and nobody signed."""
    author = factories.staff(factories.department())
    author.account = factories.account("agent", staff=author)
    now = timezone.now()
    written = {
        "work_date": timezone.localdate(),
        "text": "等补发",
        "key": "k",
        "at": now - timedelta(hours=2),
    }
    HandoverItem.objects.create(author=author, **written)
    assert (tasks.remind(), tasks.remind()) == (1, 0)
    assert Notice.objects.get().account == author.account


def test_the_command_says_what_is_new(here: Place, capsys: Any) -> None:
    call_command("duties_check", department=here.department.code)
    call_command("duties_check")
    assert capsys.readouterr().out.splitlines() == [
        f"{here.department}：新记录1条",
        f"{here.department}：新记录0条",
    ]
    with pytest.raises(CommandError, match="没有代码为nowhere的部门"):
        call_command("duties_check", department="nowhere")
