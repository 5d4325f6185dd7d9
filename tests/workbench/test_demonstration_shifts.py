"""The demonstration's shifts, loaded on whatever day: the pages of today show something at any hour."""

from datetime import datetime
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from core.periods import first_of
from duties.models import DutyTurn, HandoverItem, HandoverSignature, Memo, Suggestion
from duties.services.missed_duties import missed_duties_record
from people.models import Account, Department
from shifts.models import Attendance, LeaveRequest, Punch, Roster
from workbench.demonstration.pay import CODE, demo_load
from workbench.demonstration.shifts import demo_shifts_load

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def department(django_db_setup: None, django_db_blocker: Any) -> Any:
    """The demonstration without shifts; loaded once."""
    with django_db_blocker.unblock(), transaction.atomic():
        demo_load(password="demonstration", say=lambda _: None)
        yield Department.objects.get(code=CODE)
        transaction.set_rollback(True)


@pytest.mark.parametrize("clock", ["2026-11-21 21:40", "2026-12-01 00:05", "2027-02-28 13:00"])
def test_the_day_has_life_whenever_it_is_loaded(department: Department, clock: str) -> None:
    now = timezone.make_aware(datetime.fromisoformat(clock))
    with patch("django.utils.timezone.now", Mock(wraps=timezone.now, return_value=now)):
        demo_shifts_load(department=department, now=now)
        month = first_of(now.date())
        published = Roster.objects.filter(state=Roster.State.PUBLISHED)
        assert published.count() == 3 and {each.month for each in published} == {month}
        assert Roster.objects.exclude(state=Roster.State.PUBLISHED).get().days.exists()
        assert DutyTurn.objects.exists() and Memo.objects.count() == 2 and Suggestion.objects.exists()
        assert not Punch.objects.filter(at__gt=now).exists()
        if now.day > 1:
            assert Attendance.objects.filter(work_date__gte=month, late_minutes=12).exists()
            assert HandoverItem.objects.filter(is_nothing=False, signature__isnull=True).exists()
            assert HandoverSignature.objects.exists()
        if now.day < 28:
            assert LeaveRequest.objects.filter(state="asked").exists()
        assert missed_duties_record(department=department, at=now).new < 6
        agent = Client()
        agent.force_login(Account.objects.get(username="demo-agent"))
        page = agent.get("/me/").content.decode()
        assert page.count("card") > 5
        manager = Client()
        manager.force_login(Account.objects.get(username="demo-manager"))
        assert "人当班" in manager.get("/").content.decode()
