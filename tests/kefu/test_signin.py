"""Signing in, being locked out, changing and resetting passwords, the second step."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessLog
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from kefu.celery import app
from people.models import Account
from people.tasks import sign_ins_tidy
from tests import factories

PASSWORD = "Ein-gutes-Wort-7"

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> Account:
    account = factories.account("manager", factories.department("A"), username="li")
    account.set_password(PASSWORD)
    account.save()
    return account


def sign_in(client: Client, password: str = PASSWORD, username: str = "li", **more: str) -> object:
    return client.post("/login", {"username": username, "password": password, **more})


def test_the_right_password_leads_to_the_page_that_was_asked_for(client: Client, manager: Account) -> None:
    response = sign_in(client, next="/password")
    assert (response.status_code, response.headers["Location"]) == (302, "/password")


def test_another_site_as_next_page_is_refused(client: Client, manager: Account) -> None:
    assert sign_in(client, next="https://example.com/").headers["Location"] == "/"


def test_a_wrong_password_is_said_in_chinese_and_keeps_out(client: Client, manager: Account) -> None:
    response = sign_in(client, "wrong")
    assert "登录名或口令不对" in response.content.decode()
    assert client.get("/password").status_code == 302


@pytest.mark.parametrize("username", ["li", "nobody"])
def test_the_fifth_wrong_password_locks_the_name_and_not_whether_it_exists(
    client: Client, manager: Account, username: str
) -> None:
    for _ in range(4):
        assert sign_in(client, "wrong", username).status_code == 200
    locked = sign_in(client, "wrong", username)
    assert locked.status_code == 429
    assert "请等 15 分钟再试" in locked.content.decode()


def test_a_locked_name_is_refused_with_the_right_password_until_the_time_is_over(
    client: Client, manager: Account
) -> None:
    for _ in range(5):
        sign_in(client, "wrong")
    assert sign_in(client).status_code == 429
    assert sign_in(Client(REMOTE_ADDR="203.0.113.9")).status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert sign_in(client).status_code == 302


def test_a_name_is_locked_just_so_while_the_cache_is_gone(
    client: Client, manager: Account, settings: LazySettings
) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    for _ in range(5):
        sign_in(client, "wrong")
    assert sign_in(client).status_code == 429


def test_an_account_that_is_off_does_not_sign_in(client: Client, manager: Account) -> None:
    Account.objects.update(is_active=False)
    assert sign_in(client).status_code == 200


def test_signing_out_is_a_post_and_leads_to_the_sign_in(client: Client, manager: Account) -> None:
    client.force_login(manager)
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").headers["Location"] == "/login"
    assert client.get("/password").status_code == 302


def test_only_an_agent_stays_signed_in_for_a_week(client: Client, manager: Account) -> None:
    sign_in(client, remember="on")
    assert client.session.get_expire_at_browser_close()
    agent = factories.account("agent", username="wang")
    agent.set_password(PASSWORD)
    agent.save()
    phone = Client()
    sign_in(phone, username="wang", remember="on")
    assert 0 <= 7 * 24 * 60 * 60 - phone.session.get_expiry_age() <= 60


def test_a_first_password_opens_nothing_but_its_own_change(client: Client, manager: Account) -> None:
    Account.objects.update(must_change_password=True)
    sign_in(client)
    for page in ("/", "/accounts/", "/admin/", "/incidents/"):
        assert client.get(page).headers["Location"] == "/password"
    new = "Noch-ein-Wort-9"
    given = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/password", given).headers["Location"] == "/"
    assert client.get("/").status_code == 200
    manager.refresh_from_db()
    assert manager.check_password(new) and not manager.must_change_password


@pytest.mark.parametrize(
    ("new", "again", "told"),
    [
        ("Kurz-9", "Kurz-9", "10"),
        ("8203948571", "8203948571", "数字"),
        ("password123", "password123", "常见"),
        ("Noch-ein-Wort-9", "Noch-ein-Wort-8", "两次输入的新口令不一样"),
        (PASSWORD, PASSWORD, "新口令与现在的一样"),
    ],
)
def test_a_bad_new_password_is_refused_and_the_old_one_stays(
    client: Client, manager: Account, new: str, again: str, told: str
) -> None:
    client.force_login(manager)
    given = {"old_password": PASSWORD, "new_password1": new, "new_password2": again}
    assert told in client.post("/password", given).content.decode()
    manager.refresh_from_db()
    assert manager.check_password(PASSWORD)


def test_changing_the_password_needs_the_present_one(client: Client, manager: Account) -> None:
    client.force_login(manager)
    given = {"old_password": "wrong", "new_password1": "Noch-ein-Wort-9", "new_password2": "Noch-ein-Wort-9"}
    assert "现在的口令不对" in client.post("/password", given).content.decode()


def code_of(device: TOTPDevice, steps: int = 0) -> str:
    return f"{totp(device.bin_key, drift=steps):06d}"


def test_the_second_step_is_set_up_with_a_code_and_asked_for_at_the_next_sign_in(
    client: Client, manager: Account
) -> None:
    client.force_login(manager)
    assert "<svg" in client.post("/two-step").content.decode()
    device = TOTPDevice.objects.get(user=manager)
    wrong = f"{(int(code_of(device)) + 1) % 1_000_000:06d}"
    assert "验证码不对" in client.post("/two-step", {"code": wrong}).content.decode()
    TOTPDevice.objects.update(throttling_failure_count=0)
    client.post("/two-step", {"code": code_of(device)})
    assert TOTPDevice.objects.get().confirmed

    other = Client()
    assert sign_in(other, next="/password").headers["Location"] == "/login/code"
    assert other.get("/password").status_code == 302
    again = other.post("/login/code", {"code": code_of(device)})
    assert "验证码不对或已用过" in again.content.decode()
    TOTPDevice.objects.update(throttling_failure_count=0)
    assert other.post("/login/code", {"code": code_of(device, 1)}).headers["Location"] == "/password"
    assert other.get("/password").status_code == 200


def test_the_code_page_is_closed_without_the_password(client: Client, manager: Account) -> None:
    assert client.get("/login/code").headers["Location"] == "/login"


def test_the_second_step_is_switched_off_with_the_password_only(client: Client, manager: Account) -> None:
    TOTPDevice.objects.create(user=manager, confirmed=True)
    client.force_login(manager)
    client.post("/two-step/off", {"password": "wrong"})
    assert TOTPDevice.objects.exists()
    client.post("/two-step/off", {"password": PASSWORD})
    assert not TOTPDevice.objects.exists()


def test_agents_are_not_offered_a_second_step(client: Client) -> None:
    client.force_login(factories.account("agent"))
    assert client.get("/two-step").status_code == 404


def test_sign_ins_are_forgotten_after_their_time_and_a_lock_is_not(client: Client, manager: Account) -> None:
    sign_in(client, "wrong")
    sign_in(client)
    old, kept = timezone.now() - timedelta(days=91), AccessLog.objects.count()
    AccessLog.objects.create(username="gone", path_info="/login", attempt_time=old, session_hash="")
    AccessAttempt.objects.create(username="gone", path_info="/login", failures_since_start=1)
    AccessAttempt.objects.create(username="locked", path_info="/login", failures_since_start=5)
    AccessAttempt.objects.filter(username="gone").update(attempt_time=old)
    AccessLog.objects.filter(username="gone").update(attempt_time=old)
    assert sign_ins_tidy() == 2
    assert AccessLog.objects.count() == kept
    assert AccessAttempt.objects.filter(username="locked").exists()
    task = app.conf.beat_schedule["forget-sign-ins"]["task"]
    assert task == sign_ins_tidy.name
