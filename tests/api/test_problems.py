"""What is wrong with a request is told as a problem, in Chinese, and never as a server error."""

import pytest
from django.core.exceptions import SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError

from commissions.errors import CommissionRefused, OrdersRefused
from kefu.problems import CONTENT_TYPE, MEND, answer_problem
from payroll.errors import AlreadyRunning, PeriodRefused
from penalties.errors import IncidentRefused, IncidentsRefused
from people.api_base import MOST_BYTES
from people.errors import PeopleError
from rules.kinds.base import FactRefused
from rules.library import RulebookError
from sheets.errors import RowError, SheetError, SheetErrors
from tests.api.conftest import Client, Place

LATE = IncidentRefused("日期不对", "请核对日期", field="work_date")
REFUSALS = [
    (LATE, 422, [("work_date", "日期不对", "请核对日期")]),
    (IncidentRefused("工号不对", "请核对", field="staff"), 422, [("number", "工号不对", "请核对")]),
    (IncidentRefused("撤销过", "一次", field="incident"), 409, [("incident", "撤销过", "一次")]),
    (IncidentsRefused({0: LATE}), 422, [("work_date", "日期不对", "请核对日期")]),
    (PeriodRefused("已批准", "退回后再算"), 409, [("", "已批准", "退回后再算")]),
    (AlreadyRunning("正在结算"), 409, [("", "正在结算", MEND)]),
    (PeopleError("已有此工号"), 422, [("", "已有此工号", MEND)]),
    (CommissionRefused("金额不能为负；退款请记为退款"), 422, [("", "金额不能为负", "退款请记为退款")]),
    (FactRefused("天数不对；检查天数"), 422, [("", "天数不对", "检查天数")]),
    (
        OrdersRefused({2: CommissionRefused("已经存在；请重新导入")}),
        422,
        [("orders[2]", "已经存在", "请重新导入")],
    ),
    (
        RulebookError("缺少编号", "没有类型"),
        422,
        [("", "缺少编号", MEND), ("", "没有类型", MEND)],
    ),
    (SheetError("文件是空的。"), 422, [("file", "文件是空的。", MEND)]),
    (SheetErrors([RowError(3, "金额", "不对", "请改成数字")]), 422, [("金额", "不对", "请改成数字")]),
    (
        IntegrityError("duplicate key"),
        409,
        [("", "与同时进行的另一处改动冲突，没有改动任何数据", "请重新读取后再试。")],
    ),
    (DjangoValidationError("日期次序不对"), 400, [("", "日期次序不对", MEND)]),
    (SuspiciousOperation("x"), 400, [("", "请求的内容太多或嵌套太深，无法读取", MEND)]),
]  # fmt: skip


@pytest.mark.parametrize(("error", "status", "told"), REFUSALS, ids=lambda each: type(each).__name__)
def test_every_refusal_of_a_service_is_a_problem(error, status, told):
    answer = answer_problem(error, {})
    assert answer is not None and answer.status_code == status == answer.data["status"]
    assert answer.content_type == CONTENT_TYPE
    assert [(each["field"], each["message"], each["remedy"]) for each in answer.data["errors"]] == told


def test_a_mistake_of_the_program_is_no_problem_of_the_sender():
    assert answer_problem(KeyError("x"), {}) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "address", "content", "kind", "status", "told"),
    [
        ("post", "incidents/", b"{", "application/json", 400, "invalid-request"),
        ("post", "incidents/", b"[" * 100_000, "application/json", 400, "invalid-request"),
        ("post", "incidents/", b'{"amount": NaN}', "application/json", 400, "invalid-request"),
        ("post", "incidents/", b'"text"', "application/json", 400, "invalid-request"),
        ("post", "incidents/", b'{"note": "\\ud800"}', "application/json", 400, "invalid-request"),
        ("post", "incidents/", b"a=1", "text/plain", 415, "unsupported-media-type"),
        ("post", "imports/", b"no parts", "multipart/form-data; boundary=x", 400, "invalid-request"),
        ("post", "orders/", b" " * (MOST_BYTES + 1), "application/json", 413, "too-large"),
        ("delete", "incidents/1/", b"", "application/json", 405, "method-not-allowed"),
        ("get", "incidents/999999999999999999/", b"", "application/json", 404, "not-found"),
        ("get", "incidents/x/", b"", "application/json", 404, "not-found"),
        ("get", "nothing/%0A/", b"", "application/json", 404, "not-found"),
        ("post", "nothing/", b"{}", "application/json", 404, "not-found"),
    ],
)
def test_requests_that_are_none(one: Place, client_of: Client, method, address, content, kind, status, told):
    client = client_of(one.managers["manager"])
    answer = client.generic(method.upper(), f"/api/v1/{address}", content, content_type=kind)
    assert answer.status_code == status, answer.content.decode()
    assert answer.headers["Content-Type"] == CONTENT_TYPE
    assert answer.json()["type"] == f"urn:kefu:problem:{told}"
    assert answer.json()["title"] and answer.json()["detail"]


@pytest.mark.django_db
def test_a_format_that_nobody_has_is_not_promised(one: Place, client_of: Client):
    client = client_of(one.managers["manager"])
    answer = client.get("/api/v1/staff/", headers={"Accept": "application/xml"})
    assert (answer.status_code, answer.json()["type"]) == (406, "urn:kefu:problem:not-acceptable")
