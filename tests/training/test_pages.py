"""Pages of training: who sees and does what on them."""

import io
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from people.models import Account, Department, Staff
from rules.library import LIBRARY
from rules.services import rulebook_adopt, rulebooks_load
from tests import factories
from tests.papers import picture_of
from tests.training_objects import training_fill
from training.errors import StepRefused
from training.models import Enrolment, ExamResult, IntakePlace, Material, StepRecord, StepTeacher
from training.selectors.programmes import (
    enrolments_taught_by,
    enrolments_visible_to,
    materials_visible_to,
)
from training.services import exam_result_record
from training.services.programmes import enrolment_end, step_record, step_teacher_set

pytestmark = pytest.mark.django_db


def client_of(account: Account | None) -> Client:
    assert account is not None
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(client: Client, name: str, *args: Any, **query: str) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


@pytest.fixture
def enrolment(department: Department, mentor: Staff, newcomer: Staff, manager: Account) -> Enrolment:
    """Enrolled five days ago."""
    version = department.versions.get()
    known = training_fill(department, [mentor, newcomer], version=version, at=timezone.now(), by=manager)
    return Enrolment.objects.get(pk=known["enrolment"])


def test_a_manager_enrols_a_newcomer_once_however_often_the_button_is_pressed(
    department: Department, mentor: Staff, newcomer: Staff, manager: Account
) -> None:
    client, page = client_of(manager), reverse("enrolment_new")
    sent = {
        "staff": newcomer.number,
        "code": "x-training",
        "starts_on": "2026-10-05",
        "mentor": mentor.name,
        "batch": "",
    }
    assert client.post(page, sent).status_code == 302
    again = client.post(page, sent)
    assert "正在参加“新客服培训”" in again.content.decode()
    row = Enrolment.objects.get()
    assert (row.staff, row.mentor, row.starts_on) == (newcomer, mentor, date(2026, 10, 5))
    wrong = client.post(page, {**sent, "starts_on": "", "mentor": "没有这个人"}).content.decode()
    assert "请填日期" in wrong and "没有找到“没有这个人”" in wrong


def test_the_list_is_filtered_sorted_and_exported(
    enrolment: Enrolment, newcomer: Staff, manager: Account
) -> None:
    client = client_of(manager)
    other = factories.staff(newcomer.department, "N2", name="新人乙")
    training_fill(
        newcomer.department, [newcomer, other], version=newcomer.department.versions.get(),
        at=timezone.now(), by=manager, material="另一份",
    )  # fmt: skip
    exam_result_record(
        staff=newcomer, code="basic", on=timezone.localdate(), passed=False, by=manager, at=timezone.now()
    )
    assert "新人乙" in text(client, "enrolments", sort="start")
    failed = text(client, "enrolments", shown="failed")
    assert "新人甲" in failed and "新人乙" not in failed
    assert "没有符合的培训" in text(client, "enrolments", shown="confirmable")
    answer: Any = client.get(reverse("enrolments_export"), {"who": "N1"})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer)))
    rows = list(book.active.values)  # type: ignore[union-attr]
    cells = [row for row in rows if row[0] == "N1"]
    assert len(cells) == 1 and cells[0][6:8] == (3, 5)
    assert not [row for row in rows if row[0] == "N2"]


def test_the_list_takes_no_more_queries_for_many(
    enrolment: Enrolment, department: Department, mentor: Staff, manager: Account
) -> None:
    client, page = client_of(manager), reverse("enrolments")
    client.get(page)
    with CaptureQueriesContext(connection) as one:
        client.get(page)
    people = [mentor, *(factories.staff(department, f"P{number}") for number in range(20))]
    given = {"version": department.versions.get(), "at": timezone.now(), "by": manager}
    training_fill(department, people, material="另一份", **given)  # type: ignore[arg-type]
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(page).context["plans"]) == 21
    assert len(one) == len(many) <= 12


def test_a_mentor_records_on_the_phone_and_no_colleague_can(
    enrolment: Enrolment, mentor: Staff, newcomer: Staff
) -> None:
    client, address = client_of(mentor.account), reverse("enrolment_step", args=[enrolment.pk])
    page = text(client, "me_newcomers")
    assert "新人甲" in page and "跟师傅接待" in page and "公司概况" not in page
    sent = {"step": "d2", "kind": "made_up", "on": f"{timezone.localdate()}", "back": "newcomers"}
    for _ in range(2):
        assert client.post(address, sent).url == reverse("me_newcomers")
    assert StepRecord.objects.filter(step="d2").count() == 1
    assert "跟师傅接待" not in text(client, "me_newcomers")
    stranger = factories.staff(newcomer.department, "X1")
    account = factories.account("agent", staff=stranger)
    for name in ("enrolment", "enrolment_step", "enrolment_mentor", "enrolment_end"):
        assert client_of(account).post(reverse(name, args=[enrolment.pk]), sent).status_code in (404, 405)
    assert "没有您带的新人" in text(client_of(account), "me_newcomers")
    own = client_of(newcomer.account).post(address, {**sent, "step": "d1"}, follow=True)
    assert "不由您登记" in own.content.decode()
    assert StepRecord.objects.count() == 2


def test_a_newcomer_sees_the_own_plan(enrolment: Enrolment, newcomer: Staff) -> None:
    page = text(client_of(newcomer.account), "me_training")
    for said in ("新客服培训", "王师傅", "基本能力考试", "过期未登记", "客服服务培训"):
        assert said in page
    assert "专项培训" not in page  # only for who fails


def test_who_was_transferred_away_guides_and_teaches_here_no_more(
    enrolment: Enrolment, mentor: Staff, newcomer: Staff, manager: Account
) -> None:
    teacher = factories.staff(newcomer.department, "T1")
    factories.account("agent", staff=teacher)
    now, today = timezone.now(), timezone.localdate()
    step_teacher_set(
        department=newcomer.department, code="x-training", step="d1", staff=teacher, by=manager, at=now
    )
    material, elsewhere = Material.objects.get(), factories.department("T2")

    def seen(of: Staff) -> list[bool]:
        account = Account.objects.get(staff=of)
        sees = enrolments_visible_to(account).exists(), enrolments_taught_by(account).exists()
        return [*sees, materials_visible_to(account).filter(pk=material.pk).exists()]

    assert seen(mentor) == seen(teacher) == [True] * 3
    for of in (mentor, teacher):
        account = Account.objects.get(staff=of)
        Staff.objects.filter(pk=of.pk).update(left_on=today - timedelta(days=1))
        moved = factories.staff(elsewhere, of.number, hired_on=today)
        Staff.objects.filter(pk=moved.pk).update(account=account)
        assert seen(of) == [False] * 3
        with pytest.raises(StepRefused, match="不由您登记"):
            step_record(
                enrolment=enrolment, step="d2" if of == mentor else "d1", kind="present", on=today,
                by=account, at=now,
            )  # fmt: skip


def test_a_teacher_sees_the_newcomers_of_now_alone(
    enrolment: Enrolment, mentor: Staff, newcomer: Staff, manager: Account
) -> None:
    teacher = factories.staff(newcomer.department, "T1")
    account = factories.account("agent", staff=teacher)
    now, today = timezone.now(), timezone.localdate()
    step_teacher_set(
        department=newcomer.department, code="x-training", step="d1", staff=teacher, by=manager, at=now
    )
    assert enrolments_visible_to(account).get() == enrolment
    enrolment_end(enrolment=enrolment, on=today, why="完成", by=manager, at=now)
    assert not enrolments_visible_to(account).exists()
    assert enrolments_visible_to(Account.objects.get(staff=mentor)).get() == enrolment


def test_a_manager_changes_the_mentor_and_ends_the_programme(
    enrolment: Enrolment, newcomer: Staff, manager: Account
) -> None:
    client, other = client_of(manager), factories.staff(newcomer.department, "M2")
    for _ in range(2):
        client.post(reverse("enrolment_mentor", args=[enrolment.pk]), {"mentor": other.number})
        enrolment.refresh_from_db()
        assert enrolment.mentor == other
    ending = reverse("enrolment_end", args=[enrolment.pk])
    nothing = client.post(ending, {"on": "", "why": ""})
    assert "请填日期" in nothing.content.decode()
    for _ in range(2):
        client.post(ending, {"on": f"{timezone.localdate()}", "why": "完成"})
    enrolment.refresh_from_db()
    assert (enrolment.ended_on, enrolment.ended_why) == (timezone.localdate(), "完成")
    assert "完成" in text(client, "enrolments", shown="ended")


def test_a_result_is_entered_and_corrected_on_the_plan(
    enrolment: Enrolment, newcomer: Staff, mentor: Staff, manager: Account
) -> None:
    client, page = client_of(manager), reverse("enrolment_result", args=[enrolment.pk])
    today = timezone.localdate()
    sent = {"code": "basic", "on": f"{today}", "score": "55", "passed": "no", "note": "现场打字测试"}
    assert "请填日期" in client.post(page, {**sent, "on": ""}).content.decode()
    assert "has-error" in client.post(page, {**sent, "code": "other"}).content.decode()
    ahead = client.post(page, {**sent, "on": f"{today + timedelta(days=1)}"}, follow=True)
    assert "今天以前" in ahead.content.decode()
    assert not ExamResult.objects.exists()
    for _ in range(2):
        assert client.post(page, sent).status_code == 302
    client.post(page, {**sent, "score": "65", "passed": "yes", "note": "登错了"})
    assert [each.score for each in ExamResult.objects.order_by("pk")] == [55, 65]
    told = text(client, "enrolment", enrolment.pk)
    assert "登错了" in told and "现场打字测试" in told
    assert client_of(mentor.account).post(page, sent).status_code == 404
    assert "登错了" not in text(client_of(mentor.account), "enrolment", enrolment.pk)
    own = client_of(newcomer.account).post(page, sent, follow=True)
    assert "自己的由别人登记" in own.content.decode()
    assert ExamResult.objects.count() == 2


def test_material_is_opened_by_who_learns_or_teaches_and_nobody_else(
    enrolment: Enrolment, mentor: Staff, newcomer: Staff, manager: Account
) -> None:
    client, of = client_of(manager), newcomer.department
    page = f"{reverse('programme_material')}?department={of.code}&code=x-training&step=d1"
    both = {"title": "手册", "url": "https://example.com/a"}
    refused = client.post(page, {"title": "手册", "url": ""})
    assert "文件和链接须且只须给一样" in refused.content.decode()
    picture = SimpleUploadedFile("手册.png", picture_of(20, 20), content_type="image/png")
    assert client.post(page, {"title": "图", "content": picture}).status_code == 302
    assert client.post(page, both).status_code == 302
    assert "已有同名的资料" in client.post(page, both).content.decode()  # the button pressed twice
    assert Material.objects.filter(step="d1").count() == 2
    row = Material.objects.get(attachment__isnull=False)
    opened = reverse("material_file", args=[row.pk])
    stranger = factories.account("agent", staff=factories.staff(of, "X1"))
    elsewhere = factories.account("manager", factories.department("T2"))
    readers = (manager, mentor.account, newcomer.account, stranger, elsewhere)
    assert [client_of(each).get(opened).status_code for each in readers] == [200, 200, 200, 404, 404]
    for _ in range(2):
        client.post(reverse("material_retire", args=[row.pk]))
    assert client_of(newcomer.account).get(opened).status_code == 404
    assert client_of(mentor.account).post(reverse("material_retire", args=[row.pk])).status_code == 404
    assert "手册" in text(client, "programmes")  # the link is still there


def test_a_manager_names_who_teaches_and_a_lead_of_one_team_does_not(
    enrolment: Enrolment, department: Department, manager: Account
) -> None:
    page = f"{reverse('programme_teacher')}?department={department.code}&code=x-training&step=d1"
    team = factories.team(department)
    lead = factories.account("lead", staff=factories.staff(department, "L1", team=team, role="lead"))
    assert client_of(lead).post(page, {"teacher": "M1"}).status_code == 404
    assert not StepTeacher.objects.exists()
    for _ in range(2):
        assert client_of(manager).post(page, {"teacher": "M1"}).status_code == 302
    assert StepTeacher.objects.get().staff.name == "王师傅"  # type: ignore[union-attr]
    assert "王师傅" in text(client_of(lead), "programmes")


def test_places_are_given_on_their_page(enrolment: Enrolment, manager: Account) -> None:
    client, page = client_of(manager), reverse("intake_places")
    assert "新人甲" in text(client, "intake_places")
    wrong = client.post(page, {f"place-{enrolment.pk}": "2"})
    assert "has-error" in wrong.content.decode()
    assert not IntakePlace.objects.exists()
    for _ in range(2):
        assert client.post(page, {f"place-{enrolment.pk}": "1"}).status_code == 302
    assert IntakePlace.objects.get().place == 1
    other = factories.staff(enrolment.department, "M2", name="李师傅")
    for _ in range(2):
        client.post(page, {f"place-{enrolment.pk}": "1", f"mentor-{enrolment.pk}": "M2"})
    assert [each.mentor for each in IntakePlace.objects.order_by("pk")] == [enrolment.mentor, other]
    assert "名次已撤回" in client.post(page, {f"place-{enrolment.pk}": ""}, follow=True).content.decode()
    assert IntakePlace.objects.latest("pk").place is None
    assert "一个名次也没有填" in client.post(page, {f"place-{enrolment.pk}": ""}).content.decode()


def test_the_plan_of_thirty_days_is_shown_day_by_day(manager: Account, department: Department) -> None:
    today, now = timezone.localdate(), timezone.now()
    rulebooks_load(directories=[LIBRARY], at=now)
    rulebook_adopt(department=department, rulebook="s003-04", effective_on=today, by=manager, at=now)
    page = text(client_of(manager), "programmes", code="s003-04-02")
    for said in ("入职后30天内完成", "第22天", "转正考试", "仓库指定的人", "补考仍不合格的建议"):
        assert said in page
