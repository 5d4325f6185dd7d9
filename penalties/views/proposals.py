"""Pages of proposals: what counts and scores suggest, decided by people."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from core.paging import page_of
from penalties import services
from penalties.discipline_forms import LEVELS
from penalties.forms import ProposalForm
from penalties.models import Proposal
from penalties.selectors import proposals_visible_to
from people.selectors import may
from people.web import account_of


@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    """Proposals of the departments whose pay the account sees; first what waits."""
    state = request.GET.get("state", Proposal.State.OPEN)
    rows = proposals_visible_to(account_of(request)).select_related("staff", "department", "decided_by")
    if state in Proposal.State.values:
        rows = rows.filter(state=state)
    shown = {
        "page": page_of(request, rows),
        "state": state,
        "states": [("all", "全部"), *Proposal.State.choices],
    }
    return render(request, "penalties/proposals.html", shown)


@require_http_methods(["GET", "POST"])
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal with its evidence, and the decision."""
    account = account_of(request)
    rows = proposals_visible_to(account).select_related("staff__department", "incident", "decided_by")
    row = get_object_or_404(rows, pk=pk)
    may_decide = may(account, "confirm_incidents", row.staff.department)
    form = ProposalForm(request.POST or None)
    if request.method == "POST":
        if not may_decide:
            raise Http404
        if form.is_valid():
            given = form.cleaned_data
            try:
                services.proposal_decide(
                    proposal=row,
                    accepted=given["accepted"] == "yes",
                    decision=given["decision"],
                    by=account,
                    at=timezone.now(),
                )
                messages.success(request, "决定已记录；它不会自行改变工资或劳动关系，请按规定办理。")
            except services.ProposalRefused as refused:
                messages.error(request, str(refused))
            return redirect("proposal", pk)
    shown = {
        "proposal": row,
        "grounds": _grounds(row),
        "form": form,
        "may_decide": may_decide and row.state == Proposal.State.OPEN,
        "cases": row.disciplinary_cases.order_by("id"),
        "may_propose": row.state in (Proposal.State.OPEN, Proposal.State.ACCEPTED)
        and row.kind in LEVELS
        and may(account, "propose_discipline", row.staff.department),
    }
    return render(request, "penalties/proposal.html", shown)


def _grounds(row: Proposal) -> list[tuple[str, str]]:
    """The evidence in words, but for the provision and the incidents, which the page shows as links."""
    labels = {"reason": "理由", "opening": "期初"}
    return [
        (labels.get(name, name), _in_words(value))
        for name, value in row.evidence.items()
        if name not in ("provision", "incidents")
    ]


def _in_words(value: Any) -> str:
    match value:
        case list():
            return "、".join(map(str, value))
        case {"opening_balance": _, "value": count, "date": on, "recorded_by": by}:
            return f"{count}次，截至{on}，{by}录入"
    return str(value)
