"""The demonstration's newcomer: thirty days of training with a mentor, two exams; and an exam for everybody.

8207 joined on 12 October and signs in as `demo-newcomer`. The exam for all agents can be sat for two weeks
from the moment of loading.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from people.models import Department
from training.models import ExamPaper, Question, Sitting, StepRecord
from training.services.marks import sitting_mark
from training.services.materials import material_add
from training.services.papers import PaperFact, paper_add, papers_announce
from training.services.places import batch_rank
from training.services.programmes import enrolment_create, step_record, step_teacher_set
from training.services.questions import questions_add
from training.services.results import exam_result_enter
from training.services.sittings import sitting_begin, sitting_submit
from training.wording import QuestionFact
from workbench.demonstration.complaints import DAY, HOUR, Cast, cast_of
from workbench.demonstration.story import moment

PROGRAMME, PRODUCT, PROBATION = "demo-21", "product", "probation"
NEWCOMER, MENTOR, AFTER_SALES = "8207", "8201", "8304"
STARTS = date(2026, 10, 12)
DAYS = {"d01": 1, "d02": 2, "d03": 3, "d04": 4, "d07": 7, "d10": 10, "d15": 15, "d22": 22}
MISSED = "d04"  # that day the warehouse took stock; made up a week later
RULES, GOODS, REFUNDS = "客服制度", "商品知识", "售后"
QUESTIONS = (
    QuestionFact(RULES, "single", "早退一次扣几分？", ("0.5分", "1分", "2分", "不扣分"), "A", 5, "demo-10"),
    QuestionFact(RULES, "single", "每月前几次缺卡免罚？", ("1次", "2次", "3次", "5次"), "C", 5, "demo-15"),
    QuestionFact(
        RULES,
        "true_false",
        "法定节假日当班的，要先申请加班才有加班费。",
        answer="错",
        points=5,
        code="demo-12",
    ),
    QuestionFact(
        RULES,
        "multiple",
        "哪些人可以提名月度服务之星？",
        ("同事", "本人", "组长或主管", "买家"),
        "AC",
        5,
        "demo-17",
    ),
    QuestionFact(RULES, "fill", "抽查不合格每次罚几元？（只写数字）", answer="20", points=5, code="demo-14"),
    QuestionFact(
        GOODS,
        "single",
        "紫砂壶第一次使用前应当怎样？",
        ("清水煮沸后晾干", "用洗洁精刷洗", "直接泡茶"),
        "A",
        5,
    ),
    QuestionFact(GOODS, "true_false", "描金的茶杯可以放进微波炉。", answer="错", points=5),
    QuestionFact(
        GOODS, "multiple", "发货前要和买家核对什么？", ("收货地址", "颜色和容量", "身份证号"), "AB", 5
    ),
    QuestionFact(
        REFUNDS, "single", "茶具到货有破损，先请买家做什么？", ("拍照留证", "自行丢弃", "给差评"), "A", 5
    ),
    QuestionFact(
        REFUNDS,
        "true_false",
        "买家情绪激动时，先解释责任不在店铺。",
        answer="错",
        points=5,
        code="demo-11",
    ),
    QuestionFact(
        REFUNDS,
        "free",
        "买家收到的茶杯碎了一只，来问怎么办。请写出你的第一句和接下来的处理。",
        answer="先致歉，请对方拍照；当场给补发或退款两种办法；记录并跟进到签收",
        points=20,
        code="demo-11",
    ),
)
TEXT = (
    "实在抱歉让您收到碎的杯子，麻烦拍一张照片给我。可以马上给您补发一只，也可以退这一只的钱，"
    "您看哪种方便？补发的单号我会盯到您签收。"
)


def newcomer_train(*, department: Department) -> None:
    """The newcomer's thirty days: attendance, a material, a failed day made up, both exams, the place."""
    _plan(cast_of(department, moment(10, 12)))
    cast = cast_of(department, moment(11, 6))
    _bank(cast)
    _probation_exam(cast)
    enrolment = cast.staff[NEWCOMER].enrolments.get()
    batch_rank(
        department=department,
        batch=enrolment.batch,
        order=[enrolment],
        by=cast.by("manager"),
        at=moment(11, 12),
    )


def _plan(cast: Cast) -> None:
    newcomer, supervisor = cast.staff[NEWCOMER], cast.by("supervisor")
    given: dict[str, Any] = {"department": cast.department, "code": PROGRAMME, "by": supervisor}
    step_teacher_set(step="d10", staff=cast.staff[AFTER_SALES], at=cast.now, **given)
    material_add(
        step="d02",
        title="千牛工作台新手教程",
        url="https://work.taobao.com/",
        at=cast.now,
        **given,
    )
    enrolment = enrolment_create(
        staff=newcomer,
        code=PROGRAMME,
        starts_on=STARTS,
        mentor=cast.staff[MENTOR],
        by=supervisor,
        at=cast.now,
    )
    for step, day in DAYS.items():
        on = STARTS + (day - 1) * DAY
        record: dict[str, Any] = {"enrolment": enrolment, "step": step, "by": supervisor}
        kind = StepRecord.Kind.ABSENT if step == MISSED else StepRecord.Kind.PRESENT
        note = "仓库盘点，改期" if step == MISSED else ""
        step_record(kind=kind, on=on, note=note, at=moment(on.month, on.day, 18), **record)
        if step == MISSED:
            on += 7 * DAY
            step_record(kind=StepRecord.Kind.MADE_UP, on=on, at=moment(on.month, on.day, 18), **record)
    exam_result_enter(
        staff=newcomer,
        code=PRODUCT,
        on=STARTS + 4 * DAY,
        passed=True,
        score=Decimal(82),
        note="笔试，卷子在培训夹里",
        by=supervisor,
        at=moment(10, 16, 18),
    )


def _bank(cast: Cast) -> None:
    questions_add(department=cast.department, facts=QUESTIONS, by=cast.by("supervisor"), at=cast.now)


def _probation_exam(cast: Cast) -> None:
    """Set by the supervisor, sat in the browser on 10 November, its text marked the day after."""
    free = Question.objects.get(department=cast.department, kind=Question.Kind.FREE)
    paper = paper_add(
        department=cast.department,
        fact=PaperFact(
            code=PROBATION,
            title="试用期考核",
            limit_minutes=45,
            opens_at=moment(11, 9, 9),
            closes_at=moment(11, 13, 18),
            pass_mark=Decimal(60),
            topics=((RULES, 5), (GOODS, 3)),  # all there are: the score is the same every time
            questions=(free,),
            people=(cast.staff[NEWCOMER],),
        ),
        key="demo-probation",
        by=cast.by("supervisor"),
        at=cast.now,
    )
    sitting = sitting_begin(paper=paper, staff=cast.staff[NEWCOMER], number=1, at=moment(11, 10, 14))
    _answer(sitting, at=moment(11, 10, 14) + timedelta(minutes=32))
    texts = sitting.questions.filter(question=free).values_list("position", flat=True)
    sitting_mark(
        sitting=sitting,
        marks=dict.fromkeys(texts, 17),
        remarks=dict.fromkeys(texts, "先致歉、给两种办法，很好；还应写明补发要几天"),
        by=cast.by("supervisor"),
        at=moment(11, 11, 11),
    )


def _answer(sitting: Sitting, *, at: datetime) -> None:
    """All right but the question of several answers."""
    answers = {}
    for asked in sitting.questions.select_related("question"):
        question = asked.question
        right = question.correct[:1] if question.kind == Question.Kind.MULTIPLE else question.correct
        given = [TEXT] if question.kind == Question.Kind.FREE else right
        answers[asked.position] = (asked.sequence, given)
    sitting_submit(sitting=sitting, answers=answers, at=at)


@transaction.atomic
def exam_open(*, department: Department, now: datetime) -> ExamPaper:
    """An exam on the rules that every agent can sit now, twice if need be; told to them."""
    cast = cast_of(department, now.replace(second=0, microsecond=0))
    paper = paper_add(
        department=department,
        fact=PaperFact(
            code="rules",
            title="客服制度月考",
            limit_minutes=20,
            opens_at=cast.now - HOUR,
            closes_at=cast.now + 14 * DAY,
            pass_mark=Decimal(80),
            topics=((RULES, 4), (REFUNDS, 2)),
            retakes=1,
            roles=("agent",),
        ),
        key="demo-rules",
        by=cast.by("supervisor"),
        at=cast.now - 2 * HOUR,
    )
    papers_announce(at=now)
    return paper
