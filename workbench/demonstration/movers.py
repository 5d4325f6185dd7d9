"""Who comes and goes in the demonstration: a transfer in mid-month, and a leaver whose refund comes later.

Who joins in mid-month is in the staff files (8207, on 12 October).
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from commissions.services import metric_record, order_record, refund_record
from payroll.settlement.runner import period_settle
from payroll.workflow import period_open
from people.models import Account, Department, Staff
from people.services import department_create, staff_create, staff_leave, staff_transfer, team_get_or_create
from rules.services import version_publish
from workbench.demonstration.story import OCTOBER, SEPTEMBER, moment

LIVE_CODE, LIVE_NAME = "demo-live", "演示直播部"
MOVED, LEFT = "8308", "8309"
MOVED_ON = date(2026, 10, 16)
RULES: tuple[dict[str, Any], ...] = (
    {
        "code": "live-01",
        "title": "直播提成",
        "clause": "直播客服按净销售额的百分之二计提成。",
        "kind": "commission",
        "roles": ["agent"],
        "params": {"measure": "net_sales", "rate": "0.02"},
    },
    {
        "code": "live-02",
        "title": "餐费补贴",
        "clause": "在职人员每月餐费补贴三百元。",
        "kind": "allowance",
        "params": {"amount": "300.00"},
    },
)


def movers_join(*, department: Department) -> None:
    """Two agents of the after-sales team before September is settled; one sells for 12,000.00 and leaves."""
    moved = _agent(department, MOVED, "安如意", date(2023, 4, 3), "3100.00")
    left = _agent(department, LEFT, "江以南", date(2025, 5, 6), "2800.00")
    for staff, number, amount in ((moved, "D0900", "9000.00"), (left, "D0901", "12000.00")):
        _sold(staff, number, moment(9, 5), amount)
        _metrics(staff, SEPTEMBER, {"conversion_rate": "0.65", "appraisal_score": "82"})
    staff_leave(staff=left, last_day=date(2026, 9, 24), by=None, at=moment(9, 24))


def movers_move(*, department: Department, by: Account) -> None:
    """October: one is transferred on the 16th, 9,000.00 of the leaver's orders are given back on the 12th.

    Of what was sold before the transfer 1,000.00 are given back after it, at the rate of the sale.
    """
    live = department_create(code=LIVE_CODE, name=LIVE_NAME)
    version_publish(
        department=live,
        effective_on=SEPTEMBER,
        rulebooks=[],
        provisions=RULES,
        by=by,
        at=moment(9, 28),
        note="直播部条款",
    )
    staff = Staff.objects.get(department=department, number=MOVED)
    _sold(staff, "D1001", moment(10, 9), "6000.00")
    _metrics(staff, OCTOBER, {"conversion_rate": "0.66", "appraisal_score": "84"})
    moved = staff_transfer(
        staff=staff,
        to=live,
        on=MOVED_ON,
        by=by,
        at=moment(10, 14),
        team=team_get_or_create(department=live, name="直播一组"),
        base_pay=Decimal("3600.00"),
    )
    _sold(moved, "D1002", moment(10, 21), "8000.00")
    for number, amount, at in (("D0901", "9000.00", moment(10, 12)), ("D1001", "1000.00", moment(10, 20))):
        refund_record(
            department=department,
            order_no=number,
            refunded_at=at,
            amount=Decimal(amount),
            by=by,
            at=at,
        )
    period_settle(period=period_open(department=live, month=OCTOBER), by=by, at=moment(11, 3))


def _agent(department: Department, number: str, name: str, hired_on: date, base_pay: str) -> Staff:
    return staff_create(
        department=department,
        number=number,
        name=name,
        hired_on=hired_on,
        role="agent",
        team=team_get_or_create(department=department, name="售后组"),
        base_pay=Decimal(base_pay),
        by=None,
        at=moment(8, 28),
    )


def _sold(staff: Staff, number: str, at: datetime, amount: str) -> None:
    order_record(
        department=staff.department,
        order_no=number,
        paid_at=at,
        amount=Decimal(amount),
        remark=f"工号{staff.number}",
        by=None,
        at=at,
    )


def _metrics(staff: Staff, month: date, values: Mapping[str, str]) -> None:
    for code, value in values.items():
        metric_record(
            department=staff.department,
            staff=staff,
            month=month,
            code=code,
            value=Decimal(value),
            as_of=month.replace(day=30),
            source="演示",
            by=None,
            at=moment(month.month + 1, 1),
        )
