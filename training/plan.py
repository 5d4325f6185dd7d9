"""What a newcomer's programme looks like on a day: dates, attendance, exams and what follows from them.

Pure: it takes the programme, what was recorded and the day. A step belongs to its day of the plan. One that
falls on a day of rest stays there and is overdue only after the next day of work has passed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices

from core.periods import last_of, shift_months
from people.models import Staff
from rules.kinds.programme import Programme, ProgrammeExam, ProgrammeStep
from training.models import Enrolment, ExamResult, StepRecord

DAY = timedelta(days=1)
IsRest = Callable[[date], bool]


class State(TextChoices):
    """Where a step stands, in the words that people read."""

    AHEAD = "ahead", "未到"
    TODAY = "today", "今天"
    OPEN = "open", "待登记"
    DONE = "done", "完成"
    MISSED = "missed", "缺课待补"
    OVERDUE = "overdue", "过期未登记"
    PASSED = "passed", "合格"
    RETAKE = "retake", "待补考"
    FAILED = "failed", "不合格"
    SPARED = "spared", "不需要"


LATE = {State.MISSED, State.OVERDUE}
OVER = {State.DONE, State.PASSED, State.FAILED, State.SPARED}


@dataclass(frozen=True, slots=True)
class Standing:
    """What came of a programme's exam: its tries, the day of the second, what follows.

    `confirmable_from`: the day from which who passed may be confirmed in the post, where the programme says.
    """

    exam: ProgrammeExam
    tries: Sequence[ExamResult] = ()
    retake_on: date | None = None
    confirmable_from: date | None = None

    @property
    def passed(self) -> ExamResult | None:
        return next((each for each in self.tries if each.passed), None)

    @property
    def is_failed(self) -> bool:
        """Whether no try is left and none was passed."""
        return bool(self.tries) and self.passed is None and self.retake_on is None

    @property
    def failed_first(self) -> ExamResult | None:
        return self.tries[0] if self.tries and not self.tries[0].passed else None


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step on its day: who teaches it, what was recorded of it, where it stands."""

    step: ProgrammeStep
    on: date
    is_rest: bool
    state: State
    record: StepRecord | None = None
    standing: Standing | None = None
    teacher: Staff | None = None

    @property
    def is_late(self) -> bool:
        return self.state in LATE

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def next_on(self) -> date:
        """The day on which something is still to happen: that of the second try, or the step's own."""
        retake = self.standing.retake_on if self.standing else None
        return retake or self.on


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps of an enrolment as they stand on a day."""

    enrolment: Enrolment
    title: str
    programme: Programme
    steps: Sequence[PlannedStep]

    @property
    def late(self) -> list[PlannedStep]:
        return [each for each in self.steps if each.is_late]

    @property
    def ahead(self) -> list[PlannedStep]:
        """What is still to come, today included, in the order of the days."""
        coming = (State.AHEAD, State.TODAY, State.RETAKE)
        return sorted((each for each in self.steps if each.state in coming), key=lambda each: each.next_on)

    @property
    def next_step(self) -> PlannedStep | None:
        return next(iter(self.ahead), None)

    @property
    def over_count(self) -> int:
        return sum(each.is_over for each in self.steps)

    @property
    def failed(self) -> list[PlannedStep]:
        """The exams of which no try is left."""
        return [each for each in self.steps if each.state == State.FAILED]

    @property
    def confirmable_from(self) -> date | None:
        found = (each.standing.confirmable_from for each in self.steps if each.standing)
        return max((each for each in found if each), default=None)

    def step(self, code: str) -> PlannedStep | None:
        return next((each for each in self.steps if each.step.code == code), None)


def plan_of(
    enrolment: Enrolment,
    title: str,
    programme: Programme,
    *,
    today: date,
    records: Mapping[str, StepRecord],
    results: Mapping[str, Sequence[ExamResult]],
    teachers: Mapping[str, Staff],
    is_rest: IsRest,
) -> Plan:
    """The plan of an enrolment on a day; what ended is shown as it stood on its last day.

    `records`: the newest of each step; `results`: those of each exam, oldest first; `teachers`: who was named
    for a step.
    """
    today = min(today, enrolment.ended_on or today)
    dates = programme.dates(enrolment.starts_on, is_rest)
    standings: dict[str, Standing] = {}
    exam_days: dict[str, date] = {}
    steps = []
    for step in programme.steps:
        on, failed = dates[step.code], None
        if step.after_failing is not None:
            failed = standings[step.after_failing].failed_first
            if failed is not None:  # as long after the exam as the plan has it
                on = max(on, failed.on + (on - exam_days[step.after_failing]))
        standing = None
        if step.exam is not None:
            tries = _tries(step.exam, results, enrolment.starts_on)
            standing = standings[step.exam.code] = standing_of(step.exam, tries, enrolment.staff.hired_on)
            exam_days[step.exam.code] = on
        record = records.get(step.code)
        spared = step.after_failing is not None and failed is None
        state = State.SPARED if spared else _state(on, standing, record, today, is_rest)
        teacher = teachers.get(step.code) or (enrolment.mentor if step.teacher == "mentor" else None)
        steps.append(PlannedStep(step, on, is_rest(on), state, record, standing, teacher))
    return Plan(enrolment, title, programme, steps)


def _tries(exam: ProgrammeExam, results: Mapping[str, Sequence[ExamResult]], since: date) -> list[ExamResult]:
    """The tries since a day, oldest first; under the code of the second try are later ones alone."""
    codes = [exam.code, *([exam.retake] if exam.retake else [])]
    found = (each for code in codes for each in results.get(code, ()) if each.on >= since)
    return sorted(found, key=lambda each: each.on)


def standing_of(exam: ProgrammeExam, tries: Sequence[ExamResult], hired_on: date) -> Standing:
    """What came of an exam, and what follows: a second try, or the day from which to be confirmed."""
    passed = next((each for each in tries if each.passed), None)
    later = [each for index, each in enumerate(tries) if index or each.code == exam.retake]
    if passed is None:
        waits = len(tries) == 1 and not later and exam.retake_after_days is not None
        retake_on = tries[0].on + (exam.retake_after_days or 0) * DAY if waits else None
        return Standing(exam, tries, retake_on)
    confirmable = None
    if passed in later and exam.confirm_after_months is not None:
        confirmable = max(_months_after(hired_on, exam.confirm_after_months), passed.on)
    elif exam.confirm_after_days is not None:
        confirmable = passed.on + exam.confirm_after_days * DAY
    return Standing(exam, tries, confirmable_from=confirmable)


def _state(
    on: date, standing: Standing | None, record: StepRecord | None, today: date, is_rest: IsRest
) -> State:
    if standing is not None and standing.passed:
        return State.PASSED
    if standing is not None and standing.is_failed:
        return State.FAILED
    if standing is not None and standing.retake_on is not None:
        return State.OVERDUE if today > _due(standing.retake_on, is_rest) else State.RETAKE
    if standing is None and record is not None:
        return State.MISSED if record.kind == StepRecord.Kind.ABSENT else State.DONE
    if today < on:
        return State.AHEAD
    if today == on:
        return State.TODAY
    return State.OVERDUE if today > _due(on, is_rest) else State.OPEN


def _due(on: date, is_rest: IsRest) -> date:
    """The last day on which a step is in time: its own, of a day of rest the next day of work."""
    while is_rest(on):
        on += DAY
    return on


def _months_after(day: date, months: int) -> date:
    """The day on which so many months from `day` are complete; the last of a shorter month."""
    month = shift_months(day, months)
    return month.replace(day=min(day.day, last_of(month).day))
