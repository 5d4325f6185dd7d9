"""Files brought as the form brings them, and the work of a worker done at once."""

import uuid
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from imports import tasks
from imports.models import Upload
from people.models import Department, ImportBatch

ORDERS = "订单号,付款时间,金额,备注\n{}"
State = Upload.State


def orders(*rows: str) -> str:
    return ORDERS.format("\n".join(rows))


def send(client: Client, content: str | bytes, name: str = "表.csv", **more: Any) -> Any:
    """Upload a file as the form does."""
    raw = content.encode() if isinstance(content, str) else content
    given = {"file": SimpleUploadedFile(name, raw), "key": str(uuid.uuid4()), **more}
    if "department" not in given:
        given["department"] = Department.objects.get(code="A").pk
    return client.post("/imports/", given)


def work(upload: Upload) -> Upload:
    """What a worker does with what is queued."""
    upload.refresh_from_db()
    task = tasks.check if upload.state == State.CHECKING else tasks.store
    task(upload.pk, str(upload.job), upload.by_id)
    upload.refresh_from_db()
    return upload


def brought(client: Client, content: str | bytes, name: str = "表.csv") -> Upload:
    """An uploaded file after its check."""
    response = send(client, content, name)
    assert response.status_code == 302, response.content.decode()
    return work(Upload.objects.latest("pk"))


def imported(client: Client, content: str, name: str = "表.csv") -> ImportBatch:
    upload = brought(client, content, name)
    assert upload.state == State.READY, (upload.state, upload.message, upload.found)
    client.post(f"/imports/{upload.pk}/confirm", {"job": upload.job})
    upload = work(upload)
    assert upload.state == State.DONE and upload.batch, (upload.state, upload.message, upload.found)
    return upload.batch


def text(client: Client, url: str) -> str:
    response = client.get(url, follow=True)
    assert response.status_code == 200
    return response.content.decode()
