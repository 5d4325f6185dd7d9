"""Metric values: what is in force of people and teams, and which of the new values change it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from commissions.models import Metric
from people.models import Account, Department
from rules.provisions import Month

LARGEST = Decimal(10) ** 12  # eighteen digits, six of them decimals
LONGEST_CODE = 32
_PLACES = Decimal("0.000001")

# Of whom (staff id, team id), month and code: what a value is of.
Subject = tuple[int | None, int | None, date, str]


@dataclass(frozen=True, slots=True)
class MetricValue:
    """A value of a person or a team for a month (its first day)."""

    month: date
    code: str
    value: Decimal
    as_of: date
    source: str
    staff_id: int | None = None
    team_id: int | None = None

    @property
    def subject(self) -> Subject:
        return (self.staff_id, self.team_id, self.month, self.code)

    @property
    def stored_value(self) -> Decimal:
        return self.value.quantize(_PLACES, rounding=ROUND_HALF_UP)


def metrics_in_force(department: Department, months: Iterable[date]) -> dict[Subject, Metric]:
    """The metric that holds for each subject in these months: the latest as-of date, then the latest row."""
    stored = Metric.objects.filter(department=department, month__in=set(months)).order_by("as_of", "pk")
    return {(row.staff_id, row.team_id, row.month, row.code): row for row in stored}


def metrics_store(
    *, department: Department, values: Sequence[MetricValue], by: Account | None, at: datetime
) -> tuple[int, frozenset[date]]:
    """Insert the values that differ from those in force; (how many, the months in which they now hold).

    Two queries, whatever the number. A value of an earlier as-of date than the one in force is left out.
    """
    in_force = metrics_in_force(department, (each.month for each in values))
    new = []
    for each in values:
        held = in_force.get(each.subject)
        if held is None or (held.as_of <= each.as_of and held.value != each.stored_value):
            new.append(each)
    Metric.objects.bulk_create(
        [
            Metric(
                department=department,
                staff_id=each.staff_id,
                team_id=each.team_id,
                month=each.month,
                code=each.code,
                value=each.stored_value,
                as_of=each.as_of,
                source=each.source[:64],
                by=by,
                at=at,
            )
            for each in new
        ],
        batch_size=2000,
    )
    return len(new), frozenset(each.month for each in new)


def read_metrics(month: Month, earliest: date) -> dict[date, dict[tuple[int, str], Decimal]]:
    """The metrics in force of people by month from `earliest` on; one query."""
    rows = (
        Metric.objects.filter(
            department_id=month.department_id,
            staff__isnull=False,
            month__gte=earliest,
            month__lte=month.first,
        )
        .order_by("month", "staff_id", "code", "-as_of", "-id")
        .distinct("month", "staff_id", "code")
        .values_list("month", "staff_id", "code", "value")
    )
    found: dict[date, dict[tuple[int, str], Decimal]] = defaultdict(dict)
    for in_month, staff_id, code, value in rows:
        found[in_month][(staff_id, code)] = value
    return found


def read_team_metrics(month: Month) -> dict[tuple[int, str], Decimal]:
    """The month's metrics in force of teams; one query."""
    rows = (
        Metric.objects.filter(department_id=month.department_id, team__isnull=False, month=month.first)
        .order_by("team_id", "code", "-as_of", "-id")
        .distinct("team_id", "code")
        .values_list("team_id", "code", "value")
    )
    return {(team_id, code): value for team_id, code, value in rows}
