"""Other names of people: added and ended by hand, and kept as an import was told."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from people.aliases import alias_key, tidy
from people.errors import AliasRefused, PeopleError
from people.models import LONGEST_ALIAS, Account, Alias, Department, Staff
from people.services.saving import row_save

_LONGEST_SHOP = 64


@transaction.atomic
def alias_add(
    *,
    department: Department,
    text: str,
    staff: Staff | None,
    from_on: date,
    shop: str = "",
    by: Account | None,
    at: datetime,
) -> Alias:
    """`text` means this person from a day on, until it is ended; without `staff` nobody of the department.

    The same once more changes nothing. AliasRefused for a blank or overlong one, for the number of
    somebody else, for somebody of another department, and while it means somebody else on one of the days.
    """
    shown, key, shop = tidy(text), alias_key(text), " ".join(shop.split())
    if not key:
        raise AliasRefused("没有写别名；填旺旺、昵称或账号")
    if max(len(shown), len(key)) > LONGEST_ALIAS or len(shop) > _LONGEST_SHOP:
        raise AliasRefused(f"别名最多{LONGEST_ALIAS}字，店铺最多{_LONGEST_SHOP}字；写短一些")
    if staff is not None and staff.department_id != department.pk:
        raise AliasRefused(f"{staff}不在{department}；选本部门的人")
    namesake = Staff.objects.filter(department=department, number__iexact=shown).first()
    if namesake is not None:
        raise AliasRefused(f"“{shown}”是{namesake}的工号，不能作别名；改正文件里的工号")
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    rows = Alias.objects.filter(department=department, key=key, shop=shop).select_related("staff")
    for other in rows.order_by("valid"):
        if other.last_day is not None and other.last_day < from_on:
            continue
        if other.first_day <= from_on and other.last_day is None and other.staff_id == _pk(staff):
            return other
        told = f"{other.first_day:%Y-%m-%d}起是{whom(other)}"
        raise AliasRefused(f"“{shown}”{told}；先结束它，再从次日起登记")
    alias = Alias(
        department=department, text=shown, key=key, shop=shop, staff=staff, valid=DateRange(from_on, None)
    )
    alias.by, alias.at = by, at
    _save(alias)
    return alias


@transaction.atomic
def alias_end(*, alias: Alias, last_day: date) -> Alias:
    """The alias holds until `last_day`, that day included; said again it is a correction.

    AliasRefused for a day before it began, and where it would run into the next of that name.
    """
    row = Alias.objects.select_for_update().get(pk=alias.pk)
    if last_day < row.first_day:
        raise AliasRefused(f"“{row}”从{row.first_day:%Y-%m-%d}起才有效；填那一天或以后的日期")
    row.valid = DateRange(row.first_day, last_day + timedelta(days=1))
    _save(row)
    return row


def aliases_store(
    *,
    department: Department,
    told: Iterable[tuple[str, Staff | None, date]],
    by: Account | None,
    at: datetime,
) -> None:
    """Keep what an import was told: (alias, who, from when), up to the next of the same name; two queries.

    The caller holds the department's lock and has looked: the alias means nobody on its first day.
    """
    given = list(told)
    if not given:
        return
    begins: dict[str, list[date]] = {}
    for other in Alias.objects.filter(department=department, key__in=[alias_key(text) for text, *_ in given]):
        if not other.shop:
            begins.setdefault(other.key, []).append(other.first_day)
    Alias.objects.bulk_create(
        Alias(
            department=department,
            text=tidy(text),
            key=alias_key(text),
            staff=staff,
            valid=DateRange(
                since, min((day for day in begins.get(alias_key(text), ()) if day > since), default=None)
            ),
            by=by,
            at=at,
        )
        for text, staff, since in given
    )


def whom(alias: Alias) -> str:
    """Whom it means, in words."""
    return str(alias.staff) if alias.staff else "不是本部门的人"


def _pk(staff: Staff | None) -> int | None:
    return staff.pk if staff else None


def _save(alias: Alias) -> None:
    try:
        row_save(alias)
    except PeopleError as refused:
        raise AliasRefused(str(refused)) from refused
