"""Declaring the base of contributions, changing it from a month on, and ending it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from core.money import plain
from core.periods import first_of, shift_months
from people.models import Account, FactChange, Staff
from rules.kinds.labels import CONTRIBUTION_LABELS
from rules.kinds.statutory import Contribution
from rules.provisions import Timeline
from rules.selectors import timeline_of_kind
from statutory.errors import DeclarationRefused, DeclarationsRefused
from statutory.models import ContributionBase
from statutory.models.declarations import EVERY_ITEM
from statutory.selectors.base_limits import BaseLimits
from statutory.services import common

SOURCE = FactChange.Source.CONTRIBUTION_BASE
ITEMS = {EVERY_ITEM: "全部", **CONTRIBUTION_LABELS}


@dataclass(frozen=True, slots=True)
class BaseFact:
    """A base to declare, yuan a month, from a month on, for one kind of insurance or all (`*`)."""

    staff: Staff
    base: Decimal
    since: date
    item: str = EVERY_ITEM
    until: date | None = None
    beyond_limits: bool = False
    note: str = ""


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
) -> ContributionBase:
    """Declare a person's base in yuan a month, from a month on, for one kind of insurance or all (`*`).

    What holds of the same item until then ends with the month before; what begins later must be withdrawn
    first. Settled months since then are made up for.
    DeclarationRefused for a base outside the limits of the provisions of that month unless `beyond_limits`,
    for months out of order, and where another base of the item begins in these months.
    """
    fact = BaseFact(staff, base, since, item, until, beyond_limits, note)
    with common.one_alone():
        return bases_declare(facts=[fact], by=by, at=at)[0]


@transaction.atomic
def bases_declare(*, facts: Sequence[BaseFact], by: Account | None, at: datetime) -> list[ContributionBase]:
    """Declare many bases, all or none; the number of queries depends on the departments alone.

    DeclarationsRefused, by position,
    as `base_declare` refuses one.
    """
    persons = common.persons_locked(fact.staff for fact in facts)
    stand = common.standing(ContributionBase, persons)
    timelines = {
        each: timeline_of_kind(each, Contribution) for each in {fact.staff.department for fact in facts}
    }
    refusals: dict[int, DeclarationRefused] = {}
    made: list[ContributionBase] = []
    ended: list[ContributionBase] = []
    for place, fact in enumerate(facts):
        try:
            row = _checked(fact, timelines[fact.staff.department], by, at)
            of_person = stand[persons.of(fact.staff.pk)]
            same_item = [each for each in of_person if each.item == row.item]
            held = [each for each in same_item if common.holds_within(each, row.since, row.until)]
            ended += _before(row, held)
        except DeclarationRefused as refused:
            refusals[place] = refused
            continue
        of_person.append(row)
        made.append(row)
    if refusals:
        raise DeclarationsRefused(refusals)
    ContributionBase.objects.bulk_update([each for each in ended if each.pk], ["until"])
    ContributionBase.objects.bulk_create(made)
    ContributionBase.objects.bulk_update(ended, ["ended_by", "until_before"])  # by rows that have ids now
    common.made_told(made, SOURCE, by=by, at=at)
    return made


def _checked(fact: BaseFact, timeline: Timeline, by: Account | None, at: datetime) -> ContributionBase:
    """The declaration that a fact makes, not yet stored; DeclarationRefused where it cannot be."""
    base = common.amount_checked(fact.base, "base", "缴费基数")
    since, until = common.months_checked(fact.since, fact.until, at)
    common.employed_checked(fact.staff, since)
    note = common.note_checked(fact.note)
    if fact.item not in ITEMS:
        raise DeclarationRefused(f"没有险种“{fact.item}”", "请从列出的险种里选", field="item")
    refusal = "" if fact.beyond_limits else BaseLimits.of(timeline, since).refuse(fact.item, base)
    if refusal:
        raise DeclarationRefused(refusal, "请核对基数；确须按此申报的，勾选“超出上下限仍登记”", field="base")
    return ContributionBase(
        staff=fact.staff, item=fact.item, base=base, since=since, until=until, note=note, by=by, at=at
    )


def _before(row: ContributionBase, held: Sequence[ContributionBase]) -> list[ContributionBase]:
    """Those that end with the month before a new base; DeclarationRefused where one begins later."""
    for other in held:
        if other.since >= row.since:
            raise DeclarationRefused(
                f"{row.staff}的{other.get_item_display()}从{other.since:%Y年%m月}起已有基数{plain(other.base)}",
                "请先撤回那一条，或者改起月",
                field="since",
            )
    for other in held:
        other.ended_by, other.until_before = row, other.until
        other.until = shift_months(row.since, -1)
    return list(held)


@transaction.atomic
def base_end(
    *, declaration: ContributionBase, until: date, by: Account | None, at: datetime
) -> ContributionBase:
    """Let a base hold up to a month and no longer; afterwards contributions follow the month's wages.

    DeclarationRefused for a month before it begins, for a later end than it has, and for what is withdrawn.
    """
    common.persons_locked([declaration.staff])
    row = common.declaration_locked(declaration)
    former, until = row.until, first_of(until)
    if until == former:
        return row
    ended_checked(row, until)
    row.until = until
    row.ended_by = row.until_before = None  # whoever took over gives nothing back any more
    row.save(update_fields=["until", "ended_by", "until_before"])
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


@contextmanager
def bases_tried(*, facts: Sequence[BaseFact], by: Account | None, at: datetime) -> Iterator[None]:
    """As if these bases were declared; what is read inside sees them, afterwards nothing has changed.

    DeclarationsRefused as by `bases_declare`.
    """
    with transaction.atomic():
        bases_declare(facts=facts, by=by, at=at)
        yield
        transaction.set_rollback(True)
