"""Metric values: what is in force of people and teams, and which of the new values change it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.backends.postgresql.psycopg_any import DateRange

from commissions.models import Metric
from people.models import Account, Department
from rules.provisions import Month

LARGEST = Decimal(10) ** 12  # eighteen digits, six of them decimals
LONGEST_CODE = 32
PLACES = Decimal("0.000001")

# Of whom (staff id, team id), month and code: what a value is of.
Subject = tuple[int | None, int | None, date, str]
Days = tuple[date, date]  # first and last


@dataclass(frozen=True, slots=True)
class MetricValue:
    """A value of a person or a team for a month (its first day), or for a part of it."""

    month: date
    code: str
    value: Decimal
    as_of: date
    source: str
    staff_id: int | None = None
    team_id: int | None = None
    part: Days | None = None

    @property
    def subject(self) -> Subject:
        return (self.staff_id, self.team_id, self.month, self.code)

    @property
    def stored_value(self) -> Decimal:
        return self.value.quantize(PLACES, rounding=ROUND_HALF_UP)


@dataclass
class Stored:
    """What came of storing values: how many are new, the months in which they now hold, and the ones that
    were in force beside those that took their place (`replaced`) or came too late (`outdated`)."""

    created: int = 0
    months: frozenset[date] = frozenset()
    replaced: list[tuple[Metric, MetricValue]] = field(default_factory=list)
    outdated: list[tuple[Metric, MetricValue]] = field(default_factory=list)


def metrics_in_force(department: Department, months: Iterable[date]) -> dict[Subject, Metric]:
    """The metric that holds for each subject in these months: the latest as-of date, then the latest row."""
    latest = _latest(department, months)
    return {subject: row for (subject, part), row in latest.items() if part is None}


def _latest(department: Department, months: Iterable[date]) -> dict[tuple[Subject, Days | None], Metric]:
    """The latest row of each subject, of its month and of each part of it."""
    stored = Metric.objects.filter(department=department, month__in=set(months)).order_by("as_of", "pk")
    return {((row.staff_id, row.team_id, row.month, row.code), _days(row)): row for row in stored}


def _days(row: Metric) -> Days | None:
    return (row.part.lower, row.part.upper - timedelta(days=1)) if row.part else None


def metrics_store(
    *, department: Department, values: Sequence[MetricValue], by: Account | None, at: datetime
) -> Stored:
    """Insert the values that differ from those in force, those of a part of a month beside the month's.

    Two queries, whatever the number. A value of an earlier as-of date than the one in force is left out.
    """
    latest = _latest(department, (each.month for each in values))
    new: list[MetricValue] = []
    done = Stored()
    for each in values:
        held = latest.get((each.subject, each.part))
        if held is None:
            new.append(each)
        elif held.value != each.stored_value:
            is_later = held.as_of <= each.as_of
            (done.replaced if is_later else done.outdated).append((held, each))
            new += [each] if is_later else []
    Metric.objects.bulk_create(
        [
            Metric(
                department=department,
                staff_id=each.staff_id,
                team_id=each.team_id,
                month=each.month,
                part=DateRange(*each.part, "[]") if each.part else None,
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
    done.created = len(new)
    done.months = frozenset(each.month for each in new if each.part is None)
    return done


def read_metrics(month: Month, earliest: date) -> dict[date, dict[tuple[int, str], Decimal]]:
    """The metrics in force of people by month from `earliest` on; one query."""
    rows = (
        Metric.objects.filter(
            part=None,
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


def metrics_held(
    staff: Collection[int], months: Collection[date], codes: Collection[str]
) -> dict[tuple[int, date, str], Decimal]:
    """The values in force of people, whatever their department, by person, month and code; one query."""
    rows = (
        Metric.objects.filter(part=None, staff__in=list(staff), month__in=list(months), code__in=list(codes))
        .order_by("staff_id", "month", "code", "-as_of", "-id")
        .distinct("staff_id", "month", "code")
        .values_list("staff_id", "month", "code", "value")
    )
    return {(who, month, code): value for who, month, code, value in rows}


def read_team_metrics(month: Month) -> dict[tuple[int, str], Decimal]:
    """The month's metrics in force of teams; one query."""
    rows = (
        Metric.objects.filter(
            part=None, department_id=month.department_id, team__isnull=False, month=month.first
        )
        .order_by("team_id", "code", "-as_of", "-id")
        .distinct("team_id", "code")
        .values_list("team_id", "code", "value")
    )
    return {(team_id, code): value for team_id, code, value in rows}
