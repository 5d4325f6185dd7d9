"""One's own rules: what binds the own role, and the signature under it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.paging import PAGE, page_of
from people.web import account_of, own_staff
from rules.differences import differences
from rules.library import blanks_of
from rules.models import Provision, Version
from rules.reading import binds, reading_of
from rules.selectors import role_on, version_on, versions_of, versions_upcoming
from rules.services import RulebookError, version_sign


@require_safe
def my_rules(request: HttpRequest) -> HttpResponse:
    """The provisions that bind the person's role: in force, or (`version`) of one about to start."""
    today = timezone.localdate()
    staff = own_staff(request, unless_left=True)
    current = version_on(staff.department, today)
    upcoming = list(versions_upcoming(staff.department, today)[:PAGE])
    shown_version = _chosen(request, current, upcoming)
    if shown_version is None:
        return render(request, "rules/me.html", {"staff": staff})
    role = role_on(staff, today)
    rows = _binding(shown_version, role)
    page = page_of(request, rows)
    former = current if shown_version != current else shown_version.base
    shown = {
        "staff": staff,
        "current": current,
        "upcoming": upcoming,
        "version": shown_version,
        "page": page,
        "readings": [reading_of(each) for each in page],
        "signature": shown_version.signatures.filter(staff=staff).first(),
        "changes": differences(_executed(_binding(former, role)), _executed(rows))[:PAGE] if former else [],
        "former": former,
    }
    return render(request, "rules/me.html", shown)


@require_POST
def sign(request: HttpRequest, number: int) -> HttpResponse:
    """Sign a version; a second time is the first."""
    staff = own_staff(request, unless_left=True)
    version = get_object_or_404(versions_of(staff.department), number=number)
    try:
        version_sign(version=version, staff=staff, by=account_of(request), at=timezone.now())
    except RulebookError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"已签署第{version.number}版制度。")
    return redirect("me_rules")


def _chosen(request: HttpRequest, current: Version | None, upcoming: list[Version]) -> Version | None:
    """The version asked for by number, else the one in force, else the next."""
    asked = request.GET.get("version")
    readable = [each for each in (current, *upcoming) if each is not None]
    if asked is None:
        return readable[0] if readable else None
    for each in readable:
        if str(each.number) == asked:
            return each
    raise Http404("没有这个版本")


def _binding(version: Version, role: str) -> list[Provision]:
    return [row for row in version.provisions.order_by("position") if binds(row, role)]


def _executed(rows: list[Provision]) -> list[Provision]:
    """Without those whose figures are still open: to their readers they are no rules yet."""
    return [row for row in rows if not blanks_of(row)]
