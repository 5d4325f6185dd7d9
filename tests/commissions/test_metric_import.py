"""Metrics in: percent texts, periods, what is in force and what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commissions.models import Metric
from people.models import FactChange
from sheets.errors import SheetError
from tests.commissions.conftest import Bring

WIDE = "日期范围,客服工号,旺旺,询单->最终付款转化率,首次响应时间(秒)"
LONG = "工号,指标,数值,月份,截至日期"


def values() -> list[tuple]:
    rows = Metric.objects.order_by("pk").values_list("staff__number", "code", "value", "as_of")
    return [(number, code, value.normalize(), f"{as_of}") for number, code, value, as_of in rows]


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
    done = bring("metrics", WIDE, "2026-10-01~2026-10-31,1001,x,72.4100%,9").summary
    assert (done.created, done.unchanged) == (1, 1)
    assert values()[2:] == [("1001", "first_response_seconds", Decimal(9), "2026-10-31")]


def test_a_value_as_of_an_earlier_day_does_not_replace_a_later_one(bring: Bring) -> None:
    bring("metrics", WIDE, "2026-10-01~2026-10-31,1001,x,72%,8")
    done = bring("metrics", WIDE, "2026-10-01~2026-10-15,1001,x,60%,8").summary
    assert (done.created, done.months) == (0, frozenset())


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
