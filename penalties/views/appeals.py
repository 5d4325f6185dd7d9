"""What the person does with the own incident on its page, and how an appeal is decided there."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from core.errors import Refused
from penalties import services
from penalties.forms import AppealForm
from penalties.models import IncidentAppeal
from penalties.selectors import appeals_decidable_by
from penalties.views.incidents import incident_page, visible_incident
from people.approvals import requests_of
from people.web import account_of, do, id_from, typed

DECISIONS = {
    IncidentAppeal.State.APPROVED: "申诉已批准，台账已冲销。",
    IncidentAppeal.State.REFUSED: "申诉已答复：不批准。",
}


@require_POST
def incident_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign that the own incident was seen."""
    row = visible_incident(request, pk)
    account = account_of(request)
    if row.staff.account_id != account.pk:
        raise Http404
    return do(
        request,
        lambda: services.incident_sign(incident=row, by=account, at=timezone.now()),
        "已签字。",
        "incident",
        pk,
        refused_as="没有签字：",
    )


@require_POST
def incident_appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """Appeal against the own incident, or the own share of one."""
    row = visible_incident(request, pk)
    account = account_of(request)
    if services.appellant_of(row, account) is None:
        raise Http404
    form = AppealForm(request.POST, request.FILES)
    if form.is_valid():
        given = form.cleaned_data
        try:
            services.incident_appeal(
                incident=row, reason=given["reason"], files=given["attached"], by=account, at=timezone.now()
            )
        except Refused as refused:
            form.add_error(None, f"{refused}。")
        else:
            messages.success(request, "申诉已提出，由没有记录也没有确认它的人决定。")
            return redirect("incident", pk)
    messages.error(request, "没有提出申诉：请看标红的地方。")
    return incident_page(request, row, appeal_form=form)


@require_POST
def incident_appeal_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the own appeal against an incident back."""
    account = account_of(request)
    rows = requests_of(account, IncidentAppeal).filter(incident=pk).select_related("incident")
    appeal = rows.exclude(state=IncidentAppeal.State.WITHDRAWN).first()
    if appeal is None:
        raise Http404
    return do(
        request,
        lambda: services.incident_appeal_withdraw(appeal=appeal, by=account, at=timezone.now()),
        "申诉已撤回。",
        "incident",
        pk,
        refused_as="没有撤回：",
    )


@require_POST
def incident_appeal_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant or refuse an appeal against an incident: of several the one that the form names."""
    account, decision = account_of(request), request.POST.get("decision", "")
    rows = appeals_decidable_by(account).filter(incident=pk).select_related("incident")
    rows = rows.exclude(state=IncidentAppeal.State.WITHDRAWN)
    appeal = get_object_or_404(rows, pk=id_from(request.POST.get("appeal", "")))
    if decision not in DECISIONS:
        raise Http404
    return do(
        request,
        lambda: services.incident_appeal_decide(
            appeal=appeal, state=decision, answer=typed(request, "answer"), by=account, at=timezone.now()
        ),
        DECISIONS[IncidentAppeal.State(decision)],
        "incident",
        pk,
        refused_as="没有办成：",
    )
