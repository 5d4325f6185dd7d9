"""The page of the published notices about public holidays: those entered, entering and correcting one."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.paging import page_of
from people.selectors import departments_where
from people.web import account_of, id_from
from shifts.errors import HolidaysRefused
from shifts.forms.holidays import HolidayNoticeForm
from shifts.models import HolidayNotice
from shifts.planning.holidays import calendar_of
from shifts.selectors.days_owed import notices
from shifts.services.holidays import holiday_notice_enter


@require_http_methods(["GET", "HEAD", "POST"])
def holidays(request: HttpRequest) -> HttpResponse:
    """Whoever keeps the staff of a department enters a year's notice, which then holds for every one."""
    account = account_of(request)
    if not departments_where(account, "manage_staff").exists():
        raise Http404
    entered = HolidayNotice.objects.select_related("entered_by").order_by("-year")
    coming = timezone.localdate().year + 1
    year = id_from(request.GET.get("year", "")) or coming
    form = HolidayNoticeForm(
        request.POST or None, instance=entered.filter(year=year).first(), initial={"year": year}
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = holiday_notice_enter(**form.cleaned_data, by=account, at=timezone.now())
        except HolidaysRefused as refused:
            form.add_error(None, f"{refused}。")
        else:
            messages.success(request, f"已录入{row}；涉及的月份要重新结算，已批准的由以后月份调整。")
            return redirect("holidays")
    shown = {
        "page": page_of(request, entered),
        "form": form,
        "is_editing": "year" in request.GET,
        "notes": calendar_of(date(coming - 1, 1, 1), date(coming, 12, 31), notices()).notes,
    }
    return render(request, "shifts/holidays.html", shown)
