from django.urls import path

from home.me import views

urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/month/", views.me_month, name="me_month"),
    path("me/requests/", views.me_requests_all, name="me_requests"),
    path("me/all/", views.me_all, name="me_all"),
]
