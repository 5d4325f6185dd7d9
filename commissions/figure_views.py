"""The pages of a department's figures by month, and of what its metrics count."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from commissions.definitions import metric_define
from commissions.errors import FigureRefused
from commissions.figures import figure_record
from commissions.forms import DefinitionForm, FigureForm
from commissions.models import MetricDefinition
from commissions.selectors import figure_rows
from core.paging import page_of
from core.periods import first_of, parse_month, shift_months
from people.selectors import departments_where
from people.web import account_of

SHOWN = 6  # months side by side


@require_http_methods(["GET", "HEAD", "POST"])
def figures(request: HttpRequest, code: str) -> HttpResponse:
    """Six months side by side, 50 figures to a page, and entering one."""
    account = account_of(request)
    department = get_object_or_404(departments_where(account, "import_data"), code=code)
    last = _last_month(request)
    form = FigureForm(request.POST or None, month=shift_months(first_of(timezone.localdate()), -1))
    if request.method == "POST" and form.is_valid():
        try:
            row = figure_record(department=department, **form.cleaned_data, by=account, at=timezone.now())
        except FigureRefused as refused:
            form.add_error(refused.field or None, f"{refused}。")
        else:
            messages.success(request, f"已记下“{row}”；已结算的月份会提示重新结算，已批准的下月调整。")
            return redirect(f"{reverse('figures', args=[code])}?month={row.month:%Y-%m}")
    months = [shift_months(last, back) for back in range(1 - SHOWN, 1)]
    shown = {
        "department": department,
        "months": months,
        "page": page_of(request, figure_rows(department, months)),
        "earlier": shift_months(last, -SHOWN),
        "later": shift_months(last, SHOWN),
        "form": form,
    }
    return render(request, "commissions/figures.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def definitions(request: HttpRequest, code: str) -> HttpResponse:
    """What each metric counts from which month on, 50 to a page, and saying it."""
    account = account_of(request)
    department = get_object_or_404(departments_where(account, "import_data"), code=code)
    form = DefinitionForm(request.POST or None, month=first_of(timezone.localdate()))
    if request.method == "POST" and form.is_valid():
        try:
            row = metric_define(department=department, **form.cleaned_data, by=account, at=timezone.now())
        except FigureRefused as refused:
            form.add_error(refused.field or None, f"{refused}。")
        else:
            messages.success(request, f"已记下“{row}”的口径；以前各月的数值不变，比较时会注明。")
            return redirect("metric_definitions", code)
    rows = MetricDefinition.objects.filter(department=department).select_related("by")
    shown = {"department": department, "page": page_of(request, rows), "form": form}
    return render(request, "commissions/definitions.html", shown)


def _last_month(request: HttpRequest) -> date:
    """The last month that is shown: the one in the address, else this one."""
    try:
        return parse_month(request.GET.get("month", ""))
    except ValueError:
        return first_of(timezone.localdate())
