"""The board of a month: who has what score, what is missing, the places; publishing and closing."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import partial

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from appraisals.board import Appraisal, board_of
from appraisals.exports import appraisals_workbook
from appraisals.models import Sheet
from appraisals.services import sheets_close, sheets_publish
from appraisals.views.common import ROWS, act, chosen, month_of, place_of, place_where
from core.downloads import workbook_download
from core.paging import page_of
from core.periods import first_of, shift_months
from core.templatetags.ui import Bar
from people.models import Account, Department
from people.selectors import may, staff_visible_to
from people.web import account_of, id_from, typed

BANDS = ((90, 101), (80, 90), (70, 80), (60, 70), (0, 60))  # from and below
MISSING = "missing"
SHOWN = (("", "全部"), (MISSING, "没有总分"), *Sheet.State.choices)


@require_safe
def appraisals(request: HttpRequest) -> HttpResponse:
    """The month's people by place, 40 to a page, with the distribution of their scores."""
    account, today = account_of(request), timezone.localdate()
    place, places = place_of(request)
    month = month_of(request, today)
    rows = seen(account, place, month)
    show = request.GET.get("show", "")
    listed = [row for row in rows if _is_shown(row, show)]
    shown = {
        "place": place,
        "places": places,
        "month": month,
        "previous": shift_months(month, -1),
        "next": shift_months(month, 1),
        "is_running": month >= first_of(today),
        "page": page_of(request, listed, size=ROWS),
        "show": show,
        "choices": SHOWN,
        "count": len(rows),
        "bars": bars_of(rows),
        "may_score": may(account, "score_appraisals", place),
        "may_close": may(account, "close_appraisals", place),
    }
    return render(request, "appraisals/board.html", shown)


@require_safe
def appraisals_export(request: HttpRequest) -> FileResponse:
    """The month as a workbook: everybody's total and every item."""
    place, _ = place_of(request)
    month = month_of(request, timezone.localdate())
    rows = seen(account_of(request), place, month)
    write = partial(appraisals_workbook, department=place, month=month, rows=rows)
    return workbook_download(f"考评-{place.name}-{month:%Y-%m}.xlsx", write)


@require_POST
def appraisals_publish(request: HttpRequest) -> HttpResponse:
    """Publish the drafts that were ticked."""
    account, now = account_of(request), timezone.now()
    place = place_where(request, "score_appraisals")
    month = month_of(request, timezone.localdate(now))
    staff = chosen(request)
    return act(
        request,
        lambda: sheets_publish(department=place, month=month, staff=staff, by=account, at=now),
        lambda sheets: f"已公布{len(sheets)}份考评单，本人会收到通知。",
        _back(place, month),
    )


@require_POST
def appraisals_close(request: HttpRequest) -> HttpResponse:
    """Close the sheets that were ticked."""
    account, now = account_of(request), timezone.now()
    place = place_where(request, "close_appraisals")
    month = month_of(request, timezone.localdate(now))
    visible = staff_visible_to(account).filter(pk__in=chosen(request)).order_by().values("pk")
    sheets = Sheet.objects.filter(staff__in=visible, month=month, department=place)
    editions = {
        pk: id_from(request.POST.get(f"edition_{who}", "")) or 0
        for pk, who in sheets.values_list("pk", "staff")
    }
    return act(
        request,
        lambda: sheets_close(editions=editions, text=typed(request, "text"), by=account, at=now),
        lambda closed: f"已定{len(closed)}份考评单，得分已写入考核得分。",
        _back(place, month),
    )


def seen(account: Account, place: Department, month: date) -> list[Appraisal]:
    """The appraisals of the month that the account sees, by place, then number; places are among all."""
    visible = set(staff_visible_to(account).filter(department=place).order_by().values_list("pk", flat=True))
    rows = [row for row in board_of(place, month) if row.person.staff_id in visible]
    return sorted(rows, key=lambda row: (row.place is None, row.place or 0, row.person.number))


def bars_of(rows: Sequence[Appraisal]) -> list[Bar]:
    """How many people have which score, the best first; who has none stands last."""
    bars = [
        Bar(
            f"{low}分以上" if low == BANDS[0][0] else f"{low}至{high}分" if low else f"{high}分以下",
            Decimal(sum(row.score is not None and low <= row.score < high for row in rows)),
        )
        for low, high in BANDS
    ]
    return [*bars, Bar("没有总分", Decimal(sum(row.score is None for row in rows)))]


def _is_shown(row: Appraisal, show: str) -> bool:
    if show == MISSING:
        return row.score is None
    return show not in Sheet.State.values or row.state == show


def _back(place: Department, month: date) -> str:
    return f"{reverse('appraisals')}?{urlencode({'department': place.code, 'month': f'{month:%Y-%m}'})}"
