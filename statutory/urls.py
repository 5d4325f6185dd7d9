from typing import Any

from django.urls import path

from statutory.views import declaring, lists

LISTS = (
    ("", "declarations", "base"),
    ("deductions/", "declarations_deductions", "deduction"),
    ("openings/", "declarations_openings", "opening"),
    ("histories/", "declarations_histories", "history"),
    ("first-jobs/", "declarations_first_jobs", "first-job"),
    ("bonuses/", "declarations_bonuses", "bonus"),
)
NEW = (
    ("base/new", "declaration_base_new", "base"),
    ("deduction/new", "declaration_deduction_new", "deduction"),
    ("history/new", "declaration_history_new", "history"),
    ("first-job/new", "declaration_first_job_new", "first-job"),
)


def _paths(view: Any, places: Any) -> list[Any]:
    return [path(f"declarations/{end}", view, {"noun": noun}, name=name) for end, name, noun in places]


# What is recorded of a year beside payslips, bonuses, and what is withdrawn are sent to payroll, which knows
# what was paid.
urlpatterns = [
    *_paths(lists.declarations, LISTS),
    *_paths(declaring.declaration_new, NEW),
    path("declarations/changes/", declaring.declarations_changes, name="declarations_changes"),
    path("declarations/export", lists.declarations_export, name="declarations_export"),
    path("declarations/template", lists.declarations_template, name="declarations_template"),
    path("declarations/people/<int:pk>/", lists.declarations_person, name="declarations_person"),
    path("declarations/<slug:noun>/<int:pk>/end", lists.declaration_end, name="declaration_end"),
    path("me/declarations/", lists.me_declarations, name="me_declarations"),
]
