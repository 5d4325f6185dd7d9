"""Where attachments lie: a folder outside everything that is served, under random names."""

import secrets
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from files.errors import FileRefused
from files.models import Attachment

Type = Attachment.Type
HEAD = 16
KEPT = timedelta(days=1)  # a file that no row knows may belong to a request that is still under way


def path_of(attachment: Attachment) -> Path:
    return Path(settings.ATTACHMENT_DIR) / attachment.stored_name


def type_of(head: bytes) -> Type | None:
    """What the first bytes of a file say that it is; its name says nothing."""
    if head.startswith(b"\xff\xd8\xff"):
        return Type.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Type.PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Type.WEBP
    if head.startswith(b"%PDF-"):
        return Type.PDF
    return None


def check_file(content: UploadedFile) -> Type:
    """The type of an uploaded file; FileRefused where it is empty, too large, or no picture and no PDF."""
    name, size = content.name or "文件", content.size or 0
    if not size:
        raise FileRefused(f"“{name}”是空文件；请重新选择文件")
    if size > settings.ATTACHMENT_MAX_BYTES:
        most = settings.ATTACHMENT_MAX_BYTES >> 20
        raise FileRefused(f"“{name}”超过{most}MB；请压缩或截图后再传")
    content.seek(0)
    found = type_of(content.read(HEAD))
    content.seek(0)
    if found is None:
        raise FileRefused(f"“{name}”的内容不是JPEG、PNG、WebP图片或PDF；请换成这几种再传")
    return found


def file_store(content: UploadedFile) -> str:
    """Write the content under a new random name, which is returned; only this process's user can read it."""
    folder = Path(settings.ATTACHMENT_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = secrets.token_hex(16)
    path = folder / name
    with path.open("xb") as file:
        path.chmod(0o600)
        for chunk in content.chunks():
            file.write(chunk)
    return name


def files_tidy(*, at: datetime) -> int:
    """Remove files of which no row tells: a request that failed, a row that was taken away. How many."""
    folder = Path(settings.ATTACHMENT_DIR)
    if not folder.exists():
        return 0
    known = set(Attachment.objects.values_list("stored_name", flat=True))
    removed = 0
    for path in folder.iterdir():
        if path.name not in known and path.stat().st_mtime < (at - KEPT).timestamp():
            path.unlink(missing_ok=True)
            removed += 1
    return removed
