"""Who else contests in the browser: a lead the own share, a person a disciplinary decision."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from penalties.models import DisciplinaryCase, DisciplineAppeal, Incident, IncidentAppeal, MoneyEntry
from penalties.services import discipline_decide, discipline_hear, discipline_propose, incident_record
from people.models import Account, Department, Staff, Team
from rules.services import version_publish
from tests import factories

pytestmark = pytest.mark.django_db
JOINT = {
    "code": "j-fine",
    "title": "漏发货",
    "kind": "fine",
    "params": {"amount": "20.00", "also": {"lead": "10.00"}},
    "collection": {"by": "cash", "due_days": 3, "overdue_multiplier": "2"},
    "confirm": "auto",
}


@pytest.fixture
def place(db: None) -> Department:
    made = factories.department("D7")
    version_publish(
        department=made,
        effective_on=timezone.localdate() - timedelta(days=30),
        rulebooks=[],
        provisions=[JOINT],
        by=None,
        at=timezone.now(),
    )
    return made


@pytest.fixture
def team(place: Department) -> Team:
    return factories.team(place, "一组")


@pytest.fixture
def agent(place: Department, team: Team) -> Staff:
    return factories.staff(place, "7001", name="陆晚晴", team=team, account=factories.account("agent"))


@pytest.fixture
def lead(place: Department, team: Team) -> Account:
    staff = factories.staff(place, "7009", name="沈知秋", team=team, role="lead")
    return factories.account("lead", staff=staff)


@pytest.fixture
def seen_by() -> Callable[[Account | None], Client]:
    def client(account: Account | None) -> Client:
        made = Client()
        made.force_login(account)  # type: ignore[arg-type]
        return made

    return client


def joint(agent: Staff) -> Incident:
    return incident_record(
        staff=agent,
        code="j-fine",
        work_date=timezone.localdate(),
        note="订单漏了",
        by=None,
        at=timezone.now(),
    )


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def test_a_lead_finds_the_own_share_and_appeals_against_it(
    place: Department, agent: Staff, lead: Account, seen_by: Any
) -> None:
    incident = joint(agent)
    url, boss = f"/incidents/{incident.pk}/", seen_by(factories.account("manager", place))
    client = seen_by(lead)
    page = text(client, "/me/ledger/")
    assert f'href="{url}"' in page and "连带" in page and "待交现金" in page
    page = text(client, url)
    assert "提出申诉" in page and "7009 沈知秋" in page and "交现金10.00元" in page
    client.post(f"{url}appeal", {"reason": "当天我休假"})
    appeal = IncidentAppeal.objects.get()
    assert "申诉中" in text(client, "/me/ledger/")
    own = text(seen_by(agent.account), url)
    assert "当天我休假" not in own and "沈知秋" not in own and "申诉中" not in own
    assert "申诉中" not in text(seen_by(agent.account), "/me/ledger/")
    seen_by(agent.account).post(f"{url}appeal", {"reason": "我没有漏"})
    page = text(boss, url)
    assert "决定申诉：沈知秋" in page and "决定申诉：陆晚晴" in page
    assert boss.post(f"{url}appeal/decide", {"decision": "approved"}).status_code == 404
    given = {"decision": "approved", "answer": "排班为证", "appeal": appeal.pk}
    boss.post(f"{url}appeal/decide", given)
    states = dict(IncidentAppeal.objects.values_list("staff__number", "state"))
    assert states == {"7009": "approved", "7001": "asked"}
    assert sum(MoneyEntry.objects.values_list("amount", flat=True)) == -20
    stranger = seen_by(factories.account("agent", staff=factories.staff(place)))
    assert stranger.get(url).status_code == 404
    assert stranger.post(f"{url}appeal", {"reason": "x"}).status_code == 404


def test_the_own_first_page_tells_of_cash_until_it_is_over(agent: Staff, lead: Account, seen_by: Any) -> None:
    incident = joint(agent)
    page = text(seen_by(agent.account), "/me/")
    assert "待交现金" in page and "交现金20.00元" in page and "交现金10.00元" not in page
    assert "交现金20.00元" in text(seen_by(agent.account), f"/incidents/{incident.pk}/")


@pytest.fixture
def case(place: Department, agent: Staff) -> DisciplinaryCase:
    now, hr = timezone.now(), factories.account("hr", place)
    made = discipline_propose(staff=agent, level="minor", grounds="旷工一天", by=hr, at=now)
    discipline_hear(case=made, statement="发烧", heard_at=now, by=hr, at=now)
    boss = factories.account("manager", place)
    return discipline_decide(case=made, accept=True, decision="事实清楚", by=boss, at=now)


def test_a_person_contests_a_decision_and_another_manager_answers(
    place: Department, agent: Staff, case: DisciplinaryCase, seen_by: Any
) -> None:
    url, person = f"/discipline/{case.pk}/", seen_by(agent.account)
    second, decider = factories.account("manager", place), seen_by(case.decided_by)
    assert "提出申诉" in text(person, url) and "提出申诉" not in text(decider, url)
    assert "必填" in person.post(f"{url}appeal", {"reason": " "}).content.decode()
    for _ in range(2):
        person.post(f"{url}appeal", {"reason": "<b>有病假条</b>"})
    assert DisciplineAppeal.objects.count() == 1
    person.post(f"{url}appeal/withdraw")
    person.post(f"{url}appeal", {"reason": "<b>有病假条</b>"})
    assert "&lt;b&gt;有病假条" in text(person, url)
    assert "决定申诉" not in text(decider, url)
    assert decider.post(f"{url}appeal/decide", {"decision": "approved"}).status_code == 404
    answering = seen_by(second)
    assert "项处分申诉待决定" in text(answering, "/")
    assert "陆晚晴" in text(answering, "/discipline/?state=appealed")
    assert "陆晚晴" not in text(decider, "/discipline/?state=appealed")
    told = answering.post(f"{url}appeal/decide", {"decision": "refused"}, follow=True).content.decode()
    assert "不批准须写明原因" in told
    given = {"decision": "approved", "answer": "病假条属实"}
    told = answering.post(f"{url}appeal/decide", given, follow=True).content.decode()
    assert "申诉已批准，处分已撤销" in told and "病假条属实" in told
    case.refresh_from_db()
    assert case.state == "reversed"


def test_others_neither_contest_a_decision_nor_take_it_back_nor_answer(
    place: Department, agent: Staff, case: DisciplinaryCase, seen_by: Any
) -> None:
    seen_by(agent.account).post(f"/discipline/{case.pk}/appeal", {"reason": "有病假条"})
    before = list(DisciplineAppeal.objects.values())
    assert len(before) == 1
    for account in (
        factories.account("agent", staff=factories.staff(place)),
        factories.account("supervisor", place),
        factories.account("hr", place),
        factories.account("manager", factories.department()),
        factories.account("auditor"),
    ):
        for way in ("appeal", "appeal/withdraw", "appeal/decide"):
            given = {"reason": "x", "decision": "approved", "answer": "x"}
            assert seen_by(account).post(f"/discipline/{case.pk}/{way}", given).status_code == 404
    assert list(DisciplineAppeal.objects.values()) == before
