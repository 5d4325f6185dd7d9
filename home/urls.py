from django.urls import path

from home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("commission/<str:code>/", views.commission_so_far, name="commission_so_far"),
]
