"""How one Redis is written for those who use it for different things."""

from urllib.parse import parse_qsl, urlsplit, urlunsplit


def broker_url(url: str) -> str:
    """Celery's spelling of a redis-py address: it writes unix sockets in its own way."""
    return url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


def cache_url(url: str) -> str:
    """The database after the given one of the same Redis: emptying the cache must not empty the queue."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        number = int(dict(parse_qsl(parts.query)).get("db", 0))
        return f"unix://{parts.path}?db={number + 1}"
    number = int(parts.path.strip("/") or 0)
    return urlunsplit(parts._replace(path=f"/{number + 1}"))
