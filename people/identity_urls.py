from django.urls import path

from people import identity_views as views

urlpatterns = [
    path("identities/", views.identities, name="identities"),
    path("identities/<str:code>/", views.identities_department, name="identities_department"),
    path("identities/<str:code>/<int:staff_id>/", views.identity_person, name="identity_person"),
    path(
        "identities/<str:code>/<int:staff_id>/documents/<int:pk>/view",
        views.identity_document_view,
        name="identity_document_view",
    ),
    path(
        "identities/<str:code>/<int:staff_id>/documents/<int:pk>/withdraw",
        views.identity_document_withdraw,
        name="identity_document_withdraw",
    ),
    path(
        "identities/<str:code>/<int:staff_id>/accounts/<int:pk>/view",
        views.identity_account_view,
        name="identity_account_view",
    ),
    path(
        "identities/<str:code>/<int:staff_id>/accounts/<int:pk>/withdraw",
        views.identity_account_withdraw,
        name="identity_account_withdraw",
    ),
    path("me/identity/", views.me_identity, name="me_identity"),
]
