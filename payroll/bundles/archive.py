"""The archive of a bundle: the paper, the files that it names, and the SHA-256 of each."""

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils import timezone

from files.models import Attachment
from files.storage import path_of

PAPER, HASHES = "材料.pdf", "sha256.txt"
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")
NAME_LENGTH = 100


@dataclass(frozen=True, slots=True)
class BundledFile:
    """A file of the archive; `content` is None where it is gone from the disk."""

    name: str
    content: bytes | None
    is_picture: bool = False

    @property
    def digest(self) -> str:
        """Its SHA-256, by which it can be told from another."""
        return "" if self.content is None else sha256(self.content).hexdigest()


def files_of(attachments: Iterable[Attachment]) -> list[BundledFile]:
    """What was attached, under numbered names, each once, in order."""
    rows = sorted({each.pk: each for each in attachments}.values(), key=lambda each: each.pk)
    found = []
    for place, row in enumerate(rows, start=1):
        try:
            content: bytes | None = path_of(row).read_bytes()
        except FileNotFoundError:
            content = None
        name = _UNSAFE.sub("_", row.file_name)[-NAME_LENGTH:]
        found.append(BundledFile(f"附件/{place:02}-{name}", content, row.is_picture))
    return found


def archive(paper: bytes, files: Iterable[BundledFile], *, at: datetime) -> bytes:
    """A ZIP of the paper, its files, and `sha256.txt`, which `sha256sum -c` checks them by."""
    there = [BundledFile(PAPER, paper), *(each for each in files if each.content is not None)]
    hashes = "".join(f"{each.digest}  {each.name}\n" for each in there)
    moment = timezone.localtime(at).timetuple()[:6]
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as target:
        for each in [*there, BundledFile(HASHES, hashes.encode())]:
            info = ZipInfo(each.name, date_time=moment)
            info.compress_type = ZIP_DEFLATED
            target.writestr(info, each.content or b"")
    return out.getvalue()
