"""Fines that are collected in cash: when each is due, and what is still owed of it.

A fine is one person's share of one incident. It is the ledger that says how much it is; what was paid stands
in the fund's book. Nothing is stored twice, so a correction of the ledger changes what is owed at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from core.money import ZERO, plain, to_fen
from core.periods import last_of
from penalties.models import FundPosting, FundTransaction, Incident, MoneyEntry
from rules.kinds.collection import LONGEST, Collection, collection_of
from rules.models import Provision

Kind = FundTransaction.Kind
Paid = tuple[date, Decimal]


def cash_provisions() -> QuerySet[Provision]:
    """The provisions, of whatever version, whose fines are collected in cash."""
    return Provision.objects.filter(Q(collection="cash") | Q(collection__by="cash")).order_by()


def due_on(incident: Incident, collection: Collection) -> date:
    """The last day on which a fine is paid in time: it counts from its day, or from when it was confirmed.

    Whoever leaves pays by the last day of work, so that the last pay can take what is open.
    """
    assert incident.decided_at is not None
    counts_from = max(incident.work_date, timezone.localdate(incident.decided_at))
    due = counts_from + timedelta(days=collection.due_days)
    return min(due, incident.staff.left_on or due)


def owed(fine: Decimal, paid: Iterable[Paid], *, due: date, multiplier: Decimal, on: date) -> Decimal:
    """What is still to be paid of a fine on a day, in yuan; below zero where too much was paid.

    What was not paid by the day on which it was due costs the multiple from then on. A refund is a payment
    below zero.
    """
    paid = list(paid)
    rest = fine - sum((amount for day, amount in paid if day <= due), ZERO)
    if rest > 0 and on > due:
        rest = to_fen(rest * multiplier)
    return rest - sum((amount for day, amount in paid if day > due), ZERO)


@dataclass(frozen=True, slots=True)
class CashState:
    """How a cash fine stands: a word, how it is coloured (`good`, `warn`, `bad` or nothing), a sentence."""

    label: str
    tone: str
    text: str


@dataclass(slots=True)
class CashFine:
    """One person's share of one incident that is collected in cash; `fine` in yuan, positive."""

    incident: Incident
    staff_id: int
    collection: Collection
    fine: Decimal = ZERO
    paid: list[Paid] = field(default_factory=list)
    withheld: Decimal = ZERO  # what pay that was paid out took of it

    @property
    def due_on(self) -> date:
        return due_on(self.incident, self.collection)

    def owed(self, on: date) -> Decimal:
        """What is still to be paid on a day; below zero what is to be given back."""
        return owed(
            self.fine, self.paid, due=self.due_on, multiplier=self.collection.overdue_multiplier, on=on
        )

    @property
    def to_withhold(self) -> Decimal:
        """What pay takes of it once it is overdue."""
        return max(self.owed(self.due_on + timedelta(days=1)), ZERO)

    @property
    def is_doubled(self) -> bool:
        """Whether it costs more than itself once it is overdue."""
        return self.collection.overdue_multiplier != 1

    def state(self, on: date) -> "CashState":
        """How it stands on a day, for people to read; after the month in which it was due pay takes it."""
        owed, due = self.owed(on), self.due_on
        if owed < 0:
            return CashState("待退还", "warn", f"多交了{-owed}元，凭此向基金保管人领回现金")
        if self.withheld:
            return CashState("工资已扣", "", f"{due:%Y-%m-%d}到期未交，工资扣了{self.withheld}元")
        if owed == 0:
            days = "、".join(f"{day:%Y-%m-%d}" for day, _ in self.paid)
            return CashState("已交清", "good", f"{days}交现金" if days else "没有要交的")
        if on <= due:
            more = f"，逾期按{plain(self.collection.overdue_multiplier)}倍" if self.is_doubled else ""
            return CashState("待交现金", "warn", f"应在{due:%Y-%m-%d}以前交现金{owed}元{more}")
        more = f"，已按{plain(self.collection.overdue_multiplier)}倍计" if self.is_doubled else ""
        pay = f"随{due:%Y年%m月}的工资扣"
        if on > last_of(due):
            return CashState("转工资", "", f"{due:%Y-%m-%d}到期未交{more}，{owed}元{pay}")
        return CashState("已逾期", "bad", f"{due:%Y-%m-%d}到期{more}，应交{owed}元；没有交的{pay}")

    def in_trace(self) -> dict[str, Any]:
        """What a pay line keeps of it."""
        return {
            "fine": str(self.fine),
            "due_on": self.due_on.isoformat(),
            "overdue_multiplier": str(self.collection.overdue_multiplier),
            "paid": [{"on": on.isoformat(), "amount": str(amount)} for on, amount in self.paid],
        }

    def in_words(self) -> str:
        """The arithmetic of what pay takes, in Chinese."""
        in_time = sum((amount for day, amount in self.paid if day <= self.due_on), ZERO)
        late = sum((amount for day, amount in self.paid if day > self.due_on), ZERO)
        multiple = self.collection.overdue_multiplier
        words = f"罚{self.fine}元，现金应在{self.due_on:%m-%d}前交"
        words += f"，按期交了{in_time}元" if in_time else ""
        words += f"，未交部分逾期按{multiple}倍" if multiple != 1 else "，到期未交"
        words += f"，逾期后交了{late}元" if late else ""
        return f"{words}，随工资扣{self.to_withhold}元"


def cash_fines(incidents: QuerySet[Incident]) -> list[CashFine]:
    """The shares of confirmed incidents under cash that cost something or were paid, by (date, id).

    Three queries for any number of them; each comes with its person's own row of `incident.staff`.
    """
    rows = incidents.filter(provision__in=cash_provisions(), state=Incident.State.CONFIRMED)
    rows = rows.select_related("provision", "staff").order_by("work_date", "id")
    by_id = {each.pk: each for each in rows}
    if not by_id:
        return []
    found: dict[tuple[int, int], CashFine] = {}

    def of(incident_id: int, staff_id: int) -> CashFine:
        incident = by_id[incident_id]
        new = CashFine(incident, staff_id, collection_of(incident.provision.collection))
        return found.setdefault((incident_id, staff_id), new)

    entries = MoneyEntry.objects.of_incidents(by_id).order_by().values_list("source_id", "staff_id")
    for incident_id, staff_id, total in entries.annotate(total=Sum("amount")):
        if total < 0:
            of(incident_id, staff_id).fine = -total
    legs = FundPosting.objects.filter(account=FundPosting.Account.FINES, transaction__incident__in=by_id)
    names = ("transaction__incident_id", "transaction__staff_id", "transaction__kind", "transaction__on")
    for incident_id, staff_id, kind, on, amount in legs.order_by("id").values_list(*names, "amount"):
        fine = of(incident_id, staff_id)
        if kind == Kind.PAYROLL:
            fine.withheld -= amount
        else:
            fine.paid.append((on, -amount))
    order = {pk: place for place, pk in enumerate(by_id)}
    return sorted(found.values(), key=lambda each: (order[each.incident.pk], each.staff_id))


def fines_due(department_id: int, first: date, last: date) -> list[CashFine]:
    """The cash fines of a department that become due within some days."""
    counted_from = first - timedelta(days=LONGEST)
    near = Q(work_date__gte=counted_from) | Q(decided_at__date__gte=counted_from)
    rows = Incident.objects.filter(near, staff__department=department_id, work_date__lte=last)
    return [each for each in cash_fines(rows) if first <= each.due_on <= last]


def fines_by_staff(fines: Sequence[CashFine]) -> dict[int, list[CashFine]]:
    """The fines of each person."""
    found: dict[int, list[CashFine]] = defaultdict(list)
    for each in fines:
        found[each.staff_id].append(each)
    return found
