"""Sittings on the server's clock: their end, autosaves, two pages at once, handing in, more time, retakes."""

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from notices.models import Notice
from people.models import Account, Department, Staff
from tests import factories
from tests.at_once import at_once
from tests.factories import WHEN
from tests.training.banked import CLOSES, answers, bank, paper
from training.errors import ExamRefused, SittingRefused
from training.models import ExamExtension, ExamPaper, ExamResult, Question, Sitting
from training.selectors import exam_outcomes, exam_results
from training.services import exam_result_enter
from training.services.marks import sitting_mark
from training.services.papers import PaperFact, paper_change, paper_withdraw, papers_announce
from training.services.questions import question_add, question_change, question_retire
from training.services.sittings import (
    answers_save,
    sitting_begin,
    sitting_submit,
    sittings_close_due,
    time_give,
)
from training.wording import QuestionFact

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def department() -> Department:
    return factories.department("A")


@pytest.fixture
def manager(department: Department) -> Account:
    return factories.account("manager", department)


@pytest.fixture
def agent(department: Department) -> Staff:
    made = factories.staff(department, "8101")
    factories.account("agent", staff=made)
    made.refresh_from_db()
    return made


@pytest.fixture
def exam(department: Department, manager: Account) -> ExamPaper:
    bank(department, manager)
    return paper(department, manager, retakes=1)


def begin(exam: ExamPaper, agent: Staff, **given: Any) -> Sitting:
    return sitting_begin(**{"paper": exam, "staff": agent, "number": 1, "at": WHEN, **given})


def stored(sitting: Sitting) -> list[tuple[int, list[str], int]]:
    return list(sitting.questions.order_by("position").values_list("position", "answer", "sequence"))


def give(exam: ExamPaper, agent: Staff, by: Account, **given: Any) -> ExamExtension:
    whole = {"minutes": 20, "reason": "停电", "key": uuid4().hex, "at": WHEN, **given}
    return time_give(paper=exam, staff=agent, by=by, **whole)


def test_a_sitting_stores_its_end_and_its_questions_when_it_begins(exam: ExamPaper, agent: Staff) -> None:
    sitting = begin(exam, agent)
    assert sitting.expires_at == WHEN + 30 * MINUTE
    assert [each[1:] for each in stored(sitting)] == [([], 0)] * 3


def test_no_sitting_goes_past_the_windows_end(exam: ExamPaper, agent: Staff) -> None:
    assert begin(exam, agent, at=CLOSES - 10 * MINUTE).expires_at == CLOSES


def test_a_second_page_and_a_new_process_go_on_with_the_same_sitting_and_gain_no_time(
    exam: ExamPaper, agent: Staff
) -> None:
    sitting = begin(exam, agent)
    asked = list(sitting.questions.values_list("position", "question", "order"))
    answers_save(sitting=sitting, answers={1: (0, ["true"])}, at=WHEN + MINUTE)
    # Nothing of a sitting is anywhere but in the database: this is all that a restarted server knows.
    again = begin(ExamPaper.objects.get(), Staff.objects.get(), at=WHEN + 20 * MINUTE)
    assert (again.pk, again.expires_at) == (sitting.pk, WHEN + 30 * MINUTE)
    assert list(again.questions.values_list("position", "question", "order")) == asked
    assert stored(again)[0] == (1, ["true"], 1)
    with pytest.raises(SittingRefused, match="考试时间已到"):
        answers_save(sitting=again, answers={2: (0, ["true"])}, at=WHEN + 30 * MINUTE)


@pytest.mark.django_db(transaction=True)
def test_beginning_and_handing_in_at_once_is_done_once(exam: ExamPaper, agent: Staff) -> None:
    assert at_once(*[lambda: begin(exam, agent)] * 2) == ["done", "done"]
    sitting = Sitting.objects.get()
    right = answers(sitting, True, True, True)
    hand_in = lambda: sitting_submit(sitting=sitting, answers=right, at=WHEN + MINUTE)  # noqa: E731
    close = lambda: sittings_close_due(at=WHEN + 31 * MINUTE)  # noqa: E731
    assert at_once(hand_in, hand_in) == ["done", "done"]
    assert at_once(close, close) == ["done", "done"]
    assert ExamResult.objects.get().score == 100


def test_an_older_page_overwrites_nothing_unsaid(exam: ExamPaper, agent: Staff) -> None:
    sitting = begin(exam, agent)
    answers_save(sitting=sitting, answers={1: (0, ["true"])}, at=WHEN + MINUTE)
    for act in (answers_save, sitting_submit):
        with pytest.raises(SittingRefused, match="第1题在另一个页面改过"):
            act(sitting=sitting, answers={1: (0, ["false"]), 2: (0, ["true"])}, at=WHEN + 2 * MINUTE)
    assert stored(sitting) == [(1, ["true"], 1), (2, [], 0), (3, [], 0)]
    # The same again, as after a line that broke before the answer came, is no conflict.
    answers_save(sitting=sitting, answers={1: (0, ["true"])}, at=WHEN + 2 * MINUTE)
    answers_save(sitting=sitting, answers={1: (1, ["false"])}, at=WHEN + 3 * MINUTE)
    assert stored(sitting)[0] == (1, ["false"], 2)


def test_handing_in_marks_at_once_and_twice_is_once(exam: ExamPaper, agent: Staff) -> None:
    sitting = begin(exam, agent)
    done = sitting_submit(sitting=sitting, answers=answers(sitting, True, True, False), at=WHEN + 9 * MINUTE)
    assert (done.ending, done.score, done.passed) == ("submitted", Decimal("66.67"), True)
    again = sitting_submit(sitting=sitting, answers=answers(sitting, True, True, True), at=WHEN + 50 * MINUTE)
    assert (again.score, again.closed_at) == (done.score, WHEN + 9 * MINUTE)
    result = ExamResult.objects.get()
    day = timezone.localdate(WHEN)
    assert (result.code, result.on, result.score, result.passed) == ("day10", day, Decimal("66.67"), True)
    assert exam_results([agent.pk], until=day)[agent.pk]["day10"] == [result]
    assert Notice.objects.get(account=agent.account_id).text == "考试“第十天考试”66.67分，及格"


def test_after_its_time_nothing_is_handed_in_and_the_last_save_counts(exam: ExamPaper, agent: Staff) -> None:
    sitting = begin(exam, agent)
    answers_save(sitting=sitting, answers={1: (0, ["true"])}, at=WHEN + 29 * MINUTE)
    with pytest.raises(SittingRefused, match="最后一次自动保存"):
        sitting_submit(sitting=sitting, answers=answers(sitting, True, True, True), at=WHEN + 30 * MINUTE)
    sitting.refresh_from_db()
    assert (sitting.ending, sitting.closed_at, sitting.score) == (
        "expired", WHEN + 30 * MINUTE, Decimal("33.33"),
    )  # fmt: skip
    assert ExamResult.objects.get().passed is False


def test_the_server_closes_what_is_over_by_itself(exam: ExamPaper, agent: Staff) -> None:
    sitting = begin(exam, agent)
    answers_save(sitting=sitting, answers={1: (0, ["true"])}, at=WHEN + MINUTE)
    assert sittings_close_due(at=WHEN + 29 * MINUTE) == 0
    assert sittings_close_due(at=WHEN + 40 * MINUTE) == 1
    assert sittings_close_due(at=WHEN + 41 * MINUTE) == 0
    sitting.refresh_from_db()
    assert (sitting.closed_at, sitting.score) == (WHEN + 30 * MINUTE, Decimal("33.33"))
    with pytest.raises(DatabaseError, match="不可再答"), transaction.atomic():
        sitting.questions.update(answer=["true"])


def test_more_time_moves_the_end_of_who_sits_and_is_an_event(
    exam: ExamPaper, agent: Staff, manager: Account
) -> None:
    sitting = begin(exam, agent)
    event = give(exam, agent, manager, at=WHEN + 25 * MINUTE, key="k")
    assert give(exam, agent, manager, at=WHEN + 26 * MINUTE, key="k") == event
    assert (event.moved_from, event.moved_to) == (WHEN + 30 * MINUTE, WHEN + 50 * MINUTE)
    answers_save(sitting=sitting, answers={1: (0, ["true"])}, at=WHEN + 49 * MINUTE)
    assert give(exam, agent, manager, minutes=240, at=WHEN + 49 * MINUTE).moved_to == CLOSES
    with pytest.raises(SittingRefused, match="已到考试截止"):
        give(exam, agent, manager, at=WHEN + 50 * MINUTE)


def test_an_allowance_counts_for_each_sitting_that_begins_later(
    exam: ExamPaper, agent: Staff, manager: Account
) -> None:
    give(exam, agent, manager, minutes=15)
    assert begin(exam, agent).expires_at == WHEN + 45 * MINUTE
    sittings_close_due(at=WHEN + 45 * MINUTE)
    assert begin(exam, agent, number=2, at=WHEN + 60 * MINUTE).expires_at == WHEN + 105 * MINUTE


@pytest.mark.parametrize(
    ("given", "said"),
    [({"minutes": 0}, "加时在"), ({"reason": " "}, "写明原因"), ({"at": CLOSES}, "已截止")],
)
def test_more_time_is_refused_with_what_to_do(
    exam: ExamPaper, agent: Staff, manager: Account, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(SittingRefused, match=said):
        give(exam, agent, manager, **given)
    assert not ExamExtension.objects.exists()


def test_nobody_gives_time_to_themselves_or_elsewhere(exam: ExamPaper, agent: Staff) -> None:
    own = factories.account("manager", exam.department)
    Staff.objects.filter(pk=agent.pk).update(account=own)
    for by in (own, factories.account("manager", factories.department("B"))):
        with pytest.raises(SittingRefused, match="不能给此人加时"):
            give(exam, agent, by)
    assert not ExamExtension.objects.exists()


def test_a_retake_has_other_questions_and_comes_only_when_it_may(
    department: Department, manager: Account, agent: Staff
) -> None:
    bank(department, manager)
    exam = paper(department, manager, retakes=1, retake_days=2, closes_at=WHEN + timedelta(days=9))
    first = begin(exam, agent)
    sitting_submit(sitting=first, answers={}, at=WHEN + MINUTE)
    with pytest.raises(ExamRefused, match="补考须隔2天"):
        begin(exam, agent, number=2, at=WHEN + timedelta(days=1))
    second = begin(exam, agent, number=2, at=WHEN + timedelta(days=2))
    asked = [set(each.questions.values_list("question", flat=True)) for each in (first, second)]
    assert len(asked[0] | asked[1]) == 6
    sitting_submit(sitting=second, answers={}, at=WHEN + timedelta(days=2, minutes=1))
    with pytest.raises(ExamRefused, match="可补考1次，已用完"):
        begin(exam, agent, number=3, at=WHEN + timedelta(days=6))
    assert exam.sittings.count() == 2


def test_two_sittings_of_a_day_are_two_tries_and_a_correction_replaces_the_last(
    exam: ExamPaper, agent: Staff, manager: Account
) -> None:
    for number in (1, 2):
        sitting = begin(exam, agent, number=number, at=WHEN + number * MINUTE)
        sitting_submit(
            sitting=sitting, answers=answers(sitting, False, False, False), at=WHEN + number * MINUTE
        )
    day = timezone.localdate(WHEN)

    def held() -> list[Decimal | None]:
        found = [each.score for each in exam_results([agent.pk], until=day)[agent.pk]["day10"]]
        assert found == [score for *_, score in exam_outcomes([agent.pk], until=day)]
        return found

    assert held() == [0, 0]
    given: dict[str, Any] = {"staff": agent, "code": "day10", "on": day, "passed": True, "by": manager}
    for score in (70, 80):
        exam_result_enter(**given, score=Decimal(score), note="复核", at=WHEN)
    assert held() == [0, 80]


def test_who_passed_sits_no_more(exam: ExamPaper, agent: Staff) -> None:
    sitting = begin(exam, agent)
    sitting_submit(sitting=sitting, answers=answers(sitting, True, True, True), at=WHEN + MINUTE)
    with pytest.raises(ExamRefused, match="已经及格"):
        begin(exam, agent, number=2, at=WHEN + 2 * MINUTE)


def test_only_candidates_begin_and_only_while_it_is_open(
    exam: ExamPaper, agent: Staff, manager: Account
) -> None:
    department = exam.department
    others = paper(department, manager, people=[factories.staff(department)])
    designers = paper(department, manager, roles=["designer"])
    early = paper(department, manager, opens_at=WHEN + MINUTE)
    over = paper(department, manager)
    paper_withdraw(paper=over, at=WHEN)
    for refused, said in (
        (others, "不是这场考试的考生"), (designers, "不是这场考试的考生"), (early, "还没有开放"),
        (over, "不是这场考试的考生"),
    ):  # fmt: skip
        with pytest.raises(ExamRefused, match=said):
            begin(refused, agent)
    with pytest.raises(ExamRefused, match="已截止"):
        begin(exam, agent, at=CLOSES)
    assert not Sitting.objects.exists()


def test_a_bank_that_is_too_small_lets_nobody_begin(exam: ExamPaper, agent: Staff, manager: Account) -> None:
    for each in Question.objects.all()[:4]:
        question_retire(question=each, why="重复", by=manager, at=WHEN)
    with pytest.raises(ExamRefused, match="“退款”只有2题可抽，试卷要3题"):
        begin(exam, agent)
    assert not Sitting.objects.exists()


def test_a_fixed_question_is_asked_of_everybody_in_its_wording_of_then(
    department: Department, manager: Account
) -> None:
    fixed, *_ = bank(department, manager)
    exam = paper(department, manager, topics=[("退款", 5)], questions=[fixed])
    people = [factories.staff(department) for _ in range(3)]
    worded = QuestionFact("退款", "true_false", "换了说法", answer="错")
    begin(exam, people[0])
    new = question_change(question=fixed, fact=worded, by=manager, at=WHEN)
    begin(exam, people[1])
    asked = [
        set(each.questions.values_list("question", flat=True)) for each in Sitting.objects.order_by("pk")
    ]
    assert [asked[0] - asked[1], asked[1] - asked[0]] == [{fixed.pk}, {new.pk}]
    question_retire(question=new, why="过时", by=manager, at=WHEN)
    with pytest.raises(ExamRefused, match="固定的第2项题目已停用或待复核"):
        begin(exam, people[2])


def test_a_paper_does_not_change_once_somebody_began(exam: ExamPaper, agent: Staff, manager: Account) -> None:
    fact = PaperFact("day10", "改", 60, WHEN, CLOSES, Decimal(80), topics=[("退款", 2)])
    assert paper_change(paper=exam, fact=fact, at=WHEN).limit_minutes == 60
    begin(exam, agent)
    with pytest.raises(ExamRefused, match="已有人开考"):
        paper_change(paper=exam, fact=fact, at=WHEN)


def test_a_text_waits_for_a_person_and_the_result_follows(
    department: Department, manager: Account, agent: Staff
) -> None:
    free = QuestionFact("投诉", "free", "怎么安抚客户？", answer="先道歉", points=4)
    question_add(department=department, fact=free, by=manager, at=WHEN)
    bank(department, manager)
    exam = paper(department, manager, topics=[("退款", 1), ("投诉", 1)])
    sitting = begin(exam, agent)
    kinds = dict(sitting.questions.values_list("question__kind", "position"))
    sent = {kinds["true_false"]: (0, ["true"]), kinds["free"]: (0, ["先听客户说完"])}
    sitting_submit(sitting=sitting, answers=sent, at=WHEN + MINUTE)
    assert not ExamResult.objects.exists()
    lead, marks = factories.account("lead"), {kinds["free"]: 3}
    for by, given, said in (
        (lead, marks, "不能评这份试卷"), (manager, {}, "没有给分"), (manager, {kinds["free"]: 5}, "给0到4分"),
    ):  # fmt: skip
        with pytest.raises(SittingRefused, match=said):
            sitting_mark(sitting=sitting, marks=given, by=by, at=WHEN + 2 * MINUTE)
    assert not ExamResult.objects.exists()
    for minute in (3, 4):
        done = sitting_mark(sitting=sitting, marks=marks, by=manager, at=WHEN + minute * MINUTE)
    assert (done.score, done.passed, done.marked_at) == (Decimal(80), True, WHEN + 3 * MINUTE)
    assert ExamResult.objects.get().by == manager
    with pytest.raises(SittingRefused, match="已经评完"):
        sitting_mark(sitting=sitting, marks={kinds["free"]: 4}, by=manager, at=WHEN + 5 * MINUTE)


def test_candidates_are_told_once_that_a_paper_has_opened(exam: ExamPaper, agent: Staff) -> None:
    assert papers_announce(at=WHEN - MINUTE) == 0
    assert [papers_announce(at=WHEN), papers_announce(at=WHEN + MINUTE)] == [1, 0]
    assert [each.account_id for each in Notice.objects.filter(kind="exam")] == [agent.account_id]


def test_chance_draws_and_orders_and_is_stored(department: Department, manager: Account) -> None:
    choice = {"kind": "single", "options": ("甲", "乙", "丙", "丁"), "answer": "A"}
    bank(department, manager, count=30, **choice)
    exam = paper(department, manager, topics=[("退款", 10)])
    drawn = [
        list(
            begin(exam, factories.staff(department), chance=Random(seed)).questions.values_list(
                "question", "order"
            )
        )
        for seed in (1, 2)
    ]
    assert drawn[0] != drawn[1]
    assert all(sorted(order) == [0, 1, 2, 3] for each in drawn for _, order in each)


def test_beginning_takes_as_many_queries_for_any_bank(
    department: Department, manager: Account, django_assert_max_num_queries: Any
) -> None:
    bank(department, manager, count=60)
    exam = paper(department, manager, topics=[("退款", 40)])
    person = factories.staff(department)
    with django_assert_max_num_queries(18):
        begin(exam, person)
