"""Which shift each day of a month was, for what is paid by the shift."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from shifts.models import Attendance, Roster, RosterDay

# Code, name, and whether it ends after midnight.
NamedShift = tuple[str, str, bool]


def shifts_named(staff: Collection[int], first: date, last: date) -> dict[int, dict[date, NamedShift]]:
    """The shift of each day, by published rosters, else by the name that the attendance has; two queries."""
    found: dict[int, dict[date, NamedShift]] = defaultdict(dict)
    listed = Attendance.objects.filter(staff__in=list(staff), work_date__range=(first, last))
    for staff_id, on, name, clock_out in listed.exclude(shift_name="").values_list(
        "staff_id", "work_date", "shift_name", "clock_out"
    ):
        found[staff_id][on] = ("", name, _ends_after_midnight(on, clock_out))
    rostered = RosterDay.objects.filter(
        staff__in=list(staff),
        work_date__range=(first, last),
        pattern__isnull=False,
        roster__state=Roster.State.PUBLISHED,
    )
    for staff_id, on, code, name, ends_at in rostered.values_list(
        "staff_id", "work_date", "pattern__code", "pattern__name", "ends_at"
    ):
        found[staff_id][on] = (code, name, _ends_after_midnight(on, ends_at))
    return found


def _ends_after_midnight(on: date, ends_at: datetime | None) -> bool:
    if ends_at is None:
        return False
    midnight = timezone.make_aware(datetime.combine(on + timedelta(days=1), time.min))
    return ends_at > midnight
