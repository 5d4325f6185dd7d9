"""Corrections, outings and overtime: asking on the own pages, deciding on those of leads and managers."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Refused
from core.paging import page_of
from people.approvals import request_withdraw, requests_decidable_by, requests_of
from people.counting import counts_of
from people.models.approvals import Requested
from people.selectors import departments_where
from people.web import account_of, do, own_staff
from shifts.forms.requests import FORMS, DecisionForm
from shifts.models import Outing
from shifts.selectors.requests import REQUESTS, requests_waiting
from shifts.services.leave_requests import leave_approve, leave_refuse
from shifts.services.requests import outing_return, request_approve, request_refuse

PAGES = {
    "correction": "me_corrections",
    "outing": "me_outings",
    "overtime": "me_overtime",
    "leave": "me_leave",
}
# Leave has rules of its own; everything else is decided in one way.
WAYS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {"leave": (leave_approve, leave_refuse)}


def model_of(kind: str) -> type[Requested]:
    """The kind that an address names; 404 for none."""
    if kind not in REQUESTS:
        raise Http404
    return REQUESTS[kind]


@require_http_methods(["GET", "HEAD", "POST"])
def me_requests(request: HttpRequest, kind: str) -> HttpResponse:
    """The own requests of a kind, with the form that makes another."""
    account, staff, now = account_of(request), own_staff(request), timezone.now()
    model = model_of(kind)
    day = request.GET.get("date") or f"{timezone.localdate(now)}"
    form = FORMS[kind](request.POST or None, initial={"work_date": day})
    if request.method == "POST" and form.is_valid():
        asked = form.ask(staff=staff, by=account, at=now)
        if asked is not None:
            messages.success(request, f"已提交{model._meta.verbose_name}申请，等待审批。")
            return redirect(PAGES[kind])
    rows = requests_of(account, model).select_related("decided_by")
    shown = {
        "kind": kind,
        "label": model._meta.verbose_name,
        "form": form,
        "page": page_of(request, rows),
        "tabs": [(name, REQUESTS[key]._meta.verbose_name, key) for key, name in PAGES.items()],
    }
    return render(request, "shifts/me_requests.html", shown)


@require_POST
def me_request_withdraw(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Take the own request back."""
    account = account_of(request)
    row = get_object_or_404(requests_of(account, model_of(kind)), pk=pk)
    return do(
        request,
        lambda: request_withdraw(request=row, by=account, at=timezone.now()),
        "已撤回。",
        PAGES[kind],
        refused_as="没有撤回：",
    )


@require_POST
def me_outing_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Back from an outing."""
    account = account_of(request)
    row = get_object_or_404(requests_of(account, Outing), pk=pk)
    try:
        outing = outing_return(outing=row, by=account, at=timezone.now())
        messages.success(request, f"已登记返回：{outing.details}。")
    except Refused as refused:
        messages.error(request, f"没有登记：{refused}。")
    return redirect(PAGES["outing"])


@require_safe
def shift_requests(request: HttpRequest) -> HttpResponse:
    """The requests of a kind about which the account decides; first what waits."""
    account = account_of(request)
    if not departments_where(account, "decide_requests").exists():
        raise Http404
    counts = dict(
        zip(REQUESTS, counts_of(account, [requests_waiting(account, each) for each in REQUESTS]), strict=True)
    )
    # Without a kind in the address, the first of which something waits.
    kind = request.GET.get("kind") or next((each for each in REQUESTS if counts[each]), "correction")
    model, state = model_of(kind), request.GET.get("state", Requested.State.ASKED)
    rows: QuerySet[Any] = requests_decidable_by(account, model)
    rows = rows.select_related("staff__department", "decided_by")
    if state in model.State.values:
        rows = rows.filter(state=state)
    shown = {
        "kind": kind,
        "label": model._meta.verbose_name,
        "kinds": [(key, each._meta.verbose_name, counts[key]) for key, each in REQUESTS.items()],
        "state": state,
        "states": model.State.choices,
        "page": page_of(request, rows),
    }
    return render(request, "shifts/requests.html", shown)


@require_POST
def shift_request_decide(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Grant or refuse a request."""
    account = account_of(request)
    row = get_object_or_404(requests_decidable_by(account, model_of(kind)), pk=pk)
    decision, form = request.POST.get("decision"), DecisionForm(request.POST)
    if decision not in ("approve", "refuse"):
        raise Http404
    if not form.is_valid():
        messages.error(request, "没有决定：答复写短一些。")
    else:
        approve, refuse = WAYS.get(kind, (request_approve, request_refuse))
        decide = approve if decision == "approve" else refuse
        try:
            decided = decide(request=row, answer=form.cleaned_data["answer"], by=account, at=timezone.now())
            messages.success(request, f"{decided}：{decided.get_state_display()}。")
        except Refused as refused:
            messages.error(request, f"没有决定：{refused}。")
    return redirect(f"{reverse('shift_requests')}?kind={kind}")
