"""The address map of the whole site."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from kefu.health import healthz

urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", healthz, name="healthz"),
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
]
