"""What the person says against a disciplinary decision on its page, and how that is decided there."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from penalties import services
from penalties.forms import DisciplineAppealForm
from penalties.models import DisciplineAppeal
from penalties.selectors import discipline_appeals_decidable_by
from penalties.views.discipline import case_of, page_of_case
from people.approvals import requests_of
from people.web import account_of, do, typed

State = DisciplineAppeal.State
DECISIONS = {
    State.APPROVED: "申诉已批准，处分已撤销，扣款记录随之撤销。",
    State.REFUSED: "申诉已答复：不批准。",
}


@require_POST
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """Appeal against the own decision."""
    account, case = account_of(request), case_of(request, pk)
    if case.staff.account_id != account.pk:
        raise Http404
    form = DisciplineAppealForm(request.POST)
    if not form.is_valid():
        return page_of_case(request, case, {"appeal": form})
    return do(
        request,
        lambda: services.discipline_appeal(
            case=case, reason=form.cleaned_data["reason"], by=account, at=timezone.now()
        ),
        "申诉已提出，由没有提出、听取或决定这项处分的人决定。",
        "disciplinary_case",
        pk,
        refused_as="没有提出申诉：",
    )


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the own appeal against a decision back."""
    account = account_of(request)
    rows = requests_of(account, DisciplineAppeal).filter(case=pk).select_related("case")
    row = get_object_or_404(rows.exclude(state=State.WITHDRAWN))
    return do(
        request,
        lambda: services.discipline_appeal_withdraw(appeal=row, by=account, at=timezone.now()),
        "申诉已撤回。",
        "disciplinary_case",
        pk,
        refused_as="没有撤回：",
    )


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant or refuse the appeal against a decision."""
    account, decision = account_of(request), request.POST.get("decision", "")
    rows = discipline_appeals_decidable_by(account).filter(case=pk).select_related("case")
    row = get_object_or_404(rows.exclude(state=State.WITHDRAWN))
    if decision not in DECISIONS:
        raise Http404
    return do(
        request,
        lambda: services.discipline_appeal_decide(
            appeal=row, state=decision, answer=typed(request, "answer"), by=account, at=timezone.now()
        ),
        DECISIONS[State(decision)],
        "disciplinary_case",
        pk,
        refused_as="没有办成：",
    )
