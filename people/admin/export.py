"""A list of the administration as a workbook: the columns that the list shows, every page of the filter."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import ObjectDoesNotExist
from django.http import FileResponse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from core.downloads import workbook_download
from core.history import NOTHING, words_of
from sheets.writing import Sheet, SheetColumn, write_workbook

EXPORT_ROWS = 20_000
CHUNK = 2_000
_KEPT = (int, float, Decimal)


def exported(admin: Any, names: Sequence[str], rows: Iterator[Any]) -> FileResponse:
    """The rows as a download, without holding more of them than are read at once."""
    lines = ([_value(admin, name, row) for name in names] for row in rows)
    first = list(islice(lines, 1))
    sample = first[0] if first else [None] * len(names)
    columns = [
        SheetColumn(str(label_for_field(name, admin.model, admin)), format=_format(value))
        for name, value in zip(names, sample, strict=True)
    ]
    title = str(admin.opts.verbose_name_plural)
    sheet = Sheet(title, columns, chain(first, lines), heading=title)
    return workbook_download(
        f"{title}-{timezone.localdate():%Y-%m-%d}.xlsx", lambda target: write_workbook(target, [sheet])
    )


def _value(admin: Any, name: str, row: Any) -> Any:
    """What a cell of the list says, as a number or a date where it is one."""
    try:
        field, shown, value = lookup_field(name, row, admin)
    except ObjectDoesNotExist:
        return None
    if field is not None:
        value = getattr(row, field.attname) if field.choices else getattr(row, field.name)
        return _cell(words_of(value, field) if field.choices else value)
    # A column of formatted amounts is ordered by the amount itself.
    number = getattr(row, str(getattr(shown, "admin_order_field", "")), None)
    return number if isinstance(number, Decimal) else _cell(value)


def _cell(value: Any) -> Any:
    if value is None or value == NOTHING:
        return None
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None)
    if isinstance(value, SafeString):
        return strip_tags(value)
    if isinstance(value, _KEPT) and not isinstance(value, bool):
        return value
    return value if type(value).__name__ == "date" else words_of(value, None)


def _format(value: Any) -> str:
    match value:
        case Decimal():
            return "money" if value.as_tuple().exponent == -2 else "number"
        case datetime():
            return "datetime"
        case int():
            return "integer"
    return "text"
