"""What people do with an upload, up to handing it to a worker. Every step may be sent twice."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from core.locks import Lock, is_locked
from core.runs import QueueDown, task_send
from imports import files, tasks
from imports.errors import ImportRefused
from imports.kinds import also_needed, kinds_open_to, profile_of
from imports.models import HeaderMapping, Upload
from imports.remembering import check_value
from people.models import Account, Department
from sheets.profiles import all_profiles

State = Upload.State
STALE = "这个页面已过时：文件已重新检查或已处理。请看现在的结果，再决定。"
NO_QUEUE = "任务队列连不上，还没有处理。请管理员检查 Redis 与 worker，再点“重新检查”。"
WAIT = timedelta(seconds=60)  # before a queued upload counts as not taken by anybody


@transaction.atomic
def upload_create(
    *, department: Department, content: UploadedFile, key: uuid.UUID, by: Account, at: datetime
) -> Upload:
    """Store a file and let a worker look at it; the same form (`key`) a second time is the same upload."""
    upload = Upload(
        department=department,
        file_name=(content.name or "上传的文件")[-255:],
        stored_name=key.hex,
        size=content.size or 0,
        by=by,
        at=at,
    )
    try:
        with transaction.atomic():
            _queue(upload, State.CHECKING, by=by, at=at)
    except IntegrityError:
        former = Upload.objects.filter(stored_name=key.hex, by=by).first()
        if former is None:
            raise ImportRefused(STALE) from None
        return former
    files.file_store(upload, content)
    return upload


@transaction.atomic
def upload_choose(*, upload: Upload, kind: str, profile: str, by: Account, at: datetime) -> Upload:
    """Say what the file is, and have it checked as that. ImportRefused for what `by` may not import."""
    row = _open(upload)
    known = {(each.kind, each.name) for each in all_profiles()}
    if (kind, profile) not in known or kind not in kinds_open_to(by, row.department):
        raise ImportRefused("没有这种表格，或者没有导入它的权限。请选列出的类别。")
    if (row.kind, row.profile) != (kind, profile):
        row.options, row.answers = {}, {}
    row.kind, row.profile = kind, profile
    return _queue(row, State.CHECKING, by=by, at=at)


@transaction.atomic
def upload_map(
    *, upload: Upload, fields: Mapping[str, str | None], finish: bool, by: Account, at: datetime
) -> Upload:
    """Say what the file's own headers mean: header → field, "" to ignore, None for not decided yet.

    Without `finish` it is kept with the upload alone, to be taken up again. With it the department remembers
    it for this kind and profile, and the file is checked anew. ImportRefused for what does not fit.
    """
    row = _open(upload)
    headers = {each["key"]: each["header"] for each in row.found.get("headers", ())}
    given = {key: field for key, field in fields.items() if key in headers and field is not None}
    if not finish:
        row.found["draft"] = given
        row.save(update_fields=["found"])
        return row
    _check_mapping(row, headers, given)
    HeaderMapping.objects.bulk_create(
        [
            HeaderMapping(
                department=row.department,
                kind=row.kind,
                profile=row.profile,
                header=key,
                field=field,
                by=by,
                at=at,
            )
            for key, field in given.items()
        ],
        update_conflicts=True,
        unique_fields=["department", "kind", "profile", "header"],
        update_fields=["field", "by", "at", "forgotten_at"],
    )
    return _queue(row, State.CHECKING, by=by, at=at)


def _check_mapping(upload: Upload, headers: Mapping[str, str], given: Mapping[str, str]) -> None:
    open_headers = [header for key, header in headers.items() if key not in given]
    if open_headers:
        raise ImportRefused(f"还没有说明：{'、'.join(open_headers)}。请逐个选定，用不着的选“不需要”。")
    columns = {column.field: column for column in profile_of(upload).columns}
    taken = set(upload.found.get("known", ()))
    for key, field in given.items():
        if not field:
            continue
        if field not in columns:
            raise ImportRefused(f"“{headers[key]}”选的字段不属于这种表格。请重新选。")
        if field in taken:
            raise ImportRefused(
                f"“{columns[field].title}”已有另一列。请把“{headers[key]}”改为别的字段或“不需要”。"
            )
        taken.add(field)
    missing = [column.title for column in profile_of(upload).lacking(taken)]
    if missing:
        raise ImportRefused(f"还缺必需的列：{'、'.join(missing)}。请指出是哪一列，或者换一种类别。")


@transaction.atomic
def upload_answer(
    *, upload: Upload, answers: Mapping[str, str], job: str, by: Account, at: datetime
) -> Upload:
    """Answer questions of a file (key → answer) and have it checked anew with that.

    The same person's other files of the kind that wait for the same answers are checked anew as well:
    several files of one export ask once. The department remembers the answers when a file is stored.
    """
    row = _open(upload)
    if str(row.job) != job:
        raise ImportRefused(STALE)
    asked = {each["key"]: each for each in row.found.get("questions", ())}
    # A choice may be the name of a sheet, with a space at its end; what is written freely is trimmed.
    told = {
        key: value if asked[key]["choices"] else value.strip()
        for key, value in answers.items()
        if key in asked
    }
    given = {key: value for key, value in told.items() if value}
    if not given:
        raise ImportRefused("还没有回答。请至少回答一个问题。")
    for key, value in given.items():
        check_value(asked[key]["choices"], value)
    for other in _asked_the_same(row, set(given), by):
        other.answers |= given
        _queue(other, State.CHECKING, by=by, at=at)
    row.answers |= given
    return _queue(row, State.CHECKING, by=by, at=at)


def _asked_the_same(upload: Upload, keys: set[str], by: Account) -> list[Upload]:
    rows = Upload.objects.filter(
        department=upload.department, kind=upload.kind, state=State.QUESTIONS, by=by
    ).exclude(pk=upload.pk)
    locked = rows.select_for_update(of=("self",)).select_related("department", "by").order_by("pk")
    return [each for each in locked if keys.intersection(asked["key"] for asked in each.found["questions"])]


@transaction.atomic
def upload_set(*, upload: Upload, options: Mapping[str, Any], job: str, by: Account, at: datetime) -> Upload:
    """Set what has to be said with the file (dates, shop), and check it anew with that."""
    row = _open(upload)
    if str(row.job) != job:
        raise ImportRefused(STALE)
    row.options = {
        name: f"{value}" if isinstance(value, date) else value for name, value in options.items() if value
    }
    return _queue(row, State.CHECKING, by=by, at=at)


@transaction.atomic
def upload_confirm(*, upload: Upload, job: str, by: Account, at: datetime) -> Upload:
    """Import what was checked under `job`. A second confirmation does nothing."""
    row = _locked(upload)
    if row.state in (State.IMPORTING, State.DONE):
        return row
    if row.state != State.READY or str(row.job) != job:
        raise ImportRefused(STALE)
    _check_open(row, by)
    return _queue(row, State.IMPORTING, by=by, at=at)


@transaction.atomic
def upload_retry(*, upload: Upload, by: Account, at: datetime) -> Upload:
    """Check a file anew, or hand one whose worker died, or that no worker took, to a worker again."""
    row = _locked(upload)
    if row.state in (State.READY, State.INVALID, State.QUESTIONS):
        return _queue(row, State.CHECKING, by=by, at=at)
    if row.state not in Upload.WORKING:
        return row
    if not (is_lost(row) or is_waiting_long(row, at)):
        raise ImportRefused("还在处理，请等它完成。")
    if row.state == State.IMPORTING:
        _check_open(row, by)
    return _queue(row, State(row.state), by=by, at=at)


@transaction.atomic
def upload_discard(*, upload: Upload, at: datetime) -> Upload:
    """Give an upload up and remove its file; nothing of it was stored. A finished one stays."""
    row = _locked(upload)
    if row.state in Upload.CLOSED:
        return row
    if row.state == State.IMPORTING and not is_lost(row):
        raise ImportRefused("正在导入，不能放弃。请等它完成；不要的话可在导入以后撤销。")
    row.state, row.job, row.found, row.file_removed_at = State.DISCARDED, uuid.uuid4(), {}, at
    row.save(update_fields=["state", "job", "found", "file_removed_at"])
    transaction.on_commit(lambda: files.file_remove(row))
    return row


def is_lost(upload: Upload) -> bool:
    """Whether a worker took the upload and died over it."""
    if upload.state not in Upload.WORKING or not upload.started_at or is_locked(Lock.UPLOAD, upload.pk):
        return False
    # It may have finished between the two looks.
    return Upload.objects.filter(
        pk=upload.pk, state=upload.state, job=upload.job, started_at__isnull=False
    ).exists()


def is_waiting_long(upload: Upload, at: datetime) -> bool:
    """Whether no worker has taken the upload for a minute."""
    is_queued = upload.state in Upload.WORKING and not upload.started_at
    return is_queued and at - upload.queued_at > WAIT


def _open(upload: Upload) -> Upload:
    """The upload as it is now, for a change before it is imported."""
    row = _locked(upload)
    if row.state in (*Upload.CLOSED, *Upload.WORKING):
        raise ImportRefused(STALE)
    return row


def _check_open(upload: Upload, by: Account) -> None:
    if upload.kind not in kinds_open_to(by, upload.department):
        raise ImportRefused(f"{also_needed(upload.kind)}。请有权限的人来导入。")


def _locked(upload: Upload) -> Upload:
    return Upload.objects.select_for_update(of=("self",)).select_related("department", "by").get(pk=upload.pk)


def _queue(upload: Upload, state: Upload.State, *, by: Account, at: datetime) -> Upload:
    """Hand the upload to a worker under a new job; what was queued before does nothing any more."""
    was_ready = upload.state == State.READY and state == State.IMPORTING
    upload.state, upload.job, upload.queued_at, upload.started_at = state, uuid.uuid4(), at, None
    upload.step, upload.rows_read, upload.message = "排队", 0, ""
    upload.save()
    transaction.on_commit(lambda: _send(upload, by, was_ready=was_ready))
    return upload


def _send(upload: Upload, by: Account, *, was_ready: bool) -> None:
    """Give the job to a worker. QueueDown where there is no queue; then the upload does not wait for one."""
    task = tasks.check if upload.state == State.CHECKING else tasks.store
    try:
        task_send(task, upload.pk, str(upload.job), by.pk)
    except QueueDown:
        upload.state = State.READY if was_ready else State.INVALID
        upload.message, upload.step = "" if was_ready else NO_QUEUE, ""
        Upload.objects.filter(pk=upload.pk, job=upload.job, started_at=None).update(
            state=upload.state, message=upload.message, step=""
        )
        raise
