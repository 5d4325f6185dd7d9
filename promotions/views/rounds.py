"""Pages of review rounds: the list, a new one, one with its candidates and its steps."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Refused
from core.paging import page_of
from people.selectors import actions_in, departments_where, may
from people.web import account_of, do
from promotions import services
from promotions.forms import CandidateForm, RoundForm
from promotions.models import ReviewRound
from promotions.selectors.ballots import results, turnouts
from promotions.selectors.rounds import (
    candidates_visible_to,
    changes_of_candidates,
    evidence_of,
    rounds_visible_to,
    with_scores,
    with_size,
)

State = ReviewRound.State
ADDING = {"hold_rounds", "propose_grades"}
STEPS = {
    "open_ballot": (services.ballot_open, "投票已开始，同组的人收到了通知。"),
    "close_ballot": (services.ballot_close, "投票已结束。"),
    "close": (services.round_close, "评审已结束。"),
}


@require_safe
def rounds(request: HttpRequest) -> HttpResponse:
    """The rounds that the account sees, 50 to a page, the newest first; four queries."""
    account = account_of(request)
    rows = with_size(rounds_visible_to(account), account).select_related("department")
    state = request.GET.get("state", "")
    if state in State.values:
        rows = rows.filter(state=state)
    shown = {
        "page": page_of(request, rows.order_by("-on", "-id")),
        "states": State.choices,
        "state": state,
        "may_open": departments_where(account, "hold_rounds").exists(),
    }
    return render(request, "promotions/rounds.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def round_new(request: HttpRequest) -> HttpResponse:
    """Open a round."""
    account, now = account_of(request), timezone.now()
    if not departments_where(account, "hold_rounds").exists():
        raise Http404
    form = RoundForm(request.POST or None, account=account, today=timezone.localdate(now))
    if request.method == "POST" and form.is_valid():
        try:
            row = services.round_open(**form.cleaned_data, by=account, at=now)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, f"{refused}。")
        else:
            return redirect("round", row.pk)
    return render(request, "promotions/round_new.html", {"form": form})


@require_safe
def round(request: HttpRequest, pk: int) -> HttpResponse:
    """A round with its candidates, 50 to a page: votes, points and what was decided."""
    return _page(request, _round_of(request, pk))


@require_POST
def round_candidate(request: HttpRequest, pk: int) -> HttpResponse:
    """Put somebody into the round, with what speaks for it today."""
    account, now, row = account_of(request), timezone.now(), _round_of(request, pk)
    if not actions_in(account, row.department) & ADDING:
        raise Http404
    form = CandidateForm(request.POST, round=row, account=account)
    if not form.is_valid():
        return _page(request, row, form)
    staff = form.cleaned_data["who"]
    evidence = evidence_of([staff], from_tier=row.from_tier, to_tier=row.to_tier, on=row.on).get(staff.pk, [])
    return do(
        request,
        lambda: services.candidate_add(round=row, staff=staff, evidence=evidence, by=account, at=now),
        f"{staff}已列为候选人。",
        "round",
        pk,
        refused_as="没有列入：",
    )


@require_POST
def round_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Open or close the ballot, or close the round, as the button says."""
    account, row = account_of(request), _round_of(request, pk)
    step = request.POST.get("step", "")
    if step not in STEPS or not may(account, "hold_rounds", row.department):
        raise Http404
    act, said = STEPS[step]
    return do(
        request,
        lambda: act(round=row, by=account, at=timezone.now()),
        said,
        "round",
        pk,
        refused_as="没有办成：",
    )


def _page(request: HttpRequest, row: ReviewRound, form: CandidateForm | None = None) -> HttpResponse:
    account = account_of(request)
    mine = with_scores(candidates_visible_to(account).filter(round=row)).select_related("staff")
    page = page_of(request, mine.order_by("staff__number", "id"))
    candidates = list(page.object_list)
    voted, counted, changes = turnouts(candidates), results(candidates), changes_of_candidates(candidates)
    actions = actions_in(account, row.department)
    adds = row.state == State.OPEN and actions & ADDING
    shown = {
        "round": row,
        "page": page,
        "panel": list(row.panel.all()),
        "rows": [
            (each, voted.get(each.pk), counted.get(each.pk), changes.get(each.pk)) for each in candidates
        ],
        "form": (form or CandidateForm(round=row, account=account)) if adds else None,
        "holds": "hold_rounds" in actions,
    }
    return render(request, "promotions/round.html", shown)


def _round_of(request: HttpRequest, pk: int) -> ReviewRound:
    """The round of an address, where the account sees it; else 404."""
    rows = rounds_visible_to(account_of(request)).select_related("department", "created_by")
    return get_object_or_404(rows, pk=pk)
