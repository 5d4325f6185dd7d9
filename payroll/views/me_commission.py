"""The own commission of a month so far with every order, and nobody's orders to claim."""

from datetime import date

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from commissions.errors import CommissionRefused
from commissions.models import OrderClaim
from core.paging import page_of
from core.periods import first_of, parse_month, shift_months
from payroll.errors import ClaimRefused
from payroll.forms import ClaimForm
from payroll.selectors.claims import claimable_months, orders_claimable
from payroll.selectors.statement import statement_so_far
from payroll.services.claims import claim_make
from payroll.settlement.commission_so_far import commission_so_far
from payroll.views.me import own_slips
from payroll.views.statement import asked_of, statement_shown
from people.selectors import employment_of
from people.web import account_of, own_staff, sought_in

CLAIMS_SHOWN = 10


@require_safe
def me_commission(request: HttpRequest) -> HttpResponseBase:
    """The statement of this month's or the last one's orders; the commission comes as a part of its own."""
    staff = employment_of(account_of(request), on=timezone.localdate())
    if staff is None:
        return render(request, "home/me/nobody.html")
    months = _months()
    month = _month(request, months)
    shown = {"months": months, "month": month}
    statement = statement_so_far(staff, month, **asked_of(request))
    return statement_shown(request, statement, "payroll/me/commission.html", shown)


@require_safe
def me_commission_so_far(request: HttpRequest) -> HttpResponse:
    """What the month's orders come to so far; a part of the page above, a page where nothing loads parts."""
    staff = own_staff(request)
    month = _month(request, _months())
    is_part = request.headers.get("HX-Request") == "true"
    is_settled = own_slips(account_of(request)).filter(staff=staff, period__month=month).exists()
    so_far = None if is_settled else commission_so_far(staff, month)
    shown = {"so_far": so_far, "month": month}
    return render(request, "payroll/me/so_far.html" if is_part else "payroll/me/so_far_page.html", shown)


@require_safe
def me_unclaimed(request: HttpRequest) -> HttpResponse:
    """Nobody's orders of this month and the last, and the own claims."""
    account = account_of(request)
    staff = employment_of(account, on=timezone.localdate())
    if staff is None:
        return render(request, "home/me/nobody.html")
    today = timezone.localdate()
    waiting = OrderClaim.objects.filter(order=OuterRef("pk"), staff=staff, state=OrderClaim.State.OPEN)
    orders = orders_claimable(staff, today).annotate(is_claimed=Exists(waiting))
    sought = sought_in(request, "q")
    if sought:
        orders = orders.filter(order_no__icontains=sought)
    claims = OrderClaim.objects.filter(staff__account=account)
    shown = {
        "staff": staff,
        "months": claimable_months(staff.department, today),
        "page": page_of(request, orders),
        "sought": sought,
        "claims": claims.select_related("order", "staff", "partner", "decided_by")[:CLAIMS_SHOWN],
    }
    return render(request, "payroll/me/unclaimed.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def me_claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Claim an order, with a reason."""
    staff = own_staff(request)
    order = orders_claimable(staff, timezone.localdate()).filter(pk=pk).first()
    if order is None:
        if request.method != "POST":
            raise Http404
        messages.error(request, "没有认领：这个订单不能认领，可能刚刚有了归属，或者当月工资已批准。")
        return redirect("me_unclaimed")
    form = ClaimForm(request.POST or None, order=order)
    if request.method == "POST" and form.is_valid():
        try:
            claim_make(order=order, staff=staff, **form.cleaned_data, at=timezone.now())
        except (ClaimRefused, CommissionRefused) as refused:
            form.add_error(None, f"{refused}。")
        else:
            messages.success(request, f"已认领订单 {order}，等组长、主管或经理决定。")
            return redirect("me_unclaimed")
    return render(request, "payroll/me/claim.html", {"order": order, "form": form})


def _months() -> list[date]:
    today = timezone.localdate()
    return [first_of(today), shift_months(today, -1)]


def _month(request: HttpRequest, months: list[date]) -> date:
    """The month that the address names, if it is one of these; else this month."""
    try:
        named = parse_month(request.GET.get("month", ""))
    except ValueError:
        return months[0]
    return named if named in months else months[0]
