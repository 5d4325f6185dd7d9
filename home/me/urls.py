from django.urls import path

from home.me import charges, views

urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/month/", views.me_month, name="me_month"),
    path("me/requests/", views.me_requests_all, name="me_requests"),
    path("me/charges/", charges.me_charges, name="me_charges"),
    path("me/charges/<int:pk>/appeal", charges.me_charge_appeal, name="me_charge_appeal"),
    path("me/charges/appeals/<int:pk>/withdraw", charges.me_appeal_withdraw, name="me_appeal_withdraw"),
    path("me/all/", views.me_all, name="me_all"),
]
