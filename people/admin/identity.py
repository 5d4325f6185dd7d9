"""Documents and bank accounts in the administration: masked, to be looked at."""

from django.contrib import admin

from people.admin.bases import BY_PERSON, OF_STAFF, PERSON_HELP, ReadOnlyAdmin
from people.models import BankAccount, IdentityDocument, SealedNumber

_KEPT = ["since", "until", "by", "at", "withdrawn_at", "withdrawn_by"]


@admin.display(description="号码")
def number_masked(row: SealedNumber) -> str:
    return row.masked


class SealedNumberAdmin(ReadOnlyAdmin):
    """Entered, and shown in full with a reason, on pages of their own."""

    staff_path = "staff"
    readonly_fields = [number_masked]
    list_select_related = ["staff__department", "by"]
    search_fields = BY_PERSON
    search_help_text = PERSON_HELP


@admin.register(IdentityDocument)
class IdentityDocumentAdmin(SealedNumberAdmin):
    fields = ["staff", "kind", number_masked, "nationality", *_KEPT]
    list_display = ["staff", "kind", number_masked, "nationality", "since", "until", "withdrawn_at"]
    list_filter = [OF_STAFF, "kind"]


@admin.register(BankAccount)
class BankAccountAdmin(SealedNumberAdmin):
    fields = ["staff", "bank", "branch", number_masked, "holder", *_KEPT]
    list_display = ["staff", "bank", "branch", number_masked, "holder", "since", "until", "withdrawn_at"]
    list_filter = [OF_STAFF, "bank"]
