"""Figures of a whole department by month: what is in force, and entering them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from keyword import iskeyword
from unicodedata import normalize

from django.db import transaction
from django.utils import timezone

from commissions.errors import FigureRefused
from commissions.metrics import LARGEST, LONGEST_CODE, PLACES
from commissions.models import DepartmentFigure
from core.periods import first_of
from people.models import Account, Department, FactChange
from people.services import facts_changed
from rules.kinds.labels import FIGURE_LABELS, METRIC_LABELS, figure_label

SOURCE = "页面填写"
# What people write, in Chinese or as the code.
_CODES = {label: code for code, label in (FIGURE_LABELS | METRIC_LABELS).items()}


@dataclass(frozen=True, slots=True)
class FigureValue:
    """A department's figure of a month (its first day)."""

    month: date
    code: str
    value: Decimal
    as_of: date
    source: str

    @property
    def stored_value(self) -> Decimal:
        return self.value.quantize(PLACES, rounding=ROUND_HALF_UP)


def figures_in_force(department_id: int, months: Iterable[date]) -> dict[tuple[date, str], DepartmentFigure]:
    """The figure that holds by month and code: the latest as-of date, then the latest row; one query."""
    rows = DepartmentFigure.objects.filter(department=department_id, month__in=set(months))
    return {(row.month, row.code): row for row in rows.order_by("as_of", "pk")}


def read_figures(department_id: int, month: date) -> dict[str, Decimal]:
    """The department's figures of a month by code; one query."""
    return {code: row.value for (_, code), row in figures_in_force(department_id, [month]).items()}


def figure_code(written: str) -> str:
    """The code of a figure as somebody writes it; FigureRefused for what no formula could name."""
    # The parser of formulas reads names in this form, and keywords as no names.
    name = normalize("NFKC", written).strip()
    code = _CODES.get(name, name)
    if not code.isidentifier() or iskeyword(code) or len(code) > LONGEST_CODE:
        raise FigureRefused(
            f"“{name}”不能作数字的名称", f"用汉字、字母和下划线，最多{LONGEST_CODE}个字", field="code"
        )
    return code


@transaction.atomic
def figures_store(
    *, department: Department, values: Sequence[FigureValue], by: Account | None, at: datetime
) -> list[DepartmentFigure]:
    """Insert the figures that differ from those in force; the rows that are new. Two queries.

    A value of an earlier as-of date than the one in force is left out.
    """
    held = figures_in_force(department.pk, (each.month for each in values))
    new = []
    for each in values:
        known = held.get((each.month, each.code))
        if known is None or (known.value != each.stored_value and known.as_of <= each.as_of):
            new.append(each)
    return DepartmentFigure.objects.bulk_create(
        [
            DepartmentFigure(
                department=department,
                month=each.month,
                code=each.code,
                value=each.stored_value,
                as_of=each.as_of,
                source=each.source[:64],
                by=by,
                at=at,
            )
            for each in new
        ]
    )


@transaction.atomic
def figure_record(
    *,
    department: Department,
    month: date,
    code: str,
    value: Decimal,
    as_of: date | None = None,
    source: str = SOURCE,
    by: Account | None,
    at: datetime,
) -> DepartmentFigure:
    """Record a department's figure of a month; it holds at once, and a settled month is told.

    `as_of`: today, or the day of the value that it takes the place of where that is later. The same value
    again changes nothing. FigureRefused for a name that no formula can have, and too large a value.
    """
    code, month, today = figure_code(code), first_of(month), timezone.localdate(at)
    if not abs(value) < LARGEST:
        raise FigureRefused(f"{value}太大", f"填写小于{LARGEST:f}的数", field="value")
    Department.objects.select_for_update(no_key=True).get(pk=department.pk)
    held = figures_in_force(department.pk, [month]).get((month, code))
    day = as_of or max(today, held.as_of if held else today)
    fact = FigureValue(month, code, value, day, source)
    rows = figures_store(department=department, values=[fact], by=by, at=at)
    if not rows:
        assert held is not None
        return held
    figures_told(department, rows, by=by, at=at)
    return rows[0]


def figures_told(
    department: Department, rows: Sequence[DepartmentFigure], *, by: Account | None, at: datetime
) -> None:
    """Tell settlement which months are concerned, with the figures' names."""
    names = "、".join(dict.fromkeys(figure_label(row.code) for row in rows))
    months = [row.month for row in rows]
    note = f"部门数字：{names}"[:200]
    facts_changed(
        department=department, months=months, source=FactChange.Source.METRICS, note=note, by=by, at=at
    )
