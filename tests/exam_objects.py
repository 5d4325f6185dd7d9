"""What addresses of exams name, one of each or a lot, for tests that walk every page."""

from datetime import datetime, timedelta
from typing import Any

from people.models import Department, Staff
from training.models import ExamItem, ExamPaper, Question, Sitting, SittingQuestion

LONG = timedelta(days=3650)
ASKED = 20


def exam_known_of(staff: Staff, *, at: datetime) -> dict[str, Any]:
    """A question, a paper, and of a person a sitting under way and one with a text to be marked."""
    choice, text = ("multiple", ["道歉", "倾听", "争辩"], ["0", "1"]), ("free", [], ["先听"])
    question, free = (
        Question.objects.create(
            department=staff.department, topic="投诉", kind=kind, text=f"{staff.name}问：怎么答？{kind}",
            options=options, correct=correct, at=at,
        )
        for kind, options, correct in (choice, text)
    )  # fmt: skip
    open_one, other = (_paper(staff.department, f"one-{staff.pk}-{index}", at) for index in range(2))
    under_way = _sitting(open_one, staff, at, [question, free])
    waiting = _sitting(other, staff, at, [question, free], is_closed=True)
    return {
        "question": question.pk,
        "exam": open_one.pk,
        "own_sitting": under_way.pk,
        "sitting": waiting.pk,
        "position": 1,
    }


def exams_fill(department: Department, people: list[Staff], *, many: int, at: datetime) -> dict[str, Any]:
    """A large bank, many papers, one that everybody has handed in and that waits to be marked."""
    agent, rest = people[1], people[2:]
    known = exam_known_of(agent, at=at)
    questions = Question.objects.bulk_create(
        Question(
            department=department, topic=f"主题{index % 20}", kind="single", text=f"第{index}问：先做什么？",
            options=["问候", "核对订单号", "转给组长", "请客户稍候"], correct=["0"], at=at,
        )
        for index in range(len(people))
    )  # fmt: skip
    for index in range(many):
        _paper(department, f"fill-{index}", at)
    paper = ExamPaper.objects.get(pk=known["exam"])
    _ask(Sitting.objects.get(pk=known["own_sitting"]), questions[: ASKED * 2], first=3)
    Sitting.objects.bulk_create(
        Sitting(
            paper=paper, staff=each, number=1, began_at=at - timedelta(hours=1), expires_at=at,
            closed_at=at, ending="submitted",
        )
        for each in rest
    )  # fmt: skip
    return known


def _paper(department: Department, key: str, at: datetime) -> ExamPaper:
    paper = ExamPaper.objects.create(
        department=department, code="day10", title="第十天考试", limit_minutes=30,
        opens_at=at - timedelta(days=1), closes_at=at + LONG, pass_mark=60, key=key, at=at, announced_at=at,
    )  # fmt: skip
    ExamItem.objects.create(paper=paper, position=1, topic="投诉", count=2)
    return paper


def _sitting(
    paper: ExamPaper, staff: Staff, at: datetime, questions: list[Question], *, is_closed: bool = False
) -> Sitting:
    sitting = Sitting.objects.create(
        paper=paper, staff=staff, number=1, began_at=at - timedelta(minutes=5), expires_at=at + LONG / 2
    )
    _ask(sitting, questions)
    if is_closed:
        sitting.closed_at, sitting.ending = at, Sitting.Ending.SUBMITTED
        sitting.save(update_fields=["closed_at", "ending"])
    return sitting


def _ask(sitting: Sitting, questions: list[Question], *, first: int = 1) -> None:
    SittingQuestion.objects.bulk_create(
        SittingQuestion(
            sitting=sitting, position=position, question=each, order=list(range(len(each.options))),
            answer=["先听客户说"] if each.kind == "free" else [],
        )
        for position, each in enumerate(questions, start=first)
    )  # fmt: skip
