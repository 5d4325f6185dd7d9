"""Memos, and suggestions made of them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from duties.errors import MemoRefused
from duties.models import Memo, Suggestion
from duties.selectors.memos import memos_due, memos_found, memos_of, memos_to_remind
from duties.services.memos import (
    memo_add,
    memo_change,
    memo_settle,
    suggestion_adopt,
    suggestion_decline,
    suggestion_send,
)
from penalties.models import Incident, MoneyEntry
from people.models import Account, Staff
from tests import factories
from tests.rostered import moment, rules

pytestmark = pytest.mark.django_db
NOON = moment(15, "12:00")


@pytest.fixture
def agent() -> Staff:
    department = factories.department()
    rules(department)
    return factories.staff(department, "1001")


@pytest.fixture
def manager(agent: Staff) -> Account:
    return factories.account("manager", agent.department)


def note(staff: Staff, text: str = "快递单号可以自动回填", **given: Any) -> Memo:
    return memo_add(staff=staff, text=text, **{"key": text, "at": NOON, **given})


def sent(staff: Staff) -> Suggestion:
    return suggestion_send(memo=note(staff), at=NOON)


def adopt(suggestion: Suggestion, by: Account, **given: Any) -> Suggestion:
    fields = {"answer": "省了一个人的工时", "code": "idea", "amount": Decimal("60.00"), **given}
    return suggestion_adopt(suggestion=suggestion, by=by, at=moment(20, "09:00"), **fields)


def test_a_memo_is_kept_once_with_its_tags(agent: Staff) -> None:
    first = note(agent, tags=["#物流", "物流", " 想法 "])
    assert note(agent) == first
    assert Memo.objects.get().tags == ["物流", "想法"]
    with pytest.raises(MemoRefused, match="请写点什么"):
        note(agent, " ")
    with pytest.raises(MemoRefused, match="标签最多8个"):
        note(agent, "x", tags=["字" * 17])


def test_memos_are_found_by_words_and_tags_and_are_ones_own(agent: Staff) -> None:
    account = factories.account("agent", staff=agent)
    mine = note(agent, tags=["物流"])
    note(agent, "问仓库库存")
    note(factories.staff(agent.department), "别人的物流")
    own = memos_of(account)
    assert own.count() == 2
    assert [
        list(memos_found(own, "单号")),
        list(memos_found(own, "物流")),
        list(memos_found(own, "", "物流")),
    ] == [[mine]] * 3


def test_reminders_come_due_until_the_memo_is_settled(agent: Staff) -> None:
    account = factories.account("agent", staff=agent)
    row = note(agent, remind_at=moment(15, "15:00"))
    assert not memos_due(account, at=moment(15, "14:59"))
    assert memos_due(account, at=moment(15, "15:00")).get() == row
    hour = {"since": moment(15, "14:00"), "until": moment(15, "15:00")}
    assert memos_to_remind(**hour).get() == row
    assert not memos_to_remind(since=hour["until"], until=hour["until"] + timedelta(hours=1))
    memo_settle(memo=row, at=NOON)
    assert not memos_due(account, at=moment(15, "15:00")) and not memos_to_remind(**hour)


def test_a_suggestion_stays_as_it_was_sent(agent: Staff) -> None:
    row = sent(agent)
    memo_change(memo=row.memo, text="改了主意")
    assert suggestion_send(memo=row.memo, at=NOON) == row
    assert Suggestion.objects.get().text == "快递单号可以自动回填"


def test_adoption_pays_the_award_once_with_the_reason(agent: Staff, manager: Account) -> None:
    row = adopt(sent(agent), manager)
    assert row.state == "adopted" and row.incident is not None
    assert MoneyEntry.objects.get().amount == Decimal("60.00")
    made = Incident.objects.get()
    assert (made.work_date, made.state, made.decided_by) == (date(2026, 10, 20), "confirmed", manager)
    assert "省了一个人的工时" in made.note and "快递单号" in made.note
    with pytest.raises(MemoRefused, match="已采纳，不能再改"):
        adopt(row, manager)
    with pytest.raises(MemoRefused, match="已采纳，不能再改"):
        suggestion_decline(suggestion=row, answer="不", by=manager, at=NOON)
    assert MoneyEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"amount": Decimal("9.99")}, "10"),
        ({"amount": Decimal("100.01")}, "100"),
        ({"amount": None}, "定额|金额"),
        ({"answer": "  "}, "请写明理由"),
        ({"code": ""}, "请选依据的奖励条款"),
        ({"code": "clean-fine"}, "请选依据的奖励条款"),
    ],
)
def test_what_does_not_fit_adopts_nothing(
    agent: Staff, manager: Account, given: dict[str, Any], said: str
) -> None:
    row = sent(agent)
    with pytest.raises(MemoRefused, match=said):
        adopt(row, manager, **given)
    assert Suggestion.objects.get().state == "sent"
    assert not Incident.objects.exists() and not MoneyEntry.objects.exists()


def test_nobody_adopts_his_own(agent: Staff) -> None:
    own = factories.account("manager", agent.department, staff=agent)
    with pytest.raises(MemoRefused, match="自己的建议"):
        adopt(sent(Staff.objects.get(pk=agent.pk)), own)


def test_declining_takes_an_answer(agent: Staff, manager: Account) -> None:
    row = sent(agent)
    with pytest.raises(MemoRefused, match="请写明理由"):
        suggestion_decline(suggestion=row, answer="", by=manager, at=NOON)
    suggestion_decline(suggestion=row, answer="系统已经有了", by=manager, at=NOON)
    assert Suggestion.objects.get().answer == "系统已经有了" and not Incident.objects.exists()


def test_where_no_provision_grants_an_award_adoption_names_none(manager: Account) -> None:
    department = factories.department()
    rules(department, [{"code": "f", "kind": "fine", "params": {"amount": "5"}}])
    row = adopt(sent(factories.staff(department)), manager, code="", amount=None)
    assert row.state == "adopted" and row.incident is None
