"""What every resource of the API shares: who asks, what is seen, writes that are done once."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.exceptions import APIException, PermissionDenied, ValidationError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from people.models import Account, ApiToken, Department, IdempotencyKey, Staff
from people.selectors import numbered, staff_where
from people.token_auth import TokenAuthentication
from people.tokens import READ, Access

KEYS_KEPT = timedelta(days=7)
KEY_LENGTH = 128
MOST_BYTES = 5 * 2**20  # of a request's JSON: a thousand orders with long remarks
MOST_BYTES_OF_FILE = 20 * 2**20


class KeyUsedOtherwise(APIException):
    status_code = 422
    default_code = "idempotency-key-reused"
    default_detail = "这个 Idempotency-Key 已用于另一个请求，请换一个新的。"


class TooLarge(APIException):
    status_code = 413
    default_code = "too-large"
    default_detail = "请求太大。"


class ScopedViewSet(GenericViewSet):
    """Rows that the token's account sees in the token's departments; anything else is not there (404).

    A subclass says how the account's rows are selected (`visible`) and which department a row is of.
    """

    authentication_classes = [TokenAuthentication]
    department_path = "department"
    ordering: Any = "-id"
    ordering_fields: Any = ["id"]
    request: Request

    def visible(self) -> QuerySet[Any]:
        """The rows that the account may see, wherever."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        within = {f"{self.department_path}__in": self.access.scope().values("pk")}
        return rows.filter(**within).filter(pk__in=self.visible().order_by().values("pk"))

    @property
    def access(self) -> Access:
        assert isinstance(self.request.auth, ApiToken)
        return Access(self.request.auth)

    @property
    def account(self) -> Account:
        return self.access.account

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        is_file = request.content_type.startswith("multipart/")
        most = MOST_BYTES_OF_FILE if is_file else MOST_BYTES
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > most:
            raise TooLarge(f"请求太大（{int(length) // 2**20} MB），最多 {most // 2**20} MB，请分几次发送。")
        if request.method in SAFE_METHODS:
            if not self.access.has(READ):
                raise PermissionDenied("令牌没有读取（read）的许可。")
        else:
            # The handler is looked up after this: a write is one transaction, done once under its key.
            name = str(request.method).lower()
            respond = getattr(self, name, self.http_method_not_allowed)
            is_keyed = "Idempotency-Key" in request.headers
            setattr(self, name, partial(answer_once, respond) if is_keyed else transaction.atomic(respond))

    def input(self, serializer: type[BaseSerializer], **kwargs: Any) -> Any:
        """The request's content as the serializer reads it; ValidationError names every wrong field."""
        given = serializer(data=self.request.data, **kwargs)
        given.is_valid(raise_exception=True)
        return given.validated_data

    def answer(self, row: Any, status: int = 200) -> Response:
        """The resource as it now stands, whether or not the account may list it."""
        return Response(self.get_serializer(row).data, status=status)

    def department_for(self, action: str, code: str) -> Department:
        """A department in which the action may be done: 404 unless seen, 403 unless allowed."""
        department = get_object_or_404(self.access.departments(), code=code)
        self.check_may(action, department)
        return department

    def staff_for(self, action: str, code: str, number: str, on: date) -> Staff:
        """Somebody about whom the account may do the action; of who came back the employment of a day."""
        department = self.department_for(action, code)
        rows = staff_where(self.account, action).select_related("department")
        staff = numbered(rows, department, number, on)
        if staff is None:
            raise Http404
        return staff

    def check_may(self, action: str, department: Department) -> None:
        if not self.access.may(action, department):
            raise PermissionDenied("账号或令牌没有这项操作的许可。")


def answer_once(respond: Callable[..., Response], request: Request, *args: Any, **kwargs: Any) -> Response:
    """Do a write whose request has a key, or give the answer that the same request got before.

    Key, write and answer are one transaction: of two that come at once the second waits for the first,
    and what was refused may be tried again under the same key.
    """
    key = request.headers["Idempotency-Key"]
    if not 0 < len(key) <= KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise ValidationError({"Idempotency-Key": [f"应为 1 至 {KEY_LENGTH} 个可见的英文字符。"]})
    token, now = request.auth, timezone.now()
    assert isinstance(token, ApiToken)
    with transaction.atomic():
        IdempotencyKey.objects.filter(token=token, at__lt=now - KEYS_KEPT).delete()
        row, is_new = IdempotencyKey.objects.get_or_create(
            token=token, key=key, defaults={"request": _digest(request), "at": now}
        )
        if not is_new:
            if row.request != _digest(request):
                raise KeyUsedOtherwise
            return Response(row.answer, status=row.status, headers={"Idempotency-Replayed": "true"})
        response = respond(request, *args, **kwargs)
        rendered = JSONRenderer().render(response.data)
        row.status, row.answer = response.status_code, json.loads(rendered)
        row.save(update_fields=["status", "answer"])
        return response


def _digest(request: Request) -> str:
    """Of method, address and content; a file counts by its bytes."""
    content = {
        name: _file_digest(value) if isinstance(value, UploadedFile) else value
        for name, value in (request.data.items() if hasattr(request.data, "items") else [("", request.data)])
    }
    told = json.dumps(
        [request.method, request.get_full_path(), content], cls=DjangoJSONEncoder, sort_keys=True
    )
    return sha256(told.encode()).hexdigest()


def _file_digest(file: UploadedFile) -> str:
    digest = sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
