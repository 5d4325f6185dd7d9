"""How notices fared on their way out: for whoever keeps the site running. Their words are nobody else's."""

from django.contrib import admin

from notices.models import NoticeDelivery
from people.admin.bases import ReadOnlyAdmin


@admin.display(description="账号", ordering="notice__account__username")
def account(row: NoticeDelivery) -> str:
    return str(row.notice.account)


@admin.display(description="类别", ordering="notice__kind")
def kind(row: NoticeDelivery) -> str:
    return row.notice.get_kind_display()


@admin.register(NoticeDelivery)
class NoticeDeliveryAdmin(ReadOnlyAdmin):
    list_display = ["due_at", account, kind, "channel", "state", "attempts", "error", "sent_at"]
    list_filter = ["state", "channel"]
    list_select_related = ["notice__account"]
    date_hierarchy = "due_at"
    search_fields = ["notice__account__username"]
    fields = [account, kind, "channel", "state", "due_at", "attempts", "error", "sent_at"]
    readonly_fields = [account, kind]
