"""Uploads on Celery: tasks that take keys and may be delivered twice; progress and results are rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pghistory
from celery import shared_task
from celery.utils.log import get_task_logger
from django.conf import settings
from django.utils import timezone

from core.locks import Lock
from core.runs import run_of
from imports import checking, files, undo
from imports.models import Upload
from imports.progress import Progress
from people.models import Account, ImportBatch

log = get_task_logger(__name__)
State = Upload.State


@shared_task(acks_late=True, ignore_result=True)
def check(upload_id: int, job: str, account_id: int) -> None:
    """Find out what a file is and what importing it would do."""
    with _taken(upload_id, job, State.CHECKING) as (upload, progress):
        if upload is None or progress is None:
            return
        try:
            checking.check(upload, progress, by=Account.objects.get(pk=account_id), at=timezone.now())
        except Exception:
            _say_failed(upload, "检查时出了意外，没有导入任何数据。")
            raise


@shared_task(acks_late=True, ignore_result=True)
def store(upload_id: int, job: str, account_id: int) -> None:
    """Import a confirmed file, once."""
    with _taken(upload_id, job, State.IMPORTING) as (upload, progress):
        if upload is None or progress is None:
            return
        try:
            with pghistory.context(user=account_id):
                checking.store(upload, progress, by=Account.objects.get(pk=account_id), at=timezone.now())
        except Exception:
            _say_failed(upload, "导入时出了意外，没有导入任何数据。")
            raise


@shared_task(acks_late=True, ignore_result=True)
def take_back(batch_id: int, account_id: int) -> None:
    """Undo an import that somebody asked to undo, once."""
    with run_of(Lock.UNDO, batch_id) as run:
        batch = ImportBatch.objects.filter(
            pk=batch_id, undo_asked_at__isnull=False, undone_at__isnull=True
        ).first()
        if run is None or batch is None:
            return
        by, now = Account.objects.get(pk=account_id), timezone.now()
        try:
            with pghistory.context(user=account_id):
                undo.batch_undo(batch=batch, by=by, at=now)
        except undo.ImportRefused as refused:
            _say_refused(batch_id, str(refused))
        except Exception:
            _say_refused(batch_id, "撤销时出了意外，数据没有改动。请再试；再不行，请管理员看日志。")
            raise


@shared_task(ignore_result=True)
def tidy() -> int:
    """Daily: remove files that are older than they may be."""
    now = timezone.now()
    return files.uploads_tidy(before=now - timedelta(days=settings.UPLOAD_DAYS), at=now)


@contextmanager
def _taken(upload_id: int, job: str, state: str) -> Iterator[tuple[Upload | None, Progress | None]]:
    """The upload and its progress while nobody else works on it; nothing where the job is not wanted."""
    with run_of(Lock.UPLOAD, upload_id) as run:
        rows = Upload.objects.filter(pk=upload_id, job=job, state=state)
        upload = rows.select_related("department", "by").first() if run else None
        begun = {"started_at": timezone.now(), "step": "打开文件"}
        if run is None or upload is None or not rows.update(**begun):
            log.info("upload %s, job %s: nothing to do", upload_id, job)
            yield None, None
            return
        with Progress().told(run, upload) as progress:
            yield upload, progress


def _say_failed(upload: Upload, message: str) -> None:
    checking.keep(
        upload, state=State.INVALID, message=f"{message}请重新检查；再不行，请管理员看日志。", found={}
    )


def _say_refused(batch_id: int, reason: str) -> None:
    ImportBatch.objects.filter(pk=batch_id).update(undo_asked_at=None, undo_refusal=reason[:500])
