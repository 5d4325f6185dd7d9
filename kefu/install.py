"""What makes the site an app on a phone's home screen: its manifest, and a worker for when the line is gone.

The worker keeps static files and one page that says so; pages of people are never kept.
"""

import hashlib
import json

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

ACCENT, GROUND = "#0f766e", "#f5f7f7"  # as in static/kefu/tokens.css
KEPT = (
    "kefu/tokens.css",
    "kefu/kefu.css",
    "kefu/kefu.js",
    "kefu/icon.svg",
    "django_htmx/htmx-2.min.js",
)
ICONS = (("kefu/icon-192.png", 192, "any"), ("kefu/icon-512.png", 512, "any"))
MASKABLE = ("kefu/icon-maskable-512.png", 512, "maskable")


@login_not_required
@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> JsonResponse:
    """What the phone asks for before it puts the site on the home screen."""
    shown = {
        "id": "/",
        "name": "kefu 客服部管理",
        "short_name": "kefu",
        "description": "今日班次、打卡、交接本、备忘与工资",
        "lang": "zh-CN",
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "theme_color": ACCENT,
        "background_color": GROUND,
        "icons": [
            {"src": static(name), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for name, size, purpose in (*ICONS, MASKABLE)
        ],
    }
    return JsonResponse(shown, content_type="application/manifest+json")


@login_not_required
@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, at the top so that it is in charge of the whole site."""
    kept = [reverse("offline"), *(static(name) for name in KEPT)]
    given = {
        "name": f"kefu-{hashlib.sha256(json.dumps(kept).encode()).hexdigest()[:12]}",
        "kept": kept,
        "offline": kept[0],
        "static": settings.STATIC_URL,
    }
    return render(request, "worker.js", {"given": json.dumps(given)}, content_type="text/javascript")


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What the worker shows where there is no line; the same for everybody."""
    return render(request, "offline.html")
