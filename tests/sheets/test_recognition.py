"""Files that look alike: what is characteristic decides; what is close is asked."""

import io

import pytest

from sheets.loading import SHEET_KINDS
from sheets.recognition import Recognised, recognise


def recognised(header: str, row: str) -> Recognised:
    return recognise(io.BytesIO(f"{header}\n{row}\n".encode()), kinds=SHEET_KINDS, mappings={})


@pytest.mark.parametrize(
    ("header", "row", "name"),
    [
        # Lists of people and of what they are paid.
        ("工号,姓名,部门,岗位,入职日期,基本工资", "1,某,客服部,客服,2024-01-01,3000", "staff.default"),
        (
            "序号,工号,姓名,职务,职级,入职时间,手机",
            "1,1,某,客服,中级,2024-01-01,1",
            "staff.default",
        ),
        # Days of work, of leave, and what came of them.
        ("工号,姓名,日期,迟到分钟,早退分钟,旷工天数", "1,某,2026-10-09,5,0,0", "attendance.default"),
        ("工号,姓名,日期,班次,上班1打卡时间,下班1打卡时间", "1,某,2026-10-09,休息,,", "attendance.dingtalk"),
        ("姓名,工号,部门,打卡时间,打卡地点", "某,1,客服部,2026-10-09 08:22,某地", "attendance.punches"),
        ("工号,姓名,开始日期,结束日期,天数,类型", "1,某,2026-10-09,2026-10-09,1,事假", "leave.default"),
        ("工号,姓名,条款,日期,次数,说明", "1,某,迟到,2026-10-09,1,", "incidents.default"),
        # Orders, and whose they are.
        ("订单号,付款时间,金额,备注", "1,2026-10-09 10:00,1,1001", "orders.generic"),
        ("订单编号,落实客服工号,付款时间,付款金额", "1,1001,2026-10-09 10:00,1", "attribution.default"),
        (
            "订单号,订单状态,商家实收金额(元),支付时间,商家备注",
            "1,已收货,1,2026-10-09 10:00,1001",
            "orders.pdd",
        ),
        # Figures of a month.
        ("日期范围,客服工号,咨询人数,转化率", "2026-10-01~2026-10-31,1,5,60%", "metrics.chitu"),
        ("工号,指标,数值,月份", "1,转化率,60%,2026-10", "metrics.long"),
        ("工号,姓名,期初项目,截至日期,数值", "1,某,得分,2026-09-30,90", "opening.default"),
    ],
)
def test_files_that_look_alike_are_told_apart(header: str, row: str, name: str) -> None:
    found = recognised(header, row)
    assert found.header is not None, [f"{each.kind}.{each.name}" for each in found.candidates]
    assert f"{found.header.profile.kind}.{found.header.profile.name}" == name


@pytest.mark.parametrize(
    "header",
    [
        "工号,姓名,部门,岗位,入职日期,基本工资,绩效工资,应发工资,个税,实发工资",
        "序号,工号,姓名,岗位,基本工资,加班费,社保,公积金,应发合计,实发合计",
        "姓名,工号,应发工资,代扣个税,实发金额,签字",
    ],
)
def test_a_pay_sheet_is_taken_for_nothing(header: str) -> None:
    row = ",".join("1" for _ in header.split(","))
    found = recognised(header, row)
    assert found.header is None
    assert all("说明它不是员工花名册" in each for each in found.foreign)
    assert "staff" not in {each.kind for each in found.candidates}


def test_two_kinds_that_explain_a_file_as_well_are_asked_about() -> None:
    found = recognised("工号,日期,迟到分钟,接待人数", "1,2026-10-09,5,80")
    assert found.header is None
    assert {each.kind for each in found.candidates} == {"attendance", "metrics"}
