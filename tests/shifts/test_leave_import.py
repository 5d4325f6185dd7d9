"""Leave in: what goes in, what a later file corrects, what is refused."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people.models import Department
from sheets.errors import SheetError
from shifts.models import Leave
from tests.shifts.conftest import Bring
from tests.shifts.days import pattern, rostered

HEADER = "工号,开始日期,结束日期,天数,类型,证明,批准"


def rows() -> list[tuple]:
    stored = Leave.objects.order_by("staff__number", "starts_on", "pk")
    return list(stored.values_list("staff__number", "starts_on", "days", "type", "certificate", "approved"))


def test_leave_is_stored(bring: Bring) -> None:
    done = bring(
        "leave", HEADER, "1001,2026-10-30,2026-11-02,3.5,病假,有,", "1002,2026-10-12,,1,轮休,,否"
    ).summary
    assert (done.created, done.months) == (2, {date(2026, 10, 1), date(2026, 11, 1)})
    assert rows() == [
        ("1001", date(2026, 10, 30), Decimal("3.50"), "sick", True, True),
        ("1002", date(2026, 10, 12), Decimal("1.00"), "rest", False, False),
    ]


def test_a_later_file_corrects_what_changed(bring: Bring) -> None:
    bring("leave", HEADER, "1001,2026-10-30,,3,病假,,", "1001,2026-10-12,,1,事假,,")
    done = bring("leave", HEADER, "1001,2026-10-30,,1,病假,有,", "1001,2026-10-12,,1.0,事假,,").summary
    assert (done.created, done.changed, done.unchanged) == (0, 1, 1)
    assert done.months == {date(2026, 10, 1), date(2026, 11, 1)}
    assert rows()[1] == ("1001", date(2026, 10, 30), Decimal(1), "sick", True, True)


def test_two_halves_of_a_day_may_be_of_two_types(bring: Bring) -> None:
    assert (
        bring("leave", HEADER, "1001,2026-10-12,,0.5,事假,,", "1001,2026-10-12,,0.5,病假,,").summary.created
        == 2
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1009,2026-10-12,,1,事假,,", "「工号」（1009）本部门没有此工号"),
        ("1002,2026-10-04,,1,事假,,", "「开始日期」（2026-10-04）1002 员工1002 在 2026-10-04 不在职"),
        ("1001,2026-02-31,,1,事假,,", "「开始日期」（2026-02-31）没有这一天"),
        ("1001,2026-10-12,,0,事假,,", "「天数」（0）"),
        ("1001,2026-10-12,,3天半,事假,,", "「天数」（3天半）不是数字"),
        ("1001,2026-10-12,2026-10-11,1,事假,,", "「结束日期」（2026-10-11）"),
        (
            "1001,2026-10-12,2026-10-12,2,事假,,",
            "「结束日期」（2026-10-12）2026-10-12 至 2026-10-12 没有 2 天",
        ),
        ("1001,2026-10-21,,1,事假,,", "「开始日期」（2026-10-21）与第 2 行重叠；请更正日期或天数"),
        ("1001,2026-10-20,,1,病假,,", "「开始日期」（2026-10-20）与第 2 行重叠"),
        ("1001,2026-10-08,,1,病假,,", "「开始日期」（2026-10-08）与2026-10-08 起的事假重叠"),
        ("1001,2026-10-12,,1,事假,也许,", "「证明」（也许）"),
    ],
)
def test_a_bad_row_is_named_and_nothing_changes(bring: Bring, row: str, said: str) -> None:
    bring("leave", HEADER, "1001,2026-10-08,,1,事假,,")
    before = rows()
    with pytest.raises(SheetError) as refused:
        bring("leave", HEADER, "1001,2026-10-20,,2,事假,,", row)
    assert f"第 3 行{said}" in str(refused.value)
    assert rows() == before


def test_leave_across_rest_overlaps_where_it_reaches(bring: Bring, department: Department) -> None:
    """Two days from the 16th, the 17th a day of rest: the 18th is taken, the 17th and 19th are not."""
    agent, work = department.staff.get(number="1001"), pattern(department)
    for day in (16, 17, 18, 19):
        rostered(agent, date(2026, 10, day), None if day == 17 else work)
    bring("leave", HEADER, "1001,2026-10-16,,2,事假,,")
    for line in ("1001,2026-10-18,,1,病假,,", "1001,2026-10-18,,0.5,年假,,"):
        with pytest.raises(SheetError, match="与2026-10-16 起的事假重叠"):
            bring("leave", HEADER, line)
    with pytest.raises(SheetError, match="与第 2 行重叠"):
        bring("leave", HEADER, "1001,2026-10-16,,2,事假,,", "1001,2026-10-18,,1,病假,,")
    assert bring("leave", HEADER, "1001,2026-10-19,,1,病假,,").summary.created == 1
    assert Leave.objects.count() == 2


def test_queries_do_not_grow_with_the_file(bring: Bring) -> None:
    counts = []
    for month, days in (("09", 2), ("10", 28)):
        lines = [f"1001,2026-{month}-{n:02},,1,事假,," for n in range(1, days + 1)]
        with CaptureQueriesContext(connection) as captured:
            bring("leave", HEADER, *lines)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_command_takes_the_file(department: Department, tmp_path: Path, capsys) -> None:
    path = tmp_path / "leave.csv"
    path.write_text(f"{HEADER}\n1001,2026-10-12,,1,事假,,\n", encoding="gb18030")
    call_command("import_leave", str(path), "--department=D1")
    assert "请假：leave.csv（格式 default）共 1 行，新增 1" in capsys.readouterr().out
