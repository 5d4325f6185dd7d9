"""Metrics in: percent texts, periods, what is in force and what is refused."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commissions.metrics import metrics_in_force
from commissions.models import Metric
from people.models import Department, FactChange, Staff
from sheets.errors import SheetError
from sheets.questions import QuestionsOpen
from tests.commissions.conftest import Bring

WIDE = "日期范围,客服工号,旺旺,询单->最终付款转化率,首次响应时间(秒)"
LONG = "工号,指标,数值,月份,截至日期"


def values() -> list[tuple]:
    rows = Metric.objects.order_by("pk").values_list("staff__number", "code", "value", "as_of")
    return [(number, code, value.normalize(), f"{as_of}") for number, code, value, as_of in rows]


def held() -> dict[str, Decimal]:
    """The conversion rate that holds for October, by number."""
    department = Department.objects.get()
    rows = metrics_in_force(department, [date(2026, 10, 1)]).values()
    return {
        row.staff.number: row.value.normalize() for row in rows if row.code == "conversion_rate" and row.staff
    }


def test_a_performance_export_gives_its_month_its_values(bring: Bring) -> None:
    done = bring("metrics", WIDE, "2026-10-01~2026-10-31,1001,x,72.41%,8", encoding="gb18030").summary
    assert (done.rows, done.created, done.months) == (1, 2, {date(2026, 10, 1)})
    assert values() == [
        ("1001", "conversion_rate", Decimal("0.7241"), "2026-10-31"),
        ("1001", "first_response_seconds", Decimal(8), "2026-10-31"),
    ]
    assert Metric.objects.first().source == "客服绩效工具导出"
    assert FactChange.objects.filter(source="metrics").count() == 1


def test_only_values_that_differ_from_those_in_force_are_stored(bring: Bring) -> None:
    bring("metrics", WIDE, "2026-10-01~2026-10-31,1001,x,72.41%,8")
    row = "2026-10-01~2026-10-31,1001,x,72.4100%,9"
    done = bring("metrics", WIDE, row, answers={"overlap:2026-10": "new"}).summary
    assert (done.created, done.unchanged) == (1, 1)
    assert values()[2:] == [("1001", "first_response_seconds", Decimal(9), "2026-10-31")]


def test_a_value_as_of_an_earlier_day_does_not_replace_a_later_one_and_both_are_told(bring: Bring) -> None:
    bring("metrics", LONG, "1001,转化率,72%,2026-10,2026-10-31")
    done = bring("metrics", LONG, "1001,转化率,60%,2026-10,2026-10-15").summary
    assert (done.created, done.months) == (0, frozenset())
    assert done.notes == (
        "1 个数值截至的日期早于现有的，没有采用：1001 员工1001 询单转化率 "
        "原 72%（截至 2026-10-31）现 60%（截至 2026-10-15）。",
    )


def test_a_part_of_the_month_is_asked_and_never_holds_for_it_unless_said_so(bring: Bring) -> None:
    bring("metrics", WIDE, "2026-10-01~2026-10-31,1001,x,65%,8")
    day = (WIDE, "2026-10-31~2026-10-31,1001,x,90%,")
    with pytest.raises(QuestionsOpen, match="1001 员工1001 询单转化率：整月 65%，这份 90%"):
        bring("metrics", *day)
    assert held() == {"1001": Decimal("0.65")}
    key = "part:2026-10-31~2026-10-31"
    done = bring("metrics", *day, answers={key: "part"}).summary
    assert (done.created, done.months) == (1, frozenset())
    assert held() == {"1001": Decimal("0.65")}
    part = Metric.objects.get(part__isnull=False)
    assert (part.value, part.part.lower, part.part.upper) == (
        Decimal("0.9"),
        date(2026, 10, 31),
        date(2026, 11, 1),
    )
    bring("metrics", WIDE, "2026-10-31,1001,x,88%,", answers={key: "month"})
    assert held() == {"1001": Decimal("0.88")}


def test_a_part_that_has_all_the_days_of_a_person_is_the_months(bring: Bring) -> None:
    Staff.objects.filter(number="1001").update(hired_on=date(2026, 10, 20), joined_on=date(2026, 10, 20))
    bring("metrics", WIDE, "2026-10-20~2026-10-31,1001,x,65%,")
    assert held() == {"1001": Decimal("0.65")}
    Staff.objects.filter(number="1002").update(left_on=date(2026, 10, 9))
    bring("metrics", WIDE, "2026-10-01~2026-10-15,1002,x,70%,")
    assert held() == {"1001": Decimal("0.65"), "1002": Decimal("0.7")}


def test_several_parts_of_a_month_are_kept_beside_it_without_a_question(bring: Bring) -> None:
    rows = ("2026-10-01,1001,x,50%,", "2026-10-02,1001,x,60%,", "2026-10-02,1002,x,70%,")
    done = bring("metrics", WIDE, *rows).summary
    assert (done.created, done.months, held()) == (3, frozenset(), {})
    assert done.notes == ("2026-10-01、2026-10-02 的数值只是一段的，另外存着，不代替整月的。",)


def test_the_period_is_read_from_the_title_or_the_files_name_or_asked(bring: Bring, tmp_path: Path) -> None:
    rows = ("客服工号,转化率", "1001,65%")
    with pytest.raises(QuestionsOpen, match=r"period:metrics\.csv"):
        bring("metrics", *rows)
    with pytest.raises(SheetError, match="回答的时段“十月”不是日期"):
        bring("metrics", *rows, answers={"period:metrics.csv": "十月"})
    bring("metrics", *rows, answers={"period:metrics.csv": "2026-08"})
    bring("metrics", "统计周期：2026-09-01 至 2026-09-30", *rows)
    named = tmp_path / "客服绩效_2026-10-01至2026-10-31.csv"
    named.write_text("\n".join([*rows, ""]), encoding="utf-8-sig")
    bring("metrics", file=named)
    months = Metric.objects.order_by("month").values_list("month", "as_of")
    assert [f"{month} {as_of}" for month, as_of in months] == [
        "2026-08-01 2026-08-31",
        "2026-09-01 2026-09-30",
        "2026-10-01 2026-10-31",
    ]


def test_a_second_file_that_says_something_else_of_the_month_is_asked_with_both_values(bring: Bring) -> None:
    bring("metrics", WIDE, "2026-10-01~2026-10-31,1001,x,65%,8")
    other = (WIDE, "2026-10-01~2026-10-31,1001,x,66%,8", "2026-10-01~2026-10-31,1002,x,70%,9")
    with pytest.raises(QuestionsOpen, match="询单转化率：原 65%（客服绩效工具导出），这份 66%"):
        bring("metrics", *other)
    assert held() == {"1001": Decimal("0.65")}
    bring("metrics", *other, answers={"overlap:2026-10": "old"})
    assert held() == {"1001": Decimal("0.65"), "1002": Decimal("0.7")}
    report = bring("metrics", *other[:2], answers={"overlap:2026-10": "new"})
    assert "原 65%（截至 2026-10-31）现 66%（截至 2026-10-31）" in "".join(report.lines())
    assert held()["1001"] == Decimal("0.66")


def test_long_tables_have_one_value_a_row(bring: Bring) -> None:
    bring("metrics", LONG, "1001,考核得分,85.5,2026-10,2026-11-02", "1002,转化率,70%,2026-10,")
    assert values() == [
        ("1001", "appraisal_score", Decimal("85.5"), "2026-11-02"),
        ("1002", "conversion_rate", Decimal("0.7"), "2026-10-31"),
    ]


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [
        (WIDE, "2026-10-01~2026-10-31,1009,x,70%,8", "「客服工号」（1009）本部门没有此工号"),
        (
            WIDE,
            "2026-10-01~2026-11-30,1001,x,70%,8",
            "「日期范围」（2026-10-01~2026-11-30）跨了两个月；请按月分别导出",
        ),
        (WIDE, "2026-10-01~2026-10-31,1001,x,72.41,8", "没有百分号"),
        (WIDE, "2026-10-01~2026-10-31,1002,x,70%,8", "与第 2 行是同一人同一月的同一指标"),
        (LONG, "1001,考核得分,很好,2026-10,", "「数值」（很好）"),
        (LONG, "1001,考核得分,9999999999999,2026-10,", "数值太大"),
        (LONG, f"1001,{'x' * 33},1,2026-10,", "超过 32 个字"),
        (LONG, "1001,考核得分,1,2026-13,", "「月份」（2026-13）"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_stored(bring: Bring, header: str, row: str, said: str) -> None:
    good = {WIDE: "2026-10-01~2026-10-31,1002,x,71%,8", LONG: "1002,考核得分,80,2026-10,"}[header]
    with pytest.raises(SheetError) as refused:
        bring("metrics", header, good, row)
    assert "第 3 行" in str(refused.value) and said in str(refused.value)
    assert not Metric.objects.exists()


def test_queries_do_not_grow_with_the_file(bring: Bring) -> None:
    counts = []
    for codes in (2, 60):
        with CaptureQueriesContext(connection) as captured:
            bring("metrics", LONG, *(f"1001,own_{codes}_{n},1,2026-10," for n in range(codes)))
        counts.append(len(captured))
    assert counts[0] == counts[1]
