"""Who gets in with a token, how tokens are issued and revoked, and how often they may ask."""

from datetime import timedelta
from io import StringIO

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient

from kefu.api_limits import TokenThrottle
from people.errors import PeopleError
from people.models import ApiToken
from people.tokens import token_revoke
from tests import factories
from tests.api.conftest import Client, Place, issue, with_token

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/departments/"


def test_only_the_hash_of_a_token_is_stored(one: Place):
    token, secret = issue(one.managers["hr"], departments=[one.department])
    token.refresh_from_db()
    assert secret.startswith("kefu_") and len(secret) > 40
    assert secret not in str(ApiToken.objects.filter(pk=token.pk).values())
    assert with_token(secret).get(ADDRESS).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer kefu_wrong", "Basic abc", "Bearer \xff"])
def test_without_a_valid_token_nobody_gets_in(one: Place, header):
    client = APIClient()
    if header:
        client.credentials(HTTP_AUTHORIZATION=header)
    refused = client.get(ADDRESS)
    assert refused.status_code == 401
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:kefu:problem:no-token"
    assert refused.json()["title"] == "需要令牌"


def test_expired_revoked_and_shut_accounts_open_nothing(one: Place):
    account = one.managers["hr"]
    token, secret = issue(account, departments=[one.department])
    client = with_token(secret)
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    assert client.get(ADDRESS).status_code == 401
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() + timedelta(days=1))
    assert client.get(ADDRESS).status_code == 200
    account.is_active = False
    account.save()
    assert client.get(ADDRESS).status_code == 401
    account.is_active = True
    account.save()
    token_revoke(token=token, at=timezone.now())
    assert client.get(ADDRESS).status_code == 401


def test_a_token_rests_while_its_account_has_a_first_password(one: Place):
    _, secret = issue(one.managers["hr"], departments=[one.department])
    account = one.managers["hr"]
    account.must_change_password = True
    account.save()
    refused = with_token(secret).get(ADDRESS)
    assert refused.status_code == 401 and "须先改初始口令" in refused.json()["detail"]
    account.must_change_password = False
    account.save()
    assert with_token(secret).get(ADDRESS).status_code == 200


def test_use_is_noted_once_a_minute(one: Place, django_assert_num_queries):
    token, secret = issue(one.managers["hr"], departments=[one.department])
    client = with_token(secret)
    client.get(ADDRESS)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    client.get(ADDRESS)
    token.refresh_from_db()
    assert token.last_used_at == first
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=first - timedelta(minutes=2))
    client.get(ADDRESS)
    token.refresh_from_db()
    assert token.last_used_at > first


def test_a_token_is_no_more_than_its_account(one: Place, two: Place):
    account = one.managers["hr"]
    for fields, told in (
        ({"departments": [two.department]}, "D2"),
        ({"departments": []}, "至少"),
        ({"actions": []}, "至少"),
        ({"actions": ["fly"]}, "fly"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "到期"),
    ):
        with pytest.raises(PeopleError, match=told):
            issue(account, **{"departments": [one.department], **fields})
    assert not ApiToken.objects.exists()


def test_who_leaves_a_department_loses_it_over_the_token(one: Place, client_of: Client):
    account = one.managers["manager"]
    client = client_of(account)
    assert client.get(f"/api/v1/staff/{one.agent.pk}/").status_code == 200
    account.departments.clear()
    assert client.get(f"/api/v1/staff/{one.agent.pk}/").status_code == 404


def test_pay_needs_view_pay_in_the_token(one: Place, client_of: Client):
    hr = one.managers["hr"]
    seeing = client_of(hr, actions=["read", "view_pay"])
    blind = client_of(hr, actions=["read"])
    person = f"/api/v1/staff/{one.agent.pk}/"
    assert seeing.get(person).json()["term"]["base_pay"] == "3000.00"
    assert blind.get(person).json()["term"]["base_pay"] is None
    assert seeing.get(f"/api/v1/payslips/{one.payslip.pk}/").status_code == 200
    assert blind.get(f"/api/v1/payslips/{one.payslip.pk}/").status_code == 404
    assert blind.get("/api/v1/payslips/").json()["results"] == []
    assert blind.get("/api/v1/settlements/").json()["results"] == []
    assert blind.get("/api/v1/proposals/").json()["results"] == []


def test_too_many_requests_of_one_token_wait(one: Place, client_of: Client, monkeypatch):
    monkeypatch.setitem(TokenThrottle.THROTTLE_RATES, "token", "3/min")
    client, other = client_of(one.managers["hr"]), client_of(one.managers["hr"])
    assert [client.get(ADDRESS).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = client.get(ADDRESS)
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json()["title"] == "请求太频繁"
    assert other.get(ADDRESS).status_code == 200


def test_the_command_shows_the_token_once(one: Place):
    out = StringIO()
    call_command(
        "create_api_token", "店铺ERP", "--account=D1-hr", "--action=read", "--action=import_data", stdout=out
    )
    token = ApiToken.objects.get()
    assert (token.name, token.actions) == ("店铺ERP", ["read", "import_data"])
    assert list(token.departments.all()) == [one.department]
    secret = out.getvalue().split()[-1]
    assert with_token(secret).get(ADDRESS).status_code == 200


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--account=nobody", "--action=read"], "nobody"),
        (["--account=D1-hr", "--action=read", "--days=0"], "有效天数"),
        (["--account=D1-hr", "--action=read", "--department=D9"], "D9"),
    ],
)
def test_the_command_says_what_is_wrong(one: Place, arguments, told):
    with pytest.raises(CommandError, match=told):
        call_command("create_api_token", "x", *arguments)
    assert not ApiToken.objects.exists()


def test_only_administrators_issue_tokens_in_the_administration(one: Place, client):
    client.force_login(one.managers["manager"])
    assert client.get("/admin/people/apitoken/add/").status_code == 403
    root = factories.account("gm", username="root")
    root.is_superuser = True
    root.save()
    client.force_login(root)
    given = {
        "name": "店铺ERP",
        "account": one.managers["hr"].pk,
        "departments": [one.department.pk],
        "actions": ["read"],
        "expires_on": f"{timezone.localdate() + timedelta(days=30)}",
    }
    page = client.post("/admin/people/apitoken/add/", given)
    token = ApiToken.objects.get()
    assert (token.created_by, token.actions) == (root, ["read"])
    secret = page.content.decode().split("<code>")[1].split("</code>")[0]
    assert with_token(secret).get(ADDRESS).status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    assert secret not in client.get("/admin/people/apitoken/").content.decode()
    client.post("/admin/people/apitoken/", {"action": "revoke", "_selected_action": [token.pk]})
    assert with_token(secret).get(ADDRESS).status_code == 401


def test_the_administration_says_why_a_token_is_refused(one: Place, two: Place, client):
    root = factories.account("gm", username="root")
    root.is_superuser = True
    root.save()
    client.force_login(root)
    given = {
        "name": "x",
        "account": one.managers["hr"].pk,
        "departments": [two.department.pk],
        "actions": ["read"],
        "expires_on": f"{timezone.localdate() + timedelta(days=30)}",
    }
    page = client.post("/admin/people/apitoken/add/", given, follow=True)
    assert "不在部门 D2" in page.content.decode()
    assert not ApiToken.objects.exists()


def test_requests_are_answered_uncounted_while_the_cache_is_gone(
    one: Place, client_of: Client, settings: LazySettings, caplog: pytest.LogCaptureFixture
):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    assert client_of(one.managers["hr"]).get(ADDRESS).status_code == 200
    assert "没有计数" in caplog.text
