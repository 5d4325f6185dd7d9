"""Files that bring leave in halves of a day, and files that count natural days."""

from decimal import Decimal

from shifts.models import Attendance, Leave
from tests.shifts.conftest import Bring
from tests.shifts.test_daily_report import HEADER, line

LEAVE = "工号,开始日期,结束日期,天数,类型,半天"


def test_two_halves_in_one_row_of_a_report_are_a_day(bring: Bring) -> None:
    halves = "事假10-12 上午到10-12 上午 0.5天；事假10-12 下午到10-12 下午 0.5天"
    bring("attendance", HEADER, line(came="", left="", said="缺卡", approval=halves))
    assert sorted(Leave.objects.values_list("half", "days")) == [
        ("first", Decimal("0.5")),
        ("second", Decimal("0.5")),
    ]
    assert Attendance.objects.get().absent_days == 0


def test_the_other_half_in_a_later_report_is_added(bring: Bring) -> None:
    for half, absent in (("上午", Decimal("0.5")), ("下午", Decimal(0))):
        approval = f"事假10-12 {half}到10-12 {half} 0.5天"
        bring("attendance", HEADER, line(came="", left="", said="缺卡", approval=approval))
        assert Attendance.objects.get().absent_days == absent
    assert Leave.objects.count() == 2


def test_the_other_half_in_a_later_file_is_added_and_the_same_again_is_none(bring: Bring) -> None:
    bring("leave", LEAVE, "1001,2026-10-12,,0.5,事假,上午")
    done = bring("leave", LEAVE, "1001,2026-10-12,,0.5,事假,下午").summary
    assert (done.created, Leave.objects.count()) == (1, 2)
    done = bring("leave", LEAVE, "1001,2026-10-12,,0.5,事假,下午", "1001,2026-10-13,,1,事假,").summary
    assert (done.created, done.unchanged) == (1, 1)


def test_a_file_that_names_the_last_day_of_so_many_days_counted_natural_ones(bring: Bring) -> None:
    bring("leave", LEAVE, "1001,2026-10-16,2026-10-18,3,事假,", "1002,2026-10-16,2026-10-20,3,事假,")
    assert list(Leave.objects.order_by("staff__number").values_list("natural", flat=True)) == [True, False]
