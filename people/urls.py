from django.urls import path

from people import views

urlpatterns = [
    path("", views.accounts, name="accounts"),
    path("<str:code>/", views.accounts_department, name="accounts_department"),
    path("<str:code>/open", views.accounts_open, name="accounts_open"),
    path("<str:code>/<int:staff_id>/reset", views.accounts_reset, name="accounts_reset"),
    path("<str:code>/<int:staff_id>/two-step", views.accounts_two_step, name="accounts_two_step"),
]
