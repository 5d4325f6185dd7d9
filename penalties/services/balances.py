"""Storing opening balances, and what follows from them: incidents that count after them change their rank."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from penalties.models import Incident, OpeningBalance
from penalties.services.incidents import incidents_recount
from people.models import Account, Department, Staff
from people.one_person import SamePerson

Kind = OpeningBalance.Kind
Place = tuple[int, str]  # staff, provision code


@dataclass(frozen=True, slots=True)
class BalanceFact:
    """A balance as somebody brings it; `code` is that of a provision, empty for points."""

    staff: Staff
    kind: str
    code: str
    on: date
    value: Decimal
    note: str = ""

    @property
    def place(self) -> tuple[int, str, str, date]:
        return self.staff.pk, self.kind, self.code, self.on


@dataclass(frozen=True, slots=True)
class Stored:
    """How many balances are new and how many say something else than before."""

    created: int
    changed: int


def balances_store(
    *, department: Department, facts: Sequence[BalanceFact], by: Account | None, at: datetime
) -> Stored:
    """Store balances, each once a person, kind, code and day, and let the ledgers follow.

    The caller holds the transaction. As many queries for one as for thousands.
    """
    staff = {fact.staff.pk for fact in facts}
    known = {
        (row.staff_id, row.kind, row.code, row.on): row
        for row in OpeningBalance.objects.select_for_update().filter(staff__in=staff).order_by("pk")
    }
    new, changed = [], []
    for fact in facts:
        row = known.get(fact.place)
        if row is None:
            given = {"kind": fact.kind, "code": fact.code, "on": fact.on, "value": fact.value}
            new.append(OpeningBalance(staff=fact.staff, **given, note=fact.note, by=by, at=at))
        elif (row.value, row.note) != (fact.value, fact.note):
            row.value, row.note, row.by, row.at = fact.value, fact.note, by, at
            changed.append(row)
    OpeningBalance.objects.bulk_create(new)
    OpeningBalance.objects.bulk_update(changed, ["value", "note", "by", "at"])
    counted = {(row.staff_id, row.code) for row in [*new, *changed] if row.kind == Kind.COUNT}
    counts_follow(department=department, places=counted, by=by, at=at)
    return Stored(len(new), len(changed))


def counted_places(department: Department) -> set[Place]:
    """Where somebody of the department brings a count along."""
    rows = OpeningBalance.objects.filter(staff__department=department, kind=Kind.COUNT)
    return set(rows.order_by().values_list("staff_id", "code"))


def counts_follow(
    *, department: Department, places: Iterable[Place], by: Account | None, at: datetime
) -> None:
    """Bring the ledgers in line after the counts of these places changed."""
    wanted = set(places)
    incidents_recount(department=department, incidents=_counting(wanted), by=by, at=at)


def _counting(places: Collection[Place]) -> list[Incident]:
    if not places:
        return []
    same = SamePerson({staff_id for staff_id, _ in places})
    counted = {(same.key(staff_id), code) for staff_id, code in places}
    rows = Incident.objects.filter(
        staff__in=same.rows,
        code__in={code for _, code in places},
        state=Incident.State.CONFIRMED,
        reversal__isnull=True,
    )
    return [each for each in rows.order_by("pk") if (same.key(each.staff_id), each.code) in counted]
