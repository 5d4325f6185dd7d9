"""Pages of what may be taken from wages: the limits with their sources, each provision's ground, deciding."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.paging import page_of
from core.periods import first_of, last_of
from penalties.errors import WageRuleRefused
from penalties.forms_lawful import LossLimitForm, WageRuleForm
from penalties.lawful import SOURCES, Ground, deductions_of, loss_limit, loss_percent, wage_rules
from penalties.models import WageRule
from penalties.services import loss_limit_set, wage_rule_set
from people.models import Department
from people.selectors import departments_where
from people.web import account_of
from rules.selectors import timeline_of


@require_http_methods(["GET", "HEAD", "POST"])
def lawful(request: HttpRequest, code: str) -> HttpResponse:
    """A department's limits, and setting that of losses; its provisions that take money, those without a
    ground first, 50 to a page."""
    department = _department(request, code, "view_pay")
    month = first_of(timezone.localdate())
    may_set = _may_set(request, department)
    if request.method == "POST" and not may_set:
        raise Http404
    limit = loss_limit(department, month)
    form = LossLimitForm(request.POST or None, percent=loss_percent(limit), month=month)
    if request.method == "POST" and form.is_valid():
        try:
            loss_limit_set(
                department=department, **form.cleaned_data, by=account_of(request), at=timezone.now()
            )
        except WageRuleRefused as refused:
            form.add_error(refused.field or None, f"{refused}。")
        else:
            messages.success(request, "已设定；还没有批准的月份要重新结算，已批准的不变。")
            return redirect("lawful", code)
    rules = timeline_of(department).on(last_of(month))
    found = deductions_of(rules, wage_rules(department, month))
    shown = {
        "department": department,
        "page": page_of(request, found),
        "doubtful": sum(each.is_doubtful for each in found),
        "left_out": sum(not each.from_wages for each in found),
        "may_set": may_set,
        "limit": limit,
        "percent": loss_percent(limit),
        "form": form,
    }
    return render(request, "penalties/lawful.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def lawful_provision(request: HttpRequest, code: str, deduction: str) -> HttpResponse:
    """One provision: what was decided about it so far, and deciding."""
    department = _department(request, code, "view_pay")
    month = first_of(timezone.localdate())
    rules = timeline_of(department).on(last_of(month))
    decided = wage_rules(department, month)
    found = next((each for each in deductions_of(rules, decided) if each.rule.code == deduction), None)
    if found is None:
        raise Http404
    may_set = _may_set(request, department)
    if request.method == "POST" and not may_set:
        raise Http404
    form = WageRuleForm(request.POST or None, deduction=found, month=month)
    if request.method == "POST" and form.is_valid():
        try:
            wage_rule_set(
                department=department,
                code=deduction,
                **form.cleaned_data,
                by=account_of(request),
                at=timezone.now(),
            )
        except WageRuleRefused as refused:
            form.add_error(refused.field or None, f"{refused}。")
        else:
            messages.success(request, "已设定；涉及的月份要重新结算，已批准的由以后月份调整。")
            return redirect("lawful", code)
    history = WageRule.objects.filter(department=department, code=deduction).select_related("by")
    shown = {
        "department": department,
        "deduction": found,
        "history": page_of(request, history),
        "form": form,
        "may_set": may_set,
        "sources": [(Ground(ground).label, source) for ground, source in SOURCES.items()],
    }
    return render(request, "penalties/lawful_provision.html", shown)


def _department(request: HttpRequest, code: str, action: str) -> Department:
    return get_object_or_404(departments_where(account_of(request), action), code=code)


def _may_set(request: HttpRequest, department: Department) -> bool:
    places = departments_where(account_of(request), "publish_rules")
    return places.filter(pk=department.pk).exists()
