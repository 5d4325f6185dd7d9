"""Duties: what somebody owes, on the own pages; how a day's duties stand, for who leads them."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Refused
from core.paging import page_of
from duties.forms.duties import DutyForm
from duties.models import DutyRecord
from duties.obligations import STATE_LABELS, State
from duties.selectors.duties import Obligation, duties_of, owed_between
from duties.selectors.turns import swaps_open, turns_between
from duties.services import duties as services
from duties.views.common import place_asked
from people.models import Account, Department, Staff
from people.selectors import departments_where, staff_visible_to
from people.web import account_of, day_from, do, id_from, own_staff, typed

BACK, AHEAD = timedelta(days=31), timedelta(days=7)
SHORT = 20
ANNOUNCED = ("attendance", "turn")  # a week before their day; everything else once it can be done
ON_PAGE = ("report", "minutes", "done", "turn", "attendance")
# Of a day's list the ones that somebody has to look after come first.
ORDER = (State.MISSED, State.OVERDUE, State.OPEN, State.LATE, State.MADE_UP, State.WAIVED, State.DONE)


@require_safe
def me_duties(request: HttpRequest) -> HttpResponse:
    """What is due now and in a week, what was done and what missed in the last month; turns and swaps."""
    staff, now = own_staff(request), timezone.now()
    today = timezone.localdate(now)
    found = duties_of(staff, today - BACK, today + AHEAD, at=now)
    due = [
        each
        for each in found
        if each.state in (State.OPEN, State.OVERDUE)
        and (each.owed.opens_on <= today or each.owed.duty.proof in ANNOUNCED)
    ]
    past = [each for each in reversed(found) if each.state not in (State.OPEN, State.OVERDUE)]
    mine = turns_between(staff.department, today, today + 4 * AHEAD).filter(staff=staff)
    shown = {
        "due": due[:SHORT],
        "page": page_of(request, past),
        "labels": STATE_LABELS,
        "turns": mine[:SHORT],
        "swaps": swaps_open(staff)[:SHORT],
        "staff": staff,
        "on_page": ON_PAGE,
        "now": now,
    }
    return render(request, "duties/me_duties.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def me_duty(request: HttpRequest, duty: str, day: str) -> HttpResponse:
    """One duty: doing it, or what was handed in."""
    staff, now = own_staff(request), timezone.now()
    on = _day(day)
    found = _one(staff, duty, on, now)
    form = DutyForm(found.owed, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            account, given = account_of(request), form.cleaned_data
            services.duty_do(staff=staff, code=duty, due_on=on, by=account, at=now, **given)
            messages.success(request, f"已登记：{found.owed.rule.title}。")
            return redirect("me_duties")
        except Refused as refused:
            form.add_error(None, f"{refused}。")
    record = _record(found.owed.record_id)
    shown = {"found": found, "label": STATE_LABELS[State(found.state)], "form": form, "record": record}
    return render(request, "duties/me_duty.html", {**shown, "may_do": _may_do(found)})


def _record(pk: int | None) -> DutyRecord | None:
    return DutyRecord.objects.select_related("attachment").get(pk=pk) if pk else None


def _may_do(found: Obligation) -> bool:
    if found.owed.duty.proof == "attendance" and found.state != State.OPEN:
        return False  # once the meeting has begun, whoever holds it says who came
    return found.owed.record_id is None and found.owed.duty.proof in ON_PAGE


def _one(staff: Staff, code: str, on: date, now: Any) -> Obligation:
    for each in duties_of(staff, on, on, at=now):
        if each.owed.rule.code == code:
            return each
    raise Http404


def _day(text: str) -> date:
    on = day_from(text)
    # What lies so far away nobody owes, and dates end somewhere.
    if on is None or not 2000 <= on.year <= 2100:
        raise Http404
    return on


@require_safe
def duties(request: HttpRequest) -> HttpResponse:
    """How the duties of a day stand, person by person; at most twelve queries at any size."""
    account, now = account_of(request), timezone.now()
    place, places = place_asked(request)
    on = day_from(request.GET.get("day", "")) or timezone.localdate(now)
    on = _day(f"{on}")
    found = _of_day(account, place, on, now)
    code, state = request.GET.get("duty", ""), request.GET.get("state", "")
    rows = [each for each in found if code in ("", each.owed.rule.code) and state in ("", each.state)]
    rows.sort(key=lambda each: ORDER.index(State(each.state)))
    shown = {
        "place": place,
        "places": places,
        "day": on,
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
        "page": page_of(request, rows),
        "summary": _summary(found),
        "labels": STATE_LABELS,
        "state": state,
        "duty": code,
        "may_waive": _reviews(account).filter(pk=place.pk).exists(),
    }
    return render(request, "duties/duties.html", shown)


def _of_day(account: Account, place: Department, on: date, now: Any) -> list[Obligation]:
    seen = set(staff_visible_to(account).filter(department=place).values_list("pk", flat=True))
    return [
        Obligation(staff, each, each.state(now))
        for staff, each in owed_between(place, on, on)
        if staff.pk in seen
    ]


def _summary(found: list[Obligation]) -> list[dict[str, Any]]:
    """Of every duty how many stand how."""
    rules = {each.owed.rule.code: each.owed for each in found}
    counts = Counter((each.owed.rule.code, each.state) for each in found)
    return [
        {
            "owed": owed,
            "counts": [(STATE_LABELS[state], counts[code, state]) for state in ORDER if counts[code, state]],
            "is_meeting": owed.duty.proof == "attendance",
        }
        for code, owed in sorted(rules.items())
    ]


def _reviews(account: Account) -> Any:
    return departments_where(account, "countersign_handover")


@require_http_methods(["GET", "HEAD", "POST"])
def duty_meeting(request: HttpRequest, code: str, duty: str, day: str) -> HttpResponse:
    """Who came to a meeting, entered by whoever may countersign."""
    account, now, on = account_of(request), timezone.now(), _day(day)
    place = get_object_or_404(_reviews(account), code=code)
    found = [
        each
        for each in _of_day(account, place, on, now)
        if each.owed.rule.code == duty and each.owed.duty.proof == "attendance"
    ]
    if not found:
        raise Http404
    if request.method == "POST":
        picked = {pk for text in request.POST.getlist("staff") if (pk := id_from(text)) is not None}
        theirs = picked & {each.staff.pk for each in found}
        if theirs != picked:
            raise Http404
        try:
            new = services.attendance_note(
                department=place, code=duty, due_on=on, staff_ids=picked, by=account, at=now
            )
            messages.success(request, f"已登记到会 {new} 人。")
        except Refused as refused:
            messages.error(request, f"没有登记：{refused}。")
        return redirect("duty_meeting", code, duty, day)
    shown = {
        "place": place,
        "day": on,
        "page": page_of(request, found),
        "owed": found[0].owed,
        "labels": STATE_LABELS,
    }
    return render(request, "duties/duty_meeting.html", shown)


@require_POST
def duty_waive(request: HttpRequest, staff_id: int, duty: str, day: str) -> HttpResponse:
    """Let somebody off one duty."""
    account, on = account_of(request), _day(day)
    rows = staff_visible_to(account).filter(department__in=_reviews(account)).select_related("department")
    person = get_object_or_404(rows, pk=staff_id)
    reason, now = typed(request, "reason"), timezone.now()
    return do(
        request,
        lambda: services.duty_waive(staff=person, code=duty, due_on=on, reason=reason, by=account, at=now),
        f"已免除{person.name}这一次。",
        f"{reverse('duties')}?department={person.department.code}&day={on}",
        refused_as="没有免除：",
    )


@require_safe
def duty_record(request: HttpRequest, pk: int) -> HttpResponse:
    """A report or minutes to read, for whoever countersigns."""
    account = account_of(request)
    rows = DutyRecord.objects.filter(
        staff__in=staff_visible_to(account), staff__department__in=_reviews(account)
    ).select_related("staff__department", "attachment", "by")
    return render(request, "duties/duty_record.html", {"record": get_object_or_404(rows, pk=pk)})
