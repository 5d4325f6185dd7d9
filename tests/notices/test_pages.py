"""One's own notices and choices in the browser; nobody else's."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from notices import channels
from notices.forms import NoticeChoiceForm
from notices.models import CHOSEN_KINDS, Channel, Notice, NoticeChoice, NoticeDelivery, NoticeKind
from notices.services import notices_send
from people.models import Account
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k-1"
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=t"


@pytest.fixture
def account() -> Account:
    return factories.account("agent", staff=factories.staff(factories.department()))


@pytest.fixture
def other() -> Account:
    return factories.account("agent", staff=factories.staff(factories.department()))


@pytest.fixture
def client(account: Account) -> Client:
    signed_in = Client()
    signed_in.force_login(account)
    return signed_in


def tell(
    account: Account, source: str = "s:1", text: str = "十一月的班表公布了", url: str = "/password"
) -> Notice:
    notices_send(to=[account.pk], kind=NoticeKind.ROSTER, text=text, url=url, source=source, at=WHEN)
    return Notice.objects.get(account=account, source=source)


def page(client: Client, name: str, *args: Any) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200
    return response.content.decode()


def given(**fields: Any) -> dict[str, Any]:
    return {
        "email": "",
        "wecom_url": "",
        "dingtalk_url": "",
        "dingtalk_secret": "",
        "digest_hour": "",
        **fields,
    }


def test_the_bell_counts_what_is_unread_with_one_query(client: Client, account: Account) -> None:
    assert "未读" not in page(client, "password")
    for number in range(3):
        tell(account, f"s:{number}")
    with CaptureQueriesContext(connection) as captured:
        shown = page(client, "password")
    assert '<span class="bell-count">3</span>' in shown
    assert len([each for each in captured if "notices_notice" in each["sql"]]) == 1
    for number in range(3, 120):
        tell(account, f"s:{number}")
    assert '<span class="bell-count">99+</span>' in page(client, "password")


def test_who_is_not_signed_in_is_not_counted() -> None:
    with CaptureQueriesContext(connection) as captured:
        Client().get(reverse("login"))
    assert not [each for each in captured if "notices_notice" in each["sql"]]


def test_opening_a_notice_reads_it_and_leads_to_its_page(client: Client, account: Account) -> None:
    notice = tell(account)
    response = client.get(reverse("notice", args=[notice.pk]))
    assert (response.status_code, response.headers["Location"]) == (302, "/password")
    notice.refresh_from_db()
    first = notice.read_at
    assert first is not None
    client.get(reverse("notice", args=[notice.pk]))
    notice.refresh_from_db()
    assert notice.read_at == first


def test_one_or_all_are_marked_as_read(client: Client, account: Account) -> None:
    one, two, three = (tell(account, f"s:{number}") for number in range(3))
    client.post(reverse("notice_mark", args=[one.pk]))
    assert Notice.objects.filter(read_at__isnull=False).get() == one
    client.post(reverse("notices_mark"), {"until": two.pk})
    assert Notice.objects.filter(read_at__isnull=True).get() == three
    for odd in ("", "x", "²", "9" * 40):
        assert client.post(reverse("notices_mark"), {"until": odd}).status_code == 302
    assert Notice.objects.filter(read_at__isnull=True).count() == 1


def test_the_list_is_short_and_takes_few_queries(client: Client, account: Account) -> None:
    for number in range(60):
        tell(account, f"s:{number}", text=f"第{number}条")
    with CaptureQueriesContext(connection) as captured:
        shown = page(client, "notices")
    assert shown.count("<tr>") == 51 and "第59条" in shown and len(captured) <= 8
    assert "第0条" in client.get(reverse("notices"), {"page": 2}).content.decode()
    client.post(reverse("notices_mark"), {"until": Notice.objects.latest("pk").pk})
    assert "没有未读的通知" in client.get(reverse("notices"), {"state": "unread"}).content.decode()


def test_ones_notices_are_ones_own(client: Client, other: Account) -> None:
    theirs = tell(other, text="别人的事")
    NoticeChoice.objects.create(account=other, email="other@example.com", wecom_url=WECOM)
    NoticeDelivery.objects.create(notice=theirs, channel="email", due_at=WHEN)
    assert client.get(reverse("notice", args=[theirs.pk])).status_code == 404
    assert client.post(reverse("notice_mark", args=[theirs.pk])).status_code == 404
    client.post(reverse("notices_mark"), {"until": theirs.pk})
    theirs.refresh_from_db()
    assert theirs.read_at is None
    for name in ("notices", "notice_choices", "notice_deliveries"):
        shown = page(client, name)
        assert not [
            word for word in ("别人的事", "other@example.com", "k-1", "排班公布</a>") if word in shown
        ]


def test_a_manager_reads_nobodys_notices(other: Account) -> None:
    theirs = tell(other, text="别人的事")
    manager = Client()
    manager.force_login(factories.account("manager", other.staff.get().department))
    assert manager.get(reverse("notice", args=[theirs.pk])).status_code == 404


def test_choices_are_kept(client: Client, account: Account) -> None:
    sent = given(
        email="a@example.com", email_kinds=["payslip", "memo"], wecom_url=WECOM, wecom_kinds=["roster"],
        dingtalk_url=DINGTALK, dingtalk_secret="SECRET-OF-THE-BOT", digest_hour="0",
    )  # fmt: skip
    assert client.post(reverse("notice_choices"), sent).status_code == 302
    choice = NoticeChoice.objects.get()
    assert (choice.account, choice.email, choice.digest_hour) == (account, "a@example.com", 0)
    assert (choice.email_kinds, choice.wecom_kinds) == (["payslip", "memo"], ["roster"])
    assert "SECRET-OF-THE-BOT" not in page(client, "notice_choices"), "a secret is not shown again"
    # A secret that is left empty stays, and goes with its bot.
    client.post(reverse("notice_choices"), {**sent, "dingtalk_secret": "", "digest_hour": ""})
    choice.refresh_from_db()
    assert (choice.dingtalk_secret, choice.digest_hour) == ("SECRET-OF-THE-BOT", None)
    client.post(reverse("notice_choices"), {**sent, "dingtalk_secret": "", "dingtalk_url": ""})
    choice.refresh_from_db()
    assert choice.dingtalk_secret == choice.dingtalk_url == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("wecom_url", "https://127.0.0.1/cgi-bin/webhook/send?key=k"),
        ("wecom_url", DINGTALK),
        ("dingtalk_url", "http://oapi.dingtalk.com/robot/send?access_token=t"),
        ("dingtalk_url", "https://oapi.dingtalk.com/robot/send"),
        ("email", "nobody"),
        ("email_kinds", ["trial"]),
        ("digest_hour", "24"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(client: Client, field: str, value: Any) -> None:
    response = client.post(reverse("notice_choices"), given(**{field: value}))
    assert response.status_code == 200 and 'class="error"' in response.content.decode()
    assert not NoticeChoice.objects.exists()


def test_everything_is_told_everywhere_until_somebody_chooses(client: Client, account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(email="a@example.com")
    shown = page(client, "notice_choices")
    assert 'value="a@example.com"' in shown and shown.count(" checked") == len(CHOSEN_KINDS) * 3
    assert not NoticeChoice.objects.exists()


def test_a_trial_is_queued_and_its_fate_is_shown(client: Client, account: Account) -> None:
    NoticeChoice.objects.create(account=account, wecom_url=WECOM, wecom_kinds=[])
    client.post(reverse("notice_trial"))
    shown = client.post(reverse("notice_trial"), follow=True).content.decode()
    assert "一分钟内已经试发过" in shown and NoticeDelivery.objects.count() == 1
    assert 'hx-trigger="every 2s"' in page(client, "notice_deliveries")
    NoticeDelivery.objects.update(state="failed", error="连不上企业微信")
    shown = page(client, "notice_deliveries")
    assert "连不上企业微信" in shown and "hx-trigger" not in shown


def test_a_trial_without_any_channel_says_what_to_do(client: Client) -> None:
    shown = client.post(reverse("notice_trial"), follow=True).content.decode()
    assert "还没有填邮箱或机器人网址" in shown


def test_the_administration_shows_how_sending_fared_and_no_words(account: Account) -> None:
    notice = tell(account, text="私事")
    NoticeDelivery.objects.create(
        notice=notice, channel="wecom", due_at=WHEN, state="failed", error="连不上企业微信"
    )
    root = Client()
    root.force_login(Account.objects.create_superuser("root9"))
    shown = root.get("/admin/notices/noticedelivery/").content.decode()
    assert "连不上企业微信" in shown and "私事" not in shown
    hr = Client()
    hr.force_login(factories.account("hr", factories.department()))
    assert hr.get("/admin/notices/noticedelivery/").status_code == 403


def test_every_channel_can_be_set_up_and_has_its_way_out() -> None:
    sections = dict(NoticeChoiceForm().sections)
    for channel in Channel:
        names = {field.name for field in sections[str(channel.label)]}
        assert f"{channel.value}_kinds" in names and len(names) > 1
        assert NoticeChoice().address(channel) == ""
    assert set(channels._WAYS) == set(Channel)
