"""Clocks: what starts, pauses, moves and stops them, and that each level of each deadline rings once."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from complaints.clocks import state_of
from complaints.errors import CaseRefused
from complaints.models import Alarm, Case, Clock, ClockEvent, OpeningHours
from complaints.services.cases import case_step, event_record
from complaints.services.clocks import arithmetic_of, calendar_changed, clocks_of
from complaints.services.lifecycle import case_pause, case_resume
from complaints.services.sweep import sweep
from notices.models import Notice
from penalties.models import Incident
from tests.complaints.opened import CALL, SLOW, WEEK, Place, at, place, told

BUSINESS: dict[str, Any] = {
    "code": "x-days",
    "title": "2个工作日",
    "kind": "case_deadline",
    "params": {"days": 2, "calendar": "business"},
}


def close(here: Place, case: Case, when: Any, **fields: Any) -> Case:
    given = {"brings": {"处理结果": "补发"}, "by": here.accounts["agent"], "at": when, "note": "补记"}
    return case_step(case=case, decision="结案", **(given | fields))


def note(here: Place, case: Case, kind: str, when: Any, recorded: Any = None) -> None:
    event_record(case=case, kind=kind, happened_at=when, by=here.accounts["agent"], at=recorded or when)


def is_breached(case: Case, now: Any, code: str = "x-week", round: int = 1) -> bool:
    rows = ClockEvent.objects.filter(clock__case=case, clock__code=code, clock__round=round).order_by("id")
    return state_of(rows.values_list("clock", "kind", "at", "due_at")).is_breached(now)


@pytest.mark.django_db
def test_a_late_sweep_rings_every_level_once() -> None:
    here = place()
    case = here.open()
    assert sweep(at=at(7, "23:59")) == 0
    assert sweep(at=at(12)) == 4
    assert sweep(at=at(12)) == 0
    rang = ClockEvent.objects.filter(clock__case=case, kind="rang").order_by("id")
    assert [each.level for each in rang] == ["before-48", "before-24", "due", "after-1"]
    incident = Incident.objects.get()
    assert (incident.staff, incident.code, incident.work_date) == (here.holder, "x-slow", at(10).date())
    texts = set(Notice.objects.values_list("account__username", "text"))
    agent, supervisor, manager = (here.accounts[each].username for each in ("agent", "supervisor", "manager"))
    number = case.number
    assert {
        (agent, f"投诉{number}快到期"),
        (agent, f"投诉{number}已逾期"),
        (supervisor, f"投诉{number}已逾期"),
        (manager, f"投诉{number}已逾期"),
    } <= texts


@pytest.mark.django_db
def test_who_has_several_is_told_their_number() -> None:
    here = place()
    for _ in range(3):
        here.open()
    sweep(at=at(8))
    agent = here.accounts["agent"]
    assert list(Notice.objects.filter(account=agent, kind="case_due").values_list("text", flat=True)) == [
        "3件投诉快到期"
    ]


@pytest.mark.django_db
def test_a_sweep_costs_one_query_when_nothing_is_due_and_as_many_for_many() -> None:
    here = place()
    for _ in range(2):
        here.open()
    with CaptureQueriesContext(
        connection,
    ) as idle:
        sweep(at=at(3))
    asked = [each for each in idle.captured_queries if "SAVEPOINT" not in each["sql"]]
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as few:
        sweep(at=at(10, "12:00"))
    for _ in range(8):
        here.open(at(4))
    with CaptureQueriesContext(connection) as many:
        sweep(at=at(11, "12:00"))
    assert len(many) <= len(few)


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_ring_everything_once() -> None:
    here = place()
    for _ in range(20):
        here.open()
    ready, results = threading.Barrier(2), []

    def run() -> None:
        ready.wait()
        results.append(sweep(at=at(12)))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(results) == 80
    assert ClockEvent.objects.filter(kind="rang").count() == 80
    assert Incident.objects.count() == 20
    assert not Alarm.objects.filter(at__lte=at(12)).exists()


class _Killed(Exception):
    """The worker is gone."""


@pytest.mark.django_db
def test_a_sweep_that_is_killed_has_done_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    here = place()
    here.open()
    before = Alarm.objects.count()
    with monkeypatch.context() as patch:

        def die(**given: Any) -> None:
            raise _Killed

        patch.setattr("complaints.services.sweep.notices_send_each", die)
        with pytest.raises(_Killed), transaction.atomic():
            sweep(at=at(12))
    assert (Alarm.objects.count(), ClockEvent.objects.filter(kind="rang").count()) == (before, 0)
    assert not Incident.objects.exists()
    assert sweep(at=at(12)) == 4


@pytest.mark.django_db
def test_the_very_minute_of_the_deadline_is_in_time() -> None:
    here = place()
    met, missed = here.open(), here.open()
    close(here, met, at(10))
    close(here, missed, at(10, "09:01"))
    assert (is_breached(met, at(20)), is_breached(missed, at(20))) == (False, True)
    assert told(met)[-1] == ("stopped", None)
    assert [level for level, _ in told(missed)] == ["started", "before-48", "before-24", "due", "stopped"]
    assert Incident.objects.count() == 1


@pytest.mark.django_db
def test_what_was_done_in_time_and_noted_late_takes_the_miss_back() -> None:
    here = place()
    case = here.open()
    sweep(at=at(10, "09:10"))
    assert is_breached(case, at(10, "09:10"))
    assert Incident.objects.get().state == "recorded"
    close(here, case, at(10, "10:00"), happened_at=at(10, "08:59"))
    assert not is_breached(case, at(20))
    assert Incident.objects.get().state == "rejected"


@pytest.mark.django_db
def test_what_is_closed_late_before_the_sweep_comes_is_missed_all_the_same() -> None:
    here = place()
    case = here.open()
    close(here, case, at(12))
    assert sweep(at=at(13)) == 0
    assert is_breached(case, at(13))
    assert Incident.objects.count() == 1


@pytest.mark.django_db
def test_a_pause_moves_the_end_by_its_length() -> None:
    here = place()
    case = here.open()
    steer: dict[str, Any] = {"case": case, "by": here.accounts["supervisor"]}
    case_pause(reason="等客户寄回", happened_at=at(5), at=at(5), **steer)
    assert not Alarm.objects.filter(clock__case=case).exists()
    assert not is_breached(case, at(20))
    case_resume(happened_at=at(6, "12:00"), at=at(6, "12:00"), **steer)
    assert told(case) == [("started", at(10)), ("paused", None), ("resumed", at(11, "12:00"))]
    case_pause(reason="又等", happened_at=at(7), at=at(7), **steer)
    case_resume(happened_at=at(8), at=at(8), **steer)
    assert told(case)[-1] == ("resumed", at(12, "12:00"))


@pytest.mark.django_db
def test_what_no_pause_can_be_is_refused_and_changes_nothing() -> None:
    here = place()
    case = here.open()
    steer: dict[str, Any] = {"case": case, "by": here.accounts["supervisor"]}
    with pytest.raises(CaseRefused, match="没有写暂停的理由"):
        case_pause(reason="", happened_at=at(5), at=at(5), **steer)
    with pytest.raises(CaseRefused, match="没有暂停的时限"):
        case_resume(happened_at=at(5), at=at(5), **steer)
    with pytest.raises(CaseRefused, match="您不能在"):
        case_pause(case=case, reason="等", happened_at=at(5), by=here.accounts["agent"], at=at(5))
    case_pause(reason="等", happened_at=at(5), at=at(5), **steer)
    before = told(case)
    with pytest.raises(CaseRefused, match="暂停，不能再暂停"):
        case_pause(reason="再等", happened_at=at(6), at=at(6), **steer)
    with pytest.raises(CaseRefused, match="早于“7天结案”最近一次变动"):
        case_resume(happened_at=at(4), at=at(6), **steer)
    assert told(case) == before
    assert case.events.filter(kind="paused").count() == 1


@pytest.mark.django_db
def test_nobody_pauses_backwards_what_has_rung() -> None:
    here = place()
    case = here.open()
    sweep(at=at(10, "09:10"))
    before = told(case)
    with pytest.raises(CaseRefused, match="已到期并告知，不能补记此前的暂停"):
        case_pause(
            case=case, reason="等", happened_at=at(9), by=here.accounts["supervisor"], at=at(10, "10:00")
        )
    with pytest.raises(CaseRefused, match="没有可暂停的"):
        case_pause(case=case, reason="等", happened_at=at(11), by=here.accounts["supervisor"], at=at(11))
    assert told(case) == before


@pytest.mark.django_db
def test_two_clocks_run_side_by_side() -> None:
    here = place()
    case = here.open(platform_due_at=at(5, "18:00"))
    note(here, case, "messaged", at(3, "10:00"))
    assert told(case, "x-call") == [("started", at(5, "10:00"))]
    assert told(case, "platform") == [("started", at(5, "18:00"))]
    note(here, case, "phoned", at(5, "09:00"))
    assert told(case, "x-call")[-1] == ("stopped", None)
    close(here, case, at(6))
    assert is_breached(case, at(6), "platform")
    assert not is_breached(case, at(6))


@pytest.mark.django_db
def test_of_several_messages_the_last_one_counts() -> None:
    here = place()
    case = here.open()
    note(here, case, "messaged", at(3, "10:00"))
    note(here, case, "messaged", at(3, "15:00"))
    assert told(case, "x-call") == [("started", at(5, "10:00")), ("restart", at(5, "15:00"))]
    note(here, case, "messaged", at(3, "12:00"), at(4))
    assert len(told(case, "x-call")) == 2


@pytest.mark.django_db
def test_the_policy_is_frozen_on_the_case() -> None:
    here = place()
    case = here.open()
    assert Clock.objects.get(case=case, code="x-week").policy == WEEK["params"]
    (week, _call) = clocks_of(case)
    assert week.deadline is not None
    assert (week.deadline.days, week.deadline.missed) == (7, "x-slow")
    due = arithmetic_of(case, week)
    assert due is not None and due.at == at(10)


@pytest.mark.django_db
def test_a_new_calendar_moves_a_deadline_with_an_event_on_the_case() -> None:
    here = place(BUSINESS, WEEK, SLOW)
    case = here.open(at(12))  # a Monday
    assert told(case, "x-days") == [("started", at(14))]
    hours = [{"weekdays": [1, 4, 5], "start": "09:00", "end": "18:00"}]
    OpeningHours.objects.create(
        department=here.department, from_on=at(1).date(), hours=hours, holidays=True, at=at(12)
    )
    assert calendar_changed(department=here.department, by=here.accounts["hr"], at=at(12, "12:00")) == 1
    assert told(case, "x-days") == [("started", at(14)), ("moved", at(16))]
    assert told(case) == [("started", at(19))]
    event = case.events.get(kind="policy")
    assert event.note == "“2个工作日”因工作时间变动，由10-14 09:00改为10-16 09:00"
    assert calendar_changed(department=here.department, by=None, at=at(12, "13:00")) == 0


@pytest.mark.django_db
def test_checking_calendars_costs_the_same_for_few_and_many() -> None:
    here = place(BUSINESS)
    here.open(at(12))
    with CaptureQueriesContext(connection) as few:
        calendar_changed(department=here.department, by=None, at=at(12, "12:00"))
    for _ in range(6):
        here.open(at(12))
    with CaptureQueriesContext(connection) as many:
        calendar_changed(department=here.department, by=None, at=at(12, "12:00"))
    assert len(many) == len(few)


@pytest.mark.django_db
def test_who_has_left_keeps_nobody_elses_miss_from_being_recorded() -> None:
    here = place()
    here.open()
    here.open(holder=here.colleague)
    type(here.colleague).objects.filter(pk=here.colleague.pk).update(left_on=at(5).date())
    assert sweep(at=at(10, "09:10")) == 6
    assert [each.staff for each in Incident.objects.all()] == [here.holder]


@pytest.mark.django_db
def test_events_cannot_be_told_of_the_future_or_before_the_case() -> None:
    here = place()
    case = here.open()
    for when, word in ((at(4), "时间在将来"), (at(2), "早于接到投诉")):
        with pytest.raises(CaseRefused, match=word):
            event_record(
                case=case, kind="phoned", happened_at=when, by=here.accounts["agent"], at=at(3, "12:00")
            )


@pytest.mark.django_db
def test_closing_ends_what_nobody_waits_for_any_longer_and_keeps_the_call_back() -> None:
    back = {
        "code": "x-back",
        "title": "2个工作日内回访",
        "kind": "case_deadline",
        "params": {"days": 2, "from": "served", "until": "revisited"},
    }
    here = place(WEEK, CALL, SLOW, back)
    case = here.open()
    note(here, case, "messaged", at(4))
    note(here, case, "served", at(4, "10:00"))
    close(here, case, at(4, "20:00"))
    assert told(case, "x-call") == [("started", at(6)), ("ended", None)]
    assert not is_breached(case, at(20), "x-call")
    assert told(case, "x-back") == [("started", at(6, "10:00"))]
    assert sweep(at=at(7)) > 0
    assert is_breached(case, at(7), "x-back")


@pytest.mark.django_db
def test_an_answer_makes_the_wait_for_a_call_pointless() -> None:
    here = place(WEEK, SLOW, CALL | {"params": CALL["params"] | {"unless": ["replied"]}})
    case, late = here.open(), here.open()
    for each, day in ((case, 4), (late, 8)):
        note(here, each, "messaged", at(3))
        event_record(
            case=each, kind="replied", happened_at=at(day), note="好的", by=here.accounts["agent"], at=at(day)
        )
    assert told(case, "x-call")[-1] == told(late, "x-call")[-1] == ("ended", None)
    assert not is_breached(case, at(20), "x-call")
    assert is_breached(late, at(20), "x-call")
