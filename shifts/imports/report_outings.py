"""Approved outings and business trips of a daily report: nobody is absent, late or missing for them.

Where a report calls a punch itself an outing, that end of the day is excused up to the punch.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from people.models import Account
from shifts.imports.approvals import PersonDays, middle_of, outings_of
from shifts.imports.leave_words import OUTING, LeaveWords
from shifts.imports.report_rows import Key, ReportedDay
from shifts.models import Outing
from shifts.models.roster import ShiftTimes

Span = tuple[datetime, datetime]
REASON = "考勤报表里的审批单"


def outings_wanted(
    rows: Iterable[ReportedDay],
    days: Mapping[int, PersonDays],
    words: LeaveWords,
    labels: Sequence[str],
) -> dict[Key, list[tuple[str, Span]]]:
    """What the rows say of outings, by person and work_date: (what it is called, from when until when)."""
    found: dict[Key, list[tuple[str, Span]]] = defaultdict(list)
    for row in rows:
        for approval in row.approvals:
            if approval.label.startswith(tuple(labels)) or words.of(approval.label) == OUTING:
                for day, since, until in outings_of(approval, days[row.staff.pk]):
                    wanted = (approval.label, (since, until))
                    if wanted not in found[row.staff.pk, day]:
                        found[row.staff.pk, day].append(wanted)
    for row in rows:
        if row.came_out or row.left_out:
            times = days[row.staff.pk].times.get(row.day)
            if times is not None:
                found[row.key] = _as_said(row, times, found.get(row.key, []))
    return found


def _as_said(row: ReportedDay, times: ShiftTimes, wanted: list[tuple[str, Span]]) -> list[tuple[str, Span]]:
    """The outings of a day, reaching as far as its punches, so that an end said to be one is excused."""
    clocks = {is_in: at for at, is_in, _ in row.clocks}
    cut = middle_of(times)
    if row.came_out and row.left_out and not clocks and not wanted:
        return [(REASON, (times.starts_at, times.ends_at))]
    spans = dict.fromkeys(wanted)
    if row.came_out:
        until = min(clocks.get(True, times.starts_at), times.ends_at)
        first = next((each for each in spans if each[1][0] <= times.starts_at < each[1][1]), None)
        if first is None:
            spans[REASON, (times.starts_at, until if until > times.starts_at else cut)] = None
        elif until > first[1][1]:
            del spans[first]
            spans[first[0], (first[1][0], until)] = None
    if row.left_out:
        since = max(clocks.get(False, times.ends_at), times.starts_at)
        last = next((each for each in spans if each[1][0] < times.ends_at <= each[1][1]), None)
        if last is None:
            spans[REASON, (since if since < times.ends_at else cut, times.ends_at)] = None
        elif since < last[1][0]:
            del spans[last]
            spans[last[0], (since, last[1][1])] = None
    return list(spans)


def store_outings(
    wanted: Mapping[Key, Sequence[tuple[str, Span]]], by: Account | None, at: datetime
) -> set[Key]:
    """Add the outings that no approved one of the day has in it already."""
    days: list[date] = [day for _, day in wanted]
    if not days:
        return set()
    known: dict[Key, list[Span]] = defaultdict(list)
    stored = Outing.objects.filter(
        staff__in={staff_id for staff_id, _ in wanted},
        work_date__range=(min(days), max(days)),
        state=Outing.State.APPROVED,
    )
    for staff_id, day, *span in stored.values_list("staff_id", "work_date", "leaves_at", "due_at"):
        known[staff_id, day].append((span[0], span[1]))
    new = [
        Outing(
            staff_id=key[0],
            work_date=key[1],
            leaves_at=since,
            due_at=until,
            reason=label,
            state=Outing.State.APPROVED,
            asked_by=by,
            asked_at=at,
            decided_at=at,
        )
        for key, spans in wanted.items()
        for label, (since, until) in spans
        if not any(start <= since and until <= end for start, end in known[key])
    ]
    Outing.objects.bulk_create(new, batch_size=2000)
    return {(each.staff_id, each.work_date) for each in new}
