"""The fund in the administration, to look at; its pages record and decide."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from penalties.models import FundCount, FundExpense, FundPosting, FundTransaction
from people.admin.bases import (
    BY_PERSON,
    OF_STAFF,
    PERSON_HELP,
    DepartmentFilter,
    ReadOnlyAdmin,
    ReadOnlyInline,
)
from people.models import Department
from people.selectors import departments_where
from people.web import account_of


def _places(request: HttpRequest) -> QuerySet[Department]:
    """Where the account keeps a fund or sees pay; a lead reads the pages, as everybody of the department."""
    account = account_of(request)
    keeps, sees = (departments_where(account, each).values("pk") for each in ("keep_fund", "view_pay"))
    return Department.objects.filter(Q(pk__in=keeps) | Q(pk__in=sees))


class PostingInline(ReadOnlyInline):
    model = FundPosting
    show_change_link = False
    fields = ["account", "amount"]
    readonly_fields = fields


@admin.register(FundTransaction)
class FundTransactionAdmin(ReadOnlyAdmin):
    list_display = ["on", "department", "kind", "text", "change", "by", "at"]
    list_filter = ["kind", ("department", DepartmentFilter)]
    list_select_related = ["department", "by"]
    date_hierarchy = "on"
    search_fields = [*BY_PERSON, "text"]
    search_help_text = "按工号、姓名、拼音或摘要查找"
    inlines = [PostingInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[FundTransaction]:
        rows = FundTransaction.objects.filter(department__in=_places(request))
        return rows.prefetch_related("postings")

    @display(description="收支")
    def change(self, row: FundTransaction) -> Any:
        return row.change


@admin.register(FundExpense)
class FundExpenseAdmin(ReadOnlyAdmin):
    list_display = ["on", "staff", "amount", "reason", "state", "decided_by", "answer"]
    list_filter = ["state", OF_STAFF]
    list_select_related = ["staff", "decided_by"]
    date_hierarchy = "on"
    search_fields = BY_PERSON
    search_help_text = PERSON_HELP

    def get_queryset(self, request: HttpRequest) -> QuerySet[FundExpense]:
        return FundExpense.objects.filter(staff__department__in=_places(request))


@admin.register(FundCount)
class FundCountAdmin(ReadOnlyAdmin):
    list_display = ["counted_at", "department", "counted", "booked", "explanation", "counted_by", "witness"]
    list_filter = ["state", ("department", DepartmentFilter)]
    list_select_related = ["department", "counted_by", "witness"]
    date_hierarchy = "counted_at"
    search_fields = ["explanation"]
    search_help_text = "按差额说明查找"

    def get_queryset(self, request: HttpRequest) -> QuerySet[FundCount]:
        return FundCount.objects.filter(department__in=_places(request))
