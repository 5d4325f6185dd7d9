"""What the API's lists may be asked for. Settings name this class."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend, OrderingFilter
from rest_framework.request import Request


class KnownOnly(BaseFilterBackend):
    """Refuses (400) what a list does not know: a filter that is ignored gives rows that nobody asked for."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        if not view.detail:
            faults = dict(_unknown(request, queryset, view))
            if faults:
                raise ValidationError(faults)
        return queryset


def _unknown(request: Request, queryset: QuerySet[Any], view: Any) -> Iterator[tuple[str, list[str]]]:
    """(parameter, what is wrong with it) of every name and every ordering that the list does not know."""
    ordering = OrderingFilter.ordering_param
    filterset = getattr(view, "filterset_class", None)
    pager = view.paginator
    names = [
        *(filterset.base_filters if filterset else ()),
        *(ordering, pager.cursor_query_param, pager.page_size_query_param),
    ]
    for name in request.query_params:
        if name not in names:
            yield name, [f"没有“{name}”这个筛选条件，可用的是：{'、'.join(names)}。"]
    fields = [name for name, _ in OrderingFilter().get_valid_fields(queryset, view, {"request": request})]
    asked = [each.strip() for given in request.query_params.getlist(ordering) for each in given.split(",")]
    if wrong := [each for each in asked if each and each.removeprefix("-") not in fields]:
        yield ordering, [f"不能按“{'、'.join(wrong)}”排列，可用的是：{'、'.join(fields)}。"]
