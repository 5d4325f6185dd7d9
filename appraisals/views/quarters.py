"""The grades of a quarter: what the scores come to, what was confirmed, confirming them."""

from datetime import date
from decimal import Decimal
from functools import partial

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from appraisals.exports import quarter_workbook
from appraisals.models.grades import quarter_words
from appraisals.quarters import QuarterRow, quarter_of
from appraisals.services import grades_confirm
from appraisals.views.common import ROWS, act, chosen, place_of, place_where, quarter_asked, quarter_code
from core.downloads import workbook_download
from core.paging import page_of
from core.periods import shift_months, window_end, window_start
from core.templatetags.ui import Bar
from people.models import Account, Department
from people.selectors import may, staff_visible_to
from people.web import account_of, typed
from rules.kinds.appraisal import GRADES


@require_safe
def quarter(request: HttpRequest) -> HttpResponse:
    """The quarter's people by number, 40 to a page, with how many have which grade."""
    account, today = account_of(request), timezone.localdate()
    place, places = place_of(request)
    asked = _quarter(request.GET.get("quarter", ""), today)
    rows = seen(account, place, asked)
    present = window_start("quarter", today)
    shown = {
        "place": place,
        "places": places,
        "quarter": asked,
        "title": quarter_words(asked),
        "code": quarter_code(asked),
        "previous": quarter_code(shift_months(asked, -3)),
        "next": quarter_code(shift_months(asked, 3)) if asked < present else "",
        "months": [shift_months(asked, i) for i in range(3)],
        "is_over": today > window_end("quarter", asked),
        "page": page_of(request, rows, size=ROWS),
        "bars": bars_of(rows),
        "grades": GRADES,
        "may_close": may(account, "close_appraisals", place),
    }
    return render(request, "appraisals/quarter.html", shown)


@require_safe
def quarter_export(request: HttpRequest) -> FileResponse:
    """The quarter as a workbook."""
    place, _ = place_of(request)
    asked = _quarter(request.GET.get("quarter", ""), timezone.localdate())
    rows = seen(account_of(request), place, asked)
    write = partial(quarter_workbook, department=place, quarter=asked, rows=rows)
    return workbook_download(f"季度等级-{place.name}-{quarter_code(asked)}.xlsx", write)


@require_POST
def quarter_confirm(request: HttpRequest) -> HttpResponse:
    """Confirm the grades of those who were ticked."""
    account, now = account_of(request), timezone.now()
    place = place_where(request, "close_appraisals")
    asked = _quarter(request.POST.get("quarter", ""), timezone.localdate(now))
    grades = {each: typed(request, f"grade-{each}") for each in chosen(request)}
    where = urlencode({"department": place.code, "quarter": quarter_code(asked)})
    return act(
        request,
        lambda: grades_confirm(
            department=place,
            quarter=asked,
            grades=grades,
            reason=typed(request, "reason"),
            by=account,
            at=now,
        ),
        lambda new: f"已定{len(new)}人的等级，本人会收到通知。",
        f"{reverse('appraisal_quarter')}?{where}",
    )


def seen(account: Account, place: Department, quarter: date) -> list[QuarterRow]:
    """The people of a quarter whom the account sees, by number."""
    visible = set(staff_visible_to(account).filter(department=place).order_by().values_list("pk", flat=True))
    return [row for row in quarter_of(place, quarter) if row.person.staff_id in visible]


def bars_of(rows: list[QuarterRow]) -> list[Bar]:
    """How many people have which grade, confirmed or proposed."""
    bars = [Bar(grade, Decimal(sum(row.grade == grade for row in rows))) for grade in GRADES]
    return [*bars, Bar("没有等级", Decimal(sum(not row.grade for row in rows)))]


def _quarter(text: str, today: date) -> date:
    """The quarter asked for, the last whole one where none is."""
    return quarter_asked(text, today) if text else shift_months(window_start("quarter", today), -3)
