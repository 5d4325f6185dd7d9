"""Accounts and what their login groups may do."""

import secrets
from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from people.errors import PeopleError
from people.models import Account, Department, Staff
from people.permissions import GROUP_ACTIONS, matching, patterns_of
from people.services.saving import row_save


@transaction.atomic
def account_create(
    *,
    username: str,
    group: str,
    password: str | None = None,
    departments: Iterable[Department] = (),
    staff: Staff | None = None,
) -> tuple[Account, str]:
    """An account of a login group; returns it with its password (a random one where none is given).

    `departments` are those in which supervisors, managers and hr act; `staff` is the person who signs in.
    """
    if group not in GROUP_ACTIONS:
        raise PeopleError(f"没有登录组“{group}”。可用：{'、'.join(GROUP_ACTIONS)}。")
    password = password or secrets.token_urlsafe(12)
    account = Account(username=username, is_staff=True, first_name=staff.name if staff else "")
    account.set_password(password)
    row_save(account)
    account.groups.add(Group.objects.get_or_create(name=group)[0])
    account.departments.set(departments)
    if staff is not None:
        staff.account = account
        staff.save(update_fields=["account"])
    return account, password


@transaction.atomic
def account_password_change(*, account: Account, password: str) -> Account:
    """Somebody's own new password, already validated; whoever gave the former one does not know it."""
    account.set_password(password)
    account.must_change_password = False
    account.save(update_fields=["password", "must_change_password"])
    return account


@transaction.atomic
def groups_sync() -> None:
    """Give every login group exactly what the table in permissions.py says; may run any number of times."""
    permissions = {
        f"{each.content_type.app_label}.{each.codename}": each
        for each in Permission.objects.select_related("content_type")
    }
    for name in GROUP_ACTIONS:
        group = Group.objects.get_or_create(name=name)[0]
        names = set().union(*(matching(pattern, permissions) for pattern in patterns_of(name)))
        group.permissions.set(permissions[each] for each in names)
