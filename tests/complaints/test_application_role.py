"""A case from its receipt to its end with what the application may do in the database, and no more."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from complaints.models import Alarm, Case, Charge, ClockEvent, Loss
from complaints.services.appeals import appeal_decide, appeal_raise
from complaints.services.cases import case_step, event_record
from complaints.services.clocks import calendar_changed
from complaints.services.lifecycle import (
    callback_record,
    case_assign,
    case_merge,
    case_pause,
    case_reopen,
    case_resume,
    complainants_erase,
    phone_show,
)
from complaints.services.rulings import Party, loss_record, ruling_decide, ruling_propose, ruling_reverse
from complaints.services.sweep import sweep
from complaints.services.working_hours import opening_hours_set
from tests import factories
from tests.complaints.opened import CALL, SLOW, WEEK, Place, at, place
from tests.roles import as_application

SHARE: dict[str, Any] = {"code": "x-share", "title": "损失分担", "kind": "loss_share", "params": {}}
KEEP: dict[str, Any] = {"code": "x-keep", "title": "保存", "kind": "retention", "params": {"days": 1}}
DAYS: dict[str, Any] = {
    "code": "x-days",
    "title": "5个工作日",
    "kind": "case_deadline",
    "params": {"days": 5, "calendar": "business"},
}


def close(here: Place, case: Case, day: int) -> None:
    brings = {"处理结果": "补发"}
    case_step(case=case, decision="结案", brings=brings, note="晚", by=here.accounts["agent"], at=at(day))


@pytest.mark.django_db
def test_everything_that_happens_to_a_case_is_permitted() -> None:
    here = place(WEEK, CALL, SLOW, SHARE, KEEP, DAYS)
    supervisor, manager, agent = (here.accounts[each] for each in ("supervisor", "manager", "agent"))
    other = factories.account("manager", here.department)
    hours = [{"weekdays": [1, 3, 5], "start": "09:00", "end": "18:00"}]
    with as_application():
        case = here.open(complainant="王女士", phone="13800001111", platform_due_at=at(4))
        into = here.open()
        opening_hours_set(
            department=here.department, from_on=at(1).date(), hours=hours, holidays=True, by=manager, at=at(3)
        )
        calendar_changed(department=here.department, by=manager, at=at(3))
        event_record(case=case, kind="messaged", happened_at=at(4), by=agent, at=at(4))
        phone_show(case=case, by=agent, at=at(4))
        case_pause(case=case, reason="等", happened_at=at(5), by=supervisor, at=at(5))
        case_resume(case=case, happened_at=at(6), by=supervisor, at=at(6))
        loss_record(case=case, amount=Decimal(100), basis="核价单", by=supervisor, at=at(6))
        case_merge(case=case, into=into, reason="同", by=supervisor, at=at(7))
        case_assign(case=into, holder=here.colleague, by=supervisor, at=at(7))
        case_assign(case=into, holder=here.holder, by=supervisor, at=at(7))
        assert sweep(at=at(20)) > 0
        close(here, into, 21)
        ruling = ruling_propose(
            case=into,
            parties=[Party(Decimal(100), staff=(here.colleague,))],
            reason="经查",
            by=supervisor,
            at=at(21),
        )
        ruling_decide(ruling=ruling, accept=True, by=manager, at=at(21))
        appeal = appeal_raise(
            charge=Charge.objects.get(), reason="不是我", by=here.accounts["colleague"], at=at(22)
        )
        appeal_decide(appeal=appeal, state="refused", answer="查过", by=other, at=at(22))
        ruling_reverse(ruling=ruling, reason="有误", by=manager, at=at(22))
        callback_record(case=into, happened_at=at(22), is_reached=True, satisfaction=3, by=agent, at=at(22))
        assert complainants_erase(department=here.department, at=at(25)) == 1
        case_reopen(case=into, reason="不认", by=supervisor, at=at(25))
    into.refresh_from_db()
    assert into.is_open


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE complaints_clockevent SET at = now()",
        "DELETE FROM complaints_clockevent",
        "DELETE FROM complaints_caseevent",
        "UPDATE complaints_loss SET amount = 1",
        "UPDATE complaints_alarm SET at = now()",
        "DELETE FROM complaints_case",
        "DELETE FROM complaints_charge",
        "UPDATE complaints_case SET state = 'merged'",
    ],
)
def test_no_clock_loss_or_closing_is_rewritten(statement: str) -> None:
    here = place()
    case = here.open()
    loss_record(case=case, amount=Decimal(100), basis="核价单", by=here.accounts["supervisor"], at=at(4))
    close(here, case, 5)
    before = (ClockEvent.objects.count(), Loss.objects.get().amount, Alarm.objects.count())
    with as_application(), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert (ClockEvent.objects.count(), Loss.objects.get().amount, Alarm.objects.count()) == before
    assert Case.objects.get().state == "closed"
