from django.urls import path

from rules.views import drafts, me, reading

urlpatterns = [
    path("rules/", reading.library, name="rules"),
    path("rules/book/<str:book>/", reading.rulebook, name="rules_book"),
    path("rules/<str:code>/", reading.department, name="rules_department"),
    path("rules/<str:code>/<int:number>/", reading.version, name="rules_version"),
    path("rules/<str:code>/<int:number>/differences", reading.version_differences, name="rules_differences"),
    path("rules/<str:code>/<int:number>/signatures", reading.signatures, name="rules_signatures"),
    path("rules/<str:code>/draft/", drafts.draft, name="rules_draft"),
    path("rules/<str:code>/draft/start", drafts.draft_start, name="rules_draft_start"),
    path("rules/<str:code>/draft/adopt", drafts.draft_adopt, name="rules_draft_adopt"),
    path("rules/<str:code>/draft/rebase", drafts.draft_rebase, name="rules_draft_rebase"),
    path("rules/<str:code>/draft/discard", drafts.draft_discard, name="rules_draft_discard"),
    path("rules/<str:code>/draft/publish", drafts.draft_publish, name="rules_draft_publish"),
    path("rules/<str:code>/draft/add", drafts.kinds, name="rules_draft_kinds"),
    path("rules/<str:code>/draft/add/<str:kind>", drafts.provision_add, name="rules_draft_add"),
    path(
        "rules/<str:code>/draft/provision/<path:provision>/drop",
        drafts.provision_drop,
        name="rules_draft_drop",
    ),
    path(
        "rules/<str:code>/draft/provision/<path:provision>/restore",
        drafts.provision_restore,
        name="rules_draft_restore",
    ),
    path(
        "rules/<str:code>/draft/provision/<path:provision>/",
        drafts.provision_change,
        name="rules_draft_provision",
    ),
    path("me/rules/", me.my_rules, name="me_rules"),
    path("me/rules/<int:number>/sign", me.sign, name="me_rules_sign"),
]
