"""Tokens of the API: issued, revoked, recognised, and what each may see and do."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import Q, QuerySet

from people.errors import PeopleError
from people.models import Account, ApiToken, Department
from people.permissions import ACTIONS
from people.selectors import departments_visible_to, departments_where

READ = "read"
SCOPES = ((READ, "读取"), *ACTIONS)
PREFIX = "kefu_"  # so that a token is recognised wherever it turns up by mistake
USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def token_create(
    *,
    name: str,
    account: Account,
    departments: Iterable[Department],
    actions: Collection[str],
    expires_at: datetime,
    by: Account | None,
    at: datetime,
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is stored nowhere: show it now or never.

    PeopleError without departments or actions, for a department in which the account neither works nor acts,
    an unknown action, an expiry that is past, and an account that is shut.
    """
    places, wanted = list(departments), [code for code, _ in SCOPES if code in actions]
    unknown = set(actions) - {code for code, _ in SCOPES}
    if unknown:
        known = "、".join(code for code, _ in SCOPES)
        raise PeopleError(f"没有操作“{'、'.join(sorted(unknown))}”。可用：{known}。")
    if not places or not wanted:
        raise PeopleError("令牌至少要有一个部门和一项操作，请补上。")
    if not account.is_active:
        raise PeopleError(f"账号 {account.username} 已停用，请换一个账号。")
    if expires_at <= at:
        raise PeopleError("到期时间已过，请改晚一些。")
    reachable = set(departments_visible_to(account).values_list("pk", flat=True))
    outside = [each.code for each in places if each.pk not in reachable]
    if outside:
        raise PeopleError(
            f"账号 {account.username} 不在部门 {'、'.join(outside)}，请去掉，或先给账号该部门。"
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        name=name.strip()[:64] or account.username,
        account=account,
        digest=_digest(secret),
        actions=wanted,
        created_by=by,
        created_at=at,
        expires_at=expires_at,
    )
    token.departments.set(places)
    return token, secret


def token_revoke(*, token: ApiToken, at: datetime) -> None:
    """From now on the token opens nothing; revoking again changes nothing."""
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=at)


def token_of(secret: str, *, at: datetime) -> ApiToken | None:
    """The valid token of that secret; its use is noted once a minute.

    It rests while its account has a password that somebody else has seen: as long as nobody knows whose hands
    the account is in, it opens nothing in any way.
    """
    valid = Q(
        revoked_at__isnull=True,
        expires_at__gt=at,
        account__is_active=True,
        account__must_change_password=False,
    )
    token = ApiToken.objects.filter(valid, digest=_digest(secret)).select_related("account").first()
    if token and (token.last_used_at is None or token.last_used_at <= at - USE_NOTED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
    return token


def _digest(secret: str) -> str:
    # The secret is 256 random bits: nothing is gained by a slow hash.
    return sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Access:
    """What somebody may see and do through a token: what the account may, within the token's scopes.

    `read` opens what the account sees, except other people's pay; that needs `view_pay` as well.
    """

    token: ApiToken

    @property
    def account(self) -> Account:
        return self.token.account

    def has(self, action: str) -> bool:
        """Whether the token's scopes hold the action at all."""
        return action in self.token.actions

    def departments(self) -> QuerySet[Department]:
        """The departments that are seen."""
        return self._scoped(departments_visible_to(self.account))

    def where(self, action: str) -> QuerySet[Department]:
        """The departments in which an action of permissions.py may be done."""
        return self._scoped(departments_where(self.account, action)) if self.has(action) else _nowhere()

    def may(self, action: str, department: Department) -> bool:
        return self.where(action).filter(pk=department.pk).exists()

    def scope(self) -> QuerySet[Department]:
        """The departments of the token, for rows that a selector of the account has found."""
        return self.token.departments.order_by()

    def _scoped(self, departments: QuerySet[Department]) -> QuerySet[Department]:
        return departments.filter(pk__in=self.scope().values("pk"))


def _nowhere() -> QuerySet[Department]:
    return Department.objects.none()
