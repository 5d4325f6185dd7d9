"""Reads of notices: one's own, and who can be told anything at all."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, Q, QuerySet

from notices.models import Notice, NoticeDelivery
from people.models import Account, Department, Role, Staff, Term
from people.permissions import EVERYWHERE, IN_OWN_EMPLOYMENT
from people.selectors import not_left

UNREAD_SHOWN = 99


def notices_of(account: Account) -> QuerySet[Notice]:
    """The account's own notices, the newest first."""
    return Notice.objects.filter(account=account)


def unread_shown(account: Account) -> "QuerySet[Any, Any]":
    """The keys of the own notices that are unread, no more than are shown."""
    return notices_of(account).filter(read_at__isnull=True).order_by().values("pk")[: UNREAD_SHOWN + 1]


def deliveries_of(account: Account) -> QuerySet[NoticeDelivery]:
    """What left the page for the account, the newest first."""
    return NoticeDelivery.objects.filter(notice__account=account).select_related("notice")


def reachable(on: date) -> QuerySet[Account]:
    """Whom anything is told: active accounts of nobody in particular, and of people who have not left."""
    own = Staff.objects.filter(account=OuterRef("pk"))
    here = own.filter(not_left(on))
    return Account.objects.filter(Q(Exists(here)) | ~Q(Exists(own)), is_active=True)


def deciders(
    department: Department,
    action: str,
    *,
    on: date,
    about: Staff | None = None,
    but: Collection[int | None] = (),
) -> set[int]:
    """The accounts to be told that an action (people/permissions.py) waits in a department.

    Those who do it in departments of their account, and where it is about a person, the leads of that
    person's team; never the person nor the accounts `but`, who may not decide this one. Who acts everywhere
    is told only where there is nobody else.
    """
    granted = Group.objects.filter(
        permissions__content_type__app_label="people", permissions__codename=action
    )
    never = {pk for pk in (*but, about.account_id if about else None) if pk is not None}
    asked = reachable(on).exclude(pk__in=never)
    managing = granted.exclude(name__in=EVERYWHERE | IN_OWN_EMPLOYMENT)
    here = Q(groups__in=managing, departments=department)
    if about is not None:
        team = Term.objects.filter(staff=about, valid__contains=on, team__isnull=False).values("team")
        leads = Term.objects.filter(role=Role.LEAD, valid__contains=on, team__in=team).values(
            "staff__account"
        )
        here |= Q(groups__in=granted.filter(name__in=IN_OWN_EMPLOYMENT), pk__in=leads)
    found = set(asked.filter(here).values_list("pk", flat=True))
    return found or set(
        asked.filter(groups__in=granted.filter(name__in=EVERYWHERE)).values_list("pk", flat=True)
    )
