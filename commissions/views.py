"""The page on which a department says how imports read orders out of the ordinary."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from commissions.errors import OrderReadingRefused
from commissions.forms import OrderReadingForm
from commissions.models import OrderReading
from commissions.order_reading import Readings
from commissions.services import order_reading_set
from core.paging import page_of
from people.selectors import departments_where, may
from people.web import account_of


@require_http_methods(["GET", "HEAD", "POST"])
def order_reading(request: HttpRequest, code: str) -> HttpResponse:
    """What holds today, what was said before, 50 to a page, and setting it."""
    account = account_of(request)
    department = get_object_or_404(departments_where(account, "import_data"), code=code)
    may_set = may(account, "settle_pay", department)
    if request.method == "POST" and not may_set:
        raise Http404
    today = timezone.localdate()
    now = Readings.of(department).on(today)
    form = OrderReadingForm(request.POST or None, now=now, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            order_reading_set(department=department, **form.cleaned_data, by=account, at=timezone.now())
        except OrderReadingRefused as refused:
            form.add_error(refused.field or None, f"{refused}。")
        else:
            messages.success(request, "已设定；以后的导入照此读，已导入的不变。")
            return redirect("order_reading", code)
    shown = {
        "department": department,
        "now": now,
        "page": page_of(request, OrderReading.objects.filter(department=department).select_related("by")),
        "form": form,
        "may_set": may_set,
    }
    return render(request, "commissions/order_reading.html", shown)
