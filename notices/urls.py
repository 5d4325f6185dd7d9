from django.urls import path

from notices import views

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read", views.notices_mark, name="notices_mark"),
    path("notices/<int:pk>/", views.notice, name="notice"),
    path("notices/<int:pk>/read", views.notice_mark, name="notice_mark"),
    path("me/notices/", views.notice_choices, name="notice_choices"),
    path("me/notices/try", views.notice_trial, name="notice_trial"),
    path("me/notices/deliveries", views.notice_deliveries, name="notice_deliveries"),
]
