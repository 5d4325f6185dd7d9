"""The pages of appraisals: the board, a sheet, the own sheet, schemes, quarters, the workbooks."""

import io
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from openpyxl import load_workbook

from appraisals.models import ItemScore, QuarterGrade, Sheet
from tests.appraisals.appraised import GRADES, metric, place, satisfaction
from tests.complaints.visits import signed_in

pytestmark = pytest.mark.django_db
SHEET = "/appraisals/2026-10/{}/"


def twice(client: Client, url: str, sent: dict[str, Any]) -> str:
    """A button pressed twice: what was written is there once. What the page says at the first press."""
    models = apps.get_app_config("appraisals").get_models()
    first = client.post(url, sent, follow=True).content.decode()
    before = [list(model.objects.order_by("pk").values()) for model in models]
    assert client.post(url, sent, follow=True).status_code == 200
    models = apps.get_app_config("appraisals").get_models()
    assert [list(model.objects.order_by("pk").values()) for model in models] == before
    return first


def test_a_month_from_the_marks_to_the_closing_by_the_pages():
    here = place(GRADES)
    satisfaction(here.agent, "0.95")
    supervisor, manager, agent = map(signed_in, (here.supervisor, here.manager, here.account))
    board = f"/appraisals/?department={here.department.code}&month=2026-10"
    page = supervisor.get(board).content.decode()
    assert "参加考评 2 人" in page and "满意度、态度" in page
    sheet = SHEET.format(here.agent.pk)
    assert "保存“态度”的评分" in supervisor.get(sheet).content.decode()
    twice(supervisor, f"{sheet}score", {"item": "态度", "score": "80", "reason": "主动"})
    assert ItemScore.objects.get().score == 80
    where = {"department": here.department.code, "month": "2026-10", "staff": here.agent.pk}
    assert "已公布1份考评单" in twice(supervisor, "/appraisals/publish", where)
    own = agent.get("/me/appraisals/2026-10/").content.decode()
    assert "90 分" in own and "签字" in own
    twice(agent, "/me/appraisals/2026-10/comment", {"text": "积分应为10"})
    twice(supervisor, f"{sheet}answer", {"text": "积分已是10"})
    twice(agent, "/me/appraisals/2026-10/sign", {"text": "", "edition": "1"})
    assert Sheet.objects.get().state == "signed"
    seen = f"edition_{here.agent.pk}"
    assert f'name="{seen}" value="1"' in manager.get(board).content.decode()
    for read in ({}, {seen: "0"}):
        told = manager.post("/appraisals/close", {**where, **read}, follow=True).content.decode()
        assert "重新公布过；看过最新的总分再定" in told and Sheet.objects.get().state == "signed"
    assert "已定1份考评单" in twice(manager, "/appraisals/close", {**where, seen: "1"})
    assert "90 分" in agent.get("/me/appraisals/").content.decode()
    book = load_workbook(
        io.BytesIO(b"".join(manager.get(f"/appraisals/export{board[12:]}").streaming_content))
    )
    assert book.sheetnames == ["总分", "分项"]
    cells = [[cell.value for cell in row] for row in book["总分"].iter_rows()]
    assert any(row[:3] == [1, "1001", "员工1001"] and row[5] == 90 for row in cells)
    twice(manager, f"{sheet}back", {"text": "积分错了"})
    assert Sheet.objects.get().state == "draft"


def test_a_refusal_is_told_and_nothing_is_written():
    here = place()
    answer = signed_in(here.supervisor).post(
        "/appraisals/publish",
        {"department": here.department.code, "month": "2026-10", "staff": here.agent.pk},
        follow=True,
    )
    assert "1001 员工1001缺满意度、态度，没有总分；补齐后再公布" in answer.content.decode()
    assert not Sheet.objects.exists()


def test_an_agent_sees_the_own_month_and_nobody_elses():
    here = place()
    agent: Client = signed_in(here.account)
    assert agent.get(SHEET.format(here.other.pk)).status_code == 404
    assert here.other.name not in agent.get("/appraisals/?month=2026-10").content.decode()
    assert "缺主管评分" in agent.get("/me/appraisals/2026-10/").content.decode()


def test_schemes_show_their_weights_and_whether_they_are_in_effect():
    open_scheme = {
        "code": "x-open",
        "title": "未填",
        "kind": "evaluation",
        "params": {"items": [{"name": "服务态度", "source": "supervisor", "weight": None}]},
    }
    here = place(GRADES, open_scheme)
    page = signed_in(here.manager).get("/appraisals/schemes").content.decode()
    assert "数字没有填齐，不生效" in page and "待填" in page
    assert "满意度（满意度）40%" in page and "达到90为A" in page


def test_the_grades_of_a_quarter_are_confirmed_on_their_page():
    here = place(GRADES)
    for month in (7, 8, 9):
        metric(here.agent, "appraisal_score", "91", date(2026, month, 1))
    manager = signed_in(here.manager)
    page = manager.get("/appraisals/quarter?quarter=2026Q3").content.decode()
    assert "缺2026-07、2026-08、2026-09的考核得分" in page
    sent = {"department": here.department.code, "quarter": "2026Q3", "staff": here.agent.pk}
    twice(manager, "/appraisals/quarter/confirm", {**sent, f"grade-{here.agent.pk}": "A"})
    assert QuarterGrade.objects.get().grade == "A"
    agent = signed_in(here.account)
    assert "2026年第3季度" in agent.get("/me/appraisals/").content.decode()
    book = manager.get("/appraisals/quarter/export?quarter=2026Q3")
    assert load_workbook(io.BytesIO(b"".join(book.streaming_content))).sheetnames == ["季度等级"]
