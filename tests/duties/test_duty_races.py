"""Who came to a meeting is noted while somebody else notes it, or while absences are recorded."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from duties.models import DutyRecord
from duties.services.duties import attendance_note
from duties.services.missed_duties import missed_duties_record
from penalties.models import Incident
from people.models import Account, Staff
from tests import factories
from tests.rostered import Place, moment, place

MONDAY = date(2026, 10, 12)


def noted(here: Place, by: Account) -> int:
    who = {each.pk for each in here.staff.values()}
    return attendance_note(
        department=here.department,
        code="meeting",
        due_on=MONDAY,
        staff_ids=who,
        by=by,
        at=moment(12, "09:00"),
    )


def recorded(here: Place, by: Account) -> int:
    return missed_duties_record(department=here.department, at=moment(13, "00:07")).new


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("meanwhile", [noted, recorded])
def test_what_is_noted_meanwhile_is_seen(meanwhile: Callable[[Place, Account], int]) -> None:
    here = place()
    here.staff["1001"] = factories.staff(here.department, "1001")
    here.shift(here.staff["1001"], "白班", 12)
    by = factories.account("supervisor", here.department)
    results: list[Any] = []

    def act() -> None:
        try:
            results.append(meanwhile(here, by))
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=act)
    with transaction.atomic():
        # As noting does, whoever comes meanwhile waits here.
        list(Staff.objects.select_for_update(no_key=True).filter(department=here.department))
        assert noted(here, by) == 1
        thread.start()
        waits_for_lock()
    thread.join(timeout=30)
    assert not thread.is_alive()
    assert not Incident.objects.filter(code="meeting-fine").exists()
    assert DutyRecord.objects.count() == 1
    assert [each for each in results if isinstance(each, Exception)] == []


def waits_for_lock() -> None:
    """Until the other transaction waits for what this one holds."""
    for _ in range(300):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        threading.Event().wait(0.05)
    raise AssertionError("nobody waited")
