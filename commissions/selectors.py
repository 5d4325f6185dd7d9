"""Reads about orders and metrics."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils import timezone

from commissions.definitions import Definitions
from commissions.figures import figures_in_force
from commissions.models import DepartmentFigure, Metric, Order, OrderClaim, OrderShare
from commissions.order_sums import read_past_sums
from core.periods import last_of, shift_months
from people.models import Account, Department, Staff
from people.selectors import departments_visible_to, departments_where, staff_visible_to, staff_where
from rules.kinds.labels import figure_label
from rules.kinds.sales import COMPUTED
from rules.provisions import Month, Timeline

WHOLE = Decimal(1)  # the share of whom an order is alone


def orders_visible_to(account: Account) -> QuerySet[Order]:
    """The orders of which somebody whom an account may see has a part, and nobody's of its departments."""
    seen = staff_visible_to(account).order_by().values("pk")
    return Order.objects.filter(
        Q(agent__in=seen)
        | Q(split__in=OrderShare.objects.filter(staff__in=seen).order_by().values("split"))
        | Q(agent__isnull=True, department__in=departments_visible_to(account).order_by().values("pk"))
    )


def claims_decidable_by(account: Account) -> QuerySet[OrderClaim]:
    """The claims, open or not, of the people about whom an account decides, partners included."""
    decided = sharers_decided_by(account).order_by().values("pk")
    return OrderClaim.objects.filter(Q(partner=None) | Q(partner__in=decided), staff__in=decided)


def sharers_decided_by(account: Account) -> QuerySet[Staff]:
    """The people whose orders an account decides about; never the own self."""
    return staff_where(account, "decide_claims").exclude(account=account)


def orders_assignable_by(account: Account) -> QuerySet[Order]:
    """Paid orders whose people the account decides about, all of them, and nobody's of its departments."""
    decided = sharers_decided_by(account).order_by().values("pk")
    others = OrderShare.objects.exclude(staff__in=decided).order_by().values("split")
    return Order.objects.filter(
        Q(agent__in=decided)
        | Q(agent__isnull=True, department__in=departments_where(account, "decide_claims").values("pk")),
        paid_at__isnull=False,
    ).exclude(split__in=others)


def agent_numbered(order: Order, number: str) -> Staff | None:
    """Who has a number in the order's department; of who came back the employment of the payment."""
    found = list(Staff.objects.filter(department=order.department_id, number=number).order_by("joined_on"))
    paid_on = timezone.localdate(order.paid_at) if order.paid_at else None
    employed = [each for each in found if paid_on is not None and each.is_employed_on(paid_on)]
    return next(reversed(employed or found), None)


def sharers_of(order: Order) -> dict[Staff, Decimal]:
    """Who has which part of an order as it stands; one query where it is shared."""
    if order.split_id is not None:
        shares = OrderShare.objects.filter(split=order.split_id).select_related("staff")
        return {each.staff: each.share for each in shares}
    return {order.agent: WHOLE} if order.agent is not None else {}


def metrics_visible_to(account: Account) -> QuerySet[Metric]:
    """The metrics of the staff that an account may see, and of the teams of its departments."""
    return Metric.objects.filter(
        Q(staff__in=staff_visible_to(account).order_by().values("pk"))
        | Q(team__isnull=False, department__in=departments_visible_to(account).order_by().values("pk"))
    )


FiguresByMonth = dict[str, dict[date, dict[int, Decimal]]]  # code, month, person


def figures_by_month(
    department: Department, codes: Collection[str], first: date, last: date, *, also: Collection[int] = ()
) -> FiguresByMonth:
    """The metrics in force of a department's people in the months from `first` to `last`.

    What was brought wins over what orders give; a month without any order gives nothing. `also`: rows of
    people who were in other departments then, of whom only what was brought counts. One query, another where
    a code is one that orders give.
    """
    figures: FiguresByMonth = defaultdict(lambda: defaultdict(dict))
    if not codes:
        return figures
    computed = [code for code in codes if code in COMPUTED]
    if computed:
        after = shift_months(last, 1)
        month = Month(department.pk, after, last_of(after), {}, Timeline([]))
        for in_month, sums in read_past_sums(month, first).items():
            for code in computed:
                figures[code][in_month] = {who: each.value(code) for who, each in sums.items()}
    whose = Q(department=department) | Q(staff__in=list(also)) if also else Q(department=department)
    rows = Metric.objects.filter(
        whose, part=None, staff__isnull=False, code__in=list(codes), month__range=(first, last)
    )
    latest = rows.order_by("staff_id", "month", "code", "-as_of", "-id").distinct("staff_id", "month", "code")
    for in_month, staff_id, code, value in latest.values_list("month", "staff_id", "code", "value"):
        figures[code][in_month][staff_id] = value
    return figures


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure by month, None where it has none; `note` where they are not to be compared."""

    label: str
    cells: tuple[tuple[date, DepartmentFigure | None], ...]
    note: str


def figure_rows(department: Department, months: Sequence[date]) -> list[FigureRow]:
    """The figures of these months, in their order, by name; two queries."""
    held = figures_in_force(department.pk, months)
    told = Definitions.of(department.pk)
    codes = sorted({code for _, code in held}, key=figure_label)
    return [
        FigureRow(
            figure_label(code),
            tuple((month, held.get((month, code))) for month in months),
            told.note(code, months[0], months[-1]),
        )
        for code in codes
    ]
