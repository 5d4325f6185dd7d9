"""Leave that is asked for: what is refused, who decides, what it comes to, what taking it back undoes."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.errors import Refused
from files.errors import FileRefused
from files.models import Attachment
from payroll.models import PayLine
from payroll.services.periods import period_approve
from payroll.settlement.runner import period_settle
from payroll.workflow import period_open
from people.approvals import request_withdraw
from people.errors import RequestRefused
from people.models import Account, Department, FactChange, Staff
from shifts.errors import LeaveRefused, NotEmployed
from shifts.models import Attendance, Leave, LeaveRequest
from shifts.selectors.leave_rules import LeaveRules, facts_of, outlook_of
from shifts.services import attendance_derive, leave_record
from shifts.services.leave_requests import (
    leave_approve,
    leave_cancel,
    leave_certificate_add,
    leave_certificate_check,
    leave_refuse,
)
from tests import factories
from tests.factories import WHEN
from tests.shifts.days import pattern, rostered
from tests.shifts.leave.asking import FRIDAY, MONDAY, PNG, SATURDAY, SUNDAY, TODAY, asked


def approved(agent: Staff, by: Account, *args: Any, **given: Any) -> LeaveRequest:
    return leave_approve(request=asked(agent, *args, **given), by=by, at=WHEN)


def certificate() -> SimpleUploadedFile:
    return SimpleUploadedFile("病历.png", PNG)


def test_what_is_approved_is_leave(agent: Staff, manager: Account) -> None:
    request = approved(agent, manager, days="1.5", half="first")
    leave = Leave.objects.get()
    assert (leave.starts_on, leave.days, leave.half, leave.type) == (
        MONDAY,
        Decimal("1.5"),
        "first",
        "personal",
    )
    assert (leave.approved, leave.certificate, leave.note) == (True, False, "家里有事")
    assert (request.state, request.leave, request.decided_by) == ("approved", leave, manager)
    assert request.details == "事假 1.5 天（前半班），10月19日至10月20日"
    assert FactChange.objects.get(source="leave").month == date(2026, 10, 1)


def test_days_of_rest_are_none_of_leave(agent: Staff) -> None:
    """Friday and the next shift: Saturday is rest, so Sunday is the second day."""
    work = pattern(agent.department)
    for day, of in ((FRIDAY, work), (SATURDAY, None), (SUNDAY, work)):
        rostered(agent, day, of)
    assert asked(agent, FRIDAY, "2").ends_on == SUNDAY
    with pytest.raises(LeaveRefused, match="2026-10-17是轮休，不用请假"):
        asked(agent, SATURDAY)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"days": "0"}, "应大于0"),
        ({"days": "0.3"}, "按半天申请"),
        ({"days": "367"}, "不超过366"),
        ({"reason": " "}, "没有写理由"),
        ({"type": "fishing"}, "没有这种假"),
        ({"half": "third"}, "没有这种假"),
        ({"starts_on": date(2019, 12, 31)}, "不在职"),
        ({"starts_on": TODAY - timedelta(days=93)}, "请人事补录"),
        ({"starts_on": TODAY + timedelta(days=367)}, "最多提前一年"),
    ],
)
def test_what_cannot_be_is_refused(agent: Staff, given: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        asked(agent, **given)
    assert not LeaveRequest.objects.exists()


def test_nobody_is_away_after_the_last_day(agent: Staff) -> None:
    agent.left_on = MONDAY
    agent.save()
    with pytest.raises(NotEmployed, match="2026-10-20 不在职"):
        asked(agent, days="2")


def test_leave_that_overlaps_leave_or_a_request_is_refused(agent: Staff, manager: Account) -> None:
    leave_record(staff=agent, starts_on=MONDAY, days=Decimal(2), type="sick", by=None, at=WHEN)
    with pytest.raises(LeaveRefused, match="与2026-10-19起的病假2天重叠"):
        asked(agent, date(2026, 10, 20))
    asked(agent, date(2026, 10, 22), "2")
    with pytest.raises(LeaveRefused, match="与待审批的2026-10-22起的事假2天重叠"):
        asked(agent, date(2026, 10, 23), type="annual")
    request_withdraw(request=LeaveRequest.objects.get(), by=agent.account, at=WHEN)
    asked(agent, date(2026, 10, 23), type="annual")


def test_leave_across_rest_overlaps_where_it_reaches(agent: Staff) -> None:
    work = pattern(agent.department)
    for day, of in ((FRIDAY, work), (SATURDAY, None), (SUNDAY, work), (MONDAY, work)):
        rostered(agent, day, of)
    leave_record(staff=agent, starts_on=FRIDAY, days=Decimal(2), type="sick", by=None, at=WHEN)
    with pytest.raises(LeaveRefused, match="重叠"):
        asked(agent, SUNDAY)
    with pytest.raises(LeaveRefused, match="重叠"):
        leave_record(staff=agent, starts_on=SUNDAY, days=Decimal(1), type="annual", by=None, at=WHEN)
    asked(agent, MONDAY)


def test_two_halves_of_a_day_stand_beside_each_other(agent: Staff, manager: Account) -> None:
    approved(agent, manager, days="0.5", half="first", type="personal")
    with pytest.raises(LeaveRefused, match="重叠"):
        asked(agent, days="0.5", half="first", type="annual")
    with pytest.raises(LeaveRefused, match="重叠"):
        asked(agent, days="0.5", half="second", type="personal")
    with pytest.raises(LeaveRefused, match="重叠"):
        asked(agent, days="1", type="annual")
    approved(agent, manager, days="0.5", half="second", type="annual")
    assert Leave.objects.count() == 2


def test_pressed_twice_is_one_request_and_one_leave(agent: Staff, manager: Account) -> None:
    request = asked(agent)
    assert asked(agent) == request
    for _ in range(2):
        leave_approve(request=request, by=manager, at=WHEN)
    assert (LeaveRequest.objects.count(), Leave.objects.count()) == (1, 1)
    for _ in range(2):
        leave_cancel(request=request, reason="不去了", by=manager, at=WHEN)
    assert not Leave.objects.exists()


def test_too_little_notice_needs_an_emergency(agent: Staff, manager: Account) -> None:
    """One day before: asked on the 15th for the 16th is in time, for the 15th it is not."""
    assert not asked(agent, FRIDAY).is_late
    late = asked(agent, TODAY)
    assert (late.is_late, late.notice_days) == (True, Decimal(1))
    with pytest.raises(LeaveRefused, match="申请晚了：制度要求提前1天，否则视为未获批准"):
        leave_approve(request=late, by=manager, at=WHEN)
    assert not Leave.objects.exists()
    done = leave_approve(request=late, emergency="孩子发烧", by=manager, at=WHEN)
    assert (done.state, done.emergency) == ("approved", "孩子发烧")


def test_a_lead_comes_before_the_second_level(agent: Staff, lead: Account, manager: Account) -> None:
    request = asked(agent, days="3", type="annual")
    assert request.needs_two_levels
    first = leave_approve(request=request, answer="我同意", by=lead, at=WHEN)
    assert (first.state, first.first_by, first.waits_for_second) == ("asked", lead, True)
    assert not Leave.objects.exists()
    leave_approve(request=request, by=lead, at=WHEN)  # again: still one word
    for decide in (leave_approve, leave_refuse):
        other = factories.staff(agent.department, team=factories.team(agent.department), role="lead")
        with pytest.raises(LeaveRefused, match="这一步由主管或经理"):
            decide(request=request, answer="行", by=factories.account("lead", staff=other), at=WHEN)
    assert leave_approve(request=request, by=manager, at=WHEN).state == "approved"
    assert Leave.objects.count() == 1


def test_what_two_levels_granted_no_lead_takes_back_alone(
    agent: Staff, lead: Account, manager: Account
) -> None:
    request = asked(agent, days="3", type="annual")
    for by in (lead, manager):
        leave_approve(request=request, by=by, at=WHEN)
    with pytest.raises(LeaveRefused, match="两级审批的请假由主管或经理撤销"):
        leave_cancel(request=request, reason="不去了", by=lead, at=WHEN)
    assert Leave.objects.count() == 1
    leave_cancel(request=request, reason="不去了", by=manager, at=WHEN)
    assert not Leave.objects.exists()
    single = approved(agent, lead, days="2", type="annual")
    assert leave_cancel(request=single, reason="不去了", by=lead, at=WHEN).state == "cancelled"


def test_two_days_need_one_level_and_the_second_level_alone_suffices(
    agent: Staff, lead: Account, manager: Account
) -> None:
    assert approved(agent, lead, days="2", type="annual").state == "approved"
    assert approved(agent, manager, date(2026, 10, 26), "3", type="annual").state == "approved"


def test_only_who_may_decides(agent: Staff, lead: Account) -> None:
    request = asked(agent)
    team = factories.team(agent.department, "B")
    elsewhere = factories.staff(agent.department, team=team, role="lead")
    strangers = [
        agent.account,
        factories.account("agent", staff=factories.staff(agent.department)),
        factories.account("lead", staff=elsewhere),
        factories.account("manager", factories.department("D2")),
        factories.account("hr", agent.department),
    ]
    for account in strangers:
        for decide in (leave_approve, leave_refuse):
            with pytest.raises(RequestRefused, match="不能审批"):
                decide(request=request, answer="行", by=account, at=WHEN)
    assert leave_approve(request=request, by=lead, at=WHEN).state == "approved"


def test_a_lead_does_not_decide_about_the_own_leave(lead: Account, manager: Account) -> None:
    request = asked(lead.staff.get())
    with pytest.raises(RequestRefused, match="不能审批自己的"):
        leave_approve(request=request, by=lead, at=WHEN)
    leave_approve(request=request, by=manager, at=WHEN)


def test_a_refusal_takes_a_word_and_leaves_no_leave(agent: Staff, manager: Account) -> None:
    request = asked(agent)
    with pytest.raises(RequestRefused, match="须写明原因"):
        leave_refuse(request=request, answer=" ", by=manager, at=WHEN)
    leave_refuse(request=request, answer="人手不够", by=manager, at=WHEN)
    with pytest.raises(RequestRefused, match="未批准；刷新"):
        leave_approve(request=request, by=manager, at=WHEN)
    assert not Leave.objects.exists()


def derive(of: Department) -> None:
    attendance_derive(department=of, first=TODAY - timedelta(days=7), last=TODAY, now=WHEN, by=None, at=WHEN)


def test_approval_and_taking_back_derive_the_days_anew(agent: Staff, manager: Account) -> None:
    """Nobody clocked in on the 14th: absence, none with leave, and again when that is taken back."""
    day = TODAY - timedelta(days=1)
    rostered(agent, day, pattern(agent.department))
    derive(agent.department)
    assert Attendance.objects.get().absent_days == 1
    request = leave_approve(request=asked(agent, day), emergency="急诊", by=manager, at=WHEN)
    assert Attendance.objects.get().absent_days == 0
    with pytest.raises(LeaveRefused, match="撤销须写明理由"):
        leave_cancel(request=request, reason="", by=manager, at=WHEN)
    done = leave_cancel(request=request, reason="没有去医院", by=manager, at=WHEN)
    assert (done.state, done.leave, done.cancel_reason) == ("cancelled", None, "没有去医院")
    assert Attendance.objects.get().absent_days == 1
    assert FactChange.objects.filter(source="leave").count() == 2


def test_half_a_day_moves_the_start_of_the_shift(agent: Staff, manager: Account) -> None:
    """From 08:30 to 17:30 the second half begins at 13:00; 13:10 is ten minutes late."""
    day = TODAY - timedelta(days=1)
    rostered(agent, day, pattern(agent.department), "13:10", "17:30")
    request = asked(agent, day, "0.5", half="first", type="compensatory")
    leave_approve(request=request, by=manager, at=WHEN)
    assert Attendance.objects.get().late_minutes == 10


def test_a_certificate_may_come_with_the_request(agent: Staff, manager: Account) -> None:
    request = approved(agent, manager, type="sick", certificate=certificate())
    assert request.certificate.purpose == Attachment.Purpose.CERTIFICATE
    assert (request.certificate_checked_by, Leave.objects.get().certificate) == (manager, True)


def test_a_certificate_that_comes_with_the_request_sent_again_is_added(agent: Staff) -> None:
    first = asked(agent, type="sick")
    again = asked(agent, type="sick", certificate=certificate())
    assert again == first and again.certificate is not None
    assert asked(agent, type="sick", certificate=certificate()).certificate == again.certificate
    assert (LeaveRequest.objects.count(), Attachment.objects.count()) == (1, 1)


def test_a_certificate_handed_in_later_counts_once_it_is_checked(agent: Staff, manager: Account) -> None:
    request = approved(agent, manager, type="sick")
    for is_good in (False, True):
        request = leave_certificate_add(request=request, content=certificate(), by=agent.account, at=WHEN)
        assert request.certificate_waits and not Leave.objects.get().certificate
        leave_certificate_check(request=request, is_good=is_good, by=manager, at=WHEN)
    request.refresh_from_db()
    assert Leave.objects.get().certificate and request.certificate_checked_by == manager
    with pytest.raises(LeaveRefused, match="已经核对过"):
        leave_certificate_add(request=request, content=certificate(), by=agent.account, at=WHEN)


def test_a_file_that_is_none_changes_nothing(agent: Staff) -> None:
    text = SimpleUploadedFile("病历.png", BytesIO(b"hello").read())
    with pytest.raises(FileRefused, match="不是JPEG"):
        asked(agent, type="sick", certificate=text)
    assert not LeaveRequest.objects.exists()


def outlook(agent: Staff, type_: str, starts_on: date, days: str = "1") -> Any:
    return outlook_of(LeaveRules(agent), type_, starts_on, Decimal(days), at=WHEN)


def test_the_fifth_time_of_a_month_says_beforehand_what_it_costs(agent: Staff, manager: Account) -> None:
    """Four times of time off are free; what waits to be decided counts among them."""
    for n in (19, 20, 21):
        approved(agent, manager, date(2026, 10, n), type="compensatory")
    fourth = outlook(agent, "compensatory", date(2026, 10, 22))
    assert fourth.cost == ["当月第4次，4次内不扣"]
    assert [(each.types, each.free, each.used, each.left) for each in fourth.allowances] == [
        ("调休", 4, 3, 1)
    ]
    asked(agent, date(2026, 10, 22), type="compensatory")
    fifth = outlook(agent, "compensatory", date(2026, 10, 23))
    assert fifth.cost == ["当月第5次，超过4次，按缺勤：每天扣2倍日薪（日薪按基本工资÷21.75天）"]
    assert LeaveRules(agent).allowances(TODAY, facts_of(agent, TODAY))[0].left == 0
    earlier = outlook(agent, "compensatory", FRIDAY)
    assert earlier.cost == ["当月第1次，4次内不扣"]
    assert earlier.pushed[0].startswith("10-22的调休会因此变为当月第5次，超过4次，按缺勤")
    assert outlook(agent, "compensatory", date(2026, 11, 2)).cost == ["当月第1次，4次内不扣"]


def test_what_is_wanted_is_said_beforehand(agent: Staff) -> None:
    sick = outlook(agent, "sick", TODAY)
    assert sick.conditions.needs_certificate and sick.conditions.without == "按旷工"
    assert sick.cost == ["每天扣0.5倍日薪（日薪按基本工资÷21.75天）"]
    assert outlook(agent, "personal", TODAY).is_late
    assert not outlook(agent, "personal", FRIDAY).is_late
    assert outlook(agent, "annual", MONDAY, "3").conditions.needs_two_levels
    assert outlook(agent, "marriage", MONDAY).cost == ["制度没有写这类假怎么扣"]


def settled(of: Department, month: date, by: Account) -> dict[str, Decimal]:
    period = period_open(department=of, month=month)
    period_settle(period=period, by=by, at=WHEN)
    lines = PayLine.objects.filter(payslip__period=period, payslip__number="71")
    return {line.code: line.amount for line in lines}


def test_leave_in_an_approved_month_becomes_an_adjustment(agent: Staff, manager: Account) -> None:
    """September is approved with nothing to deduct; a day of personal leave of it, base pay 2,175, is
    100.00, taken in October; taken back, October has nothing of it."""
    september, october = date(2026, 9, 1), date(2026, 10, 1)
    hr = factories.account("hr", agent.department)
    before = settled(agent.department, september, hr)
    assert before == {"base-pay": Decimal("2175.00")}
    period_approve(
        period=period_open(department=agent.department, month=september), reason="测试", by=manager, at=WHEN
    )
    request = asked(agent, date(2026, 9, 21))
    leave_approve(request=request, emergency="当时电话请过假", by=manager, at=WHEN)
    lines = settled(agent.department, october, hr)
    assert sum(lines.values()) == Decimal("2075.00")
    leave_cancel(request=request, reason="记错了人", by=manager, at=WHEN)
    assert sum(settled(agent.department, october, hr).values()) == Decimal("2175.00")
