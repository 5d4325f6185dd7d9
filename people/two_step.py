"""Taking a second step of signing in away from somebody whose phone is lost: who may, and its record."""

from collections.abc import Iterable
from datetime import datetime

from django import forms
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django_otp.plugins.otp_totp.models import TOTPDevice

from people.errors import PeopleError
from people.models import Account, Department, Staff, TwoStepRemoval
from people.permissions import RANKS
from people.selectors import departments_concerned

REASON_LENGTH = 500
HIGHEST = max(RANKS.values())


class RemovalForm(forms.Form):
    """Why a second step is taken away."""

    reason = forms.CharField(label="理由", max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 2}))


def rank_of(account: Account, *, unknown: int = HIGHEST + 1) -> int:
    """How high the account stands by its highest group, a superuser above all.

    A group made by hand may do anything, so its members are above every group of the table, save where they
    act themselves (`unknown=0`). Reads the groups, which a list prefetches.
    """
    if account.is_superuser:
        return HIGHEST + 2
    return max((RANKS.get(group.name, unknown) for group in account.groups.all()), default=0)


def has_two_step() -> Exists:
    """Of a query of staff: whether they are asked for a code when they sign in."""
    return Exists(TOTPDevice.objects.filter(user=OuterRef("account"), confirmed=True))


def removals_in(department: Department) -> QuerySet[TwoStepRemoval]:
    """Whose second step was taken away in the department, by whom and why; the latest first."""
    return TwoStepRemoval.objects.filter(staff__department=department).select_related("staff", "by")


@transaction.atomic
def two_step_remove(
    *, staff: Staff, reason: str, departments: Iterable[Department], by: Account, at: datetime
) -> TwoStepRemoval:
    """Take the second step away from somebody of `departments`, where `by` manages staff; the password stays.

    PeopleError for oneself, for who stands as high or higher or acts elsewhere too, without a reason, and
    where there is none to take away.
    """
    reason = reason.strip()
    if not reason or len(reason) > REASON_LENGTH:
        raise PeopleError(f"解除两步验证须写理由，至多{REASON_LENGTH}字，例如“手机遗失，已当面核对本人”。")
    if staff.account is None:
        raise PeopleError(f"{staff}没有账号。")
    account = Account.objects.select_for_update().get(pk=staff.account.pk)
    if account == by:
        raise PeopleError("不能解除自己的：请用手机验证码在“两步验证”页关闭，手机丢了请上级解除。")
    managed = {each.pk for each in departments}
    if rank_of(account) >= rank_of(by, unknown=0) or departments_concerned(staff) - managed:
        raise PeopleError(f"{staff}的账号权限不低于您，或在别的部门任职、管事，请其上级或系统管理员解除。")
    if not TOTPDevice.objects.filter(user=account).delete()[0]:
        raise PeopleError(f"{staff}没有打开两步验证，不必解除。")
    return TwoStepRemoval.objects.create(account=account, staff=staff, reason=reason, by=by, at=at)
