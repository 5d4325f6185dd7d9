"""Writing of exam results."""

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from people.models import Account, Staff
from training.errors import ResultRefused
from training.models import Enrolment, ExamResult, Sitting
from training.selectors.programmes import programme_rule
from training.selectors.results import exam_results, results_enterable_by
from training.services.consequences import result_follow

CODE_LENGTH, NOTE_LENGTH = 32, 500
SCORE_MOST = Decimal("9999.99")


@transaction.atomic
def exam_result_record(
    *,
    staff: Staff,
    code: str,
    on: date,
    passed: bool,
    score: Decimal | None = None,
    note: str = "",
    sitting: Sitting | None = None,
    by: Account | None,
    at: datetime,
) -> ExamResult:
    """Record what a person reached in the exam `code` on a day.

    The result of a `sitting`, which is saved with its marks, is a try of its own, any other holds instead of
    the last of its day. A later try of an exam whose programme names its second try has that code
    (s003-04-d23). What an exam of the person's programme means is proposed at once.
    """
    result = ExamResult.objects.create(
        department=staff.department,
        staff=staff,
        code=_code_of_try(staff, code, on, is_sitting=sitting is not None),
        on=on,
        passed=passed,
        score=score,
        note=note,
        by=by,
        at=at,
    )
    if sitting is not None:
        sitting.result = result
        sitting.save(update_fields=["score", "passed", "marked_at", "marked_by", "result"])
    result_follow(staff=staff, at=at)
    return result


@transaction.atomic
def exam_result_enter(
    *,
    staff: Staff,
    code: str,
    on: date,
    passed: bool,
    score: Decimal | None,
    note: str,
    by: Account,
    at: datetime,
) -> ExamResult:
    """Enter what somebody reached outside the browser, or correct a result of that day, and say why.

    The same again changes nothing. ResultRefused for the own result, for whoever sets no exams there, without
    a note, and for a day to come or on which the person was not employed.
    """
    Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    today, note = timezone.localdate(at), note.strip()
    if not results_enterable_by(by, on=today).filter(pk=staff.pk).exists():
        raise ResultRefused("不能登记此人的成绩；请由安排考试的人登记，自己的由别人登记")
    if not note or len(note) > NOTE_LENGTH:
        raise ResultRefused(f"说明须有1到{NOTE_LENGTH}字；请写明怎样考的、为什么改", field="note")
    if not 1 <= len(code) <= CODE_LENGTH:
        raise ResultRefused("没有考试编号；请选考试", field="code")
    if score is not None and not 0 <= score <= SCORE_MOST:
        raise ResultRefused(f"成绩在0到{SCORE_MOST}之间；请改成绩", field="score")
    if on > today or not staff.is_employed_on(on):
        raise ResultRefused(f"考试日期 {on:%Y-%m-%d} 不对；应在此人在职期间、今天以前", field="on")
    named = _code_of_try(staff, code, on, is_sitting=False)
    last = ExamResult.objects.filter(staff=staff, code=named, on=on).order_by("-id").first()
    if last is not None and (last.passed, last.score, last.note) == (passed, score, note):
        return last
    return exam_result_record(
        staff=staff, code=code, on=on, passed=passed, score=score, note=note, by=by, at=at
    )


def _code_of_try(staff: Staff, code: str, on: date, *, is_sitting: bool) -> str:
    """The code of the second try, where this is one and a programme under way names it; else `code`."""
    for enrolment in Enrolment.objects.filter(staff=staff, ended_on__isnull=True).select_related("provision"):
        programme = programme_rule(enrolment).kind
        retake = next((each.retake for each in programme.exams if each.code == code), None)
        if retake is None:
            continue
        tries = exam_results([staff.pk], until=on).get(staff.pk, {}).get(code, ())
        first = next((each for each in tries if each.on >= enrolment.starts_on), None)
        if first is not None and not first.passed and (is_sitting or first.on < on):
            return retake
    return code
