"""Declaring the base of contributions, changing it from a month on, and ending it."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from core.money import plain
from core.periods import first_of, shift_months
from people.models import Account, FactChange, Staff
from statutory.errors import DeclarationRefused
from statutory.models import ContributionBase
from statutory.models.declarations import EVERY_ITEM
from statutory.selectors.base_limits import BaseLimits
from statutory.services import common

SOURCE = FactChange.Source.CONTRIBUTION_BASE


@transaction.atomic
def base_declare(
    *,
    staff: Staff,
    base: Decimal,
    since: date,
    by: Account | None,
    at: datetime,
    item: str = EVERY_ITEM,
    until: date | None = None,
    beyond_limits: bool = False,
    note: str = "",
    limits: BaseLimits | None = None,
) -> ContributionBase:
    """Declare a person's base in yuan a month, from a month on, for one kind of insurance or all (`*`).

    What holds of the same item until then ends with the month before; what begins later must be withdrawn
    first. Settled months since then are made up for. `limits` are those of the department on that month,
    where the caller has read them for many people.
    DeclarationRefused for a base outside the limits of the provisions of that month unless `beyond_limits`,
    for months out of order, and where another base of the item begins in these months.
    """
    base = common.amount_checked(base, "base", "缴费基数")
    since, until = common.months_checked(since, until, at)
    note = common.note_checked(note)
    if item not in dict(ContributionBase._meta.get_field("item").flatchoices):
        raise DeclarationRefused(f"没有险种“{item}”", "请从列出的险种里选", field="item")
    limits = limits or BaseLimits.of(staff.department, since)
    if not beyond_limits and (refusal := limits.refuse(item, base)):
        raise DeclarationRefused(refusal, "请核对基数；确须按此申报的，勾选“超出上下限仍登记”", field="base")
    rows = common.person_locked(staff)
    of_item = ContributionBase.objects.filter(staff__in=rows, item=item)
    for other in common.overlapping(of_item, since, until):
        if other.since >= since:
            raise DeclarationRefused(
                f"{staff}的{other.get_item_display()}从{other.since:%Y年%m月}起已有基数{plain(other.base)}",
                "请先撤回那一条，或者改起月",
                field="since",
            )
        other.until = shift_months(since, -1)
        other.save(update_fields=["until"])
    made = ContributionBase.objects.create(
        staff=staff, item=item, base=base, since=since, until=until, note=note, by=by, at=at
    )
    common.months_told(staff, common.months_touched(since, until, at), SOURCE, by=by, at=at)
    return made


@transaction.atomic
def base_end(
    *, declaration: ContributionBase, until: date, by: Account | None, at: datetime
) -> ContributionBase:
    """Let a base hold up to a month and no longer; afterwards contributions follow the month's wages.

    DeclarationRefused for a month before it begins, for a later end than it has, and for what is withdrawn.
    """
    common.person_locked(declaration.staff)
    row = common.declaration_locked(declaration)
    former, until = row.until, first_of(until)
    ended_checked(row, until)
    row.until = until
    row.save(update_fields=["until"])
    touched = common.months_touched(shift_months(until, 1), former, at)
    common.months_told(row.staff, touched, SOURCE, by=by, at=at)
    return row


def ended_checked(row: "common.Dated", until: date) -> None:
    """DeclarationRefused where a declaration cannot end with that month."""
    if until < row.since:
        raise DeclarationRefused(
            f"止月{until:%Y年%m月}早于起月{row.since:%Y年%m月}",
            "请改正止月；一开始就错的请撤回",
            field="until",
        )
    if row.until is not None and until > row.until:
        raise DeclarationRefused(
            f"这一条到{row.until:%Y年%m月}已经停止", "要延长的请从下一个月起另登记一条", field="until"
        )
