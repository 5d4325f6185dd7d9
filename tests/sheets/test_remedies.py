"""What people are told to do never loses data: no row is deleted, no order file saved by another program."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READERS = ("sheets", "imports", "commissions/imports", "shifts/imports", "people", "penalties")
LOSING = re.compile(r"请(?:只保留|删去|删除|用 Excel|在 Excel)|或者删去|删去(?:这一列|其中一行|重复)")


@pytest.mark.parametrize("folder", READERS)
def test_no_remedy_deletes_rows_or_columns_or_opens_a_file_elsewhere(folder: str) -> None:
    told = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if LOSING.search(line) and "migrations" not in path.parts
    ]
    assert told == []
