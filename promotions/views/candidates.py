"""The page of a candidate: what speaks for it, the ballot, the panel's points, the nomination."""

from collections.abc import Callable

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from people.selectors import staff_visible_to, staff_where
from people.web import account_of, do
from promotions import services
from promotions.forms import NominateForm, ScoreForm
from promotions.models import Candidate, GradeChange, ReviewRound
from promotions.selectors.ballots import results, turnouts
from promotions.selectors.rounds import (
    candidates_visible_to,
    changes_of_candidates,
    with_scores,
)


@require_safe
def candidate(request: HttpRequest, pk: int) -> HttpResponse:
    """One candidate, with what the account may do next."""
    return _page(request, _candidate_of(request, pk))


@require_POST
def nominate(request: HttpRequest, pk: int) -> HttpResponse:
    """Nominate the candidate for the tier of the round."""
    row = _candidate_of(request, pk)
    if not _may_nominate(request, row):
        raise Http404
    form = NominateForm(request.POST)

    def act() -> None:
        services.candidate_nominate(
            candidate=row, reason=form.cleaned_data["reason"], by=account_of(request), at=timezone.now()
        )

    return _take(request, row, "nominate", form, act, "已推举，等别人决定。")


@require_POST
def score(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the candidate's defence points, or correct them."""
    row = _candidate_of(request, pk)
    if not row.round.panel.filter(pk=account_of(request).pk).exists():
        raise Http404
    form = ScoreForm(request.POST)

    def act() -> None:
        services.candidate_score(
            candidate=row,
            score=form.cleaned_data["score"],
            note=form.cleaned_data["note"],
            by=account_of(request),
            at=timezone.now(),
        )

    return _take(request, row, "score", form, act, "评分已记下。")


def _take(
    request: HttpRequest, row: Candidate, name: str, form: forms.Form, act: Callable[[], None], said: str
) -> HttpResponse:
    """Do what a form asks and say so; a form that does not fit is shown again with what was typed."""
    if not form.is_valid():
        return _page(request, row, {name: form})
    return do(request, act, said, "candidate", row.pk, refused_as="没有办成：")


def _page(request: HttpRequest, row: Candidate, sent: dict[str, forms.Form] | None = None) -> HttpResponse:
    account = account_of(request)
    change = changes_of_candidates([row]).get(row.pk)
    scores = list(row.scores.select_related("by").order_by("id"))
    is_open = row.round.state != ReviewRound.State.CLOSED
    made: dict[str, forms.Form] = {}
    is_free = change is None or change.state == GradeChange.State.DECLINED
    if is_open and is_free and _may_nominate(request, row):
        made["nominate"] = NominateForm()
    is_undecided = is_free or (change is not None and change.state == GradeChange.State.PROPOSED)
    if is_open and is_undecided and row.round.panel.filter(pk=account.pk).exists():
        own = next((each for each in scores if each.by_id == account.pk), None)
        made["score"] = ScoreForm(initial={"score": own.score, "note": own.note} if own else None)
    shown = {
        "candidate": row,
        "round": row.round,
        "change": change,
        "scores": scores,
        "turnout": turnouts([row]).get(row.pk),
        "result": results([row]).get(row.pk),
        "sees_ladder": staff_visible_to(account).filter(pk=row.staff_id).exists(),
        "forms": {**made, **(sent or {})},
    }
    return render(request, "promotions/candidate.html", shown)


def _may_nominate(request: HttpRequest, row: Candidate) -> bool:
    """Whether the page offers it; whether it may be done is the service's word."""
    account = account_of(request)
    if row.staff.account_id == account.pk:
        return False
    return staff_where(account, "propose_grades").filter(pk=row.staff_id).exists()


def _candidate_of(request: HttpRequest, pk: int) -> Candidate:
    """The candidate of an address, where the account sees them; else 404."""
    rows = with_scores(candidates_visible_to(account_of(request)))
    return get_object_or_404(rows.select_related("staff", "round__department", "added_by"), pk=pk)
