"""Pages of points: a person's months, and a board of the teams for who may see them."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.paging import page_of
from core.periods import first_of, last_of
from payroll.selectors.points import PersonPoints, people_with_points, points_of
from people.models import Staff
from people.selectors import departments_visible_to, employment_of, staff_visible_to
from people.web import account_of, month_asked
from rules.selectors import role_on

BOARD_MONTHS = 6


@require_safe
def me_points(request: HttpRequest) -> HttpResponse:
    """The own months, the latest first; seven queries."""
    today = timezone.localdate()
    staff = employment_of(account_of(request), on=today)
    if staff is None:
        return render(request, "home/me/nobody.html")
    return render(request, "payroll/me/points.html", {"person": _person(staff, today)})


@require_safe
def points_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody's months, for who may see the person."""
    rows = staff_visible_to(account_of(request)).select_related("department")
    staff = get_object_or_404(rows, pk=pk)
    return render(request, "payroll/points_person.html", {"person": _person(staff, timezone.localdate())})


@require_safe
def points_board(request: HttpRequest) -> HttpResponse:
    """The people of a department's month by team with their points, 50 to a page."""
    account, today = account_of(request), timezone.localdate()
    departments = list(departments_visible_to(account).order_by("code"))
    if not departments:
        raise Http404
    asked = request.GET.get("department", "")
    department = next((each for each in departments if each.code == asked), departments[0])
    month = min(month_asked(request, today), first_of(today))
    page = page_of(request, people_with_points(account, department, month))
    shown = {
        "page": page,
        "rows": points_of(list(page.object_list), department, month, months=BOARD_MONTHS),
        "departments": departments,
        "department": department,
        "month": month,
    }
    return render(request, "payroll/points.html", shown)


def _person(staff: Staff, today: date) -> PersonPoints:
    """The person's months up to this one, or to the last of the employment."""
    last = min(staff.left_on or today, today)
    month = max(first_of(last), first_of(min(staff.joined_on, today)))
    staff.role = role_on(staff, min(last, last_of(month)))  # type: ignore[attr-defined]
    (person,) = points_of([staff], staff.department, month)
    return person
