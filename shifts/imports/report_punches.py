"""The punches of a daily report: a time that a later report gives takes the place of the earlier one."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from core.copying import copy_lines
from shifts.imports.common import line
from shifts.imports.report_rows import DAY, Key, ReportedDay
from shifts.models import Punch

_COLUMNS = "staff_id, at, source, work_date, is_in, part"


def store_punches(rows: Iterable[ReportedDay], first: date, last: date) -> set[Key]:
    """Add the punches that are not the latest word of the reports already; a blank says nothing.

    One press may end a shift and begin the next: it is a punch of each. A report that tells the parts of a
    shift takes the place of one that told of the day alone.
    """
    rows = list(rows)
    in_parts = {row.key for row in rows if any(part is not None for _, _, part in row.clocks)}
    stored: dict[tuple[int, date, bool, int | None], list[Punch]] = defaultdict(list)
    taken: set[tuple[int, datetime, date | None, bool | None]] = set()
    known = Punch.objects.filter(
        staff__in={row.staff.pk for row in rows},
        source=Punch.Source.FILE,
        work_date__range=(first - DAY, last + DAY),
    )
    new: list[str] = []
    withdrawn: list[int] = []
    for punch in known.order_by("id"):
        if punch.part is None and (punch.staff_id, punch.work_date) in in_parts:
            withdrawn.append(punch.pk)
            continue
        taken.add((punch.staff_id, punch.at, punch.work_date, punch.is_in))
        if punch.work_date is not None and punch.is_in is not None:
            stored[punch.staff_id, punch.work_date, punch.is_in, punch.part].append(punch)
    touched: set[Key] = set()
    for row in rows:
        for at, is_in, part in row.clocks:
            earlier = stored.get((row.staff.pk, row.day, is_in, part), ())
            if earlier and earlier[-1].at == at:
                continue
            touched.add(row.key)
            mark = (row.staff.pk, at, row.day, is_in)
            if mark in taken:
                # A report says again what an earlier one said: what came between is taken back.
                withdrawn += [punch.pk for punch in earlier if punch.at != at]
            else:
                taken.add(mark)
                new.append(line(row.staff.pk, at, Punch.Source.FILE.value, row.day, is_in, part))
    if withdrawn:
        Punch.objects.filter(pk__in=withdrawn).delete()
    if new:
        copy_lines(Punch._meta.db_table, _COLUMNS, "".join(new))
    return touched
