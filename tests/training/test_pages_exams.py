"""Pages of exams: the bank, papers, sitting one on a phone, marking, results as far as one may see them."""

import io
import re
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import Account, Department, Staff
from rules.services import version_change
from tests import factories
from tests.factories import WHEN
from tests.published import publish
from tests.training.banked import CLOSES, answers, bank, paper
from training.forms.papers import topic_field
from training.models import ExamExtension, ExamPaper, ExamResult, Question, Sitting
from training.services.questions import question_retire
from training.services.sittings import answers_save, sitting_begin, sitting_submit

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def department() -> Department:
    made = factories.department("A")
    publish(made)
    return made


@pytest.fixture
def manager(department: Department) -> Account:
    return factories.account("manager", department)


def employed(department: Department, group: str = "agent", **given: Any) -> Staff:
    made = factories.staff(department, **given)
    factories.account(group, staff=made)
    made.refresh_from_db()
    return made


@pytest.fixture
def agent(department: Department) -> Staff:
    return employed(department, number="8101")


@pytest.fixture
def exam(department: Department, manager: Account) -> ExamPaper:
    bank(department, manager)
    return paper(department, manager)


def client_of(who: Account | Staff) -> Client:
    client = Client()
    account = who.account if isinstance(who, Staff) else who
    assert account is not None
    client.force_login(account)
    return client


def at(moment: Any) -> Any:
    """The pages' clock stands at a moment."""
    return patch("django.utils.timezone.now", return_value=moment)


def text_of(response: Any) -> str:
    assert response.status_code == 200, response
    return response.content.decode()


def test_a_person_sits_an_exam_and_is_told_nothing_right_before_its_end(
    exam: ExamPaper, agent: Staff
) -> None:
    client = client_of(agent)
    with at(WHEN + MINUTE):
        begun = client.post(reverse("me_exam_begin", args=[exam.pk]), {"number": "1"})
        sitting = Sitting.objects.get()
        page = reverse("me_sitting", args=[sitting.pk])
        assert begun.url == page
        shown = text_of(client.get(page))
        assert "剩30分钟" in shown and shown.count("<fieldset") == 3
        assert not re.search("correct|正确", shown)
        saved = client.post(reverse("me_sitting_answer", args=[sitting.pk, 1]), {"a1": "true", "s1": "0"})
        assert 'name="s1" value="1"' in text_of(saved)
    with at(WHEN + 2 * MINUTE):
        assert "checked" in text_of(client.get(page))
        client.post(
            reverse("me_sitting_submit", args=[sitting.pk]),
            {"a1": "true", "s1": "1", "a2": "false", "s2": "0", "s3": "0", "do": "submit"},
        )
        result = text_of(client.get(page))
        assert "33.33分" in result and "不及格" in result
        assert "正确：" not in result and ">0分<" not in result
    with at(CLOSES):
        assert text_of(client.get(page)).count("正确：") == 3


def test_an_older_page_gets_the_question_as_it_is_stored(exam: ExamPaper, agent: Staff) -> None:
    sitting = sitting_begin(paper=exam, staff=agent, number=1, at=WHEN)
    answers_save(sitting=sitting, answers={1: (0, ["true"])}, at=WHEN)
    client, url = client_of(agent), reverse("me_sitting_answer", args=[sitting.pk, 1])
    with at(WHEN + MINUTE):
        response = client.post(url, {"a1": "false", "s1": "0"})
    assert "在另一个页面改过" in text_of(response) and 'value="true" checked' in text_of(response)
    assert response.headers["HX-Retarget"] == "#question-1"
    assert sitting.questions.get(position=1).answer == ["true"]


def test_when_the_time_is_over_every_page_leads_to_the_result(exam: ExamPaper, agent: Staff) -> None:
    sitting = sitting_begin(paper=exam, staff=agent, number=1, at=WHEN)
    client, page = client_of(agent), reverse("me_sitting", args=[sitting.pk])
    with at(WHEN + 30 * MINUTE):
        for response in (
            client.get(reverse("me_sitting_clock", args=[sitting.pk])),
            client.post(reverse("me_sitting_answer", args=[sitting.pk, 1]), {"a1": "true", "s1": "0"}),
        ):
            assert response.headers["HX-Redirect"] == page
        sent = {"a1": "true", "s1": "0", "do": "submit"}
        late = client.post(reverse("me_sitting_submit", args=[sitting.pk]), sent, follow=True)
    assert "没有交卷：考试时间已到" in text_of(late) and "到时收卷" in text_of(late)
    sitting.refresh_from_db()
    assert (sitting.score, sitting.closed_at) == (0, WHEN + 30 * MINUTE)


def test_nobody_opens_or_writes_anothers_sitting(exam: ExamPaper, agent: Staff) -> None:
    sitting = sitting_begin(paper=exam, staff=agent, number=1, at=WHEN)
    other = client_of(employed(exam.department))
    for name, args in (("me_sitting", ()), ("me_sitting_clock", ()), ("sitting", ()), ("exam", None)):
        key = exam.pk if args is None else sitting.pk
        assert other.get(reverse(name, args=[key])).status_code == 404
    for name, more in (("me_sitting_answer", [1]), ("me_sitting_submit", [])):
        url = reverse(name, args=[sitting.pk, *more])
        assert other.post(url, {"a1": "true", "s1": "0", "do": "submit"}).status_code == 404
    sitting.refresh_from_db()
    assert sitting.closed_at is None and sitting.questions.get(position=1).answer == []


def test_own_exams_say_why_not_and_take_few_queries(
    exam: ExamPaper, agent: Staff, manager: Account, django_assert_max_num_queries: Any
) -> None:
    for index in range(5):
        paper(exam.department, manager, code=f"x{index}", opens_at=WHEN + MINUTE)
    client = client_of(agent)
    with at(WHEN), django_assert_max_num_queries(12):
        shown = text_of(client.get(reverse("me_exams")))
    assert shown.count("还没有开放；10月15日 12:01以后再来") == 5 and shown.count("开始考试") == 1


def test_a_lead_sees_the_own_team_alone_and_an_agent_no_results(
    exam: ExamPaper, agent: Staff, manager: Account, django_assert_max_num_queries: Any
) -> None:
    team = factories.team(exam.department, "甲组")
    mate = employed(exam.department, team=team, name="同组人")
    lead = employed(exam.department, "lead", team=team, role="lead")
    for who in (agent, mate):
        done = sitting_begin(paper=exam, staff=who, number=1, at=WHEN)
        sitting_submit(sitting=done, answers=answers(done, True, True, True), at=WHEN + MINUTE)
    url, client = reverse("exam", args=[exam.pk]), client_of(lead)
    with at(WHEN + 9 * MINUTE):
        with django_assert_max_num_queries(12):
            shown = text_of(client.get(url))
        assert "同组人" in shown and agent.name not in shown
        assert agent.name in text_of(client_of(manager).get(url))
        assert client_of(agent).get(url).status_code == 404
        response: Any = client_of(lead).get(reverse("exam_export", args=[exam.pk]))
        sheet = openpyxl.load_workbook(io.BytesIO(b"".join(response))).active
        others = client_of(lead).get(reverse("sitting", args=[agent.exam_sittings.get().pk]))
        withheld = text_of(client_of(lead).get(reverse("sitting", args=[mate.exam_sittings.get().pk])))
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[1] for row in rows[1:]] == ["同组人", lead.name]
    assert (rows[1][6], rows[1][7], rows[2][7]) == (100, "及格", "没有考")
    assert others.status_code == 404
    assert "截止以后显示" in withheld and "退款第" not in withheld  # the lead may have to sit it as well


def test_questions_are_set_reviewed_and_retired_on_the_pages(
    department: Department, manager: Account
) -> None:
    client = client_of(manager)
    sent = {
        "topic": "罚款",
        "kind": "fill",
        "text": "罚几元？",
        "answer": "20",
        "points": "2",
        "code": "x-late",
    }
    new = f"{reverse('question_new')}?department=A"
    assert "须写接受的答案" in text_of(client.post(new, {**sent, "answer": ""}))
    client.post(new, sent)
    client.post(new, sent)
    made = Question.objects.get()
    today = timezone.localdate()
    changes = {"x-late": {"amount": "30.00"}}
    version_change(department=department, effective_on=today, changes=changes, by=None, at=WHEN)
    assert "待复核" in text_of(client.get(reverse("questions"), {"state": "review"}))
    page = reverse("question", args=[made.pk])
    assert "这道题不再抽" in text_of(client.get(page))
    client.post(page, {**sent, "answer": "30"})
    newest = Question.objects.get(retired_at__isnull=True)
    assert newest.correct == ["30"] and newest.provision is not None
    client.post(reverse("question_retire", args=[newest.pk]), {"why": "太难"})
    newest.refresh_from_db()
    assert newest.retired_why == "太难"
    table = "判断\t罚款\t对吗\t\t对\n判断\t罚款\t错吗\t\t也许\n"
    many = reverse("questions_many")
    assert "第2条：判断题的答案写" in text_of(client.post(many, {"rows": table}))
    assert Question.objects.count() == 2
    client.post(many, {"rows": table.replace("也许", "错")})
    assert Question.objects.count() == 4


def test_a_paper_is_set_changed_and_withdrawn_and_time_is_given(
    department: Department, manager: Account, agent: Staff
) -> None:
    bank(department, manager)
    client = client_of(manager)
    sent = {
        "code": "day10", "title": "第十天", "opens_at": "2026-10-15T12:00", "closes_at": "2026-10-15T15:00",
        "limit_minutes": "30", "pass_mark": "60", "retakes": "0", "retake_days": "0",
        topic_field("退款"): "7", "people": "8101", "questions": "", "key": uuid4().hex,
    }  # fmt: skip
    new = reverse("exam_new")
    with at(WHEN):
        assert "只有6题可抽，要7题" in text_of(client.post(new, sent))
        assert "本部门没有工号 0000" in text_of(client.post(new, {**sent, "people": "0000"}))
        assert not ExamPaper.objects.exists()
        for _ in range(2):
            client.post(new, {**sent, topic_field("退款"): "3"})
        made = ExamPaper.objects.get()
        assert (list(made.people.all()), made.items.get().count) == ([agent], 3)
        change = {**sent, topic_field("退款"): "2", "questions": str(Question.objects.latest("pk").pk)}
        client.post(reverse("exam_change", args=[made.pk]), change)
        assert [each.count for each in made.items.order_by("position")] == [2, 1]
        give = {"number": "8101", "minutes": "10", "reason": "断网", "key": "k"}
        for _ in range(2):
            client.post(reverse("exam_extend", args=[made.pk]), give)
        assert ExamExtension.objects.get().by == manager
        client.post(reverse("exam_withdraw", args=[made.pk]))
        assert "已停考" in text_of(client.get(reverse("exam", args=[made.pk])))


def test_topics_that_change_while_a_page_is_open_land_on_no_other(
    department: Department, manager: Account
) -> None:
    bank(department, manager)
    bank(department, manager, topic="投诉")
    client, new = client_of(manager), reverse("exam_new")
    sent = {
        "code": "day10", "title": "第十天", "opens_at": "2026-10-15T12:00", "closes_at": "2026-10-15T15:00",
        "limit_minutes": "30", "pass_mark": "60", "retakes": "0", "retake_days": "0",
        topic_field("退款"): "2", topic_field("投诉"): "3", "key": uuid4().hex,
    }  # fmt: skip
    with at(WHEN):
        for each in Question.objects.filter(topic="投诉"):
            question_retire(question=each, why="过时", by=manager, at=WHEN)
        bank(department, manager, topic="安抚")
        assert "主题在填写时变了" in text_of(client.post(new, sent))
        assert not ExamPaper.objects.exists()
        client.post(new, {**sent, topic_field("投诉"): ""})
    assert [(each.topic, each.count) for each in ExamPaper.objects.get().items.all()] == [("退款", 2)]


def test_changing_a_paper_drops_nothing_that_may_no_longer_be_drawn(
    department: Department, manager: Account
) -> None:
    bank(department, manager)
    (fixed,) = bank(department, manager, topic="投诉", count=1)
    bank(department, manager, topic="物流", count=1)
    exam = paper(department, manager, topics=[("退款", 3), ("物流", 1)], questions=[fixed])
    for each in Question.objects.filter(topic__in=["投诉", "物流"]):
        question_retire(question=each, why="过时", by=manager, at=WHEN)
    client, page = client_of(manager), reverse("exam_change", args=[exam.pk])
    with at(WHEN):
        begun = client.get(page).context["form"]
        sent = {
            each.html_name: "" if each.value() is None else each.value()
            for each in begun
            if each.name != "roles"
        }
        sent |= {"opens_at": "2026-10-15T12:00", "closes_at": "2026-10-15T15:00"}
        assert sent["questions"] == str(fixed.pk)
        assert f"没有可抽的题 {fixed.pk}" in text_of(client.post(page, sent))
        assert "“物流”只有0题可抽，要1题" in text_of(client.post(page, {**sent, "questions": ""}))
        assert exam.items.count() == 3
        client.post(page, {**sent, "questions": "", topic_field("物流"): ""})
    assert [(each.topic, each.count) for each in exam.items.all()] == [("退款", 3)]


def test_a_result_is_entered_on_the_papers_page(exam: ExamPaper, manager: Account, agent: Staff) -> None:
    page, client = reverse("exam_result", args=[exam.pk]), client_of(manager)
    sent = {"number": "8101", "on": f"{WHEN:%Y-%m-%d}", "score": "82.5", "passed": "yes", "note": "笔试"}
    other = employed(factories.department("B"), "manager", number="9101")
    with at(WHEN + MINUTE):
        assert "没有工号 0000" in text_of(client.post(page, {**sent, "number": "0000"}))
        assert "has-error" in text_of(client.post(page, {**sent, "note": ""}))
        assert client_of(agent).post(page, sent).status_code == 404
        assert client_of(other).post(page, sent).status_code == 404
        assert not ExamResult.objects.exists()
        for _ in range(2):
            assert client.post(page, sent).status_code == 302
        assert "82.5分，合格" in text_of(client.get(reverse("exam", args=[exam.pk])))
    row = ExamResult.objects.get()
    assert (row.staff, row.code, row.note, row.by) == (agent, "day10", "笔试", manager)


def test_a_text_is_marked_on_its_page_and_the_person_reads_the_remark(
    department: Department, manager: Account, agent: Staff
) -> None:
    bank(department, manager, count=1, kind="free", topic="投诉", points=4, answer="先道歉")
    exam = paper(department, manager, topics=[("投诉", 1)])
    sitting = sitting_begin(paper=exam, staff=agent, number=1, at=WHEN)
    sitting_submit(sitting=sitting, answers={1: (0, ["听客户说完"])}, at=WHEN + MINUTE)
    client = client_of(manager)
    with at(WHEN + 2 * MINUTE):
        assert agent.name in text_of(client.get(reverse("marking")))
        page = reverse("sitting", args=[sitting.pk])
        assert "先道歉" in text_of(client.get(page))
        sent = {"points_1": "3", "remark_1": "还要道歉"}
        for _ in range(2):
            assert client.post(page, sent).status_code == 302
        assert "已经评完" in text_of(client.post(page, {**sent, "points_1": "4"}))
        other = employed(factories.department("B"), "lead", number="9101")
        assert client_of(other).post(page, sent).status_code == 404
        own = text_of(client_of(agent).get(reverse("me_sitting", args=[sitting.pk])))
    sitting.refresh_from_db()
    assert sitting.score == 75
    assert "还要道歉" in own and "先道歉" not in own
