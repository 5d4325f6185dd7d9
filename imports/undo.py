"""Taking a whole import back: allowed while nothing frozen and nothing that came later depends on it."""

from datetime import date, datetime

from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.locks import Lock, is_locked
from core.runs import die_with_the_worker
from imports.batches import SOURCES
from imports.errors import ImportRefused
from payroll.models import SettlementPeriod
from penalties.models import Incident
from penalties.services import counted_places, counts_follow
from people.models import Account, Department, ImportBatch
from people.row_changes import has_rows, rows_created, rows_take_back, rows_touched_since
from people.services import facts_changed, months_since
from sheets.loading import SHEET_KINDS


def undo_refusal(batch: ImportBatch, *, at: datetime) -> str:
    """Why the import cannot be undone now, with what to do instead; empty where it can."""
    if batch.undone_at:
        return "这次导入已经撤销。"
    wrote = batch.summary.get("created", 0) + batch.summary.get("changed", 0)
    if wrote and not has_rows(batch.pk):
        return "这次导入没有留下撤销所需的记录。请另导入一份更正的表格。"
    return _frozen(batch, at) or _decided(batch) or _repeated(batch) or _touched(batch)


def _months(batch: ImportBatch, at: datetime) -> list[date]:
    months = [date.fromisoformat(f"{month}-01") for month in batch.summary.get("months", ())]
    # Terms and what was brought along hold on from then: the months since have come to depend on them.
    return months_since(min(months), at) if months and batch.kind in ("staff", "opening") else months


def _frozen(batch: ImportBatch, at: datetime) -> str:
    frozen = SettlementPeriod.objects.filter(
        department=batch.department_id, month__in=_months(batch, at), state__in=SettlementPeriod.FROZEN
    ).order_by("month")
    told = "、".join(f"{each.month:%Y年%m月}（{each.get_state_display()}）" for each in frozen)
    if not told:
        return ""
    return (
        f"它涉及的月份工资已定：{told}。请先退回未发放的月份；已发放的请导入更正的表格，差额由以后月份调整。"
    )


def _decided(batch: ImportBatch) -> str:
    if batch.kind != "incidents":
        return ""
    ids = rows_created(batch.pk, Incident._meta.db_table)
    decided = Incident.objects.filter(pk__in=ids).exclude(state=Incident.State.RECORDED).count()
    return f"其中 {decided} 条奖惩已确认或驳回。请在“奖惩”里逐条撤销。" if decided else ""


def _repeated(batch: ImportBatch) -> str:
    """A later file of the kind that found rows as they are relies on who brought them."""
    later = ImportBatch.objects.filter(
        department=batch.department_id,
        kind=batch.kind,
        pk__gt=batch.pk,
        undone_at__isnull=True,
        summary__unchanged__gt=0,
    ).last()
    return f"后来的导入也含有其中的行：{_told(later)}。请先撤销那一次。" if later else ""


def _touched(batch: ImportBatch) -> str:
    touched = rows_touched_since(batch.pk)
    if touched is None:
        return ""
    batch_id, at = touched
    if batch_id is None:
        return f"其中的记录在 {timezone.localtime(at):%Y-%m-%d %H:%M} 又改动过。请另导入一份更正的表格。"
    return f"后来的导入改动了其中的记录：{_told(ImportBatch.objects.get(pk=batch_id))}。请先撤销那一次。"


def _told(batch: ImportBatch) -> str:
    return f"{SHEET_KINDS[batch.kind]} {batch.file_name}（{timezone.localtime(batch.at):%Y-%m-%d %H:%M}）"


@transaction.atomic
def undo_ask(*, batch: ImportBatch, by: Account, at: datetime) -> bool:
    """Note that an import is to be undone; whether a worker has to be told. ImportRefused where not."""
    row = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if row.undone_at or (row.undo_asked_at and not is_undo_lost(row, at)):
        return False
    if reason := undo_refusal(row, at=at):
        raise ImportRefused(reason)
    row.undo_by, row.undo_asked_at, row.undo_refusal = by, at, ""
    row.save(update_fields=["undo_by", "undo_asked_at", "undo_refusal"])
    return True


def undo_drop(*, batch: ImportBatch) -> None:
    """Nobody is going to undo the import that was to be undone."""
    ImportBatch.objects.filter(pk=batch.pk, undone_at=None).update(undo_asked_at=None)


def is_undo_lost(batch: ImportBatch, at: datetime) -> bool:
    """Whether an undo was asked for and nobody works on it, although there was time to begin."""
    asked = batch.undo_asked_at
    is_open = asked is not None and batch.undone_at is None and (at - asked).total_seconds() > 60
    return is_open and not is_locked(Lock.UNDO, batch.pk)


@transaction.atomic
def batch_undo(*, batch: ImportBatch, by: Account, at: datetime) -> None:
    """Delete what the import created and restore what it changed. ImportRefused where that cannot be.

    Imports and approvals of the department wait meanwhile.
    """
    die_with_the_worker()
    department = Department.objects.select_for_update(no_key=True).get(pk=batch.department_id)
    months = _months(batch, at)
    list(SettlementPeriod.objects.select_for_update().filter(department=department, month__in=months))
    if reason := undo_refusal(batch, at=at):
        raise ImportRefused(reason)
    counted = counted_places(department) if batch.kind == "opening" else set()
    try:
        with transaction.atomic():
            rows_take_back(batch.pk)
    except IntegrityError as error:
        raise ImportRefused(
            f"已有依赖它的记录（{_name_of(error)}）。请先撤销那些记录，或者另导入一份更正的表格。"
        ) from error
    counts_follow(department=department, places=counted, by=by, at=at)
    batch.undone_at, batch.undo_by = at, by
    batch.save(update_fields=["undone_at", "undo_by"])
    note = f"撤销导入 {batch.file_name}"
    facts_changed(department=department, months=months, source=SOURCES[batch.kind], by=by, at=at, note=note)


def _name_of(error: IntegrityError) -> str:
    table = getattr(getattr(error.__cause__, "diag", None), "table_name", "")
    found = [each._meta.verbose_name for each in apps.get_models() if each._meta.db_table == table]
    return str(found[0]) if found else "其他资料"
