"""The address map of the whole site."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from kefu import install, signin
from kefu.health import healthz

urlpatterns = [
    path("", include("home.urls")),
    path("", include("home.me.urls")),
    path("login", signin.SignInView.as_view(), name="login"),
    path("login/code", signin.login_code, name="login_code"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("password", signin.password, name="password"),
    path("two-step", signin.two_step, name="two_step"),
    path("two-step/off", signin.two_step_off, name="two_step_off"),
    path("accounts/", include("people.urls")),
    path("aliases/", include("people.alias_urls")),
    path("", include("people.identity_urls")),
    path("", include("notices.urls")),
    path("", include("penalties.urls")),
    path("", include("promotions.urls")),
    path("", include("files.urls")),
    path("", include("duties.urls")),
    path("", include("training.urls")),
    path("", include("commissions.urls")),
    path("", include("complaints.urls")),
    path("", include("appraisals.urls")),
    path("", include("shifts.urls")),
    path("", include("nominations.urls")),
    path("", include("imports.urls")),
    path("", include("statutory.urls")),
    path("", include("payroll.urls")),
    path("", include("rules.urls")),
    path("api/v1/", include("kefu.api")),
    path("manifest.webmanifest", install.manifest, name="manifest"),
    path("worker.js", install.worker, name="worker"),
    path("offline", install.offline, name="offline"),
    path("healthz", healthz, name="healthz"),
    path("admin/login/", signin.admin_login),
    path("admin/", admin.site.urls),
]
