"""Signing in and out, one's own password, and the optional second step with a code from the phone."""

from datetime import timedelta
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp import login as otp_login
from django_otp import match_token
from django_otp.plugins.otp_totp.models import TOTPDevice

from kefu.forms import CodeForm, OwnPasswordForm, PasswordForm, SignInForm
from kefu.navigation import may_two_step
from people.models import Account
from people.selectors import groups_of
from people.web import account_of

HALF_SIGNED_IN = "half_signed_in"
SECONDS_FOR_CODE = 300
BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignInView(LoginView):
    """Name and password; who has set up the second step is asked for the code next."""

    template_name = "registration/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        account: Account = form.get_user()
        if TOTPDevice.objects.filter(user=account, confirmed=True).exists():
            self.request.session[HALF_SIGNED_IN] = {
                "account": account.pk,
                "password": account.password,
                "at": timezone.now().timestamp(),
                "next": self.get_success_url(),
            }
            return redirect("login_code")
        login(self.request, account, backend=BACKEND)
        if form.cleaned_data["remember"] and groups_of(account) == {"agent"}:
            self.request.session.set_expiry(timedelta(days=settings.SESSION_DAYS_REMEMBERED))
        return redirect(self.get_success_url())


@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def login_code(request: HttpRequest) -> HttpResponse:
    """The second step. A wrong code makes the device wait longer and longer."""
    half = request.session.get(HALF_SIGNED_IN)
    account = _half_signed_in(half)
    if half is None or account is None:
        messages.error(request, "请先输入登录名和口令。")
        return redirect("login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        device = match_token(account, form.cleaned_data["code"])
        if device is not None:
            next_url = half["next"]
            login(request, account, backend=BACKEND)
            otp_login(request, device)
            request.session.pop(HALF_SIGNED_IN, None)
            allowed = url_has_allowed_host_and_scheme(next_url, allowed_hosts={request.get_host()})
            return redirect(next_url if allowed else "home")
        form.add_error("code", "验证码不对或已用过。请等手机上出现下一个再输入；连错几次后须多等一会儿。")
    return render(request, "registration/login_code.html", {"form": form})


def _half_signed_in(half: dict[str, Any] | None) -> Account | None:
    """Whose password was right a moment ago, unless it was changed meanwhile."""
    if half is None or timezone.now().timestamp() - half["at"] > SECONDS_FOR_CODE:
        return None
    return Account.objects.filter(pk=half["account"], password=half["password"], is_active=True).first()


def locked_out(request: HttpRequest, *args: Any) -> HttpResponse:
    """What axes answers while a name is locked; the same for names that do not exist."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return render(request, "registration/locked.html", {"minutes": minutes}, status=429)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; after a first password nothing else is open."""
    account = account_of(request)
    form = OwnPasswordForm(account, request.POST or None)
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        messages.success(request, "口令已更改，下次登录请用新口令。")
        return redirect("home")
    return render(request, "registration/password.html", {"form": form})


@never_cache
@require_http_methods(["GET", "POST"])
def two_step(request: HttpRequest) -> HttpResponse:
    """Set the second step up (a QR code, then one code from it) or see that it is on."""
    account = _who_may_two_step(request)
    confirmed = TOTPDevice.objects.filter(user=account, confirmed=True).first()
    if confirmed is not None:
        return render(request, "registration/two_step.html", {"is_on": True, "form": PasswordForm()})
    if request.method == "GET":
        return render(request, "registration/two_step.html", {"is_on": False})
    device, _ = TOTPDevice.objects.get_or_create(user=account, confirmed=False, defaults={"name": "手机"})
    form = CodeForm(request.POST if "code" in request.POST else None)
    if form.is_bound and form.is_valid():
        if device.verify_token(form.cleaned_data["code"]):
            device.confirmed = True
            device.save(update_fields=["confirmed"])
            otp_login(request, device)
            messages.success(request, "两步验证已打开，下次登录要输入手机上的验证码。")
            return redirect("two_step")
        form.add_error("code", "验证码不对。请核对手机的时间，等下一个验证码再输入。")
    qr = segno.make(device.config_url).svg_inline(scale=5, border=4, light="#fff", dark="#000")
    secret = device.config_url.split("secret=")[1].split("&")[0]
    shown = {"is_on": False, "form": form, "qr": qr, "secret": secret}
    return render(request, "registration/two_step.html", shown)


@sensitive_post_parameters()
@require_POST
def two_step_off(request: HttpRequest) -> HttpResponse:
    """Switch the second step off, with the password."""
    account = _who_may_two_step(request)
    form = PasswordForm(request.POST)
    if form.is_valid() and account.check_password(form.cleaned_data["password"]):
        TOTPDevice.objects.filter(user=account).delete()
        messages.success(request, "两步验证已关闭。")
    else:
        messages.error(request, "口令不对，两步验证仍然打开。")
    return redirect("two_step")


def _who_may_two_step(request: HttpRequest) -> Account:
    if not may_two_step(request):
        raise Http404
    return account_of(request)


@login_not_required
def admin_login(request: HttpRequest) -> HttpResponse:
    """The administration signs in through the same page, second step included."""
    return redirect(f"{resolve_url('login')}?{request.GET.urlencode()}")
