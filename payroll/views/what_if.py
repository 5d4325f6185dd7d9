"""Trying a month with another parameter or metric, for whoever settles it; nothing is stored."""

import json
from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from core.paging import PAGE, page_of
from core.templatetags.ui import Bar
from payroll.forms import OtherMetricForm
from payroll.settlement.preview import Preview
from payroll.settlement.what_if import OtherMetric, OtherParams, provisions_tried, what_if
from payroll.views.common import PayMonth, looked_at_month, pay_month_of
from rules.forms.params import ParamsForm, rows_changed
from rules.kinds import parse_kind
from rules.kinds.labels import METRIC_LABELS
from rules.models import Provision

MOST_CHARACTERS = 4000  # of parameters that an address carries
PEOPLE = 35  # a page, beside its chart and its provisions
BARS = 10


@require_http_methods(["GET", "HEAD", "POST"])
def pay_what_if(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """Choose a provision and give it other figures, or a person another metric.

    The figures that were sent become part of the address, so that the result can be paged and sent on.
    """
    pay_month = pay_month_of(request, code, month, action="settle_pay")
    row, params = _provision(request, pay_month), None
    told = _told(request, row)
    if row is not None:
        params = ParamsForm(row.kind, None, row.params if told is None else told)
    is_sent = False
    if request.method == "POST":
        if row is None:
            raise Http404
        changed = rows_changed(request.POST)
        is_sent = changed is None
        params = ParamsForm(row.kind, request.POST if changed is None else changed, row.params)
        if is_sent and params.is_valid():
            written = json.dumps(params.value(), ensure_ascii=False, separators=(",", ":"))
            if len(written) <= MOST_CHARACTERS:
                return redirect(f"{request.path}?{urlencode({'provision': row.code, 'params': written})}")
            params.errors.append("数字太多，不能试算；请少写几行")
    metric = OtherMetricForm(request.GET if "metric" in request.GET else None, period=pay_month.period)
    is_tried = (request.method != "POST" and told is not None) or metric.is_valid()
    result = reverse("pay_what_if_result", args=pay_month.args)
    shown = {
        "pay_month": pay_month,
        "period": pay_month.period,
        "tab": "what_if",
        "provisions": provisions_tried(pay_month.period),
        "row": row,
        "params": params,
        "shows_errors": is_sent,
        "metric": metric,
        "result": f"{result}?{request.GET.urlencode()}" if is_tried else "",
    }
    return render(request, "payroll/what_if.html", shown)


@require_safe
def pay_what_if_result(request: HttpRequest, code: str, month: date) -> HttpResponse:
    """The month as it is and with the change, who differs most first; who looked is noted."""
    pay_month = pay_month_of(request, code, month, action="settle_pay")
    change, words = _change(request, pay_month)
    found = what_if(pay_month.period, change)
    looked_at_month(pay_month)
    shown = {
        "pay_month": pay_month,
        "period": pay_month.period,
        "words": words,
        "preview": found,
        "provisions": found.provisions[:PAGE],
        "page": page_of(request, found.changed, size=PEOPLE),
        "bars": _bars(found),
        "back": f"{reverse('pay_what_if', args=pay_month.args)}?{request.GET.urlencode()}",
    }
    is_part = shown["is_part"] = request.headers.get("HX-Request") == "true"
    template = "payroll/what_if_table.html" if is_part else "payroll/what_if_result.html"
    return render(request, template, shown)


def _provision(request: HttpRequest, pay_month: PayMonth) -> Provision | None:
    """The provision of the address, if its figures may be tried in the month."""
    code = request.GET.get("provision", "")
    rule = next((each for each in provisions_tried(pay_month.period) if each.code == code), None)
    return Provision.objects.get(pk=rule.id) if rule is not None else None


def _told(request: HttpRequest, row: Provision | None) -> dict[str, object] | None:
    """The parameters of the address; None where there are none or they do not fit the provision's kind."""
    if row is None:
        return None
    try:
        told = json.loads(request.GET.get("params", ""))
        parse_kind(row.kind, told)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _change(request: HttpRequest, pay_month: PayMonth) -> tuple[OtherParams | OtherMetric, str]:
    """What the address asks for, with its words; 404 for what it cannot mean."""
    row = _provision(request, pay_month)
    told = _told(request, row)
    if row is not None and told is not None:
        change = OtherParams.of(row, told)
        return change, f"{row.title}（{row.code}）改为：{change.kind.in_words()}"
    form = OtherMetricForm(request.GET, period=pay_month.period)
    if not form.is_valid():
        raise Http404
    given = form.cleaned_data
    metric = OtherMetric(given["number"], given["metric"], given["value"])
    return metric, f"{metric.staff}的{METRIC_LABELS[metric.code]}改为{request.GET.get('value')}"


def _bars(found: Preview) -> list[Bar]:
    return [Bar(f"{each.number} {each.name}", each.after, each.before) for each in found.changed[:BARS]]
