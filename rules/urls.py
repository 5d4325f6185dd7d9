from django.urls import path

from rules import draft_views, me_views, views

urlpatterns = [
    path("rules/", views.library, name="rules"),
    path("rules/book/<str:book>/", views.rulebook, name="rules_book"),
    path("rules/<str:code>/", views.department, name="rules_department"),
    path("rules/<str:code>/<int:number>/", views.version, name="rules_version"),
    path("rules/<str:code>/<int:number>/differences", views.version_differences, name="rules_differences"),
    path("rules/<str:code>/<int:number>/signatures", views.signatures, name="rules_signatures"),
    path("rules/<str:code>/draft/", draft_views.draft, name="rules_draft"),
    path("rules/<str:code>/draft/start", draft_views.draft_start, name="rules_draft_start"),
    path("rules/<str:code>/draft/adopt", draft_views.draft_adopt, name="rules_draft_adopt"),
    path("rules/<str:code>/draft/rebase", draft_views.draft_rebase, name="rules_draft_rebase"),
    path("rules/<str:code>/draft/discard", draft_views.draft_discard, name="rules_draft_discard"),
    path("rules/<str:code>/draft/publish", draft_views.draft_publish, name="rules_draft_publish"),
    path("rules/<str:code>/draft/add", draft_views.kinds, name="rules_draft_kinds"),
    path("rules/<str:code>/draft/add/<str:kind>", draft_views.provision_add, name="rules_draft_add"),
    path(
        "rules/<str:code>/draft/provision/<path:provision>/drop",
        draft_views.provision_drop,
        name="rules_draft_drop",
    ),
    path(
        "rules/<str:code>/draft/provision/<path:provision>/restore",
        draft_views.provision_restore,
        name="rules_draft_restore",
    ),
    path(
        "rules/<str:code>/draft/provision/<path:provision>/",
        draft_views.provision_change,
        name="rules_draft_provision",
    ),
    path("me/rules/", me_views.my_rules, name="me_rules"),
    path("me/rules/<int:number>/sign", me_views.sign, name="me_rules_sign"),
]
