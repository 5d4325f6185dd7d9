"""What guards every page: the content policy, the first password that must be changed, forms gone stale."""

from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

OPEN_WITH_FIRST_PASSWORD = ("password", "logout")


class ContentPolicyMiddleware(CSPMiddleware):
    """The content policy of settings; under /admin/ also what the theme of the administration needs."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path_info.startswith(reverse("admin:index")):
            parts.update = settings.ADMIN_CONTENT_SECURITY_POLICY
        return parts


class SignedInMiddleware(LoginRequiredMiddleware):
    """Whoever is not signed in goes to sign in. For a part of a page (htmx) the whole page goes, and back."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        asked = _htmx(request)
        if answer is None or not asked:
            return answer
        # None for a page of another site, which nobody is sent back to.
        page = asked.current_url_abs_path
        query = urlencode({self.get_redirect_field_name(view_func): page}) if page else ""
        return HttpResponseClientRedirect(f"{reverse('login')}{'?' if query else ''}{query}")


class FirstPasswordMiddleware:
    """Whoever signs in with a password that somebody else has seen changes it before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if getattr(request.user, "must_change_password", False):
            open_paths = [reverse(name) for name in OPEN_WITH_FIRST_PASSWORD]
            if request.path_info not in open_paths:
                if _htmx(request):
                    return HttpResponseClientRedirect(reverse("password"))
                return redirect("password")
        return self.get_response(request)


class PrivateMiddleware:
    """Nothing that somebody sees signed in is kept by the browser: the computers of an office are shared.

    A page that says itself how long it may be kept (attachments, the worker) is left as it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_somebody = request.user.is_authenticated or "Authorization" in request.headers
        if is_somebody and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response


def _htmx(request: HttpRequest) -> HtmxDetails:
    """What htmx told with the request; false for a whole page."""
    asked = getattr(request, "htmx", None)
    assert isinstance(asked, HtmxDetails)
    return asked


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token does not fit (signed out or in again meanwhile): say so, and nothing changed."""

    return render(request, "403_csrf.html", {"back": request.get_full_path()}, status=403)
