"""Long lists a page at a time."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

PAGE = 50


def page_of(request: HttpRequest, rows: Any, *, size: int = PAGE, count: int | None = None) -> Page[Any]:
    """The page that the address asks for (`page`), the last one for a number beyond it.

    `rows`: a queryset or a sequence; `count`: how many they are, where that is known without asking.
    """
    paginator = Paginator(rows, size)
    if count is not None:
        paginator.count = count
    return paginator.get_page(request.GET.get("page"))
