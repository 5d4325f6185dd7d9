"""How departments pay months in which somebody missed days, from which day on."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from people.admin.bases import DepartmentFilter, ManagedAdmin
from people.models import Proration
from people.services import proration_set
from people.web import account_of


@admin.register(Proration)
class ProrationAdmin(ManagedAdmin):
    department_path = "department"
    list_display = ["department", "from_on", "divisor", "method"]
    list_filter = [("department", DepartmentFilter)]
    list_select_related = ["department"]
    search_fields = ["department__name"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return ["department", "from_on"] if obj else []

    def save_model(self, request: HttpRequest, obj: Proration, form: Any, change: bool) -> None:
        row = proration_set(
            department=obj.department,
            from_on=obj.from_on,
            divisor=obj.divisor,
            method=obj.method,
            by=account_of(request),
            at=timezone.now(),
        )
        obj.pk, obj._state.adding = row.pk, False
