"""How much of the API is answered at once: pages of fifty, requests a minute. Settings name these classes."""

import logging
from typing import Any

from django.core.exceptions import ValidationError
from redis import RedisError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from people.models import ApiToken

logger = logging.getLogger(__name__)


class Cursor(CursorPagination):
    """Pages that neither skip nor repeat rows while others are written; `next` leads on."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    page_size_query_description = "每页多少个，至多 200，不写为 50。"
    cursor_query_description = "上一次答复的 next 或 previous 里的值。"
    offset_cutoff = 100_000  # rows that are equal in the first ordering: many incidents of one day

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """The ordering that is asked for, made unique by the id."""
        names = tuple(super().get_ordering(request, queryset, view))
        if any(name.lstrip("-") == "id" for name in names):
            return names
        return (*names, "-id" if names[0].startswith("-") else "id")

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, OverflowError, ValidationError):
            raise NotFound("cursor 不对，请从第一页重新读取。") from None


class TokenThrottle(SimpleRateThrottle):
    """Requests of one token; who has none is turned away before.

    While the cache does not answer nobody is counted and everybody served: the rate guards against haste,
    not against strangers, whom the tokens keep out. The log says so.
    """

    scope = "token"

    def allow_request(self, request: Request, view: Any) -> bool:
        try:
            return bool(super().allow_request(request, view))
        except RedisError:
            logger.exception("接口限速：Redis 不可用，这次请求没有计数")
            return True

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if not isinstance(request.auth, ApiToken):
            return None
        return self.cache_format % {"scope": self.scope, "ident": request.auth.pk}
