"""A training programme: what is learnt on which day, who teaches it, what its exams decide (s003-04)."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count as counting
from typing import ClassVar

from rules.kinds.base import Kind
from rules.kinds.labels import PROPOSALS, proposed
from rules.kinds.params import Choice, Many, Nested, ParamError, count, param, text

DAY = timedelta(days=1)
LONGEST = 366  # the last day of a programme
MENTOR = "mentor"
TEACHERS = {
    MENTOR: "师傅",
    "department": "部门指定的人",
    "warehouse": "仓库指定的人",
    "after_sales": "售后指定的人",
}
COUNTED = {"calendar": "日历天", "working": "工作日"}


@dataclass(frozen=True, kw_only=True)
class ProgrammeExam:
    """An exam of a step, and what follows from it: a second try, proposals, the right to be confirmed.

    `failed` is proposed where no try is left. Who passes at once may be confirmed `confirm_after_days` later,
    who passes the second try once so many months from the start are over (`confirm_after_months`).
    `retake` names the second try where a ladder asks for it apart from the first; else it is `code`.
    """

    code: str = param(text, "考试")
    retake_after_days: int | None = param(count, "几天后补考", default=None)
    retake: str | None = param(text, "补考的考试编号", default=None)
    failed: tuple[str, ...] = param(Many(Choice(PROPOSALS)), "不合格时建议", default=())
    confirm_after_days: int | None = param(count, "通过后几天可转正", default=None)
    confirm_after_months: int | None = param(count, "补考通过的满几个月可转正", default=None)

    def __post_init__(self) -> None:
        if self.retake_after_days is None and self.confirm_after_months is not None:
            raise ParamError("confirm_after_months 只用于有补考（retake_after_days）的考试")
        if self.retake_after_days is None and self.retake is not None:
            raise ParamError("retake 只用于有补考（retake_after_days）的考试")
        if self.retake_after_days == 0:
            raise ParamError("retake_after_days 至少1天")

    def in_words(self) -> str:
        """What follows from the exam; where nothing does, that its result is looked at."""
        words = []
        if self.confirm_after_days is not None:
            words.append(f"通过后{self.confirm_after_days}天可转正")
        if self.retake_after_days is not None:
            code = f"（{self.retake}）" if self.retake else ""
            words.append(f"不合格的{self.retake_after_days}天后补考{code}")
        if self.confirm_after_months is not None:
            words.append(f"补考通过的满{self.confirm_after_months}个月可转正")
        if self.failed:
            still = "补考仍不合格的" if self.retake_after_days is not None else "不合格的"
            words.append(f"{still}建议{proposed(self.failed)}")
        return "，".join(words) or "只看成绩"


@dataclass(frozen=True, kw_only=True)
class ProgrammeStep:
    """What happens on a day of the programme; `after_failing`: only for who failed that exam at first."""

    code: str = param(text, "代码")
    day: int = param(count, "第几天")
    title: str = param(text, "内容")
    topics: tuple[str, ...] = param(Many(text), "要点", default=())
    teacher: str = param(Choice(TEACHERS), "由谁带", default="department")
    exam: ProgrammeExam | None = param(Nested(ProgrammeExam), "考试", default=None)
    after_failing: str | None = param(text, "只给没有通过哪场考试的人", default=None)

    def __post_init__(self) -> None:
        if not 1 <= self.day <= LONGEST:
            raise ParamError(f"day 应在1与{LONGEST}之间")

    @property
    def teacher_label(self) -> str:
        return TEACHERS[self.teacher]

    def in_words(self) -> str:
        only = f"，限{self.after_failing}不合格的人" if self.after_failing else ""
        exam = f"，考试{self.exam.in_words()}" if self.exam else ""
        return f"第{self.day}天{self.title}（{self.teacher_label}{only}{exam}）"


@dataclass(frozen=True, kw_only=True)
class Programme(Kind):
    """Dated steps from a newcomer's first day on; an enrolment keeps the version under which it began.

    `within_days`: in how many days from joining the whole is to be done. `counted`: whether days of the plan
    are calendar days (a step that falls on a day of rest stays there and may be made up) or days of work.
    """

    name: ClassVar[str] = "programme"
    label: ClassVar[str] = "培训计划"

    steps: tuple[ProgrammeStep, ...] = param(Many(Nested(ProgrammeStep), at_least=1), "各天")
    within_days: int | None = param(count, "入职后几天内完成", default=None)
    newcomers_per_mentor: int | None = param(count, "一个师傅同时最多带几人", default=None)
    counted: str = param(Choice(COUNTED), "天数按", default="calendar")

    def __post_init__(self) -> None:
        codes = [each.code for each in self.steps] + self.exam_codes
        if doubled := [each for each, times in Counter(codes).items() if times > 1]:
            raise ParamError(f"步骤或考试的代码重复：{'、'.join(doubled)}")
        days = [each.day for each in self.steps]
        if days != sorted(days):
            raise ParamError("steps 应按天数先后排列")
        earlier: set[str] = set()
        for step in self.steps:
            if step.after_failing is not None and step.after_failing not in earlier:
                raise ParamError(f"步骤{step.code}的 after_failing：前面没有考试 {step.after_failing}")
            earlier |= {step.exam.code} if step.exam else set()
        if self.within_days is not None and self.counted == "calendar" and days[-1] > self.within_days:
            raise ParamError(f"第{days[-1]}天超出了 within_days（{self.within_days}天）")

    @property
    def exams(self) -> list[ProgrammeExam]:
        return [each.exam for each in self.steps if each.exam is not None]

    @property
    def exam_codes(self) -> list[str]:
        """Under which codes its exams have results, the second tries with a code of their own too."""
        return [code for each in self.exams for code in (each.code, each.retake) if code is not None]

    @property
    def exam_names(self) -> dict[str, str]:
        """What its exams are called, by code: the title of the step."""
        steps = [(each, each.exam) for each in self.steps if each.exam is not None]
        names = {exam.code: step.title for step, exam in steps}
        retakes = {exam.retake: f"{step.title}（补考）" for step, exam in steps if exam.retake is not None}
        return names | retakes

    def step(self, code: str) -> ProgrammeStep | None:
        return next((each for each in self.steps if each.code == code), None)

    def dates(self, starts_on: date, is_rest: Callable[[date], bool]) -> dict[str, date]:
        """The day of each step by its code; `is_rest` says on which days the person does not work.

        Counted by days of work, day 1 is the first of them from the start on.
        """
        if self.counted == "calendar":
            return {each.code: starts_on + (each.day - 1) * DAY for each in self.steps}
        worked = (day for i in counting() if not is_rest(day := starts_on + i * DAY))
        by_number = {number: next(worked) for number in range(1, self.steps[-1].day + 1)}
        return {each.code: by_number[each.day] for each in self.steps}

    def in_words(self) -> str:
        words = [f"{len(self.steps)}步，第1至{self.steps[-1].day}天（按{COUNTED[self.counted]}）"]
        if self.within_days is not None:
            words.append(f"入职后{self.within_days}天内完成")
        if self.newcomers_per_mentor is not None:
            words.append(f"一个师傅同时最多带{self.newcomers_per_mentor}人")
        exams = [f"第{each.day}天{each.title}{each.exam.in_words()}" for each in self.steps if each.exam]
        return "；".join(["，".join(words), *exams])
