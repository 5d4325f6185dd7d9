"""Incident lists: all or nothing, every bad row with its remedy, the same row only once."""

from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from penalties.models import Incident, MoneyEntry
from people.models import Alias, FactChange, ImportBatch, Staff

HEADER = "工号,日期,条款,次数,数量,金额,说明\n"


def imported(tmp_path: Path, rows: str, *options: str, name: str = "incidents.csv") -> str:
    path = tmp_path / name
    path.write_text(HEADER + rows, encoding="gb18030")
    lines: list[str] = []

    class Output:
        def write(self, text: str) -> None:
            lines.append(text)

    call_command("import_incidents", str(path), "--department", "D1", *options, stdout=Output())
    return "\n".join(lines)


def test_rows_become_incidents_that_wait_for_confirmation(agent: Staff, tmp_path: Path) -> None:
    rows = (
        "1001,2026-10-05,x-complaint,,,,截图\n"
        "1001,2026-10-06,视情节罚款,,,88.50,\n"
        "1001,2026-10-06,x-joint,2,,,\n"
    )
    assert "新增 3" in imported(tmp_path, rows)
    states = dict(Incident.objects.values_list("code", "state"))
    assert states == {"x-complaint": "recorded", "x-range": "recorded", "x-joint": "confirmed"}
    assert [entry.amount for entry in MoneyEntry.objects.all()] == [-40]


def test_confirm_makes_all_of_them_count(agent: Staff, tmp_path: Path) -> None:
    imported(tmp_path, "1001,2026-10-05,x-complaint,2,,,\n", "--confirm")
    assert [entry.amount for entry in MoneyEntry.objects.all()] == [-150]
    assert FactChange.objects.filter(source="incident", month=date(2026, 10, 1)).exists()


def test_every_bad_row_is_named_and_nothing_is_stored(agent: Staff, tmp_path: Path) -> None:
    rows = (
        "1001,2026-10-05,x-joint,,,,\n"
        "1009,2026-10-05,x-joint,,,,\n"
        "1001,2026-10-05,x-nothing,,,,\n"
        "1001,2026-10-05,x-range,,,1000.01,\n"
        "1001,2026-02-31,x-joint,,,,\n"
        "1001,2026-10-05,x-joint,0,,,\n"
        "1001,2126-10-05,x-joint,,,,\n"
        "1001,2026-10-05,x-slow,,,,\n"
    )
    with pytest.raises(CommandError) as refused:
        imported(tmp_path, rows)
    said = str(refused.value)
    for expected in (
        "第 3 行「工号」（1009）",
        "第 4 行「条款」（x-nothing）",
        "第 5 行「金额」（1000.01）",
        "第 6 行「日期」",
        "第 7 行「次数」",
        "第 8 行「日期」",
        "第 9 行「数量」",
    ):
        assert expected in said
    assert not Incident.objects.exists()
    assert not ImportBatch.objects.filter(kind="incidents").exists()


def test_the_same_file_twice_changes_nothing(agent: Staff, tmp_path: Path) -> None:
    rows = "1001,2026-10-05,x-joint,,,,\n"
    imported(tmp_path, rows)
    assert "没有改动任何数据" in imported(tmp_path, rows)
    assert Incident.objects.count() == 1


def test_a_longer_list_adds_only_its_new_rows(agent: Staff, tmp_path: Path) -> None:
    rows = "1001,2026-10-05,x-range,,,88.50,\n" * 2
    imported(tmp_path, rows)
    assert Incident.objects.count() == 2
    longer = "1001,2026-10-05,x-range,,,88.5,\n" * 3
    assert "新增 1，变更 0，未变 2" in imported(tmp_path, longer, name="longer.csv")
    assert Incident.objects.count() == 3


def test_a_dry_run_stores_nothing(agent: Staff, tmp_path: Path) -> None:
    assert "试运行" in imported(tmp_path, "1001,2026-10-05,x-joint,,,,\n", "--dry-run")
    assert not Incident.objects.exists()
    assert not MoneyEntry.objects.exists()


def test_a_row_by_another_name_is_the_row_by_number(agent: Staff, tmp_path: Path) -> None:
    """The person is meant who had the name on the day of the row; nothing is recorded twice."""
    imported(tmp_path, "1001,2026-10-05,x-complaint,,,,截图\n")
    path = tmp_path / "by-name.csv"
    path.write_text("旺旺,日期,条款,说明\n演示店:小一,2026-10-05,x-complaint,截图\n", encoding="gb18030")
    given = ("import_incidents", str(path), "--department", "D1")
    with pytest.raises(CommandError, match="演示店:小一”是谁"):
        call_command(*given)
    call_command(*given, "--answer", "person:演示店:小一=1001")
    assert Incident.objects.count() == 1
    alias = Alias.objects.get()
    assert (alias.text, alias.staff, alias.first_day) == ("演示店:小一", agent, date(2026, 10, 5))
