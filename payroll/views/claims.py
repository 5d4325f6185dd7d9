"""Whose orders are, for those who decide it: leads about their team, supervisors and managers."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from commissions.errors import CommissionRefused
from commissions.models import Order, OrderClaim
from commissions.selectors import claims_decidable_by, orders_assignable_by, sharers_of
from core.paging import page_of
from core.periods import first_of
from payroll.errors import ClaimRefused
from payroll.forms import DecideForm, GiveForm
from payroll.models import SettlementPeriod
from payroll.services.claims import claim_decide as claim_settle
from payroll.services.claims import order_give as order_hand_out
from people.selectors import departments_where
from people.web import account_of, sought_in

State = OrderClaim.State


@require_safe
def claims(request: HttpRequest) -> HttpResponse:
    """The claims about which the account decides; first what waits."""
    account = account_of(request)
    if not departments_where(account, "decide_claims").exists():
        raise Http404
    state = request.GET.get("state", State.OPEN)
    rows = claims_decidable_by(account).select_related(
        "order__agent", "staff__department", "partner", "decided_by"
    )
    if state in State.values:
        rows = rows.filter(state=state)
    shown = {"page": page_of(request, rows), "state": state, "states": State.choices, "form": DecideForm()}
    return render(request, "payroll/claims.html", shown)


@require_POST
def claim_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the order to who claimed it, or decline."""
    account = account_of(request)
    claim = get_object_or_404(claims_decidable_by(account).select_related("order"), pk=pk)
    decision = request.POST.get("decision")
    if decision not in ("accept", "decline"):
        raise Http404
    form = DecideForm(request.POST)
    if not form.is_valid():
        messages.error(request, "没有决定：答复写短一些。")
        return redirect("claims")
    accept = decision == "accept"
    try:
        claim_settle(
            claim=claim, accept=accept, answer=form.cleaned_data["answer"], by=account, at=timezone.now()
        )
        shared = f"、{claim.partner}共享" if claim.partner else ""
        done = f"订单 {claim.order} 归{claim.staff}{shared}。" if accept else f"没有认定订单 {claim.order}。"
        messages.success(request, done)
    except (CommissionRefused, ClaimRefused) as refused:
        messages.error(request, f"没有决定：{refused}。")
    return redirect("claims")


@require_safe
def orders_give(request: HttpRequest) -> HttpResponse:
    """An order by its number, to say whose it is; without one the orders that are shared."""
    account = account_of(request)
    if not departments_where(account, "decide_claims").exists():
        raise Http404
    sought = sought_in(request, "q")
    rows = orders_assignable_by(account).order_by("-paid_at", "-id")
    rows = rows.filter(order_no=sought) if sought else rows.filter(split__shares__share__lt=1).distinct()
    rows = rows.select_related("agent").prefetch_related("split__shares__staff")
    return render(request, "payroll/orders_give.html", {"page": page_of(request, rows), "sought": sought})


@require_http_methods(["GET", "HEAD", "POST"])
def order_give(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whose an order is, alone or shared; in an approved month the difference goes to a later one."""
    account = account_of(request)
    rows = orders_assignable_by(account).select_related("department", "agent")
    order = get_object_or_404(rows, pk=pk)
    form = GiveForm(request.POST or None, order=order, shares=sharers_of(order))
    if request.method == "POST" and form.is_valid():
        try:
            order_hand_out(order=order, shares=form.cleaned_data["shares"], by=account, at=timezone.now())
        except (CommissionRefused, ClaimRefused) as refused:
            form.add_error(None, f"{refused}。")
        else:
            messages.success(request, f"已分配订单 {order}。{_told_of_month(order)}")
            return redirect("orders_give")
    shown = {"order": order, "form": form, "told": _told_of_month(order)}
    return render(request, "payroll/order_give.html", shown)


def _told_of_month(order: Order) -> str:
    """What a change comes to where the month of the payment is approved."""
    assert order.paid_at is not None
    month = first_of(timezone.localdate(order.paid_at))
    frozen = SettlementPeriod.objects.filter(
        department=order.department_id, month=month, state__in=SettlementPeriod.FROZEN
    )
    return f"{month:%Y-%m} 已批准，差额计入下一个未批准的月份。" if frozen.exists() else ""
