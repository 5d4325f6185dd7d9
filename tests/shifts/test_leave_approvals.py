"""Approvals of leave as they are exported, and leave by the hour in HR's own lists."""

from datetime import date
from decimal import Decimal

import pytest

from people.models import Department
from sheets.errors import SheetError
from sheets.questions import QuestionsOpen
from shifts.models import Leave, Outing
from tests.shifts.conftest import Bring
from tests.shifts.days import moment, pattern, rostered

HEADER = "审批编号,标题,审批状态,审批结果,发起人工号,发起人姓名,发起人部门,请假类型,开始时间,结束时间,时长"
HEADER += ",请假事由"
DAY = date(2026, 10, 9)


def approval(
    start: str,
    end: str,
    length: str,
    kind: str = "事假",
    state: str = "已完成",
    result: str = "同意",
    number: str = "1001",
) -> str:
    return (
        f"2026100800001,请假,{state},{result},{number},员工{number},客服部,{kind},{start},{end},{length},私事"
    )


def rows() -> list[tuple]:
    return list(
        Leave.objects.order_by("staff__number", "starts_on", "starts_at").values_list(
            "staff__number", "starts_on__day", "type", "days", "half"
        )
    )


def test_what_was_granted_goes_in(bring: Bring) -> None:
    done = bring(
        "leave",
        HEADER,
        approval("2026-10-09 上午", "2026-10-09 下午", "1"),
        approval("2026-10-12 下午", "2026-10-12 下午", "0.5", "年假"),
        approval("2026-10-09 14:00", "2026-10-09 18:00", "0.5", "病假", "已撤销", "", "1002"),
        approval("2026-10-09 上午", "2026-10-09 下午", "1", "病假", "已完成", "拒绝", "1002"),
        approval("2026-10-09 上午", "2026-10-09 下午", "1", "病假", "审批中", "", "1002"),
        approval("2026-10-09 上午", "2026-10-09 下午", "1", number="88001"),
    ).summary
    assert rows() == [
        ("1001", 9, "personal", Decimal(1), ""),
        ("1001", 12, "annual", Decimal("0.5"), "second"),
    ]
    assert done.notes == (
        "已撤销的审批单 1 行没有导入（第 4 行）。",
        "拒绝的审批单 1 行没有导入（第 5 行）。",
        "审批中的审批单 1 行没有导入（第 6 行）。",
        "不是本部门的人：员工88001 1 行没有导入（第 7 行）。",
    )
    assert done.totals == (("人", "1 人"), ("事假", "1 天"), ("年假", "0.5 天"))


def test_hours_and_several_on_a_day(bring: Bring, department: Department) -> None:
    rostered(department.staff.get(number="1001"), DAY, pattern(department))
    bring(
        "leave",
        HEADER,
        approval("2026-10-09 08:30", "2026-10-09 10:30", "2小时"),
        approval("2026-10-09 15:30", "2026-10-09 17:30", "2"),
    )
    leaves = Leave.objects.order_by("starts_at").values_list("days", "starts_at", "ends_at")
    assert list(leaves) == [
        (Decimal("0.25"), moment(DAY, "08:30"), moment(DAY, "10:30")),
        (Decimal("0.25"), moment(DAY, "15:30"), moment(DAY, "17:30")),
    ]
    with pytest.raises(SheetError, match="与2026-10-09 起的事假重叠"):
        bring("leave", HEADER, approval("2026-10-09 10:00", "2026-10-09 11:00", "1小时", "病假"))
    assert Leave.objects.count() == 2


def test_a_length_that_may_be_days_or_hours_is_asked(bring: Bring) -> None:
    line = approval("2026-10-09 09:00", "2026-10-09 12:00", "1")
    with pytest.raises(QuestionsOpen, match="「时长」的单位是天还是小时？"):
        bring("leave", HEADER, line)
    assert not Leave.objects.exists()
    bring("leave", HEADER, line, answers={"leave_unit:时长": "hour"})
    assert Leave.objects.get().days == Decimal("0.13")


def test_a_state_that_nobody_knows_is_asked(bring: Bring) -> None:
    line = approval("2026-10-09 上午", "2026-10-09 下午", "1", state="归档", result="")
    with pytest.raises(QuestionsOpen, match="审批单写着“归档”，算不算批准？"):
        bring("leave", HEADER, line)
    granted = approval("2026-10-12 上午", "2026-10-12 下午", "1")
    bring("leave", HEADER, line, granted, answers={"approval:归档": "void"})
    assert [day for _, day, *_ in rows()] == [12]


def test_the_report_and_the_approvals_tell_of_one_leave(bring: Bring) -> None:
    report = "姓名,工号,日期,班次,上班1打卡时间,上班1打卡结果,下班1打卡时间,下班1打卡结果,关联的审批单"
    said = "事假10-09 08:30到10-09 12:30 4小时"
    bring("attendance", report, f"员工1001,1001,26-10-09,白班 08:30-17:30,12:28,请假,17:31,正常,{said}")
    done = bring("leave", HEADER, approval("2026-10-09 08:30", "2026-10-09 12:30", "4小时"))
    assert (done.summary.created, done.summary.unchanged, Leave.objects.count()) == (0, 1, 1)


def test_what_is_no_leave_by_the_departments_word(bring: Bring, department: Department) -> None:
    rostered(department.staff.get(number="1001"), DAY, pattern(department))
    line = approval("2026-10-09 上午", "2026-10-09 下午", "1", "培训")
    with pytest.raises(QuestionsOpen, match="“培训”是哪一种假？"):
        bring("leave", HEADER, line)
    bring("leave", HEADER, line, answers={"leave_type:培训": "outing"})
    assert Outing.objects.get().leaves_at == moment(DAY, "08:30")
    assert not Leave.objects.exists()


def test_a_list_of_ones_own_may_be_in_hours(bring: Bring) -> None:
    bring(
        "leave",
        "工号,开始时间,结束时间,时长(小时),类型",
        "1001,2026-10-09 09:00,2026-10-09 13:00,4,事假",
        "1001,2026-10-12 09:00,2026-10-12 18:00,8,病假",
    )
    assert [(day, kind, days) for _, day, kind, days, _ in rows()] == [
        (9, "personal", Decimal("0.5")),
        (12, "sick", Decimal(1)),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (approval("2026-10-09 上午", "2026-10-08 下午", "1"), "「结束时间」（2026-10-08）结束早于开始"),
        (
            approval("2026-10-09 12:00", "2026-10-09 09:00", "1"),
            "「结束时间」（2026-10-09 09:00）结束早于开始",
        ),
        (approval("2026-10-09 上午", "2026-10-09 下午", "2天"), "2026-10-09 至 2026-10-09 没有 2 天"),
        (approval("2026-10-09 09:00", "2026-10-09 10:00", "3小时"), "没有 3 小时"),
        (approval("2026-02-31 上午", "2026-10-09 下午", "1"), "「开始时间」（2026-02-31 上午）没有这一天"),
        (approval("2026-10-09 上午", "2026-10-09 下午", "9" * 40), "时长太长；请更正时长"),
        (approval("2026-10-09 上午", "2026-10-09 下午", "一天"), "「时长」（一天）不是数字"),
    ],
)
def test_a_bad_row_is_named_and_nothing_changes(bring: Bring, line: str, said: str) -> None:
    with pytest.raises(SheetError) as refused:
        bring("leave", HEADER, approval("2026-10-12 上午", "2026-10-12 下午", "1"), line)
    assert "第 3 行" in str(refused.value) and said in str(refused.value)
    assert not Leave.objects.exists()


def test_leave_of_natural_days_from_moment_to_moment_is_every_day_between(bring: Bring) -> None:
    """From Friday to Tuesday: of leave that counts working days three, of maternity leave all five."""
    span = ("2026-10-16 09:00", "2026-10-20 18:00", "")
    bring("leave", HEADER, approval(*span, "产假"), approval(*span, "事假", number="1002"))
    assert rows() == [
        ("1001", 16, "maternity", Decimal(5), ""),
        ("1002", 16, "personal", Decimal(3), ""),
    ]
