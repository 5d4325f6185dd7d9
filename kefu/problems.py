"""What the API answers to a request that is refused: problem details (RFC 9457), in Chinese."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from commissions.errors import OrdersRefused
from core.errors import Refused
from payroll.errors import PeriodRefused
from penalties.errors import IncidentRefused, IncidentsRefused
from rules.library import RulebookError
from sheets.errors import SheetError, SheetErrors
from sheets.questions import QuestionsOpen

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: ("invalid-request", "请求有误"),
    401: ("no-token", "需要令牌"),
    403: ("not-permitted", "没有许可"),
    404: ("not-found", "没有找到"),
    405: ("method-not-allowed", "不能这样操作"),
    406: ("not-acceptable", "没有这种格式"),
    409: ("conflict", "与现状冲突"),
    413: ("too-large", "请求太大"),
    415: ("unsupported-media-type", "不支持的内容格式"),
    422: ("refused", "内容不能接受"),
    429: ("too-many-requests", "请求太频繁"),
}
MEND = "请按说明改正后再发送。"
FIELD_OF = {"staff": "number"}  # where a fact and the API name a field otherwise


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: in which field (`orders[3].amount`; empty: the whole), what to do about it."""

    field: str
    message: str
    remedy: str = MEND
    row: int | None = None


def answer_problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every refusal as a problem, None (a server error) for anything else."""
    if isinstance(error, QuestionsOpen):
        return _asked(error)
    told = _domain(error)
    if told is None:
        return _framework(error, context)
    status, faults = told
    detail = faults[0].message if len(faults) == 1 else f"有 {len(faults)} 处错误，没有改动任何数据。"
    return _response(status, detail, faults)


def _domain(error: Exception) -> tuple[int, list[Fault]] | None:
    """Status and faults of what the services refuse."""
    match error:
        case OrdersRefused():
            return 422, [_fault(refused, f"orders[{index}]") for index, refused in error.refusals.items()]
        case IncidentsRefused():
            return 422, [_fault(refused) for refused in error.refusals.values()]
        case PeriodRefused() | IncidentRefused(field="incident"):  # not what was sent but how things stand
            return 409, [_fault(error)]
        case SheetErrors():
            return 422, [Fault(e.column, e.message, e.remedy, e.row) for e in error.errors]
        case RulebookError():
            return 422, [Fault("", problem) for problem in error.problems]
        case SheetError():
            return 422, [Fault("file", str(error))]
        case Refused():
            return 422, [_fault(error)]
        case IntegrityError():
            return 409, [Fault("", "与同时进行的另一处改动冲突，没有改动任何数据", "请重新读取后再试。")]
        case DjangoValidationError():
            return 400, [Fault("", message) for message in error.messages]
        case SuspiciousOperation() | RecursionError():
            return 400, [Fault("", "请求的内容太多或嵌套太深，无法读取")]
    return None


def _asked(error: QuestionsOpen) -> Response:
    """What a file leaves open, with the answers that there are; sent again with `answers` it goes in."""
    faults = [Fault(f"answers.{each.key}", each.text, "请回答后连同文件再发送。") for each in error.questions]
    detail = f"导入前要先回答 {len(faults)} 个问题，没有导入任何数据。"
    questions = [
        {**asdict(each), "choices": [{"value": code, "text": words} for code, words in each.choices]}
        for each in error.questions
    ]
    return _response(422, detail, faults, slug="questions-open", more={"questions": questions})


def _fault(refused: Refused, place: str = "") -> Fault:
    return Fault(place or FIELD_OF.get(refused.field, refused.field), refused.reason, refused.remedy or MEND)


def _framework(error: Exception, context: dict[str, Any]) -> Response | None:
    """What DRF itself refuses: shape of the input, token, address, rate."""
    response = exception_handler(error, context)
    if response is None:
        return None
    faults: list[Fault] = []
    slug = None
    if isinstance(error, exceptions.ValidationError):
        faults = [Fault(field, message) for field, message in _flat(error.detail)]
        detail = faults[0].message if len(faults) == 1 else f"有 {len(faults)} 处错误，没有改动任何数据。"
    elif isinstance(error, Http404 | exceptions.NotFound):
        own = getattr(error, "detail", "") if isinstance(error, exceptions.NotFound) else ""
        is_own = own and own != exceptions.NotFound.default_detail
        detail = str(own) if is_own else "没有这个对象或地址，或者不归这个令牌。"
    else:
        detail = str(response.data.get("detail", ""))
        slug = getattr(error, "default_code", None) if response.status_code == 422 else None
    kept = {name: value for name, value in response.headers.items() if name != "Content-Type"}
    return _response(response.status_code, detail, faults, slug=slug, headers=kept)


def _flat(detail: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """(field, message) of DRF's nested error detail."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            if isinstance(name, int):  # DRF numbers the rows of a list in some errors
                yield from _flat(inner, f"{place}[{name}]")
            elif name == "non_field_errors":
                yield from _flat(inner, place)
            else:
                yield from _flat(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            is_row = isinstance(inner, dict | list)
            yield from _flat(inner, f"{place}[{index}]" if is_row else place)
    else:
        yield place, str(detail)


def _response(
    status: int,
    detail: str,
    faults: list[Fault],
    *,
    slug: str | None = None,
    headers: dict[str, str] | None = None,
    more: dict[str, Any] | None = None,
) -> Response:
    kind, title = TITLES.get(status, ("error", "出错"))
    problem = {
        "type": f"urn:kefu:problem:{slug or kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": [
            {name: value for name, value in asdict(fault).items() if value is not None} for fault in faults
        ],
        **(more or {}),
    }
    return Response(problem, status=status, headers=headers, content_type=CONTENT_TYPE)
