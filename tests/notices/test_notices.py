"""Telling people: once, nobody who has left, outside of the page by their own choice."""

import subprocess
import time
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from notices import channels
from notices.delivery import AGAIN_AFTER, LINES, deliveries_send
from notices.models import Channel, Notice, NoticeChoice, NoticeDelivery, NoticeKind
from notices.selectors import deciders, unread_shown
from notices.services import NewNotice, notice_try, notices_read_all, notices_send, notices_send_each
from people.errors import PeopleError
from people.models import Account
from people.permissions import GROUP_ACTIONS
from people.services import staff_leave
from tests import factories
from tests.factories import WHEN
from tests.notices.bots import Bots, bots_running

pytestmark = pytest.mark.django_db
State = NoticeDelivery.State
PATIENCE = 60


@pytest.fixture
def bots(settings: Any) -> Any:
    with bots_running() as running:
        settings.NOTICE_WEBHOOKS = {"wecom": [running.url], "dingtalk": [running.url]}
        settings.EMAIL_URL = "memorymail://"
        settings.SITE_URL = "https://kefu.example.com"
        yield running


def person(**choice: Any) -> Account:
    """Somebody employed, with choices of notices where any are given."""
    account = factories.account("agent", staff=factories.staff(factories.department()))
    if choice:
        NoticeChoice.objects.create(account=account, **choice)
    return account


def tell(
    *accounts: Account, kind: NoticeKind = NoticeKind.ROSTER, source: str = "roster:1", at: datetime = WHEN
) -> int:
    return notices_send(
        to=[each.pk for each in accounts], kind=kind, text="十一月的班表公布了，李雷加班费300元",
        url="/me/", source=source, at=at,
    )  # fmt: skip


def states() -> dict[str, str]:
    return dict(NoticeDelivery.objects.values_list("channel", "state"))


def test_a_notice_is_in_the_page_and_nowhere_else_unless_chosen(bots: Bots) -> None:
    account = person()
    assert tell(account) == 1
    assert unread_shown(account).count() == 1
    assert deliveries_send(now=WHEN) == 0 and not bots.posted and not mail.outbox


def test_the_same_source_tells_once(bots: Bots) -> None:
    account = person(email="a@example.com")
    assert [tell(account), tell(account), tell(account, source="roster:2")] == [1, 0, 1]
    assert Notice.objects.count() == NoticeDelivery.objects.count() == 2


def test_nobody_who_has_left_or_is_closed_is_told() -> None:
    gone, closed, back, later = person(), person(), person(), person(email="later@example.com")
    staff_leave(staff=gone.staff.get(), last_day=date(2026, 10, 14), by=None, at=WHEN)
    staff_leave(staff=back.staff.get(), last_day=date(2026, 10, 14), by=None, at=WHEN)
    factories.staff(factories.department(), account=back)
    Account.objects.filter(pk=closed.pk).update(is_active=False)
    manager = factories.account("manager", factories.department())
    assert tell(gone, closed, back, later, manager) == 3
    assert set(Notice.objects.values_list("account", flat=True)) == {back.pk, later.pk, manager.pk}
    # Who leaves meanwhile is not written to either.
    staff_leave(staff=later.staff.get(), last_day=date(2026, 10, 15), by=None, at=WHEN)
    assert deliveries_send(now=WHEN + timedelta(days=1)) == 0 and not mail.outbox
    assert states() == {"email": State.DROPPED}


def test_who_does_not_sign_in_is_left_out() -> None:
    assert notices_send(to=[None], kind=NoticeKind.ROSTER, text="甲", url="/me/", source="a", at=WHEN) == 0
    with CaptureQueriesContext(connection) as captured:
        notices_send(to=[], kind=NoticeKind.ROSTER, text="甲", url="/me/", source="a", at=WHEN)
    assert not captured.captured_queries


def test_every_channel_tells_the_kind_and_the_address_and_never_the_words(bots: Bots) -> None:
    tell(
        person(
            email="a@example.com", wecom_url=f"{bots.url}?key=k-1", dingtalk_url=f"{bots.url}?access_token=t"
        )
    )
    notice = Notice.objects.get()
    assert deliveries_send(now=WHEN) == 3
    expected = f"kefu：排班公布\nhttps://kefu.example.com/notices/{notice.pk}/"
    assert bots.texts == [expected, expected]
    assert sorted(path for path, _ in bots.posted) == ["/send?access_token=t", "/send?key=k-1"]
    (letter,) = mail.outbox
    assert (letter.to, letter.subject, letter.body) == (["a@example.com"], "kefu：排班公布", expected)
    assert set(states().values()) == {State.SENT}
    assert deliveries_send(now=WHEN + timedelta(days=1)) == 0


def test_only_chosen_kinds_go_out(bots: Bots) -> None:
    account = person(
        email="a@example.com", email_kinds=["payslip"], wecom_url=f"{bots.url}?key=k", wecom_kinds=[]
    )
    tell(account)
    tell(account, kind=NoticeKind.PAYSLIP, source="pay:1")
    assert deliveries_send(now=WHEN) == 1
    assert [each.subject for each in mail.outbox] == ["kefu：工资条已批准"] and not bots.posted


def test_a_choice_that_was_taken_back_is_kept_to(bots: Bots) -> None:
    account = person(email="a@example.com")
    tell(account)
    NoticeChoice.objects.update(email="")
    assert deliveries_send(now=WHEN) == 0 and not mail.outbox
    assert states() == {"email": State.DROPPED}


def test_a_digest_comes_at_its_hour_as_one_message(bots: Bots) -> None:
    account = person(wecom_url=f"{bots.url}?key=k", digest_hour=18)  # WHEN is noon
    for number in range(LINES + 3):
        tell(account, source=f"roster:{number}")
    assert deliveries_send(now=WHEN + timedelta(hours=5, minutes=59)) == 0
    assert deliveries_send(now=WHEN + timedelta(hours=6)) == 1
    (text,) = bots.texts
    assert text.startswith(f"kefu：{LINES + 3}条通知\n排班公布：https://kefu.example.com/notices/")
    assert text.endswith("还有3条：https://kefu.example.com/notices/") and "李雷" not in text
    tell(account, source="after", at=WHEN + timedelta(hours=7))
    assert NoticeDelivery.objects.get(state=State.WAITING).due_at == WHEN + timedelta(hours=30)


def test_dingtalk_is_signed_with_its_secret(bots: Bots) -> None:
    tell(person(dingtalk_url=f"{bots.url}?access_token=t", dingtalk_secret="SEC000"))
    deliveries_send(now=WHEN)
    asked = parse_qs(urlsplit(bots.posted[0][0]).query)
    # openssl dgst -sha256 -hmac SEC000 -binary | base64, of "1792036800000\nSEC000"
    assert asked["access_token"] == ["t"] and asked["timestamp"] == ["1792036800000"]
    assert asked["sign"] == ["b8iF9ig5keyrkRZ2DNvGhcInideu5cCzXLAJRBnrSB0="]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_what_fails_is_tried_again_later_and_later_and_then_given_up(bots: Bots, status: int) -> None:
    tell(person(wecom_url=f"{bots.url}?key=k"))
    bots.status, now = status, WHEN
    for tried, pause in enumerate(AGAIN_AFTER, start=1):
        assert deliveries_send(now=now) == 0
        row = NoticeDelivery.objects.get()
        assert (row.state, row.attempts, row.due_at) == (State.WAITING, tried, now + pause)
        assert str(status) in row.error and "key" not in row.error
        assert deliveries_send(now=row.due_at - timedelta(seconds=1)) == 0 and len(bots.posted) == tried
        now = row.due_at
    deliveries_send(now=now)
    assert states() == {"wecom": State.FAILED} and len(bots.posted) == len(AGAIN_AFTER) + 1
    assert deliveries_send(now=now + timedelta(days=9)) == 0 and len(bots.posted) == len(AGAIN_AFTER) + 1


def test_it_arrives_once_the_other_end_is_well_again(bots: Bots) -> None:
    tell(person(wecom_url=f"{bots.url}?key=k"))
    bots.status = 502
    deliveries_send(now=WHEN)
    bots.status = 200
    assert deliveries_send(now=WHEN + AGAIN_AFTER[0]) == 1
    row = NoticeDelivery.objects.get()
    assert (row.state, row.error, row.sent_at) == (State.SENT, "", WHEN + AGAIN_AFTER[0])


def test_a_silent_channel_is_left_alone_for_the_run_and_the_others_go_out(bots: Bots) -> None:
    people = [person(email=f"{n}@example.com", wecom_url=f"{bots.url}?key=k{n}") for n in range(3)]
    tell(*people)
    bots.status = 503
    assert deliveries_send(now=WHEN) == 3
    assert len(bots.posted) == 1 and len(mail.outbox) == 3
    bots.status = 200
    assert deliveries_send(now=WHEN + AGAIN_AFTER[0]) == 3


@pytest.mark.parametrize(
    ("status", "answer"),
    [(404, ""), (302, ""), (200, '{"errcode": 93000, "errmsg": "invalid webhook url"}'), (200, "<html>")],
)
def test_a_bot_that_never_will_is_not_asked_again(bots: Bots, status: int, answer: str) -> None:
    tell(person(wecom_url=f"{bots.url}?key=k"))
    bots.status, bots.answer = status, answer
    bots.headers = {"Location": f"{bots.url}?key=elsewhere"}
    deliveries_send(now=WHEN)
    assert len(bots.posted) == 1, "a redirection is not followed"
    row = NoticeDelivery.objects.get()
    assert row.state == State.FAILED and "企业微信" in row.error


def test_too_many_messages_are_sent_later(bots: Bots) -> None:
    tell(person(wecom_url=f"{bots.url}?key=k"))
    bots.answer = '{"errcode": 45009}'
    deliveries_send(now=WHEN)
    assert states() == {"wecom": State.WAITING}


def test_nobody_there_is_said_without_the_address(bots: Bots, settings: Any) -> None:
    settings.NOTICE_WEBHOOKS = {"wecom": ["http://127.0.0.1:9/send"], "dingtalk": []}
    tell(person(wecom_url="http://127.0.0.1:9/send?key=secret"))
    deliveries_send(now=WHEN)
    assert NoticeDelivery.objects.get().error == "连不上企业微信"


WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"


@pytest.mark.parametrize(
    "url",
    [
        "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k",
        "https://127.0.0.1/cgi-bin/webhook/send?key=k",
        "https://qyapi.weixin.qq.com.evil.example/cgi-bin/webhook/send?key=k",
        "https://qyapi.weixin.qq.com@127.0.0.1/cgi-bin/webhook/send?key=k",
        "https://qyapi.weixin.qq.com:8443/cgi-bin/webhook/send?key=k",
        "https://qyapi.weixin.qq.com/cgi-bin/../admin?key=k",
        "https://oapi.dingtalk.com/robot/send?access_token=t",
        "file:///etc/passwd",
        WECOM,
        f"{WECOM}?",
        f"{WECOM}?key=k#@127.0.0.1",
        f"{WECOM}?key=k\n",
        f"{WECOM}?key=k /x",
        f" {WECOM}?key=k",
    ],
)
def test_a_bot_leads_to_its_platform_alone(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not channels.webhook_is_allowed(Channel.WECOM, url)
    called: list[Any] = []
    monkeypatch.setattr(channels.requests, "post", lambda *args, **kwargs: called.append(args))
    tell(person(wecom_url=url))
    deliveries_send(now=WHEN)
    assert states() == {"wecom": State.FAILED} and not called


def test_the_platforms_own_addresses_are_allowed() -> None:
    assert channels.webhook_is_allowed(Channel.WECOM, f"{WECOM}?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa")
    assert channels.webhook_is_allowed(
        Channel.DINGTALK, "https://oapi.dingtalk.com/robot/send?access_token=a1"
    )


def test_a_worker_that_died_leaves_it_to_the_next(bots: Bots, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(person(wecom_url=f"{bots.url}?key=k"))

    def dies(**_: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("notices.delivery.deliver", dies)
        with pytest.raises(SystemExit):
            deliveries_send(now=WHEN)
    assert deliveries_send(now=WHEN + timedelta(minutes=5)) == 0, "it may still be at work"
    assert deliveries_send(now=WHEN + timedelta(minutes=10)) == 1


def test_telling_costs_the_same_for_any_number(bots: Bots) -> None:
    def queries(count: int) -> int:
        people = [person(email="a@example.com") for _ in range(count)]
        told = [
            NewNotice(to=each.pk, text=f"第{n}条", url="/me/", source=f"s:{each.pk}")
            for n, each in enumerate(people)
        ]
        with CaptureQueriesContext(connection) as captured:
            assert notices_send_each(told=told, kind=NoticeKind.INCIDENT, at=WHEN) == count
        return len([each for each in captured if "SAVEPOINT" not in each["sql"]])

    assert queries(1) == queries(30) <= 5


def test_a_notice_changes_in_nothing_but_that_it_was_read() -> None:
    account = person()
    tell(account)
    for change in (
        lambda: Notice.objects.update(text="别的"),
        lambda: Notice.objects.all().delete(),
    ):
        with pytest.raises(Exception, match="Cannot"), transaction.atomic():
            change()
    with pytest.raises(Exception, match="notices_notice_url_on_this_site"), transaction.atomic():
        notices_send(
            to=[account.pk], kind=NoticeKind.ROSTER, text="甲", url="//evil.example", source="x", at=WHEN
        )


def test_all_that_was_shown_is_read_and_not_what_came_after() -> None:
    mine, other = person(), person()
    tell(mine, other)
    newest = Notice.objects.get(account=mine).pk
    tell(mine, source="later")
    assert notices_read_all(account=mine, until=newest, at=WHEN) == 1
    assert [unread_shown(each).count() for each in (mine, other)] == [1, 1]


def test_a_trial_goes_through_every_channel_at_once_and_once_a_minute(bots: Bots) -> None:
    account = person(email="a@example.com", email_kinds=[], wecom_url=f"{bots.url}?key=k", digest_hour=3)
    notice_try(account=account, url="/me/notices/", at=WHEN)
    with pytest.raises(PeopleError, match="一分钟"):
        notice_try(account=account, url="/me/notices/", at=WHEN + timedelta(seconds=59))
    assert deliveries_send(now=WHEN) == 2
    assert "试发" in bots.texts[0] and len(mail.outbox) == 1
    with pytest.raises(PeopleError, match="还没有填"):
        notice_try(account=person(), url="/me/notices/", at=WHEN)


def test_one_task_is_queued_once_it_is_committed(
    bots: Bots, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    queued: list[int] = []
    monkeypatch.setattr("notices.services.send_notices.delay", lambda: queued.append(1))
    with django_capture_on_commit_callbacks(execute=True):
        tell(*[person(email="a@example.com") for _ in range(5)])
        assert not queued
    assert queued == [1]
    with django_capture_on_commit_callbacks(execute=True):
        tell(person(), source="page alone")
    assert queued == [1]


@pytest.mark.django_db(transaction=True)
def test_a_worker_sends_what_was_committed(worker_process: "subprocess.Popen[bytes]") -> None:
    """The address is refused by the worker itself, which says so in the row."""
    tell(person(wecom_url="http://127.0.0.1:1/send?key=k"))
    deadline = time.monotonic() + PATIENCE
    while NoticeDelivery.objects.get().state == State.WAITING and time.monotonic() < deadline:
        time.sleep(0.1)
    row = NoticeDelivery.objects.get()
    assert (row.state, row.error) == (State.FAILED, "不是企业微信机器人的网址，没有发送")


def test_who_is_told_that_something_waits() -> None:
    department, other = factories.department(), factories.department()
    one, two = factories.team(department, "一组"), factories.team(department, "二组")
    asking = factories.staff(department, team=one)
    account = factories.account("agent", staff=asking)
    lead = factories.account("lead", staff=factories.staff(department, team=one, role="lead"))
    factories.account("lead", staff=factories.staff(department, team=two, role="lead"))
    factories.account("lead", staff=factories.staff(department, team=one))  # leads no team
    manager = factories.account("manager", department)
    factories.account("manager", other)
    gm = factories.account("gm")
    assert "decide_requests" in GROUP_ACTIONS["lead"] and "confirm_incidents" in GROUP_ACTIONS["gm"]
    on = WHEN.date()
    assert deciders(department, "decide_requests", on=on, about=asking) == {lead.pk, manager.pk}
    assert deciders(department, "confirm_incidents", on=on) == {manager.pk}
    staff_leave(staff=lead.staff.get(), last_day=date(2026, 10, 14), by=None, at=WHEN)
    assert deciders(department, "decide_requests", on=on, about=asking) == {manager.pk}
    Account.objects.filter(pk=manager.pk).update(is_active=False)
    assert deciders(department, "confirm_incidents", on=on) == {gm.pk}
    assert account.pk not in deciders(department, "decide_requests", on=on, about=asking)
