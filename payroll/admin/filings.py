"""The administration pages of what went to the tax bureau and the bank; it is done on a page of its own."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from payroll.filings.layouts import all_layouts
from payroll.models import BankPayment, TaxFiling, TaxFilingResult
from payroll.selectors.periods import periods_visible_to
from people.admin.bases import DepartmentFilter, PayAdmin, ReadOnlyAdmin
from people.models import AccessLog, Department, Staff
from people.selectors import departments_where
from people.web import account_of


class FiledAdmin(PayAdmin, ReadOnlyAdmin):
    """Sums of whole departments: nobody's own pay."""

    looked_at_what = AccessLog.What.PERIOD
    listed_what = None
    date_hierarchy = "at"

    @admin.display(description="版式")
    def layout_name(self, row: Any) -> str:
        layout = all_layouts().get(row.layout)
        return layout.name if layout else row.layout


class TaxAdmin(FiledAdmin):
    list_filter = ["kind", ("department", DepartmentFilter)]
    list_select_related = ["department", "employer", "by"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.filter(department__in=departments_where(account_of(request), "view_pay"))

    def pay_of(self, row: Any) -> tuple[Department, date, Staff | None]:
        return row.department, row.month, None


@admin.register(TaxFiling)
class TaxFilingAdmin(TaxAdmin):
    """Sheets that were exported for the tax bureau."""

    list_display = ["at", "department", "employer", "month", "kind", "nth", "people", "income", "tax", "by"]
    fields = [
        "department", "employer", "month", "kind", "layout_name", "nth", "people", "income", "tax",
        "by", "at",
    ]  # fmt: skip
    readonly_fields = fields


@admin.register(TaxFilingResult)
class TaxFilingResultAdmin(TaxAdmin):
    """What the tax bureau reckoned, as it was read back."""

    list_display = ["at", "department", "employer", "month", "kind", "file_name", "people", "differing", "by"]
    fields = ["department", "employer", "month", "kind", "file_name", "people", "differing", "by", "at"]
    readonly_fields = fields


@admin.register(BankPayment)
class BankPaymentAdmin(FiledAdmin):
    """Payment files that were exported for the bank."""

    list_display = ["at", "period", "nth", "count", "total", "by"]
    list_select_related = ["period__department", "by"]
    fields = ["period", "layout_name", "nth", "count", "total", "by", "at"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[BankPayment]:
        return super().get_queryset(request).filter(period__in=periods_visible_to(account_of(request)))

    def pay_of(self, row: BankPayment) -> tuple[Department, date, Staff | None]:
        return row.period.department, row.period.month, None
