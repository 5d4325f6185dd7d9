"""Two people, or a person and the sweep, at one case in the same moment."""

import threading
from collections.abc import Callable

import pytest
from django.db import transaction

from complaints.models import Alarm, Case, Charge, ClockEvent
from complaints.services.appeals import appeal_decide, appeal_raise
from complaints.services.cases import case_locked, case_open, case_step
from complaints.services.lifecycle import case_merge, case_pause
from complaints.services.missed import missed_record
from complaints.services.rulings import Party, loss_record, ruling_decide, ruling_propose
from complaints.services.sweep import sweep
from penalties.models import Incident, MoneyEntry
from people.models import Account
from tests import factories
from tests.at_once import at_once
from tests.complaints.losses import D
from tests.complaints.opened import SLOW, WEEK, at, place

pytestmark = pytest.mark.django_db(transaction=True)
SHARE = {"code": "x-share", "title": "损失分担", "kind": "loss_share", "params": {}}
DAY = {
    "code": "x-day",
    "title": "24小时结案",
    "kind": "case_deadline",
    "params": {"hours": 24, "missed": "x-slow"},
}


def test_cases_opened_at_once_have_numbers_of_their_own() -> None:
    here = place(WEEK, SLOW)
    assert at_once(*[lambda: here.open(at(3)) for _ in range(4)]) == ["done"] * 4
    assert sorted(Case.objects.values_list("number", flat=True)) == [
        f"20261003-{each:03}" for each in range(1, 5)
    ]


def test_the_same_form_sent_twice_at_once_is_one_case() -> None:
    here = place(WEEK, SLOW)

    def send() -> None:
        case_open(department=here.department, title="漏发", received_at=at(3), key="same", by=None, at=at(3))

    assert at_once(send, send, send) == ["done"] * 3
    assert Case.objects.count() == 1 and ClockEvent.objects.filter(kind="started").count() == 1


def test_of_two_who_decide_an_appeal_at_once_one_is_told_so() -> None:
    here = place(WEEK, SLOW, SHARE)
    by = here.accounts["agent"]
    case = case_step(case=here.open(at(3)), decision="结案", brings={"处理结果": "补发"}, by=by, at=at(4))
    loss_record(case=case, amount=D(60), basis="补发", by=None, at=at(4))
    parties = [Party(D(100), staff=(here.holder,))]
    ruling = ruling_propose(case=case, parties=parties, reason="漏发", by=None, at=at(4))
    ruling_decide(ruling=ruling, accept=True, by=here.accounts["manager"], at=at(5))
    appeal = appeal_raise(charge=Charge.objects.get(), reason="不是我", by=by, at=at(5))
    second = factories.account("manager", here.department)

    def decide(state: str, by: Account) -> Callable[[], object]:
        return lambda: appeal_decide(appeal=appeal, state=state, answer="看过", by=by, at=at(6))

    outcomes = at_once(decide("approved", second), decide("refused", here.accounts["gm"]))
    assert outcomes.count("done") == 1 and any("不能再决定" in each for each in outcomes)
    appeal.refresh_from_db()
    assert MoneyEntry.objects.count() == (2 if appeal.state == "approved" else 1)


def test_a_case_closes_while_a_sweep_is_at_another_of_its_clocks() -> None:
    """The sweep has one alarm and wants the holder's ledger, the closing has that and wants the alarm."""
    here = place(WEEK, DAY, SLOW)
    case = here.open(at(3))
    swept, closing = threading.Event(), threading.Event()

    def a_sweep() -> None:
        with transaction.atomic():
            alarm = Alarm.objects.select_for_update().get(clock__code="x-day", level="due")
            swept.set()
            closing.wait(timeout=1)  # the closing is under way, or waits for the alarm
            alarm.delete()
            ClockEvent.objects.create(
                clock=alarm.clock,
                kind="rang",
                level="due",
                at=alarm.at,
                due_at=alarm.due_at,
                recorded_at=at(20),
            )
            missed_record(clocks=[alarm.clock_id], at=at(20))

    def close() -> None:
        swept.wait(timeout=10)
        by = here.accounts["agent"]
        brings = {"处理结果": "补发"}
        case_step(case=case, decision="结案", brings=brings, note="拖延", by=by, at=at(20))
        closing.set()

    assert at_once(a_sweep, close) == ["done", "done"]
    assert Incident.objects.count() == 2
    assert not Alarm.objects.exists()


def test_a_pause_told_late_waits_for_the_sweep_that_rings_the_end() -> None:
    here = place(WEEK, SLOW)
    case = here.open(at(3))
    locked, rung = threading.Event(), threading.Event()

    def a_sweep() -> None:
        with transaction.atomic():
            sweep(at=at(12))
            locked.set()
            rung.wait(timeout=1)

    def pause() -> None:
        locked.wait(timeout=10)
        case_pause(case=case, reason="等", happened_at=at(9), by=None, at=at(12))

    outcomes = at_once(a_sweep, pause)
    assert outcomes == ["done", "“7天结案”已到期并告知，不能补记此前的暂停"]
    kinds = list(ClockEvent.objects.filter(clock__case=case).values_list("kind", flat=True))
    assert "paused" not in kinds and kinds.count("rang") >= 1


def test_two_cases_merged_into_each_other_at_once_end_as_one() -> None:
    here = place(WEEK, SLOW)
    one, two = here.open(at(3)), here.open(at(3))
    outcomes = at_once(
        lambda: case_merge(case=one, into=two, reason="同", by=None, at=at(4)),
        lambda: case_merge(case=two, into=one, reason="同", by=None, at=at(4)),
        lambda: sweep(at=at(30)),
    )
    assert outcomes[:2] == ["done", "done"] and "不能并案" in outcomes[2]
    assert sorted(Case.objects.values_list("state", flat=True)) == ["merged", "open"]


def test_the_lock_of_a_case_passes_its_alarms_over_in_a_sweep() -> None:
    here = place(WEEK, SLOW)
    case, other = here.open(at(3)), here.open(at(3))
    rang: list[int] = []

    def a_sweep() -> None:
        rang.append(sweep(at=at(30)))

    with transaction.atomic():
        case_locked(case.pk)
        assert at_once(a_sweep) == ["done"]
    assert rang == [Alarm.objects.filter(clock__case=case).count()] and rang[0] > 0
    assert not Alarm.objects.filter(clock__case=other).exists()
