"""What the fund's book says: balances, its lines, what is still to be paid, who may look.

The fund is public to its department (s000-01-17, s000-03-16, s000-06-16): everybody who works there sees
each line with name and amount; what happened and why stays with the incident and whoever may see that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from core.money import ZERO
from core.periods import first_of, shift_months
from penalties.cash_fines import CashFine, CashState, cash_fines
from penalties.models import (
    FundCount,
    FundExpense,
    FundPosting,
    FundTransaction,
    Incident,
    MoneyEntry,
    SourceKind,
)
from people.approvals import requests_decidable_by
from people.models import Account, Department, Staff
from people.selectors import departments_visible_to, departments_where, not_left
from rules.kinds.fund import Fund
from rules.models import Provision

Book = FundPosting.Account
REMEMBERED = timedelta(days=370)
CASH_OR_FUND = (Q(kind=Fund.name) | Q(collection="cash") | Q(collection__by="cash")) & Q(
    version__published_at__isnull=False
)


def fund_balances(department: Department) -> dict[str, Decimal]:
    """What stands on each account of a department's fund, in yuan; one query."""
    rows = FundPosting.objects.filter(transaction__department=department).order_by().values_list("account")
    return {**dict.fromkeys(Book.values, ZERO), **dict(rows.annotate(total=Sum("amount")))}


def funds_visible_to(account: Account) -> QuerySet[Department]:
    """The departments whose fund an account may read: where it works or acts, if its rules know a fund."""
    return departments_visible_to(account).filter(pk__in=funds())


def funds() -> QuerySet[Department]:
    """The departments that have a fund: their rules know one, or its book has lines."""
    has_fund = Q(pk__in=Provision.objects.filter(CASH_OR_FUND).order_by().values("version__department"))
    has_book = Q(pk__in=FundTransaction.objects.order_by().values("department"))
    return Department.objects.filter(has_fund | has_book)


def funds_uncounted(account: Account, *, on: date) -> QuerySet[Department]:
    """The funds kept by an account whose cash nobody counted last month, nor since; from the first on.

    A count that its witness disputes is none. A fund that began this month is counted in it.
    """
    this_month = first_of(on)
    since = timezone.make_aware(datetime.combine(shift_months(this_month, -1), time.min))
    counted = FundCount.objects.filter(counted_at__gte=since).exclude(state=FundCount.State.DISPUTED)
    begun = FundTransaction.objects.filter(on__lt=this_month)
    return funds_kept_by(account).filter(
        Exists(begun.filter(department=OuterRef("pk"))), ~Exists(counted.filter(department=OuterRef("pk")))
    )


def counts_to_witness(account: Account) -> QuerySet[FundCount]:
    """The counts that wait for the account's word."""
    return FundCount.objects.filter(witness=account, state=FundCount.State.OPEN)


def expenses_to_approve(account: Account) -> QuerySet[FundExpense]:
    """The expenses that an account may decide: not its own, nor those for which it asked."""
    rows = requests_decidable_by(account, FundExpense).filter(state=FundExpense.State.ASKED)
    return rows.exclude(asked_by=account)


def funds_kept_by(account: Account) -> QuerySet[Department]:
    """The departments whose fund an account reads and keeps."""
    return funds_visible_to(account).filter(pk__in=departments_where(account, "keep_fund"))


def fund_readers(department: Department) -> QuerySet[Account]:
    """The accounts of whoever works in a department or acts there: who may be a witness."""
    works = Staff.objects.filter(not_left(timezone.localdate()), department=department)
    theirs = Q(pk__in=works.values("account")) | Q(departments=department)
    return Account.objects.filter(theirs, is_active=True).distinct().order_by("username")


def book_lines(department: Department) -> QuerySet[FundTransaction]:
    """The fund's book, latest first, with the postings of each line; two queries."""
    rows = FundTransaction.objects.filter(department=department)
    return rows.select_related("staff", "by", "expense").prefetch_related("postings").order_by("-on", "-id")


@dataclass(frozen=True, slots=True)
class OpenFine:
    """A fine that is still to be paid in cash, or one of which too much was paid, on a day."""

    fine: CashFine
    staff: Staff
    owed: Decimal
    is_overdue: bool


def open_fines(department: Department, *, on: date) -> list[OpenFine]:
    """What people still owe the fund, or are to be given back, on a day; the earliest due first.

    What pay has taken is no longer owed. Of incidents of the last year; four queries for any number of them.
    """
    rows = Incident.objects.filter(staff__department=department, work_date__gte=on - REMEMBERED)
    found = [(each, _left_of(each, on)) for each in cash_fines(rows)]
    found = [(each, owed) for each, owed in found if owed]
    people = Staff.objects.in_bulk([each.staff_id for each, _ in found])
    opened = [
        OpenFine(each, people[each.staff_id], owed, owed > 0 and on > each.due_on) for each, owed in found
    ]
    return sorted(opened, key=lambda each: (each.fine.due_on, each.fine.incident.pk, each.staff.number))


def _left_of(fine: CashFine, on: date) -> Decimal:
    owed = fine.owed(on)
    return ZERO if owed > 0 and fine.withheld else owed


@dataclass(frozen=True, slots=True)
class OwnFine:
    """How a fine in cash stands for whoever owes it."""

    incident: Incident
    state: CashState


def own_fines(account: Account, incidents: QuerySet[Incident], *, on: date) -> list[OwnFine]:
    """How the account's own shares of incidents that are collected in cash stand; four queries at most."""
    fines = cash_fines(incidents)
    own = set(Staff.objects.filter(account=account).values_list("pk", flat=True)) if fines else set()
    return [OwnFine(each.incident, each.state(on)) for each in fines if each.staff_id in own]


def own_fines_due(account: Account, *, on: date) -> list[OwnFine]:
    """What the account still has to pay in cash, or to fetch, of incidents of the last year."""
    costly = MoneyEntry.objects.filter(source_kind=SourceKind.INCIDENT, staff__account=account)
    rows = Incident.objects.filter(
        pk__in=costly.order_by().values("source_id"), work_date__gte=on - REMEMBERED
    )
    return [each for each in own_fines(account, rows, on=on) if each.state.tone in ("warn", "bad")]


def total_owed(fines: Sequence[OpenFine]) -> Decimal:
    return sum((each.owed for each in fines if each.owed > 0), ZERO)
