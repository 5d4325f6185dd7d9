"""Files that come back mended: which faulty upload one mends, what of it is left out, and its closing.

A mended file is known by its name, or by the column of explanations that a sheet of faults has.
"""

import re
from datetime import datetime
from functools import partial
from pathlib import PurePath

from django.db import transaction

from imports import files
from imports.models import Upload
from imports.selectors import uploads_visible_to
from people.models import Account
from sheets.table import Table

Faulty = tuple[Upload, int]  # with how many rows it has, 0 where that is not known
MARK = "-问题"  # what the name of a sheet of faults has before its suffix
_ADDED = re.compile(rf"(?:{MARK}|\s*-\s*副本|\s*[（(]\d+[）)])+$")


def left_out(upload: Upload, table: Table, *, by: Account) -> list[str]:
    """What to say of rows that a faulty upload has and this one has not."""
    faulty = _faulty_before(upload, by)
    if not faulty:
        return []
    rows = table.count()
    mended = _mended_by(upload, table, faulty)
    told = []
    for former, whole in faulty:
        if rows >= whole:
            continue
        if (former, whole) in mended:
            told.append(
                f"这份有 {rows} 行，上次整份有 {whole} 行（{former.file_name}），少了 {whole - rows} 行；"
                "上次什么也没有导入，只传改好的行会漏掉其余的。请改好以后上传整份。"
            )
        elif former.by_id == by.pk:
            told.append(
                f"{former.file_name}（整份 {whole} 行）还有错误没有改好，一行也没有导入。"
                f"这份（{rows} 行）如果是从它改来的，请上传整份。"
            )
    return told


def close_mended(upload: Upload, table: Table, *, by: Account, at: datetime) -> None:
    """Close the faulty uploads of which this one, just imported, has all the rows; their files go.

    One of which rows are missing stays open. As many queries for many uploads as for one.
    """
    mended = _mended_by(upload, table, _faulty_before(upload, by))
    if not mended:
        return
    rows = table.count()
    keys = [former.pk for former, whole in mended if rows >= whole]
    faulty = Upload.objects.filter(pk__in=keys, state=Upload.State.INVALID)
    closing = list(faulty.select_for_update().order_by("pk"))
    Upload.objects.filter(pk__in=[each.pk for each in closing]).update(
        state=Upload.State.DISCARDED, found={}, file_removed_at=at, successor=upload
    )
    for each in closing:
        transaction.on_commit(partial(files.file_remove, each))


def _faulty_before(upload: Upload, by: Account) -> list[Faulty]:
    """The earlier faulty uploads of the department and kind, or of no kind yet, the latest first."""
    rows = uploads_visible_to(by).filter(
        department=upload.department,
        kind__in=("", upload.kind),
        state=Upload.State.INVALID,
        pk__lt=upload.pk,
    )
    sizes = dict(rows.values_list("pk", "found__rows"))
    return [(each, sizes.get(each.pk) or 0) for each in rows.defer("found")]


def _mended_by(upload: Upload, table: Table, faulty: list[Faulty]) -> list[Faulty]:
    """Those that this one brings again: of the same name; for a sheet of faults of another, the latest."""
    same = [each for each in faulty if _stem(each[0]) == _stem(upload)]
    return same or (faulty[:1] if table.header.explained is not None else [])


def _stem(upload: Upload) -> str:
    """The name of the file, however often it was downloaded and copied."""
    return _ADDED.sub("", PurePath(upload.file_name).stem)
