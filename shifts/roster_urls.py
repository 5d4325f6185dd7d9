"""Addresses of shift patterns, rosters and swaps."""

from django.urls import path

from shifts.views import patterns, rosters, swaps

MONTH = "shifts/<str:code>/<month:month>/"
urlpatterns = [
    path("me/swaps/", swaps.me_swaps, name="me_swaps"),
    path("me/swaps/<int:pk>/answer", swaps.me_swap_answer, name="me_swap_answer"),
    path("me/swaps/<int:pk>/withdraw", swaps.me_swap_withdraw, name="me_swap_withdraw"),
    path("shifts/", rosters.rosters, name="rosters"),
    path("shifts/swaps/", swaps.swaps, name="swaps"),
    path("shifts/swaps/<int:pk>/", swaps.swap, name="swap"),
    path("shifts/swaps/<int:pk>/decide", swaps.swap_decided, name="swap_decide"),
    path("shifts/<str:code>/patterns/", patterns.patterns, name="patterns"),
    path("shifts/<str:code>/patterns/adopt", patterns.patterns_adopted, name="patterns_adopt"),
    path("shifts/<str:code>/patterns/new", patterns.pattern_new, name="pattern_new"),
    path("shifts/<str:code>/patterns/<int:pk>/", patterns.pattern, name="pattern"),
    path("shifts/<str:code>/patterns/<int:pk>/retire", patterns.pattern_retired, name="pattern_retire"),
    path(MONTH, rosters.roster, name="roster"),
    path(f"{MONTH}assign", rosters.roster_assigned, name="roster_assign"),
    path(f"{MONTH}publish", rosters.roster_published, name="roster_publish"),
    path(f"{MONTH}copy", rosters.roster_copied, name="roster_copy"),
    path(f"{MONTH}rotate", rosters.roster_rotated, name="roster_rotate"),
    path(f"{MONTH}clear", rosters.roster_cleared, name="roster_clear"),
    path(f"{MONTH}solve", rosters.roster_solved, name="roster_solve"),
    path(f"{MONTH}progress", rosters.roster_progress, name="roster_progress"),
    path(f"{MONTH}export", rosters.roster_exported, name="roster_export"),
    path(f"{MONTH}history", rosters.roster_history, name="roster_history"),
    path(f"{MONTH}person/<int:pk>/", rosters.roster_person, name="roster_person"),
]
