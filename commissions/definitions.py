"""What a metric counts, from which month on: months under different definitions are not simply compared."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from commissions.errors import FigureRefused
from commissions.figures import figure_code
from commissions.models import MetricDefinition
from core.periods import first_of, shift_months
from people.models import Account, Department
from rules.kinds.labels import figure_label

LONGEST = 500


class Definitions:
    """A department's definitions by metric; nothing is read after the first query."""

    def __init__(self, rows: Iterable[MetricDefinition]) -> None:
        """`rows` in the order of their months, of one month what was said last behind."""
        self._by_code: dict[str, dict[date, MetricDefinition]] = defaultdict(dict)
        for row in rows:
            self._by_code[row.code][row.from_month] = row

    @classmethod
    def of(cls, department_id: int, **which: Any) -> "Definitions":
        """One query; `which` narrows the rows."""
        rows = MetricDefinition.objects.filter(department=department_id, **which)
        return cls(rows.order_by("from_month", "id"))

    def on(self, code: str, month: date) -> MetricDefinition | None:
        """What holds for a month (its first day); None before the first one."""
        held = [row for since, row in self._by_code.get(code, {}).items() if since <= month]
        return held[-1] if held else None

    def changes(self, code: str, first: date, last: date) -> list[MetricDefinition]:
        """The definitions that begin after month `first` and up to month `last`, in their order.

        Nothing changes where the text stays as it was.
        """
        found, before = [], self.on(code, first)
        for since, row in self._by_code.get(code, {}).items():
            if first < since <= last and (before is None or row.text != before.text):
                found.append(row)
            before = row if since <= last else before
        return found

    def note(self, code: str, first: date, last: date) -> str:
        """What must be said where months from `first` to `last` are compared; empty where nothing must."""
        changed = self.changes(code, first, last)
        if not changed:
            return ""
        since = "、".join(f"{row.from_month:%Y年%m月}" for row in changed)
        return f"{figure_label(code)}的口径自{since}起有变，之前各月按原口径，不能直接相比"


@transaction.atomic
def metric_define(
    *, department: Department, code: str, from_month: date, text: str, by: Account | None, at: datetime
) -> MetricDefinition:
    """Say what a metric counts from a month on; the values of earlier months stay what they were.

    What holds already is not said again. FigureRefused for a name that no metric can have, without a text,
    one that is too long, and a month more than a year away.
    """
    code, month, said = figure_code(code), first_of(from_month), text.strip()
    if not said:
        raise FigureRefused("没有写口径", "写清楚怎样统计，例如 售后15天以内的退款计入", field="text")
    if len(said) > LONGEST:
        raise FigureRefused(f"口径超过{LONGEST}字", "请写短一些", field="text")
    if month > shift_months(first_of(timezone.localdate(at)), 12):
        raise FigureRefused(f"{month:%Y年%m月}太远", "最晚从一年以后起", field="from_month")
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    held = Definitions.of(department.pk, code=code).on(code, month)
    if held is not None and held.text == said:
        return held
    return MetricDefinition.objects.create(
        department=department, code=code, from_month=month, text=said, by=by, at=at
    )
