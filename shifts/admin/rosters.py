"""Patterns, rosters, their changes and swaps to look at; the pages of rosters write them."""

from django.contrib import admin

from people.admin.bases import BY_PERSON, OF_STAFF, PERSON_HELP, DepartmentFilter, ReadOnlyAdmin
from people.selectors import person_lookups
from shifts.models import Roster, RosterChange, ShiftPattern, Swap


@admin.register(ShiftPattern)
class ShiftPatternAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = [
        "name",
        "code",
        "department",
        "is_evening",
        "minimum_staff",
        "maximum_staff",
        "is_retired",
    ]
    list_filter = ["is_retired", ("department", DepartmentFilter)]
    list_select_related = ["department"]
    search_fields = ["name", "code"]


@admin.register(Roster)
class RosterAdmin(ReadOnlyAdmin):
    department_path = "department"
    list_display = ["month", "department", "team", "state", "published_by", "published_at"]
    list_filter = ["state", ("department", DepartmentFilter)]
    list_select_related = ["department", "team", "published_by"]
    date_hierarchy = "month"


@admin.register(RosterChange)
class RosterChangeAdmin(ReadOnlyAdmin):
    staff_path = "staff"
    list_display = ["at", "staff", "work_date", "before", "after", "reason", "by"]
    list_filter = [OF_STAFF]
    list_select_related = ["staff", "before", "after", "by"]
    date_hierarchy = "work_date"
    search_fields = [*BY_PERSON, "reason"]
    search_help_text = PERSON_HELP


@admin.register(Swap)
class SwapAdmin(ReadOnlyAdmin):
    staff_path = "asker"
    list_display = ["asked_at", "asker", "asker_date", "partner", "partner_date", "state", "decided_by"]
    list_filter = ["state", ("asker__department", DepartmentFilter)]
    list_select_related = ["asker", "partner", "decided_by"]
    search_fields = [*person_lookups("asker").values(), *person_lookups("partner").values()]
