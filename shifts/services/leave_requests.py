"""Asking for leave and deciding about it: what is approved becomes leave, what is taken back is none.

In a frozen month what changes becomes an adjustment (services/leave.py tells settlement).
"""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from files.models import Attachment
from files.services import attachment_add
from people.approvals import decision_write, is_already, request_decidable, request_locked
from people.models import Account, FactChange, Staff
from people.selectors import departments_where
from rules.leave_types import LeaveType
from shifts.days_owed import DaysOwed
from shifts.errors import LeaveRefused
from shifts.models import Leave, LeaveRequest
from shifts.models.leave import shown
from shifts.selectors.days_owed import days_owed_of
from shifts.selectors.leave_rules import LeaveRules
from shifts.selectors.rosters import hours_of_day
from shifts.services.common import check_employed, months_touched
from shifts.services.derive import attendance_derive
from shifts.services.leave import LONGEST, check_leave_days, days_of_leave, leave_record, overlapping, refusal
from shifts.services.leave_balances import check_balance
from shifts.services.notifications import request_decided_notify, request_waiting_notify
from shifts.services.requests import request_refuse

State = LeaveRequest.State
HALF = Decimal("0.5")
AHEAD, BACK = timedelta(days=366), timedelta(days=92)
# What approving writes of a request besides the decision.
GRANTED = ("emergency", "certificate_checked_by", "certificate_checked_at", "leave")


@transaction.atomic
def leave_ask(
    *,
    staff: Staff,
    type: str,
    starts_on: date,
    days: Decimal | None = None,
    hours: Decimal | None = None,
    half: str = "",
    reason: str,
    certificate: UploadedFile | None = None,
    by: Account,
    at: datetime,
) -> LeaveRequest:
    """Ask for days of leave from a day on, or for hours of that day; the same again is the same request.

    LeaveRefused where it cannot be asked for. Hours are a part of the day by the length of its shift.

    A certificate that comes with the request sent again is added to it.

    Too little notice is no reason to refuse: it is kept, and whoever decides has to say why to accept it.
    """
    reason = reason.strip()
    days = days_asked(staff, starts_on, days, hours)
    check_asked(staff, type, starts_on, days, half, at, by_hours=hours is not None)
    if not reason:
        raise LeaveRefused("没有写理由；填写理由")
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    half = half if days % 1 else ""
    given = {"staff": staff, "type": type, "starts_on": starts_on, "days": days, "half": half}
    same = LeaveRequest.objects.filter(**given, state=State.ASKED, asked_by=by).first()
    if same is not None:
        if certificate is None or same.certificate_id is not None:
            return same
        return leave_certificate_add(request=same, content=certificate, by=by, at=at)
    owed = days_owed_of([staff.pk], starts_on - LONGEST)[staff.pk]
    rules = LeaveRules(staff)
    natural = rules.is_natural(type, starts_on)
    if not natural:
        _check_day_of_work(owed, starts_on)
    ends_on = owed.last_of_leave(starts_on, days, natural=natural)
    check_employed(staff, ends_on)
    conditions = rules.conditions(type, starts_on, days)
    row = LeaveRequest(
        **given,
        ends_on=ends_on,
        natural=natural,
        reason=reason,
        notice_days=conditions.notice_days,
        needs_two_levels=conditions.needs_two_levels,
        asked_by=by,
        asked_at=at,
    )
    other = overlapping(staff, row, owed)
    if other is not None:
        raise refusal(other)
    check_balance(row, owed)
    if certificate is not None:
        row.certificate = _certificate(staff, certificate, by, at)
    row.save(force_insert=True)
    request_waiting_notify(row, at=at)
    return row


def _check_day_of_work(owed: DaysOwed, on: date) -> None:
    if owed.is_rest(on):
        what = "轮休" if on in owed.rostered else owed.calendar[on].words
        raise LeaveRefused(f"{on:%Y-%m-%d}是{what}，不用请假；开始日期填要上班的那天")


def days_asked(staff: Staff, on: date, days: Decimal | None, hours: Decimal | None) -> Decimal:
    """The days that are asked for; hours as a part of the day's shift. LeaveRefused for both or neither."""
    if (days is None) == (hours is None):
        raise LeaveRefused("天数和小时须且只须填一样；请几个小时的只填小时")
    if hours is None:
        assert days is not None
        return days
    length = hours_of_day(staff.pk, on)
    if not 0 < hours <= length:
        raise LeaveRefused(
            f"请假{shown(hours)}小时应大于0、不超过当天的{shown(length)}小时；更长的按天数申请"
        )
    return (hours / length).quantize(Decimal("0.01"), ROUND_HALF_UP)


def check_asked(
    staff: Staff,
    type_: str,
    starts_on: date,
    days: Decimal,
    half: str,
    at: datetime,
    *,
    by_hours: bool = False,
) -> None:
    """LeaveRefused for leave that nobody can ask for."""
    check_leave_days(days)
    if days % HALF and not by_hours:
        raise LeaveRefused(f"请假{shown(days)}天；按半天申请，如0.5、1、1.5；不到半天的填小时")
    if type_ not in LeaveType.values or half not in ("", *Leave.Half.values):
        raise LeaveRefused("没有这种假；重新选择")
    today = timezone.localdate(at)
    check_employed(staff, starts_on)
    if starts_on > today + AHEAD:
        raise LeaveRefused(f"{starts_on:%Y-%m-%d}太远；最多提前一年申请")
    if starts_on < today - BACK:
        raise LeaveRefused(f"{starts_on:%Y-%m-%d}已过去三个月以上；请人事补录")


@transaction.atomic
def leave_approve(
    *, request: LeaveRequest, answer: str = "", emergency: str = "", by: Account, at: datetime
) -> LeaveRequest:
    """Grant leave: it is recorded and the days are derived anew. The same decision again changes nothing.

    A request that came too late needs the emergency for which it is accepted. Where two levels are wanted
    a lead's word is the first, that of whoever acts for the department is enough.
    """
    request = request_decidable(request, "leave", by=by, at=at)
    if is_already(request, State.APPROVED):
        return request
    is_whole = acts_for_department(request, by)
    if request.first_by_id == by.pk and not is_whole:
        return request
    if request.waits_for_second and not is_whole:
        raise LeaveRefused("组长已同意；这一步由主管或经理批准")
    request.emergency = emergency.strip() or request.emergency
    if request.is_late and not request.emergency:
        raise LeaveRefused(
            f"申请晚了：制度要求提前{shown(request.notice_days)}天，否则视为未获批准；"
            "接受紧急情况的，写明是什么情况"
        )
    if request.needs_two_levels and not is_whole:
        request.first_by, request.first_at, request.answer = by, at, answer.strip()
        request.save(update_fields=["first_by", "first_at", "answer", "emergency"])
        return request
    if request.certificate_id is not None and request.certificate_checked_at is None:
        request.certificate_checked_by, request.certificate_checked_at = by, at
    request.leave = leave_record(
        staff=request.staff,
        starts_on=request.starts_on,
        days=request.days,
        type=request.type,
        half=request.half,
        certificate=request.certificate_checked_at is not None,
        note=request.reason,
        request=request,
        by=by,
        at=at,
    )
    said = answer.strip() or request.answer  # the lead's, where nothing is added
    decision_write(request, State.APPROVED, answer=said, by=by, at=at, also=GRANTED)
    _derive(request, by, at)
    request_decided_notify(request, at=at)
    return request


@transaction.atomic
def leave_refuse(*, request: LeaveRequest, answer: str, by: Account, at: datetime) -> LeaveRequest:
    """Refuse leave, with a word why. The same decision again changes nothing."""
    request = request_decidable(request, by=by, at=at)
    if is_already(request, State.REFUSED):
        return request
    if request.waits_for_second and not acts_for_department(request, by):
        raise LeaveRefused("组长已同意；这一步由主管或经理决定")
    return request_refuse(request=request, answer=answer, by=by, at=at)


@transaction.atomic
def leave_cancel(*, request: LeaveRequest, reason: str, by: Account, at: datetime) -> LeaveRequest:
    """Take approved leave back, with a reason: it is no leave any more. Again changes nothing.

    What two levels granted no lead takes back alone.
    """
    request = request_decidable(request, "leave", by=by, at=at)
    if is_already(request, State.CANCELLED, otherwise="；只有已批准的才撤销"):
        return request
    if not may_cancel(request, by):
        raise LeaveRefused("两级审批的请假由主管或经理撤销")
    if not reason.strip():
        raise LeaveRefused("没有写理由；撤销须写明理由")
    leave = request.leave
    request.state, request.leave = State.CANCELLED, None
    request.cancelled_by, request.cancelled_at, request.cancel_reason = by, at, reason.strip()
    request.save()
    if leave is not None:
        days = _days_of(leave)
        leave.delete()
        months_touched(request.staff, days, FactChange.Source.LEAVE, by=by, at=at)
    _derive(request, by, at)
    request_decided_notify(request, at=at)
    return request


@transaction.atomic
def leave_certificate_add(
    *, request: LeaveRequest, content: UploadedFile, by: Account, at: datetime
) -> LeaveRequest:
    """Hand in the certificate, later than the request; it counts once somebody has looked at it."""
    request = request_locked(request)
    if request.state not in LeaveRequest.OPEN:
        raise LeaveRefused(f"{request}{request.get_state_display()}；不用再交证明")
    if request.certificate_checked_at is not None:
        raise LeaveRefused("证明已经核对过；要更换请找审批人")
    request.certificate = _certificate(request.staff, content, by, at)
    request.save(update_fields=["certificate"])
    return request


@transaction.atomic
def leave_certificate_check(
    *, request: LeaveRequest, is_good: bool, by: Account, at: datetime
) -> LeaveRequest:
    """Say whether a certificate that was handed in is one; what is none is handed back."""
    request = request_decidable(request, "leave", by=by, at=at)
    if not request.certificate_waits:
        return request
    if not is_good:
        request.certificate = None
        request.save(update_fields=["certificate"])
        return request
    request.certificate_checked_by, request.certificate_checked_at = by, at
    request.save(update_fields=["certificate_checked_by", "certificate_checked_at"])
    leave = request.leave
    if leave is not None and not leave.certificate:
        leave.certificate = True
        leave.save(update_fields=["certificate"])
        months_touched(request.staff, _days_of(leave), FactChange.Source.LEAVE, by=by, at=at)
    return request


def may_cancel(request: LeaveRequest, by: Account) -> bool:
    """Whether an account that decides about granted leave may take it back: as many levels as granted it."""
    return not request.needs_two_levels or acts_for_department(request, by)


def acts_for_department(request: LeaveRequest, by: Account) -> bool:
    """Whether an account decides for the whole department, not as a lead for the own team."""
    whole = departments_where(by, "decide_requests", whole=True)
    return whole.filter(pk=request.staff.department_id).exists()


def _certificate(staff: Staff, content: UploadedFile, by: Account, at: datetime) -> Attachment:
    return attachment_add(staff=staff, purpose=Attachment.Purpose.CERTIFICATE, content=content, by=by, at=at)


def _days_of(leave: Leave) -> list[date]:
    owed = days_owed_of([leave.staff_id], leave.starts_on)[leave.staff_id]
    return [day for day, _ in days_of_leave(leave, owed)] or [leave.starts_on]


def _derive(request: LeaveRequest, by: Account, at: datetime) -> None:
    """The days as they are to be read now; those to come are derived when their shifts have ended."""
    last = min(request.ends_on, timezone.localdate(at))
    if request.starts_on > last:
        return
    attendance_derive(
        department=request.staff.department,
        first=request.starts_on,
        last=last,
        now=at,
        by=by,
        at=at,
        staff=[request.staff],
    )
