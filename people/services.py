"""Every write about people: departments, teams, staff and their dated terms, accounts, touched months."""

import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from core.errors import Refused
from core.pinyin import keys_of
from people.models import AccessLog, Account, Department, FactChange, Staff, Team, Term
from people.permissions import GROUP_ACTIONS, matching, patterns_of


class PeopleError(Refused):
    """A change to people that cannot be made; the message is Chinese and names the remedy."""


class TermFields(TypedDict, total=False):
    """The dated facts of a person; amounts in yuan a month. What is left out stays as it was."""

    team: Team | None
    role: str
    post: str
    tier: str
    star: int | None
    base_pay: Decimal | None
    performance_bonus: Decimal | None
    base_points: Decimal | None


TERM_FIELDS = tuple(TermFields.__annotations__)


# Touched months


def facts_changed(
    *,
    department: Department,
    months: Iterable[date],
    source: FactChange.Source | str,
    by: Account | None,
    at: datetime,
    note: str = "",
) -> None:
    """Record that facts of these months (any day of each) changed; one query, none for no months.

    Settlement reads the rows to see that a frozen month must be recomputed.
    """
    firsts = sorted({day.replace(day=1) for day in months})
    FactChange.objects.bulk_create(
        FactChange(department=department, month=month, source=source, note=note[:200], by=by, at=at)
        for month in firsts
    )


def months_since(day: date, at: datetime) -> list[date]:
    """The months that a change in force from `day` touches: its own and all up to the month of `at`."""
    month, last = day.replace(day=1), timezone.localtime(at).date().replace(day=1)
    months = [month]
    while month < last:
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        months.append(month)
    return months


def _staff_changed(staff: Staff, since: date, note: str, *, by: Account | None, at: datetime) -> None:
    facts_changed(
        department=staff.department,
        months=months_since(since, at),
        source=FactChange.Source.STAFF,
        by=by,
        at=at,
        note=f"{staff}：{note}",
    )


def _save(row: models.Model) -> None:
    """Insert or update a row that passes its own rules; PeopleError in the words of those rules."""
    try:
        row.full_clean()
    except ValidationError as error:
        raise PeopleError("；".join(_told(row, error))) from error
    row.save()


def _told(row: models.Model, error: ValidationError) -> list[str]:
    labels = {field.name: getattr(field, "verbose_name", field.name) for field in row._meta.get_fields()}
    return [
        f"{labels[name]}：{message}" if name in labels else message
        for name, found in error.message_dict.items()
        for message in found
    ]


# Who saw what


def access_log(
    *,
    what: AccessLog.What | str,
    department: Department,
    month: date,
    staff: Staff | None = None,
    payslip: int | None = None,
    by: Account,
    at: datetime,
) -> None:
    """Record that somebody looks at pay: one person's (`staff`, `payslip`: its id) or the whole department's.

    `month` is any day of it. One query; call it before the page is shown.
    """
    AccessLog.objects.create(
        what=what,
        department=department,
        staff=staff,
        month=month.replace(day=1),
        payslip=payslip,
        by=by,
        at=at,
    )


def access_log_months(
    *,
    months: Iterable[tuple[int, date]],
    by: Account,
    at: datetime,
    what: AccessLog.What = AccessLog.What.PERIOD,
) -> None:
    """The same for whole departments' months, (department id, any day of it); one query."""
    seen = sorted({(department_id, day.replace(day=1)) for department_id, day in months})
    AccessLog.objects.bulk_create(
        AccessLog(what=what, department_id=department_id, month=month, by=by, at=at)
        for department_id, month in seen
    )


# Departments and teams


def department_create(
    *,
    code: str,
    name: str,
    minimum_wage: Decimal | None = None,
    caps: bool | None = None,
    four_eyes: bool = True,
) -> Department:
    """A new department. `caps` (the statutory limits of deductions) needs the minimum wage, in yuan a month;
    left out, they are on where the wage is known. PeopleError for a code that is taken."""
    is_capped = minimum_wage is not None if caps is None else caps
    department = Department(
        code=code, name=name, minimum_wage=minimum_wage, caps=is_capped, four_eyes=four_eyes
    )
    _save(department)
    return department


def team_get_or_create(*, department: Department, name: str) -> Team:
    """The department's team of that name."""
    return Team.objects.get_or_create(department=department, name=name)[0]


# Staff


@transaction.atomic
def staff_create(
    *,
    department: Department,
    number: str,
    name: str,
    hired_on: date,
    by: Account | None,
    at: datetime,
    joined_on: date | None = None,
    left_on: date | None = None,
    account: Account | None = None,
    **terms: Unpack[TermFields],
) -> Staff:
    """Somebody who works in the department from `joined_on` (left out: `hired_on`) under the given terms.

    `left_on` is the last day worked. PeopleError for a number that is taken or dates out of order.
    """
    pinyin, initials = keys_of(name)
    staff = Staff(
        department=department,
        number=number,
        name=name,
        pinyin=pinyin,
        initials=initials,
        hired_on=hired_on,
        joined_on=joined_on or hired_on,
        left_on=left_on,
        account=account,
    )
    _save(staff)
    _check_team(staff, terms)
    _save(Term(staff=staff, valid=(staff.joined_on, None), **terms))
    _staff_changed(staff, staff.joined_on, "入职", by=by, at=at)
    return staff


@transaction.atomic
def staff_rename(*, staff: Staff, name: str) -> Staff:
    """Correct somebody's name, with the keys it is sorted and searched by."""
    staff.name = name
    staff.pinyin, staff.initials = keys_of(name)
    _save(staff)
    return staff


@transaction.atomic
def staff_terms_change(
    *, staff: Staff, on: date, by: Account | None, at: datetime, **changes: Unpack[TermFields]
) -> Term:
    """New terms from a day on: the term in force ends the day before, its other facts go on.

    They hold until the next change that is already recorded. A term that begins on that very day is
    corrected. PeopleError outside the employment; nothing is recorded where nothing differs.
    """
    staff = Staff.objects.select_for_update().select_related("department").get(pk=staff.pk)
    if on < staff.joined_on or (staff.left_on is not None and on > staff.left_on):
        raise PeopleError(
            f"{staff} 在 {on:%Y-%m-%d} 不在职（{_employment(staff)}），请把生效日期改到在职期间。"
        )
    _check_team(staff, changes)
    former = _term_on(staff, on)
    if all(getattr(former, name) == value for name, value in changes.items()):
        return former
    if former.valid.lower == on:
        term = former
        for name, value in changes.items():
            setattr(term, name, value)
    else:
        kept = {name: getattr(former, name) for name in TERM_FIELDS}
        term = Term(staff=staff, valid=(on, former.valid.upper), **{**kept, **changes})
        former.valid = (former.valid.lower, on)
        former.save(update_fields=["valid"])
    _save(term)
    _staff_changed(staff, on, f"{on:%Y-%m-%d}起变更任职条件", by=by, at=at)
    return term


@transaction.atomic
def staff_leave(*, staff: Staff, last_day: date | None, by: Account | None, at: datetime) -> Staff:
    """End the employment after `last_day` (the last day worked), or with None take a leaving back."""
    staff = Staff.objects.select_for_update().select_related("department").get(pk=staff.pk)
    former = staff.left_on
    if former == last_day:
        return staff
    staff.left_on = last_day
    _save(staff)
    first_touched = min(day for day in (former, last_day) if day is not None)
    note = f"最后工作日 {last_day:%Y-%m-%d}" if last_day else "取消离职"
    _staff_changed(staff, first_touched, note, by=by, at=at)
    return staff


@transaction.atomic
def staff_transfer(
    *,
    staff: Staff,
    to: Department,
    on: date,
    by: Account | None,
    at: datetime,
    number: str | None = None,
    **changes: Unpack[TermFields],
) -> Staff:
    """Move somebody to another department from a day on, in mid-month if need be; returns the new row.

    The old row ends the day before, so each department pays its own days; account and hire date go along,
    the team does not. PeopleError for a day outside the employment or a number that is taken there.
    """
    staff = Staff.objects.select_for_update().select_related("department").get(pk=staff.pk)
    if to == staff.department:
        raise PeopleError(f"{staff} 已在{to}。换小组请变更任职条件。")
    if on <= staff.joined_on or (staff.left_on is not None and on > staff.left_on):
        raise PeopleError(f"调动日期 {on:%Y-%m-%d} 须在到本部门次日之后的在职期间（{_employment(staff)}）。")
    term = _term_on(staff, on)
    kept: Any = {name: getattr(term, name) for name in TERM_FIELDS if name != "team"}
    number = number or staff.number
    if Staff.objects.filter(department=to, number=number).exists():
        raise PeopleError(f"{to}已有工号 {number}，请为 {staff.name} 另定工号。")
    left_on = staff.left_on
    staff_leave(staff=staff, last_day=on - timedelta(days=1), by=by, at=at)
    return staff_create(
        department=to,
        number=number,
        name=staff.name,
        hired_on=staff.hired_on,
        joined_on=on,
        left_on=left_on,
        account=staff.account,
        by=by,
        at=at,
        **{**kept, **changes},
    )


def _term_on(staff: Staff, day: date) -> Term:
    term = staff.terms.filter(valid__contains=day).first()
    if term is None:
        raise PeopleError(f"{staff} 在 {day:%Y-%m-%d} 没有任职条件，请先补上这一段。")
    return term


def _employment(staff: Staff) -> str:
    end = f"{staff.left_on:%Y-%m-%d}" if staff.left_on else "今"
    return f"{staff.joined_on:%Y-%m-%d} 至 {end}"


def _check_team(staff: Staff, terms: TermFields) -> None:
    team = terms.get("team")
    if team is not None and team.department_id != staff.department_id:
        raise PeopleError(f"小组“{team}”不属于{staff.department}，请选本部门的小组。")


# Accounts and groups


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
    _save(account)
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
