"""Who may see whom, and who may do what where: the one rule, used by every list, page and export."""

from collections import defaultdict
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils import timezone

from people.models import Account, Department, Role, Staff, Term
from people.permissions import ACTIONS, EVERYWHERE, IN_OWN_EMPLOYMENT


def staff_visible_to(account: Account, *, on: date | None = None) -> QuerySet[Staff]:
    """The staff that an account may see on a day (left out: today).

    Everybody sees their own rows. A lead sees the team that they lead on that day: who is in it, or was in
    it on their last day of work. Supervisor, manager and hr see the departments of their account; gm,
    auditor and superusers see everybody.
    """
    groups = _groups_of(account)
    if _is_everywhere(account, groups):
        return Staff.objects.all()
    seen = Q(account=account)
    if "lead" in groups:
        seen |= Q(_is_led_by(account, on or timezone.localdate()))
    if groups - IN_OWN_EMPLOYMENT:
        seen |= Q(department__in=account.departments.all())
    return Staff.objects.filter(seen) if account.is_active else Staff.objects.none()


def pay_visible_to(account: Account) -> QuerySet[Staff]:
    """The staff whose pay an account may see: its own, and that of departments where it may `view_pay`."""
    departments = departments_where(account, "view_pay")
    own = Q(account=account, account__is_active=True)
    return Staff.objects.filter(own | Q(department__in=departments))


def departments_visible_to(account: Account) -> QuerySet[Department]:
    """The departments in which an account works or acts."""
    groups = _groups_of(account)
    if _is_everywhere(account, groups):
        return Department.objects.all()
    seen = Q(Exists(Staff.objects.filter(department=OuterRef("pk"), account=account)))
    if groups - IN_OWN_EMPLOYMENT:
        seen |= Q(pk__in=account.departments.values("pk"))
    return Department.objects.filter(seen) if account.is_active else Department.objects.none()


def departments_where(account: Account, action: str) -> QuerySet[Department]:
    """The departments in which an account may do an action of permissions.py (`settle_pay`, …).

    A group's permission counts where that group acts: a lead's in the own employment, a manager's in the
    departments of the account, a gm's everywhere.
    """
    return departments_where_each(account, action)[action]


def departments_where_each(account: Account, *actions: str) -> dict[str, QuerySet[Department]]:
    """The departments of each action, as `departments_where` says one by one; one query before theirs."""
    granted: dict[str, set[str]] = defaultdict(set)
    of_actions = account.groups.filter(
        permissions__content_type__app_label="people", permissions__codename__in=actions
    )
    for group, action in of_actions.values_list("name", "permissions__codename"):
        granted[action].add(group)
    return {action: _departments_of(account, granted[action]) for action in actions}


def _departments_of(account: Account, groups: set[str]) -> QuerySet[Department]:
    """Where the groups act for the account."""
    if not account.is_active:
        return Department.objects.none()
    if _is_everywhere(account, groups):
        return Department.objects.all()
    allowed = Q(pk__in=[])
    if groups & IN_OWN_EMPLOYMENT:
        allowed |= Q(Exists(_employed_now(account).filter(department=OuterRef("pk"))))
    if groups - IN_OWN_EMPLOYMENT:
        allowed |= Q(pk__in=account.departments.values("pk"))
    return Department.objects.filter(allowed)


def may(account: Account, action: str, department: Department) -> bool:
    """Whether an account may do an action of permissions.py in a department.

    Where the action is about a person, that person must be visible to the account as well.
    """
    return departments_where(account, action).filter(pk=department.pk).exists()


def actions_in(account: Account, department: Department) -> set[str]:
    """Everything that an account may do in a department, as `may` says one by one; at most three queries."""
    if not account.is_active:
        return set()
    if account.is_superuser:
        return {code for code, _ in ACTIONS}
    granted: dict[str, set[str]] = defaultdict(set)
    for group, code in account.groups.filter(permissions__content_type__app_label="people").values_list(
        "name", "permissions__codename"
    ):
        granted[group].add(code)
    acting = granted.keys() & EVERYWHERE
    own, managing = granted.keys() & IN_OWN_EMPLOYMENT, granted.keys() - EVERYWHERE - IN_OWN_EMPLOYMENT
    if own and _employed_now(account).filter(department=department).exists():
        acting |= own
    if managing and account.departments.filter(pk=department.pk).exists():
        acting |= managing
    known = {code for code, _ in ACTIONS}
    return {code for group in acting for code in granted[group] & known}


def _employed_now(account: Account) -> QuerySet[Staff]:
    today = timezone.localdate()
    return Staff.objects.filter(Q(left_on__isnull=True) | Q(left_on__gte=today), account=account)


def _groups_of(account: Account) -> set[str]:
    return set(account.groups.values_list("name", flat=True))


def _is_everywhere(account: Account, groups: set[str]) -> bool:
    return account.is_active and (account.is_superuser or bool(groups & EVERYWHERE))


def _is_led_by(account: Account, day: date) -> Exists:
    led = Term.objects.filter(
        Q(staff__left_on__isnull=True) | Q(staff__left_on__gte=day),
        staff__account=account,
        staff__joined_on__lte=day,
        role=Role.LEAD,
        valid__contains=day,
        team__isnull=False,
    ).values("team")
    # Who has left stays in the team of the last day, who has not yet begun is in that of the first.
    last_known = Greatest(Least(Coalesce(OuterRef("left_on"), day), day), OuterRef("joined_on"))
    return Exists(
        Term.objects.filter(staff=OuterRef("pk"), team__in=led)
        .alias(day=last_known)
        .filter(valid__contains=F("day"))
    )
