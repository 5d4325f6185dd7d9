"""The administration pages of declarations: looking at what was declared and withdrawn."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from people.admin.bases import BY_PERSON, OF_STAFF, PERSON_HELP, ReadOnlyAdmin
from people.selectors import staff_where
from people.web import account_of
from statutory.models import (
    AnnualBonus,
    ContributionBase,
    FirstJob,
    TaxDeduction,
    TaxHistory,
    TaxOpening,
)

_ENTERED = ["note", "by", "at", "withdrawn_at"]


class DeclarationAdmin(ReadOnlyAdmin):
    """Declarations of the people whose declarations the account keeps."""

    list_filter: Any = [("withdrawn_at", admin.EmptyFieldListFilter), OF_STAFF]
    list_filter_submit = True
    list_select_related: Any = ["staff", "by"]
    search_fields: Any = BY_PERSON
    search_help_text = PERSON_HELP

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        kept = staff_where(account_of(request), "manage_declarations").order_by().values("pk")
        return super().get_queryset(request).filter(staff__in=kept).order_by("-pk")


@admin.register(ContributionBase)
class ContributionBaseAdmin(DeclarationAdmin):
    list_display = ["staff", "item", "base", "since", "until", *_ENTERED]
    list_filter = ["item", *DeclarationAdmin.list_filter]


@admin.register(TaxDeduction)
class TaxDeductionAdmin(DeclarationAdmin):
    list_display = ["staff", "kind", "amount", "is_shared", "since", "until", *_ENTERED]
    list_filter = ["kind", "is_shared", *DeclarationAdmin.list_filter]


@admin.register(TaxHistory)
class TaxHistoryAdmin(DeclarationAdmin):
    list_display = ["staff", "year", "months", "income", *_ENTERED]
    list_filter = ["year", *DeclarationAdmin.list_filter]


@admin.register(TaxOpening)
class TaxOpeningAdmin(DeclarationAdmin):
    list_display = [
        "staff", "year", "through", "income", "contributions", "deductions", "withheld", *_ENTERED,
    ]  # fmt: skip
    list_filter = ["year", *DeclarationAdmin.list_filter]


@admin.register(FirstJob)
class FirstJobAdmin(DeclarationAdmin):
    list_display = ["staff", "year", *_ENTERED]
    list_filter = ["year", *DeclarationAdmin.list_filter]


@admin.register(AnnualBonus)
class AnnualBonusAdmin(DeclarationAdmin):
    list_display = ["staff", "paid_on", "amount", "method", *_ENTERED]
    list_filter = ["method", *DeclarationAdmin.list_filter]
    date_hierarchy = "paid_on"
