"""Corrections of punches, outings and overtime: asked for by one person, decided by another.

What is decided derives the days anew; in a frozen month the difference becomes an adjustment.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from core.periods import first_of, last_of
from people.approvals import R, State, request_decide, request_locked
from people.errors import RequestRefused
from people.models import Account, FactChange, Staff
from people.services import facts_changed
from rules.kinds.leave_balance import LEAVE, REST
from shifts.extra_hours import overtime_days_of
from shifts.models import Correction, Outing, Overtime, RosterDay, ShiftPattern
from shifts.planning.holidays import is_statutory
from shifts.selectors.days_owed import days_owed_of
from shifts.selectors.leave_rules import LeaveRules
from shifts.selectors.rosters import roster_days_of
from shifts.services.common import check_employed
from shifts.services.derive import attendance_derive
from shifts.services.notifications import request_decided_notify, request_waiting_notify

OfADay = TypeVar("OfADay", Correction, Outing, Overtime)
AHEAD = timedelta(days=92)
LONGEST_OUTING = timedelta(hours=24)
Compensation = Overtime.Compensation


@transaction.atomic
def correction_ask(
    *,
    staff: Staff,
    work_date: date,
    clock_in: datetime | None,
    clock_out: datetime | None,
    part: int | None = None,
    reason: str,
    by: Account,
    at: datetime,
) -> Correction:
    """Ask that a day's punches be read so; what is left out stays as the clock has it.

    `part`: 1 or 2 of a shift whose parts are clocked apart; the day's two ends without it. RequestRefused
    for what does not fit, and beyond the department's corrections a month.
    """
    _begin(staff, work_date, reason)
    if clock_in is None and clock_out is None:
        raise RequestRefused("没有写时间；上班、下班时间至少填一个")
    shift = shift_on(staff, work_date)
    if shift is None or shift.pattern is None:
        raise RequestRefused(f"{work_date:%Y-%m-%d}没有已公布的班，不用补卡；检查日期")
    if part is not None and shift.pattern.punches != ShiftPattern.Punches.PARTS:
        raise RequestRefused(f"{work_date:%Y-%m-%d}的{shift.pattern.name}不分段打卡；“哪一段”留空")
    if clock_in and clock_out and clock_in >= clock_out:
        raise RequestRefused("上班时间不早于下班时间；检查时间")
    if any(moment and moment > at for moment in (clock_in, clock_out)):
        raise RequestRefused("补卡的时间还没到；只能补已经过去的时间")
    if Correction.objects.filter(staff=staff, work_date=work_date, part=part, state=State.ASKED).exists():
        raise RequestRefused(f"{work_date:%Y-%m-%d}已有待审批的补卡；先撤回它再申请")
    _check_corrections(staff, work_date)
    request = Correction.objects.create(
        staff=staff,
        work_date=work_date,
        clock_in=clock_in,
        clock_out=clock_out,
        part=part,
        reason=reason,
        asked_by=by,
        asked_at=at,
    )
    request_waiting_notify(request, at=at)
    return request


@transaction.atomic
def outing_ask(
    *, staff: Staff, leaves_at: datetime, due_at: datetime, reason: str, by: Account, at: datetime
) -> Outing:
    """Ask to leave the place of work for a while, in the shift in which that begins. RequestRefused."""
    work_date = work_date_of(staff, leaves_at)
    _begin(staff, work_date, reason)
    if due_at <= leaves_at:
        raise RequestRefused("返回时间不晚于外出时间；检查时间")
    if due_at - leaves_at > LONGEST_OUTING:
        raise RequestRefused("外出超过24小时；改为请假")
    _check_ahead(work_date, at)
    around = Outing.objects.filter(
        staff=staff, state__in=[State.ASKED, State.APPROVED], leaves_at__lt=due_at, due_at__gt=leaves_at
    ).first()
    if around is not None:
        raise RequestRefused(f"与{_time(around.leaves_at)}起的外出重叠；更正时间，或先撤回那一次")
    request = Outing.objects.create(
        staff=staff,
        work_date=work_date,
        leaves_at=leaves_at,
        due_at=due_at,
        reason=reason,
        asked_by=by,
        asked_at=at,
    )
    request_waiting_notify(request, at=at)
    return request


@transaction.atomic
def outing_return(*, outing: Outing, by: Account | None, at: datetime) -> Outing:
    """Somebody is back from an outing, now. A second time changes nothing; RequestRefused before it began."""
    outing = request_locked(outing)
    if outing.returned_at is not None:
        return outing
    if outing.state not in (State.ASKED, State.APPROVED):
        raise RequestRefused(f"这次外出{outing.get_state_display()}；不用登记返回")
    if at < outing.leaves_at:
        raise RequestRefused(f"外出从{_time(outing.leaves_at)}开始，还没到；开始以后再登记返回")
    outing.returned_at = at
    outing.save(update_fields=["returned_at"])
    if outing.state == State.APPROVED:
        _derive(outing, by=by, at=at)
    return outing


@transaction.atomic
def overtime_ask(
    *,
    staff: Staff,
    work_date: date | None = None,
    hours: Decimal,
    starts_at: datetime | None = None,
    compensation: str = "",
    reason: str,
    by: Account,
    at: datetime,
) -> Overtime:
    """Ask that hours beyond the shift, or on a day of rest, count as overtime. RequestRefused.

    `compensation`: that they be paid or made good by days off; left out as the rules say.

    Without `starts_at` they follow the shift of the work_date, which decides on which day hours after
    midnight fall; without `work_date` they are of the shift in or after which they start. One is needed.
    """
    if work_date is None and starts_at is None:
        raise RequestRefused("没有写日期；填写日期或开始时间")
    if work_date is None:
        assert starts_at is not None
        work_date = _work_date_before(staff, starts_at)
    _begin(staff, work_date, reason)
    if not 0 < hours <= 24 or hours != hours.quantize(Decimal("0.01")):
        raise RequestRefused(f"加班{hours}小时应大于0、不超过24、最多两位小数；检查小时数")
    if starts_at is not None and not 0 <= (timezone.localdate(starts_at) - work_date).days <= 1:
        raise RequestRefused(f"{_time(starts_at)}不在{work_date:%Y-%m-%d}或次日；检查日期和开始时间")
    _check_ahead(work_date, at)
    if Overtime.objects.filter(
        staff=staff, work_date=work_date, state__in=[State.ASKED, State.APPROVED]
    ).exists():
        raise RequestRefused(f"{work_date:%Y-%m-%d}已有加班申请；先撤回它再申请")
    request = Overtime(
        staff=staff,
        work_date=work_date,
        hours=hours,
        starts_at=starts_at,
        reason=reason,
        asked_by=by,
        asked_at=at,
    )
    request.compensation = compensation_of(request, compensation)
    request.save(force_insert=True)
    request_waiting_notify(request, at=at)
    return request


def compensation_of(overtime: Overtime, wanted: str = "") -> str:
    """Whether overtime is paid or made good by days off: as somebody wants it, else as the rules say.

    Only what a provision lets be made good is, and never what falls on a statutory holiday (劳动法 44):
    RequestRefused for days off that cannot be had.
    """
    day = overtime.work_date
    rule = LeaveRules(overtime.staff).overtime_rule(day)
    if wanted == Compensation.PAY or (rule is None and not wanted):
        return Compensation.PAY
    trouble = ""
    if rule is None:
        trouble = "制度没有加班换调休的规定"
    elif any(is_statutory(each) for each in overtime_days_of(overtime)):
        trouble = "法定节假日的加班须付加班费"
    elif rule.overtime == REST and not days_owed_of([overtime.staff_id], day, day)[overtime.staff_id].is_rest(
        day
    ):
        trouble = f"{day:%Y-%m-%d}要上班，只有休息日的加班可以换调休"
    if trouble and wanted:
        raise RequestRefused(f"{trouble}；改选付加班费")
    if trouble or rule is None or (not wanted and rule.overtime_default != LEAVE):
        return Compensation.PAY
    return Compensation.LEAVE


@transaction.atomic
def request_approve(*, request: OfADay, answer: str = "", by: Account, at: datetime) -> OfADay:
    """Grant a request; its days are derived anew. RequestRefused as `request_decide`."""
    request, is_new = request_decide(request=request, state=State.APPROVED, answer=answer, by=by, at=at)
    if is_new:
        _derive(request, by=by, at=at)
        request_decided_notify(request, at=at)
    return request


@transaction.atomic
def request_refuse(*, request: R, answer: str, by: Account, at: datetime) -> R:
    """Refuse a request, with a word why. RequestRefused as `request_decide`."""
    request, is_new = request_decide(request=request, state=State.REFUSED, answer=answer, by=by, at=at)
    if is_new:
        request_decided_notify(request, at=at)
    return request


def shift_on(staff: Staff, day: date) -> RosterDay | None:
    """Somebody's published shift of a work_date."""
    return roster_days_of([staff.pk], day, day).filter(pattern__isnull=False).first()


def work_date_of(staff: Staff, moment: datetime) -> date:
    """The work_date to which a moment belongs: that of the shift around it, else its own."""
    day = timezone.localdate(moment)
    around = roster_days_of([staff.pk], day - timedelta(days=1), day).filter(
        starts_at__lte=moment, ends_at__gt=moment
    )
    shift = around.first()
    return shift.work_date if shift else day


def _work_date_before(staff: Staff, moment: datetime) -> date:
    """The work_date of the shift that runs or ends at a moment, else its own."""
    day = timezone.localdate(moment)
    before = roster_days_of([staff.pk], day - timedelta(days=1), day).filter(
        starts_at__lt=moment, ends_at__gte=moment
    )
    shift = before.first()
    return shift.work_date if shift else day


def _begin(staff: Staff, work_date: date, reason: str) -> None:
    """Somebody's requests wait for one another, so that the checks that follow hold."""
    check_employed(staff, work_date)
    if not reason.strip():
        raise RequestRefused("没有写理由；填写理由")
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)


def _check_corrections(staff: Staff, work_date: date) -> None:
    """The month's corrections that were asked for or approved, against what the department allows."""
    most = staff.department.corrections_a_month
    if most is None:
        return
    had = Correction.objects.filter(
        staff=staff,
        work_date__range=(first_of(work_date), last_of(work_date)),
        state__in=[State.ASKED, State.APPROVED],
    ).count()
    if had >= most:
        allowed = f"每月至多补卡{most}次" if most else "本部门不许补卡"
        raise RequestRefused(f"{work_date:%Y年%m月}已申请补卡{had}次，{allowed}；有特殊情况请找主管或人事")


def _check_ahead(work_date: date, at: datetime) -> None:
    if work_date > timezone.localdate(at) + AHEAD:
        raise RequestRefused(f"{work_date:%Y-%m-%d}太远；最多提前三个月申请")


def _derive(request: OfADay, *, by: Account | None, at: datetime) -> None:
    staff, day = request.staff, request.work_date
    attendance_derive(department=staff.department, first=day, last=day, now=at, by=by, at=at, staff=[staff])
    if isinstance(request, Overtime):
        # The day's own month is told by its figures; hours after midnight may be of the next.
        beyond = {each.replace(day=1) for each in overtime_days_of(request)} - {day.replace(day=1)}
        facts_changed(
            department=staff.department, months=beyond, source=FactChange.Source.ATTENDANCE, by=by, at=at
        )


def _time(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}"
