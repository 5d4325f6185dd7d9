"""Staff and their dated terms: joining, leaving, moving, what changes from a day on."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypedDict, Unpack, cast

from django.db import transaction

from core.pinyin import further_readings, keys_of
from people.errors import PeopleError
from people.models import Account, Department, FactChange, Staff, Team, Term
from people.one_person import SamePerson
from people.selectors import not_left
from people.services.fact_changes import facts_changed, months_since
from people.services.saving import row_save


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
    service_since: date | None = None,
    account: Account | None = None,
    moved_from: Staff | None = None,
    **terms: Unpack[TermFields],
) -> Staff:
    """Somebody who works in the department from `joined_on` (left out: `hired_on`) under the given terms.

    `left_on` is the last day worked, `service_since` the day from which years of service count (left out: the
    hire date), `moved_from` the row that a transfer ended. Who comes back has the
    number, and the account, of before. PeopleError for a number that is taken or dates out of order.
    """
    _check_service(hired_on, service_since)
    former = Staff.objects.filter(department=department, number=number, name=name, left_on__isnull=False)
    if account is None:
        row = former.order_by("-joined_on").select_related("account").first()
        account = row.account if row else None
    pinyin, initials = keys_of(name)
    staff = Staff(
        department=department,
        number=number,
        name=name,
        pinyin=pinyin,
        initials=initials,
        further_readings=further_readings(name),
        hired_on=hired_on,
        joined_on=joined_on or hired_on,
        left_on=left_on,
        service_since=service_since,
        account=account,
        moved_from=moved_from,
    )
    row_save(staff)
    _check_team(staff, terms)
    row_save(Term(staff=staff, valid=(staff.joined_on, None), **terms))
    _staff_changed(staff, staff.joined_on, "入职", by=by, at=at)
    return staff


@transaction.atomic
def staff_rename(*, staff: Staff, name: str) -> Staff:
    """Correct somebody's name, with the keys it is sorted and searched by."""
    staff.name = name
    staff.pinyin, staff.initials = keys_of(name)
    staff.further_readings = further_readings(name)
    row_save(staff)
    return staff


@transaction.atomic
def staff_service_set(*, staff: Staff, service_since: date | None) -> Staff:
    """Say since when somebody's years of service count, in all rows of a transfer; None: since the hire date.

    PeopleError for a day after the hire date.
    """
    _check_service(staff.hired_on, service_since)
    for row in Staff.objects.filter(pk__in=SamePerson([staff.pk]).rows - {staff.pk}):
        row.service_since = service_since
        row_save(row)
    staff.service_since = service_since
    row_save(staff)
    return staff


@transaction.atomic
def staff_hired_correct(*, staff: Staff, hired_on: date, by: Account | None, at: datetime) -> Staff:
    """Correct somebody's hire date: of all rows of a transfer, and of the first one the first day as well.

    The months since the earlier of both dates are settled anew. PeopleError for a date after the last day or
    after a transfer.
    """
    staff = Staff.objects.select_for_update().select_related("department").get(pk=staff.pk)
    former = staff.hired_on
    if former == hired_on:
        return staff
    moved = Staff.objects.filter(pk__in=SamePerson([staff.pk]).rows - {staff.pk})
    for row in [staff, *moved.select_for_update(of=("self",)).select_related("department")]:
        hired_move(row, hired_on)
        note = f"入职日期更正为 {hired_on:%Y-%m-%d}"
        _staff_changed(row, max(min(former, hired_on), min(row.joined_on, former)), note, by=by, at=at)
    return staff


def hired_move(staff: Staff, hired_on: date) -> None:
    """Write a corrected hire date of one row; where it was the first day there, so do its terms."""
    is_first = staff.joined_on == staff.hired_on
    staff.hired_on = hired_on
    if is_first:
        staff.joined_on = hired_on
    row_save(staff)
    if not is_first:
        return
    first, *later = staff.terms.order_by("valid")
    while later and (first.valid.upper or date.max) <= hired_on:  # it would have ended before the first day
        first.delete()
        first, *later = later
    first.valid = (hired_on, first.valid.upper)
    row_save(first)


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
    row_save(term)
    _staff_changed(staff, on, f"{on:%Y-%m-%d}起变更任职条件", by=by, at=at)
    return term


@transaction.atomic
def staff_leave(*, staff: Staff, last_day: date | None, by: Account | None, at: datetime) -> Staff:
    """End the employment after `last_day` (the last day worked), or with None take a leaving back."""
    staff = Staff.objects.select_for_update().select_related("department").get(pk=staff.pk)
    former = staff.left_on
    if former == last_day:
        return staff
    later = _moved_on(staff)
    if later is not None and (last_day is None or last_day >= later.joined_on):
        raise PeopleError(
            f"{staff} 自 {later.joined_on:%Y-%m-%d} 起调往{later.department}，"
            f"在本部门的最后工作日须早于这一天；离职请在{later.department}登记。"
        )
    staff.left_on = last_day
    row_save(staff)
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

    The old row ends the day before and the new one follows it as the same person, so each department pays
    its part of one month; account and hire date go along, and what was entered for later days, the team does
    not. PeopleError for a day outside the employment or a number that is taken there.
    """
    staff = Staff.objects.select_for_update().select_related("department").get(pk=staff.pk)
    if to == staff.department:
        raise PeopleError(f"{staff} 已在{to}。换小组请变更任职条件。")
    if on <= staff.joined_on or (staff.left_on is not None and on > staff.left_on):
        raise PeopleError(f"调动日期 {on:%Y-%m-%d} 须在到本部门次日之后的在职期间（{_employment(staff)}）。")
    later = _moved_on(staff)
    if later is not None:
        raise PeopleError(
            f"{staff} 已自 {later.joined_on:%Y-%m-%d} 起调往{later.department}，请从那里再调动。"
        )
    term = _term_on(staff, on)
    kept: Any = {name: getattr(term, name) for name in TERM_FIELDS if name != "team"}
    number = number or staff.number
    if Staff.objects.filter(not_left(on), department=to, number=number).exists():
        raise PeopleError(f"{to}已有工号 {number}，请为 {staff.name} 另定工号。")
    left_on, ahead = staff.left_on, _entered_ahead(term, left_on=staff.left_on)
    staff_leave(staff=staff, last_day=on - timedelta(days=1), by=by, at=at)
    moved = staff_create(
        department=to,
        number=number,
        name=staff.name,
        hired_on=staff.hired_on,
        joined_on=on,
        left_on=left_on,
        service_since=staff.service_since,
        account=staff.account,
        moved_from=staff,
        by=by,
        at=at,
        **{**kept, **changes},
    )
    for day, fields in ahead:
        staff_terms_change(staff=moved, on=day, by=by, at=at, **fields)
    return moved


def _entered_ahead(term: Term, *, left_on: date | None) -> list[tuple[date, Any]]:
    """What the terms after one change while the person works, the team aside, each with its first day."""
    found: list[tuple[date, Any]] = []
    former = term
    for later in Term.objects.filter(staff=term.staff_id, valid__fully_gt=term.valid).order_by("valid"):
        begins = cast(date, later.valid.lower)
        names = [name for name in TERM_FIELDS if name != "team"]
        differs = {
            name: getattr(later, name) for name in names if getattr(later, name) != getattr(former, name)
        }
        if differs and (left_on is None or begins <= left_on):
            found.append((begins, differs))
        former = later
    return found


def _term_on(staff: Staff, day: date) -> Term:
    term = staff.terms.filter(valid__contains=day).first()
    if term is None:
        raise PeopleError(f"{staff} 在 {day:%Y-%m-%d} 没有任职条件，请先补上这一段。")
    return term


def _moved_on(staff: Staff) -> Staff | None:
    """The row that a transfer began after this one."""
    return Staff.objects.filter(moved_from=staff).select_related("department").first()


def _employment(staff: Staff) -> str:
    end = f"{staff.left_on:%Y-%m-%d}" if staff.left_on else "今"
    return f"{staff.joined_on:%Y-%m-%d} 至 {end}"


def _check_service(hired_on: date, service_since: date | None) -> None:
    if service_since is not None and service_since > hired_on:
        raise PeopleError(
            f"累计工龄起算日 {service_since:%Y-%m-%d} 晚于入职日期 {hired_on:%Y-%m-%d}，请核对。"
        )


def _check_team(staff: Staff, terms: TermFields) -> None:
    team = terms.get("team")
    if team is not None and team.department_id != staff.department_id:
        raise PeopleError(f"小组“{team}”不属于{staff.department}，请选本部门的小组。")


def _staff_changed(staff: Staff, since: date, note: str, *, by: Account | None, at: datetime) -> None:
    facts_changed(
        department=staff.department,
        months=months_since(since, at),
        source=FactChange.Source.STAFF,
        by=by,
        at=at,
        note=f"{staff}：{note}",
    )
