"""Pages of duties, turns, memos and suggestions."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from duties.models import DutyRecord, DutySwap, DutyTurn, DutyWaiver, Memo, Suggestion
from duties.services.missed_duties import missed_duties_record
from penalties.models import Incident, MoneyEntry
from people.models import Account
from tests import factories
from tests.rostered import Place, moment, place

pytestmark = pytest.mark.django_db
LONG = "本周接待三百二十人，转化率略降，主要是物流慢，下周改进。" * 10


@pytest.fixture
def clock(monkeypatch: Any) -> Callable[[int, str], None]:
    """`clock(15, "17:40")`: what the time is."""

    def put(day: int, at: str) -> None:
        monkeypatch.setattr(timezone, "now", Mock(return_value=moment(day, at)))

    put(15, "12:00")
    return put


@pytest.fixture
def here(clock: Any, settings: Any, tmp_path: Path) -> Place:
    """Two on the day shift all October; 1001 and 1002 sign in, and a supervisor and a manager."""
    settings.ATTACHMENT_DIR = tmp_path
    made = place()
    for number in ("1001", "1002"):
        made.staff[number] = factories.staff(made.department, number)
        made.shift(made.staff[number], "白班", *range(1, 32))
        factories.account("agent", staff=made.staff[number], username=f"a-{number}")
    for group in ("supervisor", "manager"):
        factories.account(group, made.department, username=f"the-{group}")
    return made


def signed_in(account: Account | str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=account) if isinstance(account, str) else account)
    return client


def get(client: Client, name: str, *args: Any, **asked: Any) -> str:
    response = client.get(reverse(name, args=args), asked)
    assert response.status_code == 200, (name, response.status_code)
    return response.content.decode()


def post(client: Client, name: str, *args: Any, **data: Any) -> str:
    response = client.post(reverse(name, args=args), data, follow=True)
    assert response.status_code == 200, (name, response.status_code)
    return response.content.decode()


def test_an_agent_sends_the_weeks_report_and_the_supervisor_reads_it(here: Place) -> None:
    mine, day = signed_in("a-1001"), ["report", "2026-10-17"]
    assert "条款report" in get(mine, "me_duties")
    assert "至少200字，现在2字" in post(mine, "me_duty", *day, text="短了")
    pdf = SimpleUploadedFile("周报.pdf", b"%PDF-1.7 0000")
    for _ in range(2):
        post(mine, "me_duty", *day, text=LONG, file=pdf)
    row = DutyRecord.objects.get()
    assert row.attachment is not None and row.attachment.purpose == "duty"
    boss = signed_in("the-supervisor")
    assert "下周改进" in get(boss, "duty_record", row.pk)
    assert "已完成" in get(boss, "duties", day="2026-10-17", duty="report", state="done")
    assert mine.get(reverse("duty_record", args=[row.pk])).status_code == 404
    assert boss.get(reverse("attachment", args=[row.attachment.stored_name])).status_code == 200
    assert (
        signed_in("a-1002").get(reverse("attachment", args=[row.attachment.stored_name])).status_code == 404
    )


@pytest.mark.parametrize("day", ["2026-10-18", "nonsense", "0001-01-01", "9999-12-31", "2026-10-1"])
def test_a_duty_that_is_not_owed_is_not_found(here: Place, day: str) -> None:
    assert signed_in("a-1001").get(reverse("me_duty", args=["report", day])).status_code == 404


def test_the_page_of_a_day_shows_who_has_not_and_lets_off_before_it_is_recorded(
    here: Place, clock: Any
) -> None:
    clock(17, "18:00")
    boss = signed_in("the-supervisor")
    page = get(boss, "duties", day="2026-10-17")
    assert page.count("已过时，可补") >= 2 and "免除" in page
    waive = [here.staff["1001"].pk, "report", "2026-10-17"]
    assert "没有免除" in post(boss, "duty_waive", *waive, reason=" ")
    for _ in range(2):
        assert "已免除" in post(boss, "duty_waive", *waive, reason="出差")
    assert DutyWaiver.objects.count() == 1
    missed_duties_record(department=here.department, at=moment(18, "01:00"))
    assert Incident.objects.get(code="report-fine", work_date=date(2026, 10, 17)).staff == here.staff["1002"]
    for stranger in (factories.account("supervisor", factories.department()), "a-1001"):
        assert signed_in(stranger).post(reverse("duty_waive", args=waive), {"reason": "x"}).status_code == 404


def test_a_lead_sees_the_own_team_only(here: Place) -> None:
    team = factories.team(here.department)
    factories.staff(here.department, "1003", team=team)
    here.shift(here.department.staff.get(number="1003"), "白班", 15)
    lead = factories.staff(here.department, "1009", role="lead", team=team)
    page = get(signed_in(factories.account("lead", staff=lead)), "duties", day="2026-10-15")
    assert "员工1003" in page and "员工1001" not in page and "免除这一次" not in page


def test_who_came_to_the_meeting_is_ticked(here: Place, clock: Any) -> None:
    clock(12, "09:00")
    boss, meeting = signed_in("the-supervisor"), [here.department.code, "meeting", "2026-10-12"]
    assert "员工1001" in get(boss, "duty_meeting", *meeting)
    for _ in range(2):
        post(boss, "duty_meeting", *meeting, staff=[here.staff["1001"].pk])
    assert DutyRecord.objects.get().staff == here.staff["1001"]
    other = factories.staff(factories.department())
    assert boss.post(reverse("duty_meeting", args=meeting), {"staff": [other.pk]}).status_code == 404
    assert (
        boss.get(reverse("duty_meeting", args=[here.department.code, "report", "2026-10-17"])).status_code
        == 404
    )
    for stranger in (factories.account("manager", factories.department()), "a-1001"):
        assert signed_in(stranger).get(reverse("duty_meeting", args=meeting)).status_code == 404


def test_who_is_late_for_a_meeting_is_entered_by_who_holds_it(here: Place, clock: Any) -> None:
    mine, meeting = signed_in("a-1001"), ["meeting", "2026-10-12"]
    clock(12, "07:50")
    assert "登记完成" in get(mine, "me_duty", *meeting)
    clock(12, "08:02")
    assert "登记完成" not in get(mine, "me_duty", *meeting)
    assert "由主持的人登记到会" in post(mine, "me_duty", *meeting)
    assert not DutyRecord.objects.exists()
    boss, entered = signed_in("the-supervisor"), [here.department.code, *meeting]
    assert f'value="{here.staff["1001"].pk}"' in get(boss, "duty_meeting", *entered)
    assert "已登记到会 1 人" in post(boss, "duty_meeting", *entered, staff=[here.staff["1001"].pk])


def test_turns_are_given_out_and_two_exchange_theirs(here: Place) -> None:
    boss = signed_in("the-supervisor")
    given = {"code": "clean", "first": "2026-10-16", "last": "2026-10-19"}
    assert "已排 4 天" in post(boss, "turns", **given)
    assert "已排 0 天" in post(boss, "turns", **given)
    assert "员工1002" in get(boss, "turns", month="2026-10")
    mine = DutyTurn.objects.filter(staff=here.staff["1001"], on__gt=date(2026, 10, 16)).first()
    theirs = DutyTurn.objects.filter(staff=here.staff["1002"]).latest("on")
    assert mine is not None
    one, other = signed_in("a-1001"), signed_in("a-1002")
    assert "员工1002" in get(one, "me_turn_swap", mine.pk)
    assert other.get(reverse("me_turn_swap", args=[mine.pk])).status_code == 404
    for _ in range(2):
        assert "对方同意后" in post(one, "me_turn_swap", mine.pk, offered=theirs.pk)
    swap = DutySwap.objects.get()
    assert "想用" in get(other, "me_duties")
    assert "已换好" in post(other, "me_turn_answer", swap.pk, answer="agree")
    assert "不能再改" in post(other, "me_turn_answer", swap.pk, answer="agree")
    mine.refresh_from_db()
    assert mine.staff == here.staff["1002"]
    stranger = signed_in(factories.account("agent", staff=factories.staff(factories.department())))
    assert stranger.post(reverse("me_turn_answer", args=[swap.pk]), {"answer": "agree"}).status_code == 404


def test_a_turn_is_changed_by_hand_on_the_rota(here: Place) -> None:
    boss = signed_in("the-manager")
    post(boss, "turns", code="clean", first="2026-10-01", last="2026-10-17")
    assert [row.on.day for row in DutyTurn.objects.all()] == [16, 17]
    row = DutyTurn.objects.get(on=date(2026, 10, 16))
    page = get(boss, "turns", month="2026-10", turn=row.pk)
    assert "改 10月16日 的值日" in page and "2026-10-16" in page
    other = next(each for each in here.staff.values() if each != row.staff)
    for _ in range(2):
        assert f"的值日改为{other.name}" in post(boss, "turn_give", row.pk, staff=other.pk)
    row.refresh_from_db()
    assert (row.staff, row.by) == (other, Account.objects.get(username="the-manager"))
    resting = factories.staff(here.department, "1008")
    assert "没有改：员工1008在10月16日不当值日的班" in post(boss, "turn_give", row.pk, staff=resting.pk)
    for wrong in ("", "x", factories.staff(factories.department()).pk):
        assert boss.post(reverse("turn_give", args=[row.pk]), {"staff": wrong}).status_code == 404
    stranger = signed_in(factories.account("manager", factories.department()))
    assert stranger.post(reverse("turn_give", args=[row.pk]), {"staff": other.pk}).status_code == 404


def test_a_lead_sees_the_departments_rota_and_does_not_fill_it(here: Place) -> None:
    lead = factories.staff(here.department, "1009", role="lead", team=factories.team(here.department))
    client = signed_in(factories.account("lead", staff=lead))
    row = DutyTurn.objects.create(
        department=here.department, code="clean", on=date(2026, 10, 20), staff=here.staff["1001"],
        at=moment(1, "09:00"),
    )  # fmt: skip
    page = get(client, "turns", month="2026-10", turn=row.pk)
    assert "员工1001" in page and "由主管或经理排" in page
    assert "排值日" not in page and "?turn" not in page and "<select" not in page
    given = {"code": "clean", "first": "2026-10-16", "last": "2026-10-19"}
    assert client.post(reverse("turns"), given).status_code == 404
    give = reverse("turn_give", args=[row.pk])
    assert client.post(give, {"staff": here.staff["1002"].pk}).status_code == 404
    assert DutyTurn.objects.get() == row and DutyTurn.objects.get().staff == here.staff["1001"]


def test_a_memo_is_noted_found_and_sent_up_and_the_manager_adopts_it(here: Place, clock: Any) -> None:
    mine, boss = signed_in("a-1001"), signed_in("the-manager")
    noted = {
        "text": "快递单号可以自动回填",
        "tags": "物流，想法",
        "remind_at": "2026-10-15T15:00",
        "key": "k",
    }
    for _ in range(2):
        assert "已记下" in post(mine, "me_memos", **noted)
    memo = Memo.objects.get()
    assert memo.tags == ["物流", "想法"] and memo.remind_at == moment(15, "15:00")
    assert "回填" in get(mine, "me_memos", q="单号") and "没有找到" in get(mine, "me_memos", tag="仓库")
    assert "到时间了" not in get(mine, "me_memos")
    clock(15, "15:00")
    assert "到时间了" in get(mine, "me_memos")
    for _ in range(2):
        assert "等经理答复" in post(mine, "me_memo_do", memo.pk, do="send")
    post(mine, "me_memo", memo.pk, text="改成别的", tags="", remind_at="", key="x")
    row = Suggestion.objects.get()
    assert "快递单号" in get(boss, "suggestions")
    answer = {"code": "idea", "amount": "120", "answer": "省工时", "decision": "adopt"}
    assert "100" in post(boss, "suggestion", row.pk, **answer) and not MoneyEntry.objects.exists()
    for _ in range(2):
        post(boss, "suggestion", row.pk, **{**answer, "amount": "60"})
    assert [f"{entry.amount}" for entry in MoneyEntry.objects.all()] == ["60.00"]
    assert "省工时" in get(mine, "me_memo", memo.pk)
    post(mine, "me_memo_do", memo.pk, do="settle")
    assert "到时间了" not in get(mine, "me_memos")


def test_memos_and_suggestions_are_nobody_elses(here: Place) -> None:
    mine = signed_in("a-1001")
    post(mine, "me_memos", text="只给自己看", key="k")
    memo = Memo.objects.get()
    post(mine, "me_memo_do", memo.pk, do="send")
    row = Suggestion.objects.get()
    for who in ("a-1002", "the-manager"):
        client = signed_in(who)
        for name in ("me_memo", "me_memo_do"):
            assert client.post(reverse(name, args=[memo.pk]), {"do": "settle"}).status_code == 404
    for who in ("a-1002", "the-supervisor", factories.account("manager", factories.department())):
        client = signed_in(who)
        assert client.get(reverse("suggestion", args=[row.pk])).status_code == 404
        assert "只给自己看" not in client.get(reverse("suggestions")).content.decode()
    assert mine.post(reverse("me_memo_do", args=[memo.pk]), {"do": "?"}).status_code == 404


def test_pages_take_few_queries_at_any_size(here: Place, django_assert_max_num_queries: Any) -> None:
    for number in range(70):
        here.shift(factories.staff(here.department, f"2{number:03}"), "白班", 15)
    agent, boss = signed_in("a-1001"), signed_in("the-manager")
    for client, names in ((agent, ("me_duties", "me_memos")), (boss, ("duties", "turns", "suggestions"))):
        for name in names:
            client.get(reverse(name))
            with django_assert_max_num_queries(12):
                page = get(client, name)
            assert page.count("<tr") <= 51 and page.count("<li>") <= 80
