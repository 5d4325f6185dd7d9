"""What workers make of uploads: progress, workers that die, uploads given up meanwhile, old files."""

import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from commissions.models import Order
from core.locks import Lock
from core.runs import run_of
from imports import checking, files, tasks
from imports.models import Upload
from people.models import Department, ImportBatch
from shifts.models import Leave
from tests import factories
from tests.imports.uploads import State, brought, imported, orders, send, text, work
from tests.no_queue import queue_down

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


def test_progress_leads_to_the_page_when_the_worker_has_finished(page: Client, place: Department) -> None:
    send(page, orders("7001,2026-10-03,1,"))
    upload = Upload.objects.get()
    assert "在排队" in page.get(f"/imports/{upload.pk}/progress").content.decode()
    work(upload)
    assert page.get(f"/imports/{upload.pk}/progress").headers["HX-Redirect"] == f"/imports/{upload.pk}/"


def test_a_lost_worker_is_shown_and_its_upload_retried_once(page: Client, place: Department) -> None:
    send(page, orders("7001,2026-10-03,1,"))
    upload = Upload.objects.get()
    Upload.objects.update(started_at=timezone.now())
    with run_of(Lock.UPLOAD, upload.pk):
        assert "正在检查" in text(page, f"/imports/{upload.pk}/")
        page.post(f"/imports/{upload.pk}/retry")
    assert Upload.objects.get().job == upload.job
    assert "处理中断了" in text(page, f"/imports/{upload.pk}/")
    page.post(f"/imports/{upload.pk}/retry")
    retried = Upload.objects.get()
    assert retried.job != upload.job
    tasks.check(upload.pk, str(upload.job), upload.by_id)  # the lost one, delivered again
    assert Upload.objects.get().started_at is None
    assert work(retried).state == State.READY


def test_an_upload_that_no_worker_takes_says_so(page: Client, place: Department) -> None:
    send(page, orders("7001,2026-10-03,1,"))
    Upload.objects.update(queued_at=timezone.now() - timedelta(minutes=2))
    assert "排队已超过一分钟" in text(page, f"/imports/{Upload.objects.get().pk}/")


@pytest.mark.django_db(transaction=True)
def test_without_a_queue_an_upload_says_so_and_waits_for_nobody(
    page: Client, place: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_down(monkeypatch)
    send(page, orders("7001,2026-10-03,1,"))
    upload = Upload.objects.get()
    assert upload.state == State.INVALID and "任务队列连不上" in text(page, f"/imports/{upload.pk}/")
    monkeypatch.undo()
    page.post(f"/imports/{upload.pk}/retry")
    upload = work(Upload.objects.get())
    assert upload.state == State.READY
    queue_down(monkeypatch)
    told = page.post(f"/imports/{upload.pk}/confirm", {"job": upload.job}, follow=True).content.decode()
    upload.refresh_from_db()
    assert "任务队列连不上" in told and upload.state == State.READY and upload.found["lines"]


def test_a_failure_while_importing_stores_nothing_and_is_said(
    page: Client, place: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = brought(page, orders("7001,2026-10-03,1,"))
    page.post(f"/imports/{upload.pk}/confirm", {"job": upload.job})

    monkeypatch.setattr("imports.checking._save", broken)
    with pytest.raises(RuntimeError):
        work(upload)
    upload.refresh_from_db()
    assert upload.state == State.INVALID and "意外" in upload.message
    assert not Order.objects.exists() and not ImportBatch.objects.exists()


def doing_first(act: Callable[[], object], then: Callable[..., Any]) -> Callable[..., Any]:
    def do(*args: Any, **given: Any) -> Any:
        act()
        return then(*args, **given)

    return do


def broken(*_: object, **__: object) -> None:
    raise RuntimeError("disk")


@pytest.mark.parametrize(("amount", "then"), [("1", checking._try), ("x", checking._try), ("1", broken)])
def test_an_upload_given_up_while_it_is_checked_stays_given_up(
    page: Client, place: Department, monkeypatch: pytest.MonkeyPatch, amount: str, then: Any
) -> None:
    send(page, orders(f"7001,2026-10-03,{amount},张三的地址"))
    upload = Upload.objects.get()
    discard = doing_first(lambda: page.post(f"/imports/{upload.pk}/discard"), then)
    monkeypatch.setattr(checking, "_try", discard)
    with suppress(RuntimeError):
        work(upload)
    upload.refresh_from_db()
    assert (upload.state, upload.found, upload.message) == (State.DISCARDED, {}, "")
    assert not files.errors_path_of(upload).exists()


def test_an_upload_given_up_as_a_worker_takes_it_is_not_checked(
    page: Client, place: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(page, orders("7001,2026-10-03,1,"))
    upload = Upload.objects.get()
    now = doing_first(lambda: page.post(f"/imports/{upload.pk}/discard"), timezone.now)
    monkeypatch.setattr(tasks, "timezone", SimpleNamespace(now=now))
    monkeypatch.setattr(checking, "check", broken)
    assert work(upload).state == State.DISCARDED


def test_an_upload_given_up_while_it_is_imported_stores_nothing(
    page: Client, place: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = brought(page, orders("7001,2026-10-03,1,"))
    page.post(f"/imports/{upload.pk}/confirm", {"job": upload.job})
    # Only where the lock was lost, and the worker not: a page counts it as dead.
    given_up = {"state": State.DISCARDED, "job": uuid.uuid4()}
    import_after = doing_first(lambda: Upload.objects.update(**given_up), checking.run_import)
    monkeypatch.setattr(checking, "run_import", import_after)
    work(upload)
    assert not Order.objects.exists() and not ImportBatch.objects.exists()


def test_leave_is_imported_where_the_upload_has_the_departments_number(
    page: Client, place: Department
) -> None:
    factories.staff(place, "1001")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '3s'")  # rather than wait for itself for ever
    send(page, "工号,开始日期,天数,类型\n1001,2026-10-03,1,事假\n")
    Upload.objects.update(id=place.pk)
    upload = work(Upload.objects.get())
    page.post(f"/imports/{upload.pk}/confirm", {"job": upload.job})
    assert work(upload).state == State.DONE
    assert Leave.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_checks_imports_and_takes_back(
    monkeypatch: pytest.MonkeyPatch, folder: Path, request: pytest.FixtureRequest, client: Client
) -> None:
    monkeypatch.setenv("UPLOAD_DIR", str(folder))
    request.getfixturevalue("worker_process")
    place = factories.department("A")
    client.force_login(factories.account("hr", place))
    send(client, orders("7001,2026-10-03,1,"))
    upload = Upload.objects.get()

    def reaches(state: str) -> Upload:
        deadline = time.monotonic() + 60
        while (row := Upload.objects.get()).state != state:
            assert time.monotonic() < deadline, (row.state, row.message)
            time.sleep(0.1)
        return row

    ready = reaches(State.READY)
    client.post(f"/imports/{upload.pk}/confirm", {"job": ready.job})
    batch = reaches(State.DONE).batch
    assert batch is not None
    assert Order.objects.count() == 1
    client.post(f"/imports/done/{batch.pk}/undo")
    deadline = time.monotonic() + 60
    while Order.objects.exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_old_files_go_and_what_was_never_finished_is_given_up(
    page: Client, place: Department, folder: Path
) -> None:
    done = imported(page, orders("7001,2026-10-03,1,")).upload
    left = brought(page, orders("7001,2026-10-03,x,"))
    assert files.errors_path_of(left).exists()
    Upload.objects.update(at=timezone.now() - timedelta(days=31))
    young = brought(page, orders("7002,2026-10-03,1,"))
    assert tasks.tidy() == 2
    assert [each.name for each in folder.iterdir()] == [young.stored_name]
    states = dict(Upload.objects.values_list("pk", "state"))
    assert (states[done.pk], states[left.pk]) == (State.DONE, State.DISCARDED)
    assert page.get(f"/imports/{done.pk}/file").status_code == 404
