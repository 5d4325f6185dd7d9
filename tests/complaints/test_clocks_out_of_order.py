"""Clocks where things are told late, while a clock is paused, or once a case is reopened."""

from datetime import date

import pytest

from complaints.errors import CaseRefused
from complaints.models import Case, CaseEvent, Clock
from complaints.selectors.board import standings_of
from complaints.selectors.statistics import statistics_of
from complaints.services.cases import case_step, event_record
from complaints.services.clocks import clocks_of
from complaints.services.lifecycle import case_pause, case_reopen, case_resume
from complaints.services.sweep import sweep
from penalties.models import Incident
from tests.complaints.opened import CALL, SLOW, WEEK, Place, at, place, told

pytestmark = pytest.mark.django_db
BACK = {
    "code": "x-back",
    "title": "3天内回访",
    "kind": "case_deadline",
    "params": {"days": 3, "from": "closed", "until": "revisited", "missed": "x-slow"},
}
ANEW = {
    "code": "x-anew",
    "title": "重开后3天结案",
    "kind": "case_deadline",
    "params": {"days": 3, "from": "reopened"},
}


def noted(case: Case, kind: str, day: int, told_on: int) -> CaseEvent:
    return event_record(case=case, kind=kind, happened_at=at(day), note="说了", by=None, at=at(told_on))


def close(here: Place, case: Case, day: int, note: str = "") -> Case:
    by = here.accounts["agent"]
    return case_step(case=case, decision="结案", brings={"处理结果": "补发"}, note=note, by=by, at=at(day))


def test_a_clock_that_is_paused_when_its_case_closes_is_met() -> None:
    here = place(WEEK, SLOW)
    case = here.open(at(3))
    case_pause(case=case, reason="等供应商", happened_at=at(5), by=None, at=at(5))
    case = close(here, case, 15)  # without a word why: nothing is late
    assert not clocks_of(case)[0].state.is_breached(at(16))
    assert standings_of([case], at(16))[case.pk].words == "在期限内"
    figures = statistics_of(here.department, date(2026, 10, 1), now=at(20)).this
    assert (figures.clocks.on_time, figures.clocks.late) == (1, 0)
    assert sweep(at=at(30)) == 0


def test_a_clock_that_went_on_after_a_pause_is_missed_by_its_moved_end() -> None:
    here = place(WEEK, SLOW)
    case = here.open(at(3))
    case_pause(case=case, reason="等供应商", happened_at=at(5), by=None, at=at(5))
    case_resume(case=case, happened_at=at(7), by=None, at=at(7))
    with pytest.raises(CaseRefused, match="已逾期"):
        close(here, case, 13)
    case = close(here, case, 13, "供应商拖延")
    assert clocks_of(case)[0].state.is_breached(at(13))
    figures = statistics_of(here.department, date(2026, 10, 1), now=at(20)).this
    assert (figures.clocks.on_time, figures.clocks.late) == (0, 1)


def test_a_call_back_that_is_owed_ends_when_the_case_is_reopened() -> None:
    here = place(WEEK, SLOW, BACK)
    case = close(here, here.open(at(3)), 4)
    assert told(case, "x-back")[0] == ("started", at(7))
    case = case_reopen(case=case, reason="没有收到", by=None, at=at(5))
    close(here, case, 6)
    assert told(case, "x-back")[-1] == ("ended", None)
    sweep(at=at(30))
    (incident,) = Incident.objects.all()  # of the second round alone
    assert "10-09 09:00" in incident.note
    assert [kind for kind, _ in told(case, "x-back")].count("due") == 0


def test_a_case_that_closes_while_it_is_escalated_rings_no_further() -> None:
    here = place(WEEK, SLOW)
    case = here.open(at(3))
    sweep(at=at(10, "09:01"))
    assert told(case)[-1][0] == "due"  # the first group is told; the next would be a day later
    close(here, case, 10, "当天才联系上")
    assert [kind for kind, _ in told(case)][-1] == "stopped"
    assert sweep(at=at(30)) == 0
    assert Incident.objects.get().state == "rejected"  # its very minute was in time
    late = here.open(at(3))
    sweep(at=at(11, "09:00"))
    close(here, late, 12, "拖延")
    assert [kind for kind, _ in told(late)][-3:] == ["due", "after-1", "stopped"]
    assert sweep(at=at(30)) == 0 and Incident.objects.filter(state="recorded").count() == 1


def test_a_clock_from_reopening_begins_with_it() -> None:
    here = place(WEEK, SLOW, ANEW)
    case = close(here, here.open(at(3)), 4)
    case_reopen(case=case, reason="没有收到", by=None, at=at(5))
    assert told(case, "x-anew") == [] and told(case, "x-anew", 2) == [("started", at(8))]


def test_a_call_before_the_message_is_noted_and_the_clock_waits_on() -> None:
    here = place(WEEK, CALL, SLOW)
    case = here.open(at(3))
    noted(case, "messaged", 5, 5)
    noted(case, "phoned", 4, 6)
    assert told(case, "x-call")[-1] == ("started", at(7))
    noted(case, "phoned", 6, 6)
    assert told(case, "x-call")[-1] == ("stopped", None)


def test_a_message_that_is_noted_after_the_call_that_followed_it_leaves_nothing_open() -> None:
    here = place(WEEK, CALL, SLOW)
    case = here.open(at(3))
    noted(case, "phoned", 6, 6)
    noted(case, "messaged", 5, 9)
    assert [kind for kind, _ in told(case, "x-call")] == ["started", "before-24", "stopped"]
    state = next(each.state for each in clocks_of(case) if each.clock.code == "x-call")
    assert state.stopped_at == at(6) and not state.is_breached(at(9))
    sweep(at=at(9))
    assert [kind for kind, _ in told(case, "x-call")][-1] == "stopped"


def test_an_answer_that_came_after_a_message_noted_late_makes_the_call_pointless() -> None:
    here = place(WEEK, {**CALL, "params": {**CALL["params"], "unless": ["replied"]}}, SLOW)
    case = here.open(at(3))
    noted(case, "replied", 4, 4)
    noted(case, "messaged", 4, 5)  # the same minute is not after it
    assert told(case, "x-call")[-1] == ("started", at(6))
    other = here.open(at(3))
    noted(other, "replied", 5, 5)
    noted(other, "messaged", 4, 6)
    assert told(other, "x-call")[-1] == ("ended", None)
    assert not Clock.objects.filter(case=other, code="x-call", alarms__isnull=False).exists()
