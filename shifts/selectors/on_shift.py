"""Who is on shift at a moment, and who came late or not at all: the roster beside the clock, while it runs.

What a day came to is derived when the shift is over (shifts/derivation.py); this is what a lead sees before.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from people.models import Account
from people.selectors import staff_where
from shifts.days_owed import DAY
from shifts.models import Punch, RosterDay
from shifts.selectors.leave import days_worked, leaves_taking

EARLY = timedelta(hours=4)  # before a shift that a punch may be made for it
A_MINUTE = timedelta(minutes=1)  # late is who comes a minute after the start, as derived

ON, LATE, MISSING = "on", "late", "missing"
_IS_WHOLE = Q(is_partly_away=False)
STATES = {
    ON: Q(is_over=False),
    LATE: Q(first_in__gte=F("starts_at") + A_MINUTE) & _IS_WHOLE,
    MISSING: Q(first_in__isnull=True) & _IS_WHOLE,
}


def shifts_begun(account: Account, *, at: datetime) -> QuerySet[Any]:
    """The published shifts that run or were today's, of the people whom the account leads; not begun, none.

    With `first_in` (the first punch), `is_over` and `is_partly_away` (leave for a part of the day, of which
    the clock alone tells neither lateness nor absence). Who is on leave for the day is not among them.
    """
    today = timezone.localdate(at)
    days = today - DAY, today
    rows = RosterDay.objects.filter(
        Q(ends_at__gt=at) | Q(work_date=today),
        staff__in=staff_where(account, "plan_rosters"),
        work_date__gte=days[0],
        starts_at__lte=at,
    )
    punches = Punch.objects.filter(
        staff=OuterRef("staff"), at__gte=OuterRef("starts_at") - EARLY, at__lte=OuterRef("ends_at")
    )
    taking = leaves_taking(*days)
    return days_worked(rows, taking).annotate(
        first_in=punches.filter(at__lte=at).order_by("at").values("at")[:1],
        is_over=Q(ends_at__lte=at),
        is_partly_away=Exists(taking),
    )


def shift_counts(account: Account, *, at: datetime) -> dict[str, int]:
    """How many shifts are in each of the states; one query."""
    counts: dict[str, int] = shifts_begun(account, at=at).aggregate(
        **{name: Count("pk", filter=state) for name, state in STATES.items()}
    )
    return counts
