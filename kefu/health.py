"""`/healthz`: whether this process reaches its database and its Redis."""

import logging

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every service works, else 503; the reason goes to the log, not to the caller."""
    checks = {"database": _is_database_up(), "redis": _is_redis_up()}
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


def _is_database_up() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("健康检查：数据库不可用")
        return False
    return True


def _is_redis_up() -> bool:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3) as client:
            client.ping()
    except redis.RedisError:
        logger.exception("健康检查：Redis 不可用")
        return False
    return True
