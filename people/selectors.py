"""Who may see whom, and who may do what where: the one rule, used by every list, page and export."""

from collections.abc import Collection, Iterable
from datetime import date
from functools import reduce
from operator import or_

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils import timezone

from people.models import Account, Department, Role, Staff, Term
from people.permissions import ACTIONS, EVERYBODY, EVERYWHERE, IN_OWN_EMPLOYMENT

# How a person is found by what somebody typed, wherever that is: pages, API and administration.
FOUND_BY = {
    "number": "icontains",
    "name": "icontains",
    "pinyin": "icontains",
    "initials": "istartswith",
    "further_readings": "icontains",
}


def person_lookups(of: str = "") -> dict[str, str]:
    """The lookups that find a person, by field; `of`: the path to the person from the rows searched."""
    return {name: f"{of}__{name}__{how}" if of else f"{name}__{how}" for name, how in FOUND_BY.items()}


def person_matches(text: str, of: str = "", *, by: Collection[str] = tuple(FOUND_BY)) -> Q:
    """Whose number, name or a reading of it has the text in it, or whose initials begin with it.

    `of`: the path to the person from the rows searched; `by`: the fields that are looked at.
    """
    lookups = person_lookups(of)
    return reduce(or_, (Q(**{lookups[name]: text}) for name in by))


def not_left(on: date, of: str = "") -> Q:
    """Who had not left before a day; who joins later is among them. `of`: the path to the person."""
    left_on = f"{of}__left_on" if of else "left_on"
    return Q(**{f"{left_on}__isnull": True}) | Q(**{f"{left_on}__gte": on})


def numbered(
    rows: QuerySet[Staff], department: Department, number: str, on: date | None = None
) -> Staff | None:
    """Who has a number in a department; of somebody who came back the employment of a day, else the last."""
    found = rows.filter(department=department, number=number).order_by("joined_on")
    return next(iter(on_day(found, on)), None)


def staff_by_number(department: Department) -> dict[str, list[Staff]]:
    """Everybody who is or was in a department, by number; who came back has several rows, in order; one
    query.
    """
    found: dict[str, list[Staff]] = {}
    for each in Staff.objects.filter(department=department).order_by("joined_on"):
        found.setdefault(each.number, []).append(each)
    return found


def on_day(rows: Iterable[Staff], on: date | None = None) -> list[Staff]:
    """The rows with one for each number of a department: the employment of a day, without a day the last.

    It is the latest that had begun by then, else the first.
    """
    found: dict[tuple[int, str], Staff] = {}
    for each in sorted(rows, key=lambda row: row.joined_on):
        key = each.department_id, each.number
        if key not in found or on is None or each.joined_on <= on:
            found[key] = each
    return list(found.values())


def staff_visible_to(account: Account, *, on: date | None = None) -> QuerySet[Staff]:
    """The staff that an account may see on a day (left out: today).

    Everybody sees their own rows. A lead sees the team that they lead on that day: who is in it, or was in
    it on their last day of work. Supervisor, manager and hr see the departments of their account; gm,
    auditor and superusers see everybody.
    """
    groups = set(granted(account))
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
    groups = set(granted(account))
    if _is_everywhere(account, groups):
        return Department.objects.all()
    seen = Q(Exists(Staff.objects.filter(department=OuterRef("pk"), account=account)))
    if groups - IN_OWN_EMPLOYMENT:
        seen |= Q(pk__in=account.departments.values("pk"))
    return Department.objects.filter(seen) if account.is_active else Department.objects.none()


def departments_where(account: Account, action: str, *, whole: bool = False) -> QuerySet[Department]:
    """The departments in which an account may do an action of permissions.py (`settle_pay`, …).

    A group's permission counts where that group acts: a lead's in the own employment, a manager's in the
    departments of the account, a gm's everywhere. `whole`: not those where it does so as a lead alone.
    """
    groups = {group for group, actions in granted(account).items() if action in actions}
    return _departments_of(account, groups - IN_OWN_EMPLOYMENT if whole else groups)


def staff_where(account: Account, action: str, *, on: date | None = None) -> QuerySet[Staff]:
    """The staff about whom an account may do an action on a day (left out: today).

    As a lead those of the team that they lead, by any other group those of the departments where that group
    acts. Whom one merely sees as something else (an auditor, hr) is not among them.
    """
    allowed = Q(department__in=departments_where(account, action, whole=True))
    if account.is_active and action in granted(account).get("lead", ()):
        allowed |= Q(_is_led_by(account, on or timezone.localdate()))
    return Staff.objects.filter(allowed)


def employments_of(account: Account, *, on: date) -> QuerySet[Staff]:
    """The employments of an account, that of the day first: the latest that has begun, then what is to come.

    A transfer that is entered ahead changes nothing before its day.
    """
    begun = Case(When(joined_on__lte=on, then=F("joined_on")))
    rows = Staff.objects.filter(account=account).select_related("department")
    return rows.order_by(begun.desc(nulls_last=True), "joined_on", "-id")


def employment_of(account: Account, *, on: date, unless_left: bool = False) -> Staff | None:
    """The employment that an account has on a day, else the last one, else the next; None for who has none.

    `unless_left`: not one that ended before, be there another or not.
    """
    rows = employments_of(account, on=on)
    return (rows.filter(not_left(on)) if unless_left else rows).first()


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

    Where the action is about a person, `staff_where` says about whom.
    """
    return departments_where(account, action).filter(pk=department.pk).exists()


def actions_in(account: Account, department: Department) -> set[str]:
    """Everything that an account may do in a department, as `may` says one by one; at most three queries."""
    if account.is_active and account.is_superuser:
        return {code for code, _ in ACTIONS}
    groups = granted(account)
    return {action for group in groups_acting_in(account, department) for action in groups.get(group, ())}


def groups_acting_in(account: Account, department: Department) -> set[str]:
    """The login groups as which an account acts in a department, a superuser as all; up to three queries."""
    if not account.is_active:
        return set()
    if account.is_superuser:
        return set(EVERYBODY)
    groups = granted(account)
    acting = groups.keys() & EVERYWHERE
    own, managing = groups.keys() & IN_OWN_EMPLOYMENT, groups.keys() - EVERYWHERE - IN_OWN_EMPLOYMENT
    if own and _employed_now(account).filter(department=department).exists():
        acting |= own
    if managing and account.departments.filter(pk=department.pk).exists():
        acting |= managing
    return acting


def granted(account: Account) -> dict[str, frozenset[str]]:
    """The login groups of an account, each with the actions that it permits.

    One query, remembered on the object: what a request has read holds until its end.
    """
    if account.known_actions is None:
        of_departments = Q(
            permissions__content_type__app_label="people",
            permissions__codename__in=[code for code, _ in ACTIONS],
        )
        codes = ArrayAgg("permissions__codename", filter=of_departments, default=[])
        rows = account.groups.order_by().annotate(codes=codes).values_list("name", "codes")
        account.known_actions = {name: frozenset(actions) for name, actions in rows}
    return account.known_actions


def _employed_now(account: Account) -> QuerySet[Staff]:
    today = timezone.localdate()
    return Staff.objects.filter(not_left(today), account=account)


def departments_concerned(staff: Staff) -> set[int]:
    """The departments that have a say in how the account of a person signs in: those in which it acts and
    those of its employments today, whichever row the person was found by; of who has left, that of the row.
    """
    account = staff.account
    if account is None:
        return {staff.department_id}
    acting = set(account.departments.values_list("pk", flat=True))
    employed = _employed_now(account).filter(joined_on__lte=timezone.localdate())
    employing = set(employed.values_list("department", flat=True))
    return acting | employing or {staff.department_id}


def _is_everywhere(account: Account, groups: set[str]) -> bool:
    return account.is_active and (account.is_superuser or bool(groups & EVERYWHERE))


def _is_led_by(account: Account, day: date) -> Exists:
    led = Term.objects.filter(
        not_left(day, of="staff"),
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


def groups_of(account: Account) -> frozenset[str]:
    """The login groups of an account, a superuser's all; one query, remembered on the object."""
    return EVERYBODY if account.is_superuser else frozenset(granted(account))
