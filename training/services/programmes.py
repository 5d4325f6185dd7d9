"""Enrolling newcomers, their mentors, who took part in which step, who teaches it (s003-04, s000-01-15)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from people.models import Account, Department, FactChange, Staff
from people.services import facts_changed, months_since
from rules.kinds.programme import Programme
from rules.provisions import Rule
from rules.selectors import role_on
from training.errors import EnrolmentRefused, StepRefused
from training.models import Enrolment, StepRecord, StepTeacher
from training.plan import PlannedStep, State
from training.selectors.programmes import manages, plan_on, programme_rule, programmes_on, steps_recordable
from training.services.consequences import failures_propose
from training.services.programme_notices import enrolled_notify, mentor_notify

BATCH_LENGTH, REASON_LENGTH = 32, 200
START_MOST = timedelta(days=366)  # from the day of enrolling, before and after


@transaction.atomic
def enrolment_create(
    *,
    staff: Staff,
    code: str,
    starts_on: date,
    mentor: Staff | None,
    batch: str = "",
    by: Account | None,
    at: datetime,
) -> Enrolment:
    """Let a newcomer begin a programme of the rules that hold on the first day; these steps stay.

    `batch`: with whom the newcomer is compared, without one those who begin in the same month.
    EnrolmentRefused for a first day more than a year away, a programme that does not hold then, somebody who
    does not work there then, a mentor from elsewhere, and for who is in the programme already.
    """
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    if abs(starts_on - timezone.localdate(at)) > START_MOST:
        raise EnrolmentRefused(
            f"第1天 {starts_on:%Y-%m-%d} 离今天超过一年", "请核对开始日期", field="starts_on"
        )
    rule = next((each for each in programmes_on(staff.department, starts_on) if each.code == code), None)
    if rule is None:
        raise EnrolmentRefused(
            f"{starts_on:%Y-%m-%d} 没有培训计划 {code}", "采用含培训计划的制度，或改开始日期", field="code"
        )
    if not staff.is_employed_on(starts_on):
        raise EnrolmentRefused(f"{staff}在 {starts_on:%Y-%m-%d} 不在职", "请核对开始日期", field="starts_on")
    if Enrolment.objects.filter(staff=staff, code=code, ended_on__isnull=True).exists():
        raise EnrolmentRefused(f"{staff}正在参加“{rule.title}”", "先结束那一次，再重新登记", field="staff")
    if not rule.binds(role_on(staff, starts_on)):
        raise EnrolmentRefused(
            f"“{rule.title}”不约束{staff}的岗位", "请核对任职条件，或改条款约束的岗位", field="staff"
        )
    _check_mentor(mentor, staff, starts_on, rule)
    row = Enrolment.objects.create(
        department=staff.department,
        staff=staff,
        provision_id=rule.id,
        code=code,
        starts_on=starts_on,
        batch=batch.strip()[:BATCH_LENGTH] or f"{starts_on:%Y-%m}",
        mentor=mentor,
        by=by,
        at=at,
    )
    enrolled_notify(row, rule.title, at=at)
    if mentor is not None and starts_on <= timezone.localdate(at):
        _mentoring_changed(row, months_since(starts_on, at), by=by, at=at)
    return row


@transaction.atomic
def enrolment_mentor_set(
    *, enrolment: Enrolment, mentor: Staff | None, by: Account, at: datetime
) -> Enrolment:
    """Give an open enrolment another mentor, or none, from this month on; the same again changes nothing."""
    row = _open(enrolment)
    if row.mentor_id == (mentor.pk if mentor else None):
        return row
    _check_mentor(mentor, row.staff, timezone.localdate(at), programme_rule(row))
    row.mentor = mentor
    row.save(update_fields=["mentor"])
    mentor_notify(row, at=at)
    _mentoring_changed(row, [timezone.localdate(at)], by=by, at=at)
    return row


@transaction.atomic
def enrolment_end(*, enrolment: Enrolment, on: date, why: str, by: Account, at: datetime) -> Enrolment:
    """End a programme on a day, with what became of it; EnrolmentRefused for a day before its first.

    One that has not begun ends today: it was a mistake, and the person may be enrolled anew.
    What its exams suggest and nobody has decided is withdrawn.
    """
    row = _open(enrolment)
    why = why.strip()
    if not why:
        raise EnrolmentRefused("结束培训没有写说明", "写明已完成、离职或其他原因", field="why")
    if len(why) > REASON_LENGTH:
        raise EnrolmentRefused(f"说明有{len(why)}字", f"最多{REASON_LENGTH}字，请写短一些", field="why")
    today = timezone.localdate(at)
    if not min(row.starts_on, today) <= on <= today:
        remedy = "应在第1天以后、今天以前" if row.starts_on <= today else "培训还没有开始，请填今天"
        raise EnrolmentRefused(f"结束日期 {on:%Y-%m-%d} 不对", remedy, field="on")
    row.ended_on, row.ended_why = on, why
    row.save(update_fields=["ended_on", "ended_why"])
    if row.mentor_id is not None:
        _mentoring_changed(row, months_since(on, at)[1:], by=by, at=at)
    failures_propose(department=row.department, at=at)
    return row


@transaction.atomic
def step_record(
    *,
    enrolment: Enrolment,
    step: str,
    kind: StepRecord.Kind | str,
    on: date,
    note: str = "",
    by: Account,
    at: datetime,
) -> StepRecord:
    """Say whether somebody took part in a step; the newest holds, the same again changes nothing.

    StepRefused for a step that the programme does not have or that has not come yet, for an exam (its result
    is recorded), the own step, and for whoever neither teaches it nor arranges the training.
    """
    row, today = _open(enrolment), timezone.localdate(at)
    plan = plan_on(row, today)
    planned = plan.step(step)
    if planned is None:
        raise StepRefused(f"这份培训计划没有步骤 {step}；请刷新页面")
    if step not in steps_recordable(plan, by, managing=manages(by, row), on=today):
        raise StepRefused("这一步不由您登记；请由带这一步的人、组长或主管登记")
    _check_step(planned, on, today)
    if kind not in StepRecord.Kind.values:
        raise StepRefused("没有选到课情况；请选到课、缺课或已补课")
    known = planned.record
    if known is not None and (known.kind, known.on, known.note) == (kind, on, note.strip()):
        return known
    return StepRecord.objects.create(
        enrolment=row, step=step, kind=kind, on=on, note=note.strip()[:REASON_LENGTH], by=by, at=at
    )


@transaction.atomic
def step_teacher_set(
    *, department: Department, code: str, step: str, staff: Staff | None, by: Account, at: datetime
) -> StepTeacher:
    """Name who teaches a step of a programme in a department, or nobody in particular."""
    rules = {each.code: each for each in programmes_on(department, timezone.localdate(at))}
    if code not in rules or rules[code].kind.step(step) is None:
        raise StepRefused(f"现行制度没有培训步骤 {code} {step}；请刷新页面")
    if staff is not None and (
        staff.department_id != department.pk or not staff.is_employed_on(timezone.localdate(at))
    ):
        raise StepRefused(f"{staff}不在本部门；请选本部门在职的人")
    row, _ = StepTeacher.objects.update_or_create(
        department=department, code=code, step=step, defaults={"staff": staff, "by": by, "at": at}
    )
    return row


def _open(enrolment: Enrolment) -> Enrolment:
    """The enrolment as it is now, locked; EnrolmentRefused where it has ended."""
    rows = Enrolment.objects.select_for_update(of=("self",))
    row = rows.select_related("staff__department", "mentor", "provision", "department").get(pk=enrolment.pk)
    if row.ended_on is not None:
        raise EnrolmentRefused(f"{row}已于 {row.ended_on:%Y-%m-%d} 结束；要再培训，请重新登记")
    return row


def _mentoring_changed(row: Enrolment, months: Iterable[date], *, by: Account | None, at: datetime) -> None:
    """What a newcomer's orders make of the mentor's month (s000-01-15b) is to be settled anew."""
    source, note = FactChange.Source.METRICS, f"带教：{row.staff}"
    facts_changed(department=row.department, months=months, source=source, by=by, at=at, note=note)


def _check_mentor(mentor: Staff | None, staff: Staff, on: date, rule: Rule[Programme]) -> None:
    """EnrolmentRefused for oneself, who does not work there on the day, and for who guides enough already."""
    if mentor is None:
        return
    if mentor.pk == staff.pk or (mentor.account_id is not None and mentor.account_id == staff.account_id):
        raise EnrolmentRefused("师傅不能是本人", "请选别人", field="mentor")
    if mentor.department_id != staff.department_id or not mentor.is_employed_on(on):
        raise EnrolmentRefused(f"{mentor}在 {on:%Y-%m-%d} 不在本部门", "请选本部门在职的人", field="mentor")
    most = rule.kind.newcomers_per_mentor
    if most is None:
        return
    Staff.objects.select_for_update(no_key=True).get(pk=mentor.pk)
    guided = Enrolment.objects.filter(mentor=mentor, code=rule.code, ended_on__isnull=True)
    if guided.exclude(staff=staff).count() >= most:
        raise EnrolmentRefused(
            f"{mentor}已在带{most}人，制度规定最多带{most}人",
            "请选别人，或先结束已完成的培训",
            field="mentor",
        )


def _check_step(planned: PlannedStep, on: date, today: date) -> None:
    if planned.step.exam is not None:
        raise StepRefused(f"“{planned.step.title}”是考试，看成绩；请登记考试成绩")
    if planned.state == State.SPARED:
        raise StepRefused(f"“{planned.step.title}”只给考试不合格的人；此人不需要")
    if planned.on > today:
        raise StepRefused(f"“{planned.step.title}”在 {planned.on:%m月%d日}，还没有到；到了那天再登记")
    if on > today or on < planned.on:
        raise StepRefused(f"日期 {on:%Y-%m-%d} 不对；应在 {planned.on:%m月%d日} 至今天之间")
