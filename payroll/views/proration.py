"""How a department pays months in which somebody missed days: from which day which way, and setting it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.paging import page_of
from core.periods import first_of
from payroll.forms import ProrationForm
from people.errors import PeopleError
from people.selectors import departments_where, may
from people.services import proration_set
from people.web import account_of


@require_http_methods(["GET", "HEAD", "POST"])
def pay_proration(request: HttpRequest, code: str) -> HttpResponse:
    """The department's ways by their first days; whoever keeps its staff sets one."""
    account = account_of(request)
    department = get_object_or_404(departments_where(account, "view_pay"), code=code)
    may_set = may(account, "manage_staff", department)
    if request.method == "POST" and not may_set:
        raise Http404
    form = ProrationForm(request.POST or None, initial={"from_on": first_of(timezone.localdate())})
    if request.method == "POST" and form.is_valid():
        try:
            row = proration_set(department=department, **form.cleaned_data, by=account, at=timezone.now())
        except PeopleError as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"已设定：{row}。没有批准的月份要重新结算，已批准的由以后月份调整。")
            return redirect("pay_proration", code)
    ways = department.prorations.order_by("-from_on")
    shown = {"department": department, "page": page_of(request, ways), "form": form, "may_set": may_set}
    return render(request, "payroll/proration.html", shown)
