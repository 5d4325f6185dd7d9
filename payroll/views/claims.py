"""Claims of orders, for those who decide them: leads about their team, supervisors and managers."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from commissions.errors import CommissionRefused
from commissions.models import OrderClaim
from commissions.selectors import claims_decidable_by
from core.paging import page_of
from payroll.errors import ClaimRefused
from payroll.forms import DecideForm
from payroll.services.claims import claim_decide as claim_settle
from people.selectors import departments_where
from people.web import account_of

State = OrderClaim.State


@require_safe
def claims(request: HttpRequest) -> HttpResponse:
    """The claims about which the account decides; first what waits."""
    account = account_of(request)
    if not departments_where(account, "decide_claims").exists():
        raise Http404
    state = request.GET.get("state", State.OPEN)
    rows = claims_decidable_by(account).select_related("order__agent", "staff__department", "decided_by")
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
        done = f"订单 {claim.order} 归{claim.staff}。" if accept else f"没有认定订单 {claim.order}。"
        messages.success(request, done)
    except (CommissionRefused, ClaimRefused) as refused:
        messages.error(request, f"没有决定：{refused}。")
    return redirect("claims")
