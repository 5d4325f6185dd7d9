"""A question that a file leaves open: asked before anything is stored, answered once, remembered."""

from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone

from imports.batches import run_import
from imports.models import Answer
from people.models import Department, ImportBatch
from sheets.errors import SheetError
from sheets.loading import Summary
from sheets.questions import Question, QuestionsOpen
from sheets.table import Table
from tests import factories

pytestmark = pytest.mark.django_db
QUESTION = Question("status:已核销", "状态“已核销”是否算成交？", (("sale", "算"), ("void", "不算")))


def test_a_file_waits_for_an_answer_which_holds_for_the_next_file() -> None:
    department = factories.department()
    with pytest.raises(QuestionsOpen, match="--answer 'status:已核销=sale'：算"):
        _imported(department, b"1")
    assert not ImportBatch.objects.exists() and not Answer.objects.exists()
    with pytest.raises(QuestionsOpen):  # no choice of this question
        _imported(department, b"1", {QUESTION.key: "perhaps"})
    _imported(department, b"1", {QUESTION.key: "void"})
    assert _imported(department, b"2") == "void"
    assert list(Answer.objects.values_list("key", "text", "value")) == [(QUESTION.key, QUESTION.text, "void")]


def test_rows_left_out_are_counted_by_reason() -> None:
    department = factories.department()
    report = run_import(**_given(department, b"3"), load=_leaving_out)
    assert report.summary.notes == ("合计行 7 行没有导入（第 3、4、5、6、7 行 等）。",)


def test_what_a_header_was_said_to_mean_is_remembered_under_the_question_that_asked() -> None:
    department = factories.department()
    content = "订单号,付款时间,金额,退款金额合计\n7001,2026-10-03,100,30\n"
    seen: list[tuple[str, ...]] = []

    def load(table: Table) -> Summary:
        seen.append(table.present)
        return Summary(rows=1)

    def brought(answers: dict[str, str] | None) -> None:
        given = _given(department, b"") | {"kind": "orders", "path": BytesIO(content.encode())}
        run_import(**given, load=load, answers=answers)

    brought({"header:退款金额合计": "refund_amount"})
    answer = Answer.objects.get()
    assert (answer.key, answer.value) == ("header:退款金额合计", "refund_amount")
    assert answer.choices == [["refund_amount", "是退款金额"], ["-", "不需要"]]
    content = content.replace("7001", "7002")
    brought(None)
    assert len(seen) == 2 and all("refund_amount" in present for present in seen)
    assert Answer.objects.count() == 1


def test_a_long_question_is_remembered_under_the_key_it_is_asked_by() -> None:
    long = Question(f"status:{'长' * 300}", "算成交吗？", QUESTION.choices)
    department, found = factories.department(), []

    def load(table: Table) -> Summary:
        found.append(table.ask(long))
        return Summary(rows=1)

    run_import(**_given(department, b"1"), load=load, answers={f"status:{'长' * 300}": "void"})
    run_import(**_given(department, b"2"), load=load)
    assert found == ["void", "void"]
    assert Answer.objects.get().key == f"status:{'长' * 248}"


def test_more_questions_than_anybody_answers_are_one_refusal() -> None:
    department = factories.department()

    def load(table: Table) -> Summary:
        for number in range(101):
            table.ask(Question(f"status:{number}", f"“{number}”算成交吗？", QUESTION.choices))
        return Summary(rows=1)

    with pytest.raises(SheetError, match=r"要问的超过 100 个.*多半选错了列") as caught:
        run_import(**_given(department, b"1"), load=load)
    assert not isinstance(caught.value, QuestionsOpen) and not ImportBatch.objects.exists()


def _imported(department: Department, mark: bytes, answers: dict[str, str] | None = None) -> str | None:
    found: list[str | None] = []

    def load(table: Table) -> Summary:
        found.append(table.ask(QUESTION))
        return Summary(rows=1)

    run_import(**_given(department, mark), load=load, answers=answers)
    return found[0]


def _given(department: Department, mark: bytes) -> dict[str, Any]:
    file = BytesIO(b"\xef\xbb\xbf" + f"订单号,工号\n{mark.decode()},1001\n".encode())
    return {
        "department": department,
        "kind": "attribution",
        "path": file,
        "profile": None,
        "by": None,
        "at": timezone.now(),
        "dry_run": False,
    }


def _leaving_out(table: Table) -> Summary:
    for number in range(3, 10):
        table.leave_out(number, "合计行")
    return Summary(rows=1)
