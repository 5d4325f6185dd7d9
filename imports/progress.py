"""How far a worker is with an upload, told twice a second while it works on it."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.runs import Run
from imports.models import Upload
from sheets.table import Table


class Progress:
    """At which step and row the work is."""

    def __init__(self) -> None:
        self.step = "打开文件"
        self.table: Table | None = None

    def watch(self, table: Table) -> None:
        """Count the rows of this table from now on."""
        self.table, self.step = table, "读取各行"

    @contextmanager
    def told(self, run: Run, upload: Upload) -> Iterator["Progress"]:
        """Tell it of the upload while the work inside goes on."""

        def tell() -> None:
            run.tell(Upload, upload.pk, step=self.step, rows_read=self.table.read_to if self.table else 0)

        with run.telling(tell):
            yield self
