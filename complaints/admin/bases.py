"""What the administration pages of complaints share: whose cases are listed."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from people.admin.bases import ReadOnlyAdmin
from people.selectors import departments_where
from people.web import account_of


class CaseRowsAdmin(ReadOnlyAdmin):
    """Rows of cases, of departments where the account sees all of them; `of_department` is the path there."""

    of_department = "case__department"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        places = departments_where(account_of(request), "view_cases").order_by().values("pk")
        return super().get_queryset(request).filter(**{f"{self.of_department}__in": places})


def in_lines(given: Mapping[str, Any]) -> str:
    """What was written into named fields."""
    return "；".join(f"{name}：{value}" for name, value in given.items())
