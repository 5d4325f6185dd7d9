"""A month's awards, the own ones, and the honour roll of a year."""

from datetime import date
from decimal import Decimal
from functools import partial

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from core.downloads import workbook_download
from core.paging import page_of
from core.periods import first_of, shift_months
from core.templatetags.ui import Bar
from nominations import services
from nominations.exports import honours_export
from nominations.models import AwardRound, Nomination
from nominations.selectors.nominations import (
    award_places,
    awards_shown,
    board_of,
    honours_by_person,
    honours_of,
    nominations_to_decide,
    nominations_visible_to,
    staff_looked_into,
)
from people.models import Department, Staff
from people.selectors import actions_in, employment_of, may
from people.web import account_of, do, month_asked

BARS, ROWS = 12, 30  # of the chart, and of a page below it
EARLIEST = 2000


@require_safe
def awards(request: HttpRequest) -> HttpResponse:
    """A month's awards with their candidates, 50 to a page."""
    account, today = account_of(request), timezone.localdate()
    places = list(award_places(account).order_by("code"))
    if not places:
        return render(request, "nominations/none.html")
    own = employment_of(account, on=today, unless_left=True)
    place = _place(request, places, own=own)
    month = min(month_asked(request, today), first_of(today))
    closing = AwardRound.objects.filter(department=place, month=month).select_related("closed_by").first()
    page = page_of(request, board_of(account, place, month))
    candidates = list(page.object_list)
    shown_awards = awards_shown(place, month, candidates, on=today, is_closed=closing is not None)
    actions = actions_in(account, place)
    shown = {
        "place": place,
        "places": places,
        "month": month,
        "before": shift_months(month, -1),
        "after": shift_months(month, 1) if month < first_of(today) else None,
        "page": page,
        "awards": shown_awards,
        "seen": staff_looked_into(account, candidates),
        "round": closing,
        "may_close": "decide_awards" in actions
        and not any(each.is_open for each in shown_awards)
        and (any(each.closes_on for each in shown_awards) or not all(each.is_placing for each in candidates)),
        "may_nominate": "record_incidents" in actions or (own is not None and own.department_id == place.pk),
    }
    return render(request, "nominations/awards.html", shown)


@require_POST
def awards_close(request: HttpRequest) -> HttpResponse:
    """Close a month's nominations, or check anew what is not decided."""
    account, today = account_of(request), timezone.localdate()
    place = _place(request, list(award_places(account)), request.POST.get("department", ""))
    if not may(account, "decide_awards", place):
        raise Http404
    month = _month_sent(request, today)
    return do(
        request,
        lambda: services.round_close(department=place, month=month, by=account, at=timezone.now()),
        "条件已核对，可以决定了。",
        f"{reverse('awards')}?department={place.code}&month={month:%Y-%m}",
        refused_as="没有核对：",
    )


@require_safe
def awards_waiting(request: HttpRequest) -> HttpResponse:
    """What the account may decide now, the oldest month first, 50 to a page."""
    rows = nominations_to_decide(account_of(request)).order_by("month", "code", "place", "id")
    related = ("staff__department", "provision", "incident__reversal")
    page = page_of(request, rows.select_related(*related))
    return render(request, "nominations/waiting.html", {"page": page})


@require_safe
def me_awards(request: HttpRequest) -> HttpResponse:
    """The own awards and nominations, with the certificates; what one nominated others for."""
    account = account_of(request)
    rows = nominations_visible_to(account)
    shown = {
        "page": page_of(request, rows.filter(staff__account=account).order_by("-month", "-id")),
        "made": rows.filter(by=account).exclude(staff__account=account).order_by("-id")[:20],
        "employed": employment_of(account, on=timezone.localdate(), unless_left=True),
        "states": Nomination.State,
    }
    return render(request, "nominations/me.html", shown)


@require_safe
def honours(request: HttpRequest) -> HttpResponse:
    """The year's honour roll: who won how often, and each award, so many to a page."""
    account, today = account_of(request), timezone.localdate()
    places = list(award_places(account).order_by("code"))
    if not places:
        return render(request, "nominations/none.html")
    place, year = _place(request, places), _year(request, today)
    rows = honours_of(account, place, year)
    bars = [
        Bar(f"{each['staff__number']} {each['staff__name']}", Decimal(each["won"]))
        for each in honours_by_person(rows, most=BARS)
    ]
    shown = {
        "place": place,
        "places": places,
        "year": year,
        "years": range(today.year, today.year - 5, -1),
        "bars": bars,
        "page": page_of(request, rows, size=ROWS),
    }
    return render(request, "nominations/honours.html", shown)


@require_safe
def honours_export_view(request: HttpRequest) -> FileResponse:
    """The whole roll as a workbook, to everybody who may read it; prizes of whom one sees alone."""
    account, today = account_of(request), timezone.localdate()
    place, year = _place(request, list(award_places(account))), _year(request, today)
    rows = list(honours_of(account, place, year))
    seen = staff_looked_into(account, rows)
    write = partial(honours_export, department=place, year=year, rows=rows, seen=seen)
    return workbook_download(f"荣誉榜-{place.name}-{year}.xlsx", write)


def _place(
    request: HttpRequest, places: list[Department], code: str = "", *, own: Staff | None = None
) -> Department:
    """The department of the address, that of the own work or the first where none is named; else 404."""
    asked = code or request.GET.get("department", "")
    if not asked and places:
        return next((each for each in places if own and each.pk == own.department_id), places[0])
    found = next((each for each in places if each.code == asked), None)
    if found is None:
        raise Http404
    return found


def _month_sent(request: HttpRequest, today: date) -> date:
    try:
        return date.fromisoformat(f"{request.POST.get('month', '')}-01")
    except ValueError:
        return first_of(today)


def _year(request: HttpRequest, today: date) -> int:
    asked = request.GET.get("year", "")
    given = int(asked) if asked.isdecimal() and len(asked) == 4 else today.year
    return given if EARLIEST <= given <= today.year else today.year
