"""Attachments: what is taken, where it lies, who may open it."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from files.errors import FileRefused
from files.models import Attachment
from files.services import attachment_add
from files.storage import files_tidy, path_of
from people.models import Department, Staff
from tests import factories
from tests.factories import WHEN

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
PDF = b"%PDF-1.7\n" + b"0" * 40
PAGE = b"<html><script>alert(1)</script></html>"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.ATTACHMENT_DIR = tmp_path / "attachments"
    return settings.ATTACHMENT_DIR


def add(staff: Staff, content: bytes = PNG, name: str = "截图.png", purpose: str = "handover") -> Attachment:
    file = SimpleUploadedFile(name, content)
    return attachment_add(staff=staff, purpose=purpose, content=file, by=None, at=WHEN)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0" + b"0" * 40, "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 " + b"0" * 40, "image/webp"),
        (PDF, "application/pdf"),
    ],
)
def test_the_content_says_what_a_file_is(department: Department, content: bytes, found: str) -> None:
    row = add(department.staff.get(number="1001"), content, "任意.exe")
    assert row.type == found
    assert path_of(row).read_bytes() == content
    assert len(row.stored_name) == 32 and "任意" not in row.stored_name


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (PAGE, "假.png", "“假.png”的内容不是"),
        (b"GIF89a" + b"0" * 40, "动.gif", "请换成这几种再传"),
        (b"RIFF\x00\x00\x00\x00WAVE" + b"0" * 40, "声.webp", "的内容不是"),
        (b" " + PDF, "前有空格.pdf", "的内容不是"),
        (b"", "空.png", "是空文件"),
        (PNG + b"0" * (1 << 20), "大.png", "超过1MB"),
    ],
)
def test_a_wrong_content_is_refused_and_nothing_is_kept(
    department: Department, settings: Any, folder: Path, content: bytes, name: str, said: str
) -> None:
    settings.ATTACHMENT_MAX_BYTES = 1 << 20
    with pytest.raises(FileRefused, match=said):
        add(department.staff.get(number="1001"), content, name)
    assert not Attachment.objects.exists()
    assert not folder.exists()


def test_a_picture_is_shown_and_a_pdf_is_downloaded_and_neither_is_guessed_at(
    client: Client, department: Department
) -> None:
    agent = department.staff.get(number="1001")
    client.force_login(factories.account("agent", staff=agent))
    picture = client.get(reverse("attachment", args=[add(agent).stored_name]))
    assert picture["Content-Type"] == "image/png"
    assert picture["Content-Disposition"].startswith("inline")
    assert b"".join(picture) == PNG
    pdf = client.get(reverse("attachment", args=[add(agent, PDF, "单.pdf").stored_name]))
    assert pdf["Content-Disposition"].startswith("attachment")
    for response in (picture, pdf):
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cache-Control"] == "private, no-store"


def test_who_opens_what(client: Client, department: Department) -> None:
    """A handover: colleagues. A report: supervisor, manager. A certificate: also hr. Nobody of elsewhere."""
    agent, colleague = department.staff.order_by("number")
    elsewhere = factories.department()
    lead = factories.staff(department, team=factories.team(department), role="lead")
    seeing = factories.account("lead", staff=lead)
    seeing.groups.add(factories.account("auditor").groups.get())
    accounts = {
        "lead of another team, and auditor": seeing,
        "own": factories.account("agent", staff=agent),
        "colleague": factories.account("agent", staff=colleague),
        "supervisor": factories.account("supervisor", department),
        "manager": factories.account("manager", department),
        "hr": factories.account("hr", department),
        "other agent": factories.account("agent", staff=factories.staff(elsewhere)),
        "other manager": factories.account("manager", elsewhere),
    }
    expected = {
        "handover": {"own", "colleague", "supervisor", "manager", "hr", "lead of another team, and auditor"},
        "duty": {"own", "supervisor", "manager"},
        "certificate": {"own", "supervisor", "manager", "hr"},
    }
    for purpose, may in expected.items():
        row = add(agent, purpose=purpose)
        for name, account in accounts.items():
            client.force_login(account)
            status = client.get(reverse("attachment", args=[row.stored_name])).status_code
            assert status == (200 if name in may else 404), (purpose, name)


def test_a_file_that_is_gone_is_not_found(client: Client, department: Department) -> None:
    agent = department.staff.get(number="1001")
    row = add(agent)
    path_of(row).unlink()
    client.force_login(factories.account("agent", staff=agent))
    assert client.get(reverse("attachment", args=[row.stored_name])).status_code == 404


def test_a_row_stays_as_it_is(department: Department) -> None:
    add(department.staff.get(number="1001"))
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        Attachment.objects.update(type="application/pdf")


def test_files_that_no_row_knows_are_removed_after_a_day(department: Department, folder: Path) -> None:
    row = add(department.staff.get(number="1001"))
    old, fresh = folder / "old", folder / "fresh"
    for path, age in ((old, timedelta(days=2)), (fresh, timedelta(hours=1)), (path_of(row), timedelta(9))):
        path.touch()
        moment = (WHEN - age).timestamp()
        os.utime(path, (moment, moment))
    assert files_tidy(at=WHEN) == 1
    assert not old.exists() and fresh.exists() and path_of(row).exists()
