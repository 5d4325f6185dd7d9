"""Whose contributions change with a month because another base begins or one ends: before and after."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from core.money import ZERO, plain
from core.periods import last_of, shift_months
from people.models import Department, Staff
from people.selectors import not_left
from rules.kinds.statutory import Contribution
from rules.selectors import timeline_of_kind
from statutory.models import ContributionBase
from statutory.models.declarations import EVERY_ITEM
from statutory.persons import Persons
from statutory.services.bases import ITEMS

Bases = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Monthly:
    """What a month's bases are in words, and what they come to: yuan of the person and of the employer."""

    words: str
    person: Decimal
    employer: Decimal


@dataclass(frozen=True, slots=True)
class BaseChange:
    """One person's bases before and from a month on."""

    staff: Staff
    before: Monthly
    after: Monthly

    @property
    def person(self) -> Decimal:
        """How much more the person pays a month, yuan."""
        return self.after.person - self.before.person

    @property
    def employer(self) -> Decimal:
        """How much more the employer pays a month, yuan."""
        return self.after.employer - self.before.employer


def base_changes(department: Department, month: date) -> list[BaseChange]:
    """Everybody employed in the month whose declared bases are others than in the month before, by number.

    Each month at its own provisions; an item that nobody declared a base for is paid on the month's wages
    and is not among the amounts. Five queries.
    """
    before = shift_months(month, -1)
    changed = ContributionBase.objects.filter(
        Q(since=month) | Q(until=before), staff__department=department, withdrawn_at=None
    )
    staff = Staff.objects.filter(not_left(month), department=department, joined_on__lte=last_of(month))
    people = list(staff.filter(pk__in=changed.values("staff")).order_by("number"))
    persons = Persons([each.pk for each in people])
    timeline = timeline_of_kind(department, Contribution)
    standing = [
        (_bases(persons, day), [rule.kind for rule in timeline.on(last_of(day)).of_kind(Contribution)])
        for day in (before, month)
    ]
    found = []
    for each in people:
        former, now = [_monthly(bases[persons.of(each.pk)], kinds) for bases, kinds in standing]
        if former.words != now.words:
            found.append(BaseChange(each, former, now))
    return found


def _bases(persons: Persons, month: date) -> Mapping[int, Bases]:
    """The bases of a month by person and item; one query."""
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    rows = ContributionBase.objects.filter(
        Q(until__isnull=True) | Q(until__gte=month),
        staff__in=persons.rows,
        since__lte=month,
        withdrawn_at=None,
    )
    for staff, item, base in rows.values_list("staff", "item", "base"):
        found[persons.of(staff)][item] = base
    return found


def _monthly(bases: Bases, kinds: Collection[Contribution]) -> Monthly:
    """What bases come to; an item's own one goes before that of all."""
    due = [
        kind.money(base)
        for kind in kinds
        if (base := bases.get(kind.item, bases.get(EVERY_ITEM))) is not None
    ]
    words = "，".join(f"{ITEMS.get(item, item)}{plain(base)}" for item, base in sorted(bases.items()))
    return Monthly(words, _sum(each.person for each in due), _sum(each.employer for each in due))


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
