"""Accounts for people who have no e-mail: first passwords on paper, handed over, changed at once."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from axes.utils import reset as unlock
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet

from people.errors import PeopleError
from people.models import Account, Department, Staff
from people.selectors import departments_concerned, not_left

# Whose password a manager or hr may reset: those who cannot approve, settle or publish anything.
RESETTABLE = frozenset({"agent", "lead", "supervisor"})
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else on paper
# Twelve random letters are 59 bits: few rounds are enough, and a thousand accounts take seconds. The first
# sign-in stores them with Django's usual rounds, the first change replaces them.
FIRST_ROUNDS = 20_000


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed once and handed to one person; the password is stored nowhere in clear."""

    number: str
    name: str
    username: str
    password: str


def staff_without_account(department: Department, *, on: date) -> QuerySet[Staff]:
    """Who works in the department on a day or later and cannot sign in, by number."""
    return Staff.objects.filter(not_left(on), department=department, account__isnull=True).order_by("number")


@transaction.atomic
def accounts_create(*, department: Department, on: date) -> list[Slip]:
    """An account of group agent for everybody employed on `on` without one; seven queries for any number.

    The login name is the department's code and the number. Whoever has an account already keeps it, so
    doing it twice gives no second slips.
    """
    staff = list(staff_without_account(department, on=on).select_for_update(of=("self",)))
    taken = set(
        Account.objects.filter(username__startswith=f"{department.code}-").values_list("username", flat=True)
    )
    accounts, slips = [], []
    for each in staff:
        username, password = _free_name(f"{department.code}-{each.number}", taken), _first_password()
        taken.add(username)
        each.account = Account(
            username=username, first_name=each.name, password=_stored(password), must_change_password=True
        )
        accounts.append(each.account)
        slips.append(Slip(each.number, each.name, username, password))
    Account.objects.bulk_create(accounts)
    Staff.objects.bulk_update([_linked(each) for each in staff], ["account"])
    _put_into_group(accounts, "agent")
    return slips


def is_resettable(account: Account) -> bool:
    """Whether the account's groups allow that somebody who manages its departments resets its password.

    Reads the groups, which a list prefetches.
    """
    return not account.is_superuser and {group.name for group in account.groups.all()} <= RESETTABLE


@transaction.atomic
def account_reset(*, staff: Staff, departments: Iterable[Department]) -> Slip:
    """A new first password for somebody of these departments (where the resetter manages staff); unlocks too.

    PeopleError where there is no account, or where it may do more than RESETTABLE or elsewhere: whoever
    resets a password could sign in with it.
    """
    if staff.account is None:
        raise PeopleError(f"{staff}还没有账号，请先为全部门开通。")
    account = Account.objects.select_for_update().get(pk=staff.account.pk)
    managed = {each.pk for each in departments}
    if not is_resettable(account):
        raise PeopleError(f"{staff}的账号权限较大，只能由系统管理员重置口令。")
    if departments_concerned(staff) - managed:
        raise PeopleError(f"{staff}的账号在别的部门任职或管事，请那里的人事或系统管理员重置口令。")
    password = _first_password()
    account.password = _stored(password)
    account.must_change_password = True
    account.save(update_fields=["password", "must_change_password"])
    unlock(username=account.username)
    return Slip(staff.number, staff.name, account.username, password)


def _first_password() -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(12))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def _stored(password: str) -> str:
    hasher = PBKDF2PasswordHasher()
    return hasher.encode(password, hasher.salt(), iterations=FIRST_ROUNDS)


def _free_name(name: str, taken: set[str]) -> str:
    """The name, or the name with the first free number behind it."""
    number, free = 2, name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def _linked(staff: Staff) -> Staff:
    staff.account_id = staff.account.pk if staff.account else None  # known only after the insert
    return staff


def _put_into_group(accounts: list[Account], name: str) -> None:
    group = Group.objects.get_or_create(name=name)[0]
    membership = Account.groups.through
    membership.objects.bulk_create(membership(account_id=each.pk, group_id=group.pk) for each in accounts)
