"""Who is on shift now."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.paging import page_of
from people.selectors import departments_where
from people.web import account_of
from shifts.selectors.on_shift import LATE, MISSING, ON, STATES, shift_counts, shifts_begun

LABELS = {ON: "当班", LATE: "迟到", MISSING: "没有打卡"}


@require_safe
def shift_now(request: HttpRequest) -> HttpResponse:
    """The shifts that run, and today's so far, with who came late or has not clocked in."""
    account, now = account_of(request), timezone.now()
    if not departments_where(account, "plan_rosters").exists():
        raise Http404
    state = request.GET.get("state", ON)
    if state not in STATES:
        state = ON
    counts = shift_counts(account, at=now)
    rows = shifts_begun(account, at=now).filter(STATES[state])
    rows = rows.select_related("staff__department", "pattern").order_by("starts_at", "staff__number")
    shown = {
        "now": now,
        "state": state,
        "tabs": [(key, label, counts[key]) for key, label in LABELS.items()],
        "page": page_of(request, rows),
    }
    return render(request, "shifts/on_shift.html", shown)
