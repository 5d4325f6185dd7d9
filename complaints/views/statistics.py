"""The complaint statistics of a month: figures, charts with their tables, the workbook."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from complaints import statistics_export as exports
from complaints.models import Case
from complaints.selectors.statistics import statistics_of
from complaints.statistics import NOT_SAID, MonthFigures, Statistics
from complaints.statistics_export import GROUP_TITLES, HEADLINES, RULES, Headline
from complaints.views.months import place_and_month
from core.downloads import workbook_download
from core.periods import first_of, shift_months
from core.templatetags.ui import Bar, money

TABS = (
    ("", "总览"),
    *((name, f"按{title}") for name, title in GROUP_TITLES.items()),
    ("unit", "按责任单位"),
    ("clocks", "时限"),
    ("callbacks", "回访与重复投诉"),
)
BARS, ROWS = 12, 30
# What stands large on the first tab; the other figures follow as a list.
LARGE = (
    "received", "closed", "upheld_share", "average_days", "clocks.share", "losses", "called_share",
    "satisfaction",
)  # fmt: skip
SOUGHT = ("cause", "product")  # by what the list of cases finds its rows
NOTHING = "—"
_WRITTEN = {exports.PERCENT: "%", exports.DAYS: "天", exports.SCORE: "分"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure as it is written, with that of the month before."""

    label: str
    value: str
    before: str


@require_safe
def case_statistics(request: HttpRequest) -> HttpResponse:
    """One tab of the figures of a month (`view`); figures that do not fit on it are in the workbook."""
    now = timezone.now()
    place, places, month = place_and_month(request, now)
    found = statistics_of(place, month, now=now)
    view = request.GET.get("view", "")
    view = view if view in dict(TABS) else ""
    shown: dict[str, Any] = {
        "place": place,
        "places": places,
        "month": month,
        "previous": shift_months(month, -1),
        "next": shift_months(month, 1),
        "is_running": month >= first_of(timezone.localdate(now)),
        "view": view,
        "tabs": TABS,
        "found": found,
        "large": [written(each, found) for each in HEADLINES if each.name in LARGE],
        "small": [written(each, found) for each in HEADLINES if each.name not in LARGE],
        "received_url": _listed(month),
        "rules": RULES,
    }
    if view in GROUP_TITLES:
        rows = found.groups[view]
        bars = [
            Bar(each.label, Decimal(each.received), Decimal(each.before), _found_by(view, each.label, month))
            for each in rows
        ]
        shown |= {"title": GROUP_TITLES[view], **_cut(rows, bars)}
    elif view == "unit":
        bars = [Bar(each.label, Decimal(each.cases), Decimal(each.before)) for each in found.units]
        shown |= {"title": "责任单位", **_cut(found.units, bars)}
    elif view == "clocks":
        shown |= {"rows": found.clocks[:ROWS], "left_out": max(len(found.clocks) - ROWS, 0)}
    elif view == "callbacks":
        shown |= {"scores": _scores(found.this.scores), **_repeats(found, place.pk)}
    else:
        shown["charts"] = _charts(found.months)
    return render(request, "complaints/statistics.html", shown)


@require_safe
def case_statistics_export(request: HttpRequest) -> FileResponse:
    """The workbook as a download."""
    now = timezone.now()
    place, _, month = place_and_month(request, now)
    found = statistics_of(place, month, now=now)
    write = partial(exports.statistics_export, department=place, month=month, found=found)
    return workbook_download(f"投诉统计表-{place.name}-{month:%Y-%m}.xlsx", write)


def written(headline: Headline, found: Statistics) -> Shown:
    """A figure of this month and the month before as people read it."""
    this, before = (_written(headline, each) for each in (found.this, found.before))
    return Shown(headline.label, this, before)


def _written(headline: Headline, figures: MonthFigures) -> str:
    value = headline.of(figures)
    if value is None:
        return NOTHING
    if headline.format == exports.MONEY:
        return money(value)
    return f"{value}{_WRITTEN.get(headline.format, '')}"


def _listed(month: date, **asked: str) -> str:
    """Where the cases stand that came in in a month."""
    return f"{reverse('cases')}?{urlencode({'state': 'all', 'month': f'{month:%Y-%m}', **asked})}"


def _found_by(view: str, label: str, month: date) -> str:
    return _listed(month, q=label) if view in SOUGHT and label != NOT_SAID else ""


def _cut(rows: Sequence[Any], bars: Sequence[Bar]) -> dict[str, Any]:
    """The longest bars and the first rows; how many rows the page leaves out."""
    return {"bars": bars[:BARS], "rows": rows[:ROWS], "left_out": max(len(rows) - ROWS, 0)}


def _charts(months: Sequence[MonthFigures]) -> list[dict[str, Any]]:
    """The last twelve months, the latest first; a month without a figure has no bar."""
    latest = list(reversed(months))
    cases = [Bar(_name(each), Decimal(each.received), Decimal(each.closed)) for each in latest]
    days = [Bar(_name(each), each.average_days) for each in latest if each.average_days is not None]
    share = [Bar(_name(each), each.clocks.share) for each in latest if each.clocks.share is not None]
    losses = [Bar(_name(each), each.losses) for each in latest]
    return [
        {"title": "接到与结案（件）", "bars": cases, "label": "接到", "before": "结案", "places": 0},
        {"title": "期限内办到率（%）", "bars": share, "label": "办到率", "before": "", "places": 1},
        {"title": "平均结案天数", "bars": days, "label": "天数", "before": "", "places": 1},
        {"title": "损失（元）", "bars": losses, "label": "损失", "before": "", "places": 2},
    ]


def _name(figures: MonthFigures) -> str:
    return f"{figures.month:%Y-%m}"


def _scores(scores: Sequence[int]) -> list[Bar]:
    return [Bar(f"{score}分", Decimal(scores.count(score))) for score in range(5, 0, -1)]


def _repeats(found: Statistics, department: int) -> dict[str, Any]:
    """Customers who complained again, each with the cases; one query for their links."""
    numbers = {number for each in found.repeats[:ROWS] for number in each.numbers}
    rows = Case.objects.filter(department=department, number__in=numbers).values_list("number", "pk")
    keys = dict(rows)
    repeats = [[(number, keys[number]) for number in each.numbers] for each in found.repeats[:ROWS]]
    return {"rows": repeats, "left_out": max(len(found.repeats) - ROWS, 0)}
